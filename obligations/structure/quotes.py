"""Brackets and quotation marks: what lies inside them, and the titles cited in 《》."""

from __future__ import annotations

import re
from collections.abc import Iterator

from obligations.notice import Span

_PAIRS = {"(": ")", "《": "》", "“": "”", "「": "」", "【": "】"}
_MARKS = re.compile("[()《》“”「」【】]")
_TITLE_MARKS = re.compile("[《》]")
REACH = 400  # brackets further apart than this do not belong together
TITLE_REACH = 200


def quoted(plain: str) -> bytearray:
    """Return, per character, whether it lies between brackets or quotes that belong together; linear."""
    out = bytearray(len(plain))
    open_: list[tuple[str, int]] = []
    for mark in _MARKS.finditer(plain):
        char, index = mark[0], mark.start()
        if char in _PAIRS:
            open_.append((_PAIRS[char], index))
            continue
        while open_ and index - open_[-1][1] > REACH:
            open_.pop()
        if open_ and open_[-1][0] == char:
            start = open_.pop()[1]
            out[start:index] = b"\1" * (index - start)
    return out


def cited_titles(plain: str, start: int = 0, end: int | None = None) -> Iterator[Span]:
    """Yield the outermost 《…》 between `start` and `end`, without the marks themselves.

    A mark that is never closed, or only far away, is passed over.
    """
    depth = begin = 0
    for mark in _TITLE_MARKS.finditer(plain, start, len(plain) if end is None else end):
        index = mark.start()
        if depth and index - begin > TITLE_REACH:
            depth = 0
        if mark[0] == "《":
            if depth == 0:
                begin = index + 1
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0:
                yield Span(begin, index)
