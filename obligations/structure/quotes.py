"""Brackets and quotation marks: what lies inside them, and the titles cited in 《》."""

from __future__ import annotations

from collections.abc import Iterator

from obligations.notice import Span

_PAIRS = {"(": ")", "《": "》", "“": "”", "「": "」", "【": "】"}
_CLOSERS = frozenset(_PAIRS.values())
REACH = 400  # brackets further apart than this do not belong together
TITLE_REACH = 200


def quoted(plain: str) -> bytearray:
    """Return, per character, whether it lies between brackets or quotes that belong together; linear."""
    edges = [0] * (len(plain) + 1)
    open_: list[tuple[str, int]] = []
    for index, char in enumerate(plain):
        if char in _PAIRS:
            open_.append((_PAIRS[char], index))
        elif char in _CLOSERS:
            while open_ and index - open_[-1][1] > REACH:
                open_.pop()
            if open_ and open_[-1][0] == char:
                start = open_.pop()[1]
                edges[start] += 1
                edges[index] -= 1
    out = bytearray(len(plain))
    depth = 0
    for index, change in enumerate(edges[:-1]):
        depth += change
        out[index] = depth > 0
    return out


def cited_titles(plain: str, start: int = 0, end: int | None = None) -> Iterator[Span]:
    """Yield the outermost 《…》 between `start` and `end`, without the marks themselves.

    A mark that is never closed, or only far away, is passed over.
    """
    depth = begin = 0
    for index in range(start, len(plain) if end is None else end):
        char = plain[index]
        if depth and index - begin > TITLE_REACH:
            depth = 0
        if char == "《":
            if depth == 0:
                begin = index + 1
            depth += 1
        elif char == "》" and depth:
            depth -= 1
            if depth == 0:
                yield Span(begin, index)
