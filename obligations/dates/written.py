"""The written days of a deadline: what its words name or count, before any roll or convention."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from obligations.dates.counting import add_months, count_days, shift_day
from obligations.dates.missing import CannotDate, Missing
from obligations.dates.recurrence import expand, first_bound, missing_parts
from obligations.deadline import (
    Deadline,
    Direction,
    FixedDeadline,
    MonthEnd,
    RecurringDeadline,
    RelativeDeadline,
    Undated,
    Unit,
    WindowDeadline,
)
from obligations.errors import BadQuestion, OutsideCalendar
from obligations.workdays.holiday_tables import ONE_DAY
from obligations.workdays.workcalendar import WorkCalendar

AHEAD = 13  # months that a recurring deadline is expanded when the caller names no end
CLOCK_UNITS = {Unit.HOUR: timedelta(hours=1), Unit.MINUTE: timedelta(minutes=1)}
_MOMENT = timedelta(microseconds=1)


class Written(NamedTuple):
    """One written day and where it came from.

    `event` and the signed `offset` are set where the day was counted in days, months or
    years; `since` and `at` are the exact start and end where the words give instants.
    `counted_from` is the end of the month that working days were counted from. `opens` is
    shown, `bound` is the day before which no safe day may lie.
    """

    day: date
    event: date | None = None
    offset: int = 0
    since: datetime | None = None
    at: datetime | None = None
    counted_from: date | None = None
    opens: date | None = None
    bound: date | None = None
    period: str | None = None
    reports_on: str | None = None


class Bounds(NamedTuple):
    """The range a recurring deadline is asked in, and what the notice says about its own force; all days included."""

    start: date | None = None
    until: date | None = None
    issued_on: date | None = None
    effective_on: date | None = None
    expires_on: date | None = None


def missing_of(deadline: Deadline, event: date | datetime | None = None) -> tuple[Missing, ...]:
    """Return what `deadline` lacks before it can have a date, given its `event`; empty where nothing is missing."""
    match deadline:
        case Undated():
            return (Missing(deadline.why),)
        case RecurringDeadline():
            return missing_parts(deadline)
        case FixedDeadline():
            return (Missing.YEAR,) if deadline.date.startswith("--") else ()
        case WindowDeadline():
            if deadline.to is None:
                return (Missing.END,)
            return (Missing.YEAR,) if deadline.to.startswith("--") else ()
    missing = []
    if deadline.offset is None and deadline.direction in (Direction.AFTER, Direction.DURING):
        missing.append(Missing.NUMBER if deadline.direction is Direction.AFTER else Missing.END)
    if event is None:
        missing.append(Missing.EVENT)
    elif deadline.unit in CLOCK_UNITS and not isinstance(event, datetime):
        missing.append(Missing.EVENT_TIME)
    return tuple(missing)


def written_days(
    deadline: Deadline, event: date | datetime | None, bounds: Bounds, calendar: WorkCalendar, zone: ZoneInfo
) -> Iterator[Written]:
    """Yield the written days of `deadline` in order: one, or for a recurring deadline all within `bounds`.

    Raises:
        CannotDate: something is missing.
        BadQuestion: a recurring deadline and no day to begin from.
        OutsideCalendar: a date leaves the calendar's years.
    """
    if missing := missing_of(deadline, event):
        about = deadline.event if isinstance(deadline, RelativeDeadline | WindowDeadline | Undated) else None
        raise CannotDate(missing, about or "")
    if isinstance(deadline, RecurringDeadline):
        yield from _repetitions(deadline, bounds, calendar)
    elif isinstance(deadline, FixedDeadline):
        yield Written(date.fromisoformat(deadline.date))
    elif isinstance(deadline, WindowDeadline):
        assert deadline.to is not None
        opens = date.fromisoformat(deadline.from_) if deadline.from_ and deadline.from_[0] != "-" else None
        yield Written(date.fromisoformat(deadline.to), opens=opens, bound=opens)
    elif isinstance(deadline, RelativeDeadline):
        assert event is not None
        yield _from_event(deadline, event, calendar, zone)


def _repetitions(rule: RecurringDeadline, bounds: Bounds, calendar: WorkCalendar) -> Iterator[Written]:
    after_issue = shift_day(bounds.issued_on, 1) if bounds.issued_on else None
    begins = [d for d in (bounds.start, after_issue, bounds.effective_on, first_bound(rule)) if d]
    if not begins:
        raise BadQuestion("a recurring deadline needs a first day to be expanded from, such as --from 2026-01-01")
    start = max(begins)
    calendar.check(start)
    ahead = min(add_months(start, AHEAD, MonthEnd.DOWN), calendar.last)
    ends = [bounds.until or ahead, *([bounds.expires_on] if bounds.expires_on else [])]
    reports = rule.reports_on == "previous"
    for day, period, previous, opens, counted_from in expand(rule, start, min(ends), calendar):
        if reports:
            yield Written(day, counted_from=counted_from, opens=opens, period=period, reports_on=previous)
        else:
            yield Written(day, counted_from=counted_from, period=period)


def _from_event(deadline: RelativeDeadline, event: date | datetime, calendar: WorkCalendar, zone: ZoneInfo) -> Written:
    calendar.check(event.date() if isinstance(event, datetime) else event)
    instant = event.astimezone(zone) if isinstance(event, datetime) else None
    day = instant.date() if instant else event
    forwards = deadline.direction is not Direction.BEFORE
    bound = day if forwards and deadline.direction is not Direction.UNTIL else None
    if deadline.offset is None or deadline.unit is None:
        if forwards:
            return Written(day, bound=bound)
        return Written(_last_day(instant), since=instant, at=instant) if instant else Written(day - ONE_DAY)
    offset = deadline.offset if forwards else -deadline.offset
    if instant and deadline.unit in CLOCK_UNITS:
        try:
            end = instant + offset * CLOCK_UNITS[deadline.unit]
        except OverflowError:
            raise OutsideCalendar(f"{deadline.offset} {deadline.unit}s from {event} leaves the calendar") from None
        return Written(_last_day(end), since=instant, at=end, bound=bound)
    month_end = deadline.month_end or MonthEnd.DOWN
    counted = count_days(day, offset, deadline.unit, month_end, calendar, count_start=bool(deadline.count_start))
    opens = day if deadline.span == "duration" and forwards else None
    return Written(counted, event=day, offset=offset, opens=opens, bound=bound)


def _last_day(end: datetime) -> date:
    """Return the civil day that ends at or holds the last moment before the exclusive instant `end`."""
    return (end - _MOMENT).date()
