"""Which stored obligation a fresh draft is: identity survives better grammar, corrections and other notices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from obligations.notice import Span


class Trait(NamedTuple):
    """What an obligation is recognised by within its notice: where its time stands, and who does what."""

    span: Span
    responsible: str
    action: str


def match(stored: Sequence[Trait], drafts: Sequence[Trait]) -> list[int | None]:
    """Return for each draft the position of the stored obligation that it is, or `None` for a new one.

    Only overlapping spans match, one to one; where several duties share the words of one
    time, the one with the same action and party is preferred, then the closest span, then the
    order in the notice.
    """
    candidates = []
    for i, j in _overlapping(drafts, stored):
        draft, old = drafts[i], stored[j]
        same = 2 * (draft.action == old.action) + (draft.responsible == old.responsible)
        candidates.append((-same, -_closeness(draft.span, old.span), abs(i - j), i, j))
    found: list[int | None] = [None] * len(drafts)
    taken: set[int] = set()
    for *_, i, j in sorted(candidates):
        if found[i] is None and j not in taken:
            found[i] = j
            taken.add(j)
    return found


def _overlapping(drafts: Sequence[Trait], stored: Sequence[Trait]) -> Iterator[tuple[int, int]]:
    """Yield the positions of each draft and stored obligation that share words, by one sweep over the notice."""
    waiting = sorted(range(len(stored)), key=lambda j: stored[j].span)
    open_: list[int] = []
    at = 0
    for i in sorted(range(len(drafts)), key=lambda i: drafts[i].span):
        span = drafts[i].span
        while at < len(waiting) and stored[waiting[at]].span.start < max(span.end, span.start + 1):
            open_.append(waiting[at])
            at += 1
        open_ = [j for j in open_ if stored[j].span.end > span.start or stored[j].span == span]
        yield from ((i, j) for j in open_ if _closeness(span, stored[j].span))


def _closeness(a: Span, b: Span) -> float:
    """Return how much two spans share, from 0 (nothing) to 1 (the same)."""
    if a == b:
        return 1.0
    shared = min(a.end, b.end) - max(a.start, b.start)
    return max(0, shared) / (max(a.end, b.end) - min(a.start, b.start))
