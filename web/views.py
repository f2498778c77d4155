"""Read models: what a page and its JSON twin show, from one query and one validation."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from obligations.status import LAST_DAY, LIGHTS, NEAR, NEAR_WORKING_DAYS, NORMAL, NOT_OPEN, Light, Status
from obligations.workdays.workcalendar import DayFact, DayKind, WorkCalendar
from store import board, changes, notices, units
from store.board import BoardRow, Case, Choice, Message, Scope
from store.chains import find_chain
from store.rows import ChangeRow, NoticeRow, UnitRow
from web.chains import chain_json
from web.marked import Piece, mark
from web.problems import BadQuery
from web.site import Site

ROWS_PER_PAGE = 50
LAST_PAGE = 1_000_000
ALL_LIGHTS: Mapping[str, Light] = {status.value: light for status, light in LIGHTS.items()} | {
    board.LAST_DAY: LAST_DAY,
    board.NEAR: NEAR,
    board.NOT_OPEN: NOT_OPEN,
    board.NORMAL: NORMAL,
}
SHOWN_LIGHTS = (*board.PENDING, *board.SETTLED)
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class AsOf:
    """The day that a page judges by."""

    fact: DayFact
    loaded_year: int
    is_today: bool

    @property
    def day(self) -> date:
        return self.fact.day

    @property
    def working(self) -> bool:
        return self.fact.working

    @property
    def make_up(self) -> bool:
        return self.fact.kind is DayKind.MAKE_UP


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What the address of a board asks for."""

    as_of: date | None = None
    unit: str | None = None
    notice: str | None = None
    light: str | None = None
    page: int = 1

    @property
    def lights(self) -> tuple[str, ...]:
        """The lights to show: one, or by default all that are pending."""
        return (self.light,) if self.light else board.PENDING


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the board with what the day makes of it; `working_…` count working days, `days_…` calendar days."""

    row: BoardRow
    light: Light
    status: str
    working_left: int | None
    working_overdue: int | None
    days_overdue: int
    days_left: int


@dataclass(frozen=True, slots=True)
class Count:
    """A light with the number of rows under it."""

    key: str
    light: Light
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """One page of the board."""

    as_of: AsOf
    query: Query
    counts: Sequence[Count]
    undated: int
    lines: Sequence[Line]
    total: int
    pages: int
    unit: UnitRow | None
    notice: NoticeRow | None
    units: Sequence[Choice]
    notices: Sequence[Choice]

    @property
    def shown(self) -> Light | None:
        """The one light that is shown; `None` for all that is pending."""
        return ALL_LIGHTS[self.query.light] if self.query.light else None

    @property
    def empty_because(self) -> str:
        """Why there are no lines: `filter` (something else would show), `done`, or `nothing` was ever taken in."""
        if self.query != Query(as_of=self.query.as_of):
            return "filter"
        return "done" if any(count.rows for count in self.counts) else "nothing"

    @property
    def pending(self) -> int:
        return sum(count.rows for count in self.counts if count.key in board.PENDING)

    @property
    def first(self) -> int:
        """The number of the page's first row, from 1."""
        return (self.query.page - 1) * ROWS_PER_PAGE + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """One occurrence with all that can be said about it."""

    as_of: AsOf
    case: Case
    line: Line
    pieces: Sequence[Piece]
    changes: Sequence[ChangeRow]
    messages: Sequence[Message]
    chain: Mapping[str, Any]


def parse_query(values: Mapping[str, str]) -> Query:
    """Return the query that an address asks for; unknown names are ignored.

    Raises:
        BadQuery: a value has no meaning; the message names it and the right form.
    """
    light = values.get("light") or None
    if light and light not in SHOWN_LIGHTS:
        raise BadQuery(f"light must be one of {', '.join(SHOWN_LIGHTS)}, got {light[:40]!r}")
    page = values.get("page") or "1"
    if not (page.isascii() and page.isdigit() and len(page) < 8 and 1 <= int(page) <= LAST_PAGE):
        raise BadQuery(f"page must be a number from 1 to {LAST_PAGE}, got {page[:40]!r}")
    return Query(
        as_of=_parse_day(values.get("as_of") or None),
        unit=values.get("unit") or None,
        notice=values.get("notice") or None,
        light=light,
        page=int(page),
    )


def read_as_of(site: Site, day: date | None = None) -> AsOf:
    """Return what the calendar says about `day`, or about today."""
    calendar, today = site.calendar(), site.clock.today()
    return AsOf(calendar.fact(day or today), max(calendar.announced_years), day in (None, today))


def read_board(site: Site, query: Query) -> Board:
    """Return the page of the board that `query` asks for.

    Raises:
        NotFound: the unit or the notice of the filter does not exist.
    """
    as_of, calendar = read_as_of(site, query.as_of), site.calendar()
    scope = make_scope(calendar, as_of.day, unit=query.unit, notice=query.notice)
    with site.store.reading() as session:
        unit = units.get(session, query.unit) if query.unit else None
        notice = notices.get(session, query.notice) if query.notice else None
        found = board.count_by_light(session, scope)
        rows = board.list_rows(
            session, scope, query.lights, limit=ROWS_PER_PAGE, offset=(query.page - 1) * ROWS_PER_PAGE
        )
        with_work, with_dates = board.list_choices(session)
        undated = board.count_undated(session, query.unit)
    total = sum(found.get(key, 0) for key in query.lights)
    return Board(
        as_of=as_of,
        query=query,
        counts=[Count(key, ALL_LIGHTS[key], found.get(key, 0)) for key in SHOWN_LIGHTS],
        undated=undated,
        lines=[_line(row, as_of.day, calendar) for row in rows],
        total=total,
        pages=max(1, -(-total // ROWS_PER_PAGE)),
        unit=unit,
        notice=notice,
        units=with_work,
        notices=with_dates,
    )


def read_case(site: Site, occurrence_id: str) -> CaseView:
    """Return one occurrence with its obligation, notice, history and proof.

    Raises:
        NotFound: there is no such occurrence.
    """
    as_of, calendar = read_as_of(site), site.calendar()
    scope = make_scope(calendar, as_of.day)
    with site.store.reading() as session:
        case = board.find_case(session, occurrence_id)
        row = board.find_row(session, scope, occurrence_id)
        history = [
            *changes.of_obligation(session, case.obligation.id),
            *changes.of_occurrence(session, occurrence_id),
        ]
        messages = board.list_messages(session, occurrence_id)
        chain = find_chain(session, occurrence_id)
    duty = case.obligation
    pieces = mark(case.notice.text, [(duty.evidence_start, duty.evidence_end, duty.id)], (duty.start, duty.end))
    return CaseView(
        as_of=as_of,
        case=case,
        line=_line(row, as_of.day, calendar),
        pieces=pieces,
        changes=sorted(history, key=lambda change: change.at),
        messages=messages,
        chain=chain_json(chain, calendar, as_of.day),
    )


@lru_cache(maxsize=64)
def _bounds(calendar: WorkCalendar, as_of: date) -> tuple[date, date]:
    return calendar.add_working_days(as_of, 2), calendar.add_working_days(as_of, NEAR_WORKING_DAYS + 1)


def make_scope(calendar: WorkCalendar, as_of: date, *, unit: str | None = None, notice: str | None = None) -> Scope:
    """Return the scope of a day, with the bounds of the yellow lights."""
    second_day, near_end = _bounds(calendar, as_of)
    return Scope(as_of=as_of, second_day=second_day, near_end=near_end, unit=unit, notice=notice)


def _line(row: BoardRow, as_of: date, calendar: WorkCalendar) -> Line:
    status = row.light if row.light in LIGHTS else Status.OPEN.value
    overdue = status == Status.OVERDUE.value
    late_until = as_of if overdue else row.finished_on
    late = overdue or status == Status.CLOSED_LATE.value
    return Line(
        row=row,
        light=ALL_LIGHTS[row.light],
        status=status,
        working_left=calendar.working_days_between(as_of, row.safe_on) if row.safe_on else None,
        working_overdue=_working_days_late(row.overdue_from, late_until, calendar) if late and late_until else None,
        days_overdue=(late_until - row.overdue_from).days + 1 if late and late_until else 0,
        days_left=((row.safe_on or row.due_on) - as_of).days,
    )


def _working_days_late(overdue_from: date, until: date, calendar: WorkCalendar) -> int:
    """Count the working days from `overdue_from` to `until`, both included."""
    return calendar.working_days_between(overdue_from, until) + calendar.is_working(overdue_from)


def _parse_day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        if not _ISO_DATE.fullmatch(text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise BadQuery(f"as_of must be a day such as 2026-09-30, got {text[:40]!r}") from None
