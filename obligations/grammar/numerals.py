"""Whole numbers as notices write them: 15, １５, 十五, 二十, 廿三, 二〇二四, and digits set apart by spaces."""

from __future__ import annotations

_DIGITS = {"〇": 0, "零": 0, "O": 0, "0": 0, "一": 1, "元": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5}
_DIGITS |= {"六": 6, "七": 7, "八": 8, "九": 9, "首": 1}
_TENS = {"十": 10, "廿": 20, "卅": 30}
_HUNDRED = 100

HAN = "一二两三四五六七八九十百廿卅〇零"
HAN_NUMBER = rf"[{HAN}]{{1,5}}"
"""A number in Chinese numerals, as a piece of a regular expression."""


def read_number(words: str) -> int:
    """Return the value of `words`, digits or Chinese numerals up to 999; spaces are skipped.

    Raises:
        ValueError: `words` is not such a number.
    """
    plain = words.replace(" ", "")
    if plain.isascii() and plain.isdigit():
        return int(plain)
    if not plain:
        raise ValueError("a number needs at least one numeral, got none")
    total, pending = 0, None
    for sign in plain:
        if sign == "百":
            total, pending = (1 if pending is None else pending) * _HUNDRED, None
        elif sign in _TENS:
            total, pending = total + _TENS[sign] * (1 if pending is None else pending), None
        elif sign in _DIGITS:
            pending = _DIGITS[sign] if pending is None else pending * 10 + _DIGITS[sign]
        else:
            raise ValueError(f"a number is written in digits or Chinese numerals, got {words!r}")
    return total + (pending or 0)


def read_year(words: str) -> int:
    """Return the year that four digits or four Chinese numerals name (2024, 二〇二四, 二○二四)."""
    plain = words.replace(" ", "")
    return int("".join(sign if sign.isdigit() and sign.isascii() else str(_DIGITS[sign]) for sign in plain))
