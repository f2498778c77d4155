"""Read models of the lists: units, notices, one notice, and what has no date yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from obligations.dates.missing import Missing
from obligations.status import Status
from store import board, notices, subscriptions, units
from store.rows import NoticeRow, ObligationRow, UnitRow
from store.states import ObligationState
from store.subscriptions import Subscribed
from web.marked import Piece, mark
from web.site import Site
from web.views import AsOf, make_scope, read_as_of


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitLine:
    """A unit with the number of occurrences it has pending, those overdue among them, and all it ever had."""

    unit: UnitRow
    pending: int
    overdue: int
    all: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeLine:
    """A notice with the number of its obligations by kind."""

    notice: NoticeRow
    kinds: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """A notice with everything read from it, marked in its text; `occurrences` counts by obligation."""

    notice: NoticeRow
    obligations: Sequence[ObligationRow]
    occurrences: Mapping[str, int]
    pieces: Sequence[Piece]


@dataclass(frozen=True, slots=True, kw_only=True)
class UndatedLine:
    """An obligation without a date: what it lacks, whom it falls on, or that a person must first look at it."""

    obligation: ObligationRow
    notice: NoticeRow
    units: Sequence[UnitRow]
    missing: Sequence[Missing]

    @property
    def in_review(self) -> bool:
        return self.obligation.state == ObligationState.DRAFT

    @property
    def event(self) -> str | None:
        """The event to record, where its date is what is missing."""
        waits = {Missing.EVENT, Missing.EVENT_TIME} & set(self.missing)
        return self.obligation.trigger_event or self.obligation.deadline.get("event") if waits else None


def read_units(site: Site) -> tuple[AsOf, list[UnitLine]]:
    """Return every unit with its counts, the most overdue first, then by code."""
    as_of = read_as_of(site)
    with site.store.reading() as session:
        found = board.list_units(session, make_scope(site.calendar(), as_of.day))
    lines = [
        UnitLine(
            unit=unit,
            pending=sum(counts.get(key, 0) for key in board.PENDING),
            overdue=counts.get(Status.OVERDUE.value, 0),
            all=sum(counts.values()),
        )
        for unit, counts in found
    ]
    return as_of, sorted(lines, key=lambda line: (-line.overdue, line.unit.code))


def read_notices(site: Site) -> list[NoticeLine]:
    """Return every notice, the last one taken in first."""
    with site.store.reading() as session:
        return [NoticeLine(notice=notice, kinds=kinds) for notice, kinds in board.list_notices(session)]


def read_notice(site: Site, notice_id: str) -> NoticeView:
    """Return a notice with what was read from it.

    Raises:
        NotFound: there is no such notice.
    """
    with site.store.reading() as session:
        notice = notices.get(session, notice_id)
        obligations = board.list_obligations(session, notice_id)
        occurrences = board.count_occurrences(session, notice_id)
    pieces = mark(notice.text, [(duty.start, duty.end, duty.id) for duty in obligations])
    return NoticeView(notice=notice, obligations=obligations, occurrences=occurrences, pieces=pieces)


def read_undated(site: Site, unit: str | None = None) -> list[UndatedLine]:
    """Return what has no date yet, of one unit or of all.

    Raises:
        NotFound: there is no such unit.
    """
    with site.store.reading() as session:
        if unit is not None:
            units.get(session, unit)
        found = board.list_undated(session, unit)
    return [
        UndatedLine(obligation=duty, notice=notice, units=on, missing=_missing(duty.missing))
        for duty, notice, on in found
    ]


def read_subscriptions(site: Site, unit: str) -> list[Subscribed]:
    """Return who hears of a unit; nobody where the list is empty or none of them works."""
    with site.store.reading() as session:
        return [one for one in subscriptions.of_unit(session, unit) if one.subscription.ended_at is None]


def _missing(words: Sequence[str]) -> list[Missing]:
    known = {item.value for item in Missing}
    return [Missing(word) for word in words if word in known]
