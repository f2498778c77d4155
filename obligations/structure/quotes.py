"""Brackets and quotation marks: what lies inside them, and the titles cited in 《》."""

from __future__ import annotations

import re
from collections.abc import Iterator

from obligations.notice import Span

_PAIRS = {"(": ")", "《": "》", "“": "”", "「": "」", "【": "】"}
_EDGES = re.compile(f"[{re.escape(''.join([*_PAIRS, *_PAIRS.values()]))}]")
_TITLE_EDGES = re.compile("[《》]")
REACH = 400  # brackets further apart than this do not belong together
TITLE_REACH = 200


def quoted(plain: str) -> bytearray:
    """Return, per character, whether it lies between brackets or quotes that belong together; linear."""
    open_: list[tuple[str, int]] = []
    out = bytearray(len(plain))
    for edge in _EDGES.finditer(plain):
        char, index = edge[0], edge.start()
        if char in _PAIRS:
            open_.append((_PAIRS[char], index))
            continue
        while open_ and index - open_[-1][1] > REACH:
            open_.pop()
        if open_ and open_[-1][0] == char:
            start = open_.pop()[1]
            out[start:index] = b"\x01" * (index - start)
    return out


def cited_titles(plain: str, start: int = 0, end: int | None = None) -> Iterator[Span]:
    """Yield the outermost 《…》 between `start` and `end`, without the marks themselves.

    A mark that is never closed, or only far away, is passed over.
    """
    depth = begin = 0
    for edge in _TITLE_EDGES.finditer(plain, start, len(plain) if end is None else end):
        index = edge.start()
        if depth and index - begin > TITLE_REACH:
            depth = 0
        if edge[0] == "《":
            begin = begin if depth else index + 1
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0:
                yield Span(begin, index)
