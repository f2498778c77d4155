"""Due dates: from a deadline's words to the written day, the due day, its readings and the safe day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from obligations.dates import citations as cite
from obligations.dates.citations import Source
from obligations.dates.conventions import PLAIN, Convention, parse_convention
from obligations.dates.explain import Outcome, explained
from obligations.dates.readings import Dated, Reading, Rule, rules_for
from obligations.dates.recurrence import expand, first_bound, missing_parts
from obligations.dates.trace import Step
from obligations.dates.written import Bounds, Written, written_days
from obligations.deadline import (
    Deadline,
    FixedDeadline,
    RecurringDeadline,
    RelativeDeadline,
    Undated,
    WindowDeadline,
)
from obligations.errors import BadQuestion
from obligations.workdays.holiday_tables import ONE_DAY
from obligations.workdays.workcalendar import WorkCalendar, load_calendar

MIDNIGHT = "24:00"


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDate:
    """One date that a deadline asks for, with all that a reader needs to trust it.

    `written_on` is the nominal date of the text, `due_on` the date after the roll or
    convention; `due_at` the instant (UTC, exclusive) at which `due_on` ends. `safe_on` is the
    last working day on or before the earliest reading, `None` where none is left: then, and
    for counts in hours or minutes from an event, `act_now` is true. `readings` are sorted by
    date; `unsure` names the open questions behind them (`roll`, `day_kind`, `month_end`,
    `before`) and is empty exactly where there is one reading. `opens_on` is a window's first
    day, or the first day after the period that a filing reports on. `period` names what a
    recurring date belongs to (`2026Q4`), `reports_on_period` the finished period it reports on.
    """

    written_on: date
    due_on: date
    due_at: datetime
    opens_on: date | None
    safe_on: date | None
    act_now: bool
    readings: tuple[Reading, ...]
    provisional: bool
    unsure: tuple[str, ...] = ()
    trace: tuple[Step, ...] = ()
    period: str | None = None
    reports_on_period: str | None = None


def due_dates(
    deadline: Deadline,
    *,
    calendar: WorkCalendar,
    event: date | datetime | None = None,
    start: date | None = None,
    until: date | None = None,
    convention: str = "cn.plain",
    issued_on: date | None = None,
    effective_on: date | None = None,
    expires_on: date | None = None,
    zone: str = "Asia/Shanghai",
    before_exclusive: bool = False,
    explain: bool = True,
) -> list[DueDate]:
    """Return the dates that `deadline` asks for: one, or for a recurring deadline all in the range, in order.

    Args:
        event: when the event of a relative deadline happened, as a civil date in `zone` or an
            aware instant; counts in hours and minutes need the instant. Others ignore it.
        start: first written day of a recurring deadline, included; without it the day after
            `issued_on`, `effective_on` or the deadline's own first day, whichever is last.
            Single dates ignore `start` and `until`, so that a date long past is still answered.
        until: last written day, included; without it 13 months after the first.
        convention: a name of `conventions.CONVENTIONS`; the notice's own words win over it.
        issued_on, effective_on, expires_on: of the notice; a recurring deadline falls after the
            first and within the other two.
        zone: IANA name of the zone that days and clock times are meant in.
        before_exclusive: a policy reads "by day X" as excluding X; adds that reading.
        explain: whether to fill `trace`; without it ten times as many dates a second.

    Raises:
        CannotDate: the deadline has no date yet (待定); its `missing` says what it lacks.
        BadQuestion: a recurring deadline without a first day, a naive instant, an unknown zone.
        BadConvention: an unknown convention.
        OutsideCalendar: a date leaves the calendar's years.
    """
    chosen = parse_convention(convention)
    local = _zone(zone)
    if isinstance(event, datetime) and event.tzinfo is None:
        raise BadQuestion(f"an instant needs its offset, as in {event.isoformat()}+08:00, got {event.isoformat()}")
    bounds = Bounds(start, until, issued_on, effective_on, expires_on)
    written = list(written_days(deadline, event, bounds, calendar, local))
    assert not isinstance(deadline, Undated), "written_days refuses these"
    rules = rules_for(deadline, chosen, before_exclusive=before_exclusive)
    stated = _stated_clock(deadline)
    clock = (stated, cite.NOTICE) if stated else (chosen.cutoff, _cutoff_source(chosen))
    only_rolls = not any(rule.shift or rule.extends for rule in rules)
    asked = _Question(deadline, rules, clock, calendar, local, explain, only_rolls)
    return [_answer(one, asked) for one in written]


def nominal_dates(
    deadline: Deadline, *, after: date | None, count: int, calendar: WorkCalendar | None = None
) -> list[date]:
    """Return up to `count` written days: the date of a fixed deadline or the end of a window, else those after `after`.

    A recurring deadline falls strictly after `after` (the day of publication) and not before
    its own first day; without either, and for relative or undatable deadlines, the list is
    empty. `calendar` serves rules by working days; the packaged one by default.
    """
    if isinstance(deadline, FixedDeadline | WindowDeadline):
        day = deadline.date if isinstance(deadline, FixedDeadline) else deadline.to
        return [date.fromisoformat(day)] if day and not day.startswith("--") and count > 0 else []
    if not isinstance(deadline, RecurringDeadline) or missing_parts(deadline):
        return []
    begin = after + ONE_DAY if after else first_bound(deadline)
    if begin is None:
        return []
    days = expand(deadline, begin, None, calendar or load_calendar())
    return [nominal.day for nominal in islice(days, count)]


def rolled_dates(deadline: Deadline, *, after: date | None, count: int, calendar: WorkCalendar) -> list[date]:
    """Return the nominal dates as the notice's own roll moves them; empty where the notice states no roll."""
    if isinstance(deadline, Undated | RelativeDeadline) or deadline.roll is None:
        return []
    rule = rules_for(deadline, PLAIN)[0]
    return [rule.adjust(day, calendar) for day in nominal_dates(deadline, after=after, count=count, calendar=calendar)]


@lru_cache(maxsize=16_384)  # the same few thousand days end again and again
def end_of(day: date, clock: str, zone: ZoneInfo) -> datetime:
    """Return the instant, exclusive, at which `day` ends at `clock` (`HH:MM`; 24:00 is the next midnight) in `zone`."""
    if clock == MIDNIGHT:
        return datetime.combine(day + ONE_DAY, time(), zone)
    return datetime.combine(day, time.fromisoformat(clock), zone)


@dataclass(frozen=True, slots=True)
class _Question:
    """What all dates of one deadline share."""

    deadline: Dated
    rules: tuple[Rule, ...]
    clock: tuple[str, Source]
    calendar: WorkCalendar
    zone: ZoneInfo
    explain: bool
    only_rolls: bool


def _answer(written: Written, asked: _Question) -> DueDate:
    calendar = asked.calendar
    calendar.check(written.day)
    found = _found(written, asked)
    due_on = next(iter(found))
    days = sorted(found) if len(found) > 1 else [due_on]
    safe_on, looked_back_to = _safe_day(days[0], asked.clock[0], written, calendar)
    origin = written.event or written.counted_from or looked_back_to
    if asked.rules[0].extends:
        origin = written.day.replace(day=1)
    touched = min(looked_back_to, origin), max(days[-1], origin)
    provisional = calendar.is_provisional(*touched)
    due_at = written.at or end_of(due_on, asked.clock[0], asked.zone)
    act_now = safe_on is None or (written.at is not None and written.bound is not None)
    steps: tuple[Step, ...] = ()
    if asked.explain:
        outcome = Outcome(
            readings=tuple(found.items()),
            safe_on=safe_on,
            act_now=act_now,
            ends_at=due_at,
            clock=asked.clock,
            touched=touched,
            provisional=provisional,
        )
        steps = explained(asked.deadline, written, outcome, calendar)
    return DueDate(
        written_on=written.day,
        due_on=due_on,
        due_at=due_at.astimezone(UTC),
        opens_on=written.opens,
        safe_on=safe_on,
        act_now=act_now,
        readings=tuple([found[day].reading(day) for day in days]),
        provisional=provisional,
        unsure=tuple([found[day].question for day in days if day != due_on]),
        trace=steps,
        period=written.period,
        reports_on_period=written.reports_on,
    )


def _found(written: Written, asked: _Question) -> dict[date, Rule]:
    """Return each reading's date with the first rule that leads to it, the chosen rule's first."""
    named = written.event is None and written.at is None
    if named and asked.only_rolls and asked.calendar.is_working(written.day):
        return {written.day: asked.rules[0]}  # no roll moves a working day
    found: dict[date, Rule] = {}
    for rule in asked.rules:
        found.setdefault(_date_of(rule, written, asked.calendar), rule)
    return found


def _date_of(rule: Rule, written: Written, calendar: WorkCalendar) -> date:
    if written.at is not None:
        return written.day
    if written.event is not None and not rule.shift:
        return rule.date_after(written.event, written.offset, calendar)
    return rule.adjust(written.day, calendar)


def _safe_day(earliest: date, clock: str, written: Written, calendar: WorkCalendar) -> tuple[date | None, date]:
    """Return the safe day, `None` where it would lie before the trigger or the opening, and how far back was looked."""
    last_day = earliest - ONE_DAY if clock == "00:00" and written.at is None else earliest
    safe_on = calendar.previous_working(last_day)
    lost = written.bound is not None and safe_on < written.bound
    return (None if lost else safe_on), safe_on


def _stated_clock(deadline: Dated) -> str | None:
    if isinstance(deadline, WindowDeadline):
        return deadline.to_time
    if isinstance(deadline, RecurringDeadline):
        return deadline.time or deadline.to_time
    return deadline.time


def _cutoff_source(convention: Convention) -> Source:
    return cite.CIVIL_203 if convention.cutoff == MIDNIGHT else convention.source


@lru_cache(maxsize=16)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadQuestion(f"the zone must be an IANA name such as Asia/Shanghai, got {name!r}") from None


def due_json(due: DueDate, zone: str = "Asia/Shanghai") -> dict[str, Any]:
    """Return `due` as the JSON object that `duban due --json` prints; instants in `zone` with seconds and offset."""
    return {
        "written_on": due.written_on.isoformat(),
        "due_on": due.due_on.isoformat(),
        "due_at": due.due_at.astimezone(_zone(zone)).isoformat(timespec="seconds"),
        "opens_on": due.opens_on and due.opens_on.isoformat(),
        "safe_on": due.safe_on and due.safe_on.isoformat(),
        "act_now": due.act_now,
        "readings": [
            {"date": r.date.isoformat(), "convention": r.convention, "basis": r.basis, "basis_en": r.basis_en}
            for r in due.readings
        ],
        "provisional": due.provisional,
        "unsure": list(due.unsure),
        "period": due.period,
        "reports_on_period": due.reports_on_period,
        "trace": [step.to_json() for step in due.trace],
    }
