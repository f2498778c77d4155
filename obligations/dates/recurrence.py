"""Recurring deadlines expanded to their written days, before any roll."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from obligations.dates.missing import CannotDate, Missing
from obligations.deadline import Freq, MonthEnd, RecurringDeadline
from obligations.workdays.holiday_tables import ONE_DAY
from obligations.workdays.workcalendar import WorkCalendar

MONTHS_IN = {Freq.MONTHLY: 1, Freq.QUARTERLY: 3, Freq.HALF_YEARLY: 6, Freq.YEARLY: 12}
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(9990, 12, 31)  # leave room for a period on either side
SHORTEST_MONTH = 15  # a month has never had fewer working days; a longer count may leave its period


class Nominal(NamedTuple):
    """One repetition: its written day, the period the day belongs to, the period before, and the period's first day."""

    day: date
    period: str
    previous: str
    opens: date
    counted_from: date | None = None


class Period(NamedTuple):
    """One day, week, month, quarter, half-year or year: its first and last day and its name.

    Names are `2026-10-03`, `2026-W40`, `2026-10`, `2026Q4`, `2026H2`, `2026`.
    """

    first: date
    last: date
    name: str


def missing_parts(rule: RecurringDeadline) -> tuple[Missing, ...]:
    """Return what `rule` lacks before it can be expanded; empty where nothing is missing."""
    missing = []
    if rule.freq is Freq.UNSPECIFIED:
        missing.append(Missing.FREQUENCY)
    elif rule.freq is Freq.WEEKLY and rule.weekday is None and rule.working_day is None:
        missing.append(Missing.WEEKDAY)
    elif rule.freq in MONTHS_IN:
        if rule.day is None and rule.days is None and rule.working_day is None:
            missing.append(Missing.DAY)
        elif rule.freq is not Freq.MONTHLY and rule.month_of_period is None and not _counts_over_period(rule):
            missing.append(Missing.MONTH)
    if any(bound is not None and bound.startswith("--") for bound in (rule.from_, rule.until, rule.first_due)):
        missing.append(Missing.YEAR)
    if (rule.interval or 1) > 1 and rule.from_ is None and rule.first_due is None:
        missing.append(Missing.ANCHOR)
    return tuple(missing)


def first_bound(rule: RecurringDeadline) -> date | None:
    """Return the first day on which `rule` may fall by its own words, or `None`."""
    bounds = [date.fromisoformat(bound) for bound in (rule.from_, rule.first_due) if bound]
    return max(bounds, default=None)


def expand(rule: RecurringDeadline, start: date, until: date | None, calendar: WorkCalendar) -> Iterator[Nominal]:
    """Yield the repetitions of `rule` whose written day lies from `start` to `until`, both included, in order.

    The set does not depend on the window it is asked in: two windows side by side give what
    one over both gives. A day that a month lacks is its last day, or the first of the next
    where `month_end` is UP. `until` may be `None` for as many as the caller takes.

    Raises:
        CannotDate: the rule lacks its day, month, frequency or anchor.
        OutsideCalendar: working days are counted in a year the calendar does not know.
    """
    if missing := missing_parts(rule):
        raise CannotDate(missing)
    bound = first_bound(rule)
    start = max(start, bound or start, FIRST_DAY)
    last = date.fromisoformat(rule.until) if rule.until else LAST_DAY
    until = min(until or last, last, LAST_DAY)
    every, phase = rule.interval or 1, 0
    if bound and every > 1:
        phase = _number(rule.freq, bound) % every
    spill = 1 if rule.month_end is MonthEnd.UP or abs(rule.working_day or 0) > SHORTEST_MONTH else 0
    first = _number(rule.freq, start) - spill
    before = period_at(rule.freq, first - 1)
    for number in range(first, _number(rule.freq, until) + spill + 1) if until >= start else ():
        period = period_at(rule.freq, number)
        if every == 1 or number % every == phase:
            edge = _edge(rule, period) if rule.working_day is not None else None
            for day, name in _days(rule, period, calendar):
                if start <= day <= until:
                    yield Nominal(day, name, before.name, period.first, edge)
        before = period


def _number(freq: Freq, day: date) -> int:
    """Return the running number of the period of `freq` that holds `day`."""
    if freq is Freq.DAILY:
        return day.toordinal()
    if freq is Freq.WEEKLY:
        return (day.toordinal() - 1) // 7
    return (day.year * 12 + day.month - 1) // MONTHS_IN[freq]


@lru_cache(maxsize=65536)
def period_at(freq: Freq, number: int) -> Period:
    """Return the period of `freq` with the running number `number`."""
    if freq is Freq.DAILY:
        day = date.fromordinal(number)
        return Period(day, day, day.isoformat())
    if freq is Freq.WEEKLY:
        monday = date.fromordinal(number * 7 + 1)
        year, week, _ = monday.isocalendar()
        return Period(monday, date.fromordinal(number * 7 + 7), f"{year}-W{week:02}")
    months = MONTHS_IN[freq]
    year, month0 = divmod(number * months, 12)
    last = month0 + months
    names = {
        Freq.MONTHLY: f"{year}-{last:02}",
        Freq.QUARTERLY: f"{year}Q{last // 3}",
        Freq.HALF_YEARLY: f"{year}H{last // 6}",
        Freq.YEARLY: f"{year}",
    }
    return Period(date(year, month0 + 1, 1), date(year, last, monthrange(year, last)[1]), names[freq])


def _counts_over_period(rule: RecurringDeadline) -> bool:
    """Whether a rule without a month still names its day: by working days, or the period's last day."""
    return rule.working_day is not None or rule.day == -1


def _days(rule: RecurringDeadline, period: Period, calendar: WorkCalendar) -> list[tuple[date, str]]:
    if rule.day is not None:
        return [(_month_day(rule.day, _month(rule, period), rule.month_end), period.name)]
    if rule.working_day is not None:
        return [(_working_day(rule.working_day, _month(rule, period), calendar), period.name)]
    if rule.weekday is not None:
        return [(date.fromordinal(period.first.toordinal() + rule.weekday - 1), period.name)]
    if rule.days is not None:
        found = {_month_day(day, _month(rule, period), rule.month_end): None for day in sorted(rule.days, key=_late)}
        return [(day, f"{period.name}.{n}") for n, day in enumerate(found, 1)]
    return [(period.first, period.name)]


def _late(day: int) -> int:
    """Sort the month's end (-1) after every other day."""
    return day if day > 0 else 32


def _month(rule: RecurringDeadline, period: Period) -> Period:
    if rule.month_of_period is None or rule.freq is Freq.MONTHLY:
        return period
    return period_at(Freq.MONTHLY, _number(Freq.MONTHLY, period.first) + rule.month_of_period - 1)


def _month_day(day: int, month: Period, month_end: MonthEnd | None) -> date:
    if day == -1:
        return month.last
    if day <= month.last.day or month.last.month != month.first.month:
        return month.first.replace(day=day)
    return month.last + ONE_DAY if month_end is MonthEnd.UP else month.last


def _edge(rule: RecurringDeadline, period: Period) -> date:
    """Return the end of the month from which a rule by working days counts."""
    month = _month(rule, period)
    return month.first if (rule.working_day or 0) > 0 else month.last


def _working_day(n: int, month: Period, calendar: WorkCalendar) -> date:
    if n > 0:
        return calendar.add_working_days(calendar.next_working(month.first), n - 1)
    return calendar.add_working_days(calendar.previous_working(month.last), n + 1)
