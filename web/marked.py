"""A text cut into pieces at the ends of its marked spans, so that a page can show overlapping marks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of characters under the same marks: `marks` are the spans over it, `opens` those that begin here.

    `strong` tells the words inside a mark that matter most (the deadline inside its sentence).
    """

    text: str
    marks: tuple[str, ...] = ()
    opens: tuple[str, ...] = ()
    strong: bool = False


def mark(text: str, spans: Iterable[tuple[int, int, str]], strong: tuple[int, int] | None = None) -> list[Piece]:
    """Cut `text` at the ends of `spans` (start, end exclusive, id), which may overlap, nest or be empty.

    Joining the pieces gives `text` back. Ends outside the text are drawn in. Time: one sort
    of the ends, then one pass.
    """
    size = len(text)
    drawn = [(max(0, min(start, size)), max(0, min(end, size)), name) for start, end, name in spans]
    first, last = strong or (0, 0)
    starts: dict[int, list[str]] = {}
    ends: dict[int, list[str]] = {}
    for start, end, name in drawn:
        if start < end:
            starts.setdefault(start, []).append(name)
            ends.setdefault(end, []).append(name)
    cuts = sorted({0, size, *starts, *ends, *(min(max(0, end), size) for end in (first, last))})
    pieces: list[Piece] = []
    over: dict[str, None] = {}
    for here, there in pairwise(cuts):
        for name in ends.get(here, ()):
            over.pop(name, None)
        opening = starts.get(here, [])
        over.update(dict.fromkeys(opening))
        pieces.append(Piece(text[here:there], tuple(over), tuple(opening), first <= here and there <= last))
    return pieces
