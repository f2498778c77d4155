"""Full dates as notices print them: 2024年1月14日, 2024 年 1 月 14 日, 二〇二四年一月十四日, 2024-01-14."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from obligations.notice import Span

_HAN_DIGIT = {digit: value for value, digits in enumerate(("〇零○", *"一二三四五六七八九")) for digit in digits}
_FULL = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d{2}) ?年 ?(?P<m>\d{1,2}) ?月 ?(?P<d>\d{1,2}) ?日"
    r"|(?<!\d)(?P<iy>(?:19|20)\d{2})[-./](?P<im>\d{1,2})[-./](?P<id>\d{1,2})(?!\d)"
    r"|(?P<hy>[一二][〇零一二三四五六七八九]{3})年(?P<hm>[一二三四五六七八九十]{1,2})月(?P<hd>[一二三四五六七八九十]{1,3})日"
)


def han_number(words: str) -> int | None:
    """Return the number that `words` (up to 九千九百九十九, or digit by digit as in 二〇二四) writes, else `None`."""
    if not words:
        return None
    if all(word in _HAN_DIGIT for word in words):
        return int("".join(str(_HAN_DIGIT[word]) for word in words))
    total = pending = 0
    for word in words:
        if word in _HAN_DIGIT:
            pending = _HAN_DIGIT[word]
        elif word in "十百千":
            total += (pending or 1) * {"十": 10, "百": 100, "千": 1000}[word]
            pending = 0
        else:
            return None
    return total + pending


def full_dates(plain: str, start: int = 0, end: int | None = None) -> Iterator[tuple[Span, str]]:
    """Yield each real date of the normalised text with its span, as `YYYY-MM-DD`."""
    for found in _FULL.finditer(plain, start, len(plain) if end is None else end):
        if found["hy"]:
            numbers = [han_number(found[name]) for name in ("hy", "hm", "hd")]
        else:
            numbers = [int(found[name] or found[f"i{name}"]) for name in "ymd"]
        try:
            year, month, day = (number or 0 for number in numbers)
            yield Span(*found.span()), date(year, month, day).isoformat()
        except ValueError:
            continue
