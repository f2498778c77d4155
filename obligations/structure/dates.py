"""Full dates as notices print them: 2024年1月14日, 2024 年 1 月 14 日, 二〇二四年一月十四日, 2024-01-14."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from obligations.grammar.numerals import read_number, read_year
from obligations.notice import Span

_FULL = re.compile(
    r"(?=[12一二])(?:"  # the first characters of all that follows
    r"(?<!\d)(?P<y>(?:19|20)\d{2}) ?年 ?(?P<m>\d{1,2}) ?月 ?(?P<d>\d{1,2}) ?日"
    r"|(?<!\d)(?P<iy>(?:19|20)\d{2})[-./](?P<im>\d{1,2})[-./](?P<id>\d{1,2})(?!\d)"
    r"|(?P<hy>[一二][〇零一二三四五六七八九]{3})年(?P<hm>[一二三四五六七八九十]{1,2})月(?P<hd>[一二三四五六七八九十]{1,3})日)",
    re.ASCII,
)


def full_dates(plain: str, start: int = 0, end: int | None = None) -> Iterator[tuple[Span, str]]:
    """Yield each real date of the normalised text with its span, as `YYYY-MM-DD`."""
    for found in _FULL.finditer(plain, start, len(plain) if end is None else end):
        words = [found[f"h{name}"] or found[name] or found[f"i{name}"] for name in "ymd"]
        try:
            yield (
                Span(*found.span()),
                date(read_year(words[0]), read_number(words[1]), read_number(words[2])).isoformat(),
            )
        except ValueError:
            continue
