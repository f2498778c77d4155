"""Working days of mainland China: which days work, why, how sure that is, and counting over them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from itertools import accumulate

from obligations.errors import OutsideCalendar
from obligations.workdays.holiday_tables import (
    ONE_DAY,
    SATURDAY,
    HolidayNotice,
    YearTable,
    festivals,
    packaged_tables,
    statutory_rests,
    table_to_json,
)

TAIL_FROM = (12, 28)  # next year's notice has changed days from 29 December on; 28 keeps a day of margin


class DayStatus(StrEnum):
    """How sure a day is: set by a yearly notice; late December, which the next notice may change; by statute only."""

    ANNOUNCED = "announced"
    TAIL = "tail"
    PROVISIONAL = "provisional"


class DayKind(StrEnum):
    """What a day is: an ordinary weekday or weekend day, a day off with a name, or a weekend day that works (调休)."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKE_UP = "make_up"


@dataclass(frozen=True, slots=True)
class DayFact:
    """What the calendar knows of one day; `notice` is what set it, `None` for weekdays, weekends and statute."""

    day: date
    kind: DayKind
    status: DayStatus
    name: str | None = None
    notice: HolidayNotice | None = None

    @property
    def working(self) -> bool:
        return self.kind in (DayKind.WORKDAY, DayKind.MAKE_UP)


class WorkCalendar:
    """The working days from `first` to `last`, both included; a question outside raises `OutsideCalendar`.

    Immutable. Build it with `load_calendar`. All dates are civil dates of China.
    """

    def __init__(self, tables: Iterable[YearTable], first_year: int, last_year: int, as_of: date | None = None) -> None:
        """Lay the notices of `tables` issued by `as_of` over the statute, in order of issue, local ones last."""
        notices = [n for t in tables for n in t.notices if as_of is None or n.issued_on <= as_of]
        self.notices: tuple[HolidayNotice, ...] = tuple(sorted(notices, key=lambda n: (n.scope or "", n.issued_on)))
        self.as_of = as_of
        self.first = date(first_year, 1, 1)
        self.last = date(last_year, 12, 31)
        self.announced_years = frozenset(n.year for n in self.notices if n.scope is None and n.amends is None)
        self._base = self.first.toordinal()
        self._length = self.last.toordinal() - self._base + 1
        self._set: dict[date, tuple[bool, str, HolidayNotice | None]] = dict(self._exceptions(first_year, last_year))
        works = [self._works(date.fromordinal(self._base + i)) for i in range(self._length)]
        self._before = list(accumulate(works, initial=0))  # working days before the i-th day
        self._days = [date.fromordinal(self._base + i) for i, working in enumerate(works) if working]
        self._open = tuple(self._open_spans(first_year, last_year))
        is_open = [False] * self._length
        for begin, end, _ in self._open:
            i, j = self._index(begin), self._index(end)
            is_open[i : j + 1] = [True] * (j + 1 - i)
        self._open_before = list(accumulate(is_open, initial=0))  # days not announced before the i-th day

    @property
    def version(self) -> str:
        """Name the facts behind an answer, for records: last announced year, last issue date, digest of all facts."""
        tables = [table_to_json(YearTable(n.year, (n,))) for n in self.notices]
        statute = sorted((day.isoformat(), name) for day, (_, name, notice) in self._set.items() if notice is None)
        digest = sha256(json.dumps([tables, statute], sort_keys=True).encode()).hexdigest()[:8]
        last_year = max(self.announced_years, default=0)
        issued = max((n.issued_on for n in self.notices), default=None)
        return f"cn-{last_year}-{issued}-{digest}"

    def is_working(self, day: date) -> bool:
        """Whether offices work on `day`."""
        i = self._index(day)
        return self._before[i + 1] > self._before[i]

    def holiday_name(self, day: date) -> str | None:
        """Return the name of the holiday that makes `day` a day off; `None` for working days and plain weekends."""
        self._index(day)
        fact = self._set.get(day)
        return fact[1] if fact and not fact[0] else None

    def status(self, day: date) -> DayStatus:
        """Return how sure the calendar is about `day`."""
        self._index(day)
        for first, last, status in self._open:
            if first <= day <= last:
                return status
        return DayStatus.ANNOUNCED

    def fact(self, day: date) -> DayFact:
        """Return all that is known of `day`."""
        status = self.status(day)
        if day in self._set:
            works, name, notice = self._set[day]
            return DayFact(day, DayKind.MAKE_UP if works else DayKind.HOLIDAY, status, name or None, notice)
        return DayFact(day, DayKind.WEEKEND if day.weekday() >= SATURDAY else DayKind.WORKDAY, status)

    def is_provisional(self, first: date, last: date) -> bool:
        """Whether any day from `first` to `last`, both included, is not announced."""
        return self._open_before[self._index(last) + 1] > self._open_before[self._index(first)]

    def awaited_year(self, first: date, last: date) -> int | None:
        """Return the first year whose notice may still change a day from `first` to `last`; `None` where none may."""
        for begin, end, status in self._open:
            if first <= end and begin <= last:
                return begin.year + 1 if status is DayStatus.TAIL else max(begin, first).year
        return None

    def add_working_days(self, start: date, n: int) -> date:
        """Return the `n`-th working day after `start`, or before it where `n` is negative.

        `start` is day zero, so 0 returns it unchanged even when it is a day off.

        Source: Civil Code art. 201 (the opening day is not counted).

        Raises:
            OutsideCalendar: the count leaves the calendar's years.
        """
        if not n:
            return start
        i = start.toordinal() - self._base
        if 0 <= i < self._length:
            at = self._before[i + 1] + n - 1 if n > 0 else self._before[i] + n
            if 0 <= at < len(self._days):
                return self._days[at]
        raise self._outside(f"{n} working days from {start}")

    def working_days_between(self, start: date, end: date) -> int:
        """Return n such that `end` lies n working days after `start`: working days after `start` up to `end`.

        Negative where `end` lies earlier: minus the working days from `end` up to the day before `start`.
        """
        i, j = self._index(start), self._index(end)
        return self._before[j + 1] - self._before[i + 1] if i <= j else self._before[j] - self._before[i]

    def next_working(self, day: date) -> date:
        """Return the first working day on or after `day`."""
        at = self._before[self._index(day)]
        if at < len(self._days):
            return self._days[at]
        raise self._outside(f"the working day after {day}")

    def previous_working(self, day: date) -> date:
        """Return the last working day on or before `day`."""
        at = self._before[self._index(day) + 1] - 1
        if at >= 0:
            return self._days[at]
        raise self._outside(f"the working day before {day}")

    def check(self, day: date) -> None:
        """Raise `OutsideCalendar` unless `day` is one the calendar answers for."""
        self._index(day)

    def _index(self, day: date) -> int:
        i = day.toordinal() - self._base
        if 0 <= i < self._length:
            return i
        raise self._outside(str(day))

    def _outside(self, what: str) -> OutsideCalendar:
        return OutsideCalendar(f"{what} leaves the calendar, which answers from {self.first} to {self.last}")

    def _works(self, day: date) -> bool:
        fact = self._set.get(day)
        return fact[0] if fact else day.weekday() < SATURDAY

    def _exceptions(
        self, first_year: int, last_year: int
    ) -> Iterator[tuple[date, tuple[bool, str, HolidayNotice | None]]]:
        for year in range(first_year, last_year + 1):
            if year not in self.announced_years:
                for rest in statutory_rests(year, self.as_of):
                    yield from ((day, (False, rest.name, None)) for day in rest.days())
        for notice in self.notices:
            for rest in notice.rests:
                yield from ((day, (False, rest.name, notice)) for day in rest.days())
            yield from ((day, (True, "", notice)) for day in notice.works)

    def _open_spans(self, first_year: int, last_year: int) -> Iterator[tuple[date, date, DayStatus]]:
        """Yield the spans of days that are not announced, years without a notice side by side as one."""
        begin = None
        for year in range(first_year, last_year + 2):
            if year <= last_year and year not in self.announced_years:
                begin = begin or date(year, 1, 1)
                continue
            if begin:
                yield begin, date(year - 1, 12, 31), DayStatus.PROVISIONAL
                begin = None
            if year <= last_year and year + 1 not in self.announced_years:
                yield date(year, *TAIL_FROM), date(year, 12, 31), DayStatus.TAIL


def changed_days(before: WorkCalendar, after: WorkCalendar) -> list[tuple[DayFact, DayFact]]:
    """Return, in order, the days that work in one calendar and rest in the other, as (was, is)."""
    first, last = max(before.first, after.first), min(before.last, after.last)
    days = (first + i * ONE_DAY for i in range((last - first).days + 1))
    return [(before.fact(d), after.fact(d)) for d in days if before.is_working(d) != after.is_working(d)]


def load_calendar(as_of: date | None = None, extra: Sequence[YearTable] = ()) -> WorkCalendar:
    """Return the calendar as it was known on `as_of` (the end of that day), or with all that is known.

    Args:
        as_of: only notices issued on or before this day count, so an earlier answer can be reproduced.
        extra: year tables from elsewhere, for instance an imported notice or a local arrangement.
    """
    return _load(as_of, tuple(extra))


@lru_cache(maxsize=32)
def _load(as_of: date | None, extra: tuple[YearTable, ...]) -> WorkCalendar:
    tables = (*packaged_tables(), *extra)
    return WorkCalendar(tables, packaged_tables()[0].year, max(festivals()), as_of)
