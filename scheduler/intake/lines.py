"""Line breaks that a fixed line width put into sentences, taken out again."""

from __future__ import annotations

import re
from unicodedata import east_asian_width

_ENDS_PARAGRAPH = re.compile(r"[。;；:：!！?？]$")
_BEGINS_PARAGRAPH = re.compile(
    r"[一二三四五六七八九十]{1,3}、|[(（][一二三四五六七八九十\d]{1,3}[)）]|\d{1,2}[.．、](?!\d)|第[一二三四五六七八九十百\d]{1,5}[章条]|附件"
)
_PAGE_NUMBER = re.compile(r"[-—–－ ]{0,4}(?:第 ?)?\d{1,4}(?: ?页)?(?: ?[/／共] ?(?:第? ?\d{1,4} ?页?))?[-—–－ ]{0,4}")
_BETWEEN_HAN = re.compile(
    r"(?<=[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]) (?=[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef])"
)
FULL = 0.85  # a line of this share of the widest is full: what follows belongs to it
WIDEST = 160  # columns; longer lines are paragraphs of their own


def rejoin(lines: list[str]) -> str:
    """Return the paragraphs of text that was set in lines of one width, as pages of a PDF are."""
    widths = [_width(line) for line in lines]
    widest = max(widths, default=0)
    paragraphs: list[str] = []
    open_ = False
    for line, width in zip(lines, widths, strict=True):
        words = line.strip()
        if not words:
            open_ = False
            continue
        if open_ and not _BEGINS_PARAGRAPH.match(words):
            paragraphs[-1] = _joined(paragraphs[-1], words)
        else:
            paragraphs.append(words)
        open_ = width >= FULL * widest and not _ENDS_PARAGRAPH.search(words)
    return "\n".join(paragraphs)


def is_hard_wrapped(lines: list[str]) -> bool:
    """Tell whether text was broken at a fixed width: many lines are nearly of one width and stop in mid sentence."""
    filled = [line for line in lines if line.strip()]
    widths = [_width(line) for line in filled]
    widest = max(widths, default=0)
    if not 30 <= widest <= WIDEST:
        return False
    full = [line for line, width in zip(filled, widths, strict=True) if width >= widest - 4]
    broken = [line for line in full if not _ENDS_PARAGRAPH.search(line.strip())]
    return len(full) >= max(4, 0.4 * len(filled)) and len(broken) >= 0.6 * len(full)


def without_page_numbers(lines: list[str]) -> list[str]:
    """Return the lines of one page without the number at its top or bottom."""
    filled = [index for index, line in enumerate(lines) if line.strip()]
    edges = {filled[0], filled[-1]} if filled else set()
    return [line for index, line in enumerate(lines) if index not in edges or not _PAGE_NUMBER.fullmatch(line.strip())]


def without_gaps(line: str) -> str:
    """Return `line` without the single spaces that typesetting left between Chinese characters."""
    return _BETWEEN_HAN.sub("", line)


def _joined(before: str, after: str) -> str:
    latin = before[-1].isascii() and before[-1].isalnum() and after[0].isascii() and after[0].isalpha()
    return f"{before} {after}" if latin else before + after


def _width(line: str) -> int:
    return sum(2 if east_asian_width(char) in "WFA" else 1 for char in line.rstrip())
