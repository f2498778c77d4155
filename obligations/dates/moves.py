"""Moves: what a changed calendar does to dates that were computed before, earlier ones first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Generic, TypeVar

from obligations.dates.due import DueDate
from obligations.dates.question import Question
from obligations.workdays.workcalendar import WorkCalendar

Key = TypeVar("Key")


class MoveKind(StrEnum):
    """EARLIER: some date of the answer came nearer. SETTLED: no date changed, but how sure it is did."""

    EARLIER = "earlier"
    LATER = "later"
    APPEARED = "appeared"
    DROPPED = "dropped"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class Move(Generic[Key]):
    """One date that changed: the caller's key, the answer before and after (`None` where there was or is none)."""

    key: Key
    kind: MoveKind
    old: DueDate | None
    new: DueDate | None

    @property
    def on(self) -> date:
        """The day that matters now: the safe day, else the due day, of the new answer if there is one."""
        due = self.new or self.old
        assert due is not None
        return due.safe_on or due.due_on


def moved_dates(asked: Iterable[tuple[Key, Question]], *, before: WorkCalendar, after: WorkCalendar) -> list[Move[Key]]:
    """Return what changes when `after` takes the place of `before`, earlier moves first, then by day.

    Repetitions are matched by their period, single dates with each other. Traces are left
    out: ask the question again for the moves that are shown.
    """
    moves = []
    for key, question in asked:
        old = {due.period: due for due in question.dates(before, explain=False)}
        new = {due.period: due for due in question.dates(after, explain=False)}
        for period in old.keys() | new.keys():
            kind = _kind(old.get(period), new.get(period))
            if kind is not None:
                moves.append(Move(key, kind, old.get(period), new.get(period)))
    order = list(MoveKind)
    return sorted(moves, key=lambda move: (order.index(move.kind), move.on))


def _kind(old: DueDate | None, new: DueDate | None) -> MoveKind | None:
    if old is None or new is None:
        return MoveKind.APPEARED if old is None else MoveKind.DROPPED
    pairs = list(zip(_dates(old), _dates(new), strict=True))
    if any(is_ < was for was, is_ in pairs):
        return MoveKind.EARLIER
    if any(is_ > was for was, is_ in pairs):
        return MoveKind.LATER
    return MoveKind.SETTLED if old.provisional != new.provisional else None


def _dates(due: DueDate) -> tuple[date, ...]:
    return due.written_on, due.due_on, due.safe_on or date.min, due.readings[0].date, due.readings[-1].date
