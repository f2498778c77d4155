"""How fast dates are: the public counting function against a bare bisect, and expansion against its target."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from datetime import date, timedelta
from time import process_time

from obligations.dates.due import due_dates
from obligations.deadline import Freq, RecurringDeadline
from obligations.workdays.workcalendar import load_calendar

TARGET = 50_000  # occurrences a second
RULES = 10_000
TEN_YEARS = date(2017, 1, 1), date(2026, 12, 31)


def run() -> list[tuple[str, float, str]]:
    """Return (name, ratio, meaning) of each figure; a ratio up to 1 times its bound meets the target."""
    return [
        (
            "add 15 working days / bare bisect",
            counting_ratio(),
            "time of WorkCalendar.add_working_days over a bisect on a list of ordinals; at most 3",
        ),
        (
            f"expansion / {TARGET} a second",
            expansion_ratio(),
            f"occurrences a second of {RULES} rules over ten years, without traces, over {TARGET}; at least 1",
        ),
    ]


def counting_ratio() -> float:
    """Return the time of the public function over that of a bare bisect, best of seven alternating rounds."""
    calendar = load_calendar()
    days = [date(2018, 1, 1) + timedelta(days=n) for n in range(3000)]
    ordinals = [n for n in range(calendar.first.toordinal(), calendar.last.toordinal() + 1) if _works(n)]

    def public() -> list[date]:
        return [calendar.add_working_days(day, 15) for day in days]

    def bare() -> list[date]:
        return [date.fromordinal(ordinals[bisect_right(ordinals, day.toordinal()) + 14]) for day in days]

    assert public() == bare()
    rounds = [(_seconds(public), _seconds(bare)) for _ in range(7)]
    return min(r[0] for r in rounds) / min(r[1] for r in rounds)


def expansion_ratio() -> float:
    """Return the occurrences a second of different rules over ten years, in units of the target.

    Seconds are those of the processor, so that what else the machine does is left out.
    """
    calendar = load_calendar()
    rules = [_rule(n) for n in range(RULES)]
    start, until = TEN_YEARS
    found = 0
    begun = process_time()
    for rule in rules:
        found += len(due_dates(rule, calendar=calendar, start=start, until=until, explain=False))
    return found / (process_time() - begun) / TARGET


def _rule(n: int) -> RecurringDeadline:
    """Return the n-th of many different rules: by day and by working day, in every kind of period."""
    freq = (Freq.MONTHLY, Freq.QUARTERLY, Freq.HALF_YEARLY, Freq.YEARLY)[n % 4]
    months = {Freq.MONTHLY: 1, Freq.QUARTERLY: 3, Freq.HALF_YEARLY: 6, Freq.YEARLY: 12}[freq]
    first_due = (date(2016, 1, 1) + timedelta(days=n % 360)).isoformat()
    month = 1 + n // 4 % months
    if n % 5 == 0:
        return RecurringDeadline(freq=freq, month_of_period=month, working_day=1 + n % 15, first_due=first_due)
    return RecurringDeadline(freq=freq, month_of_period=month, day=1 + n % 31, first_due=first_due)


def _works(ordinal: int) -> bool:
    return load_calendar().is_working(date.fromordinal(ordinal))


def _seconds(call: Callable[[], object]) -> float:
    begun = process_time()
    call()
    return process_time() - begun
