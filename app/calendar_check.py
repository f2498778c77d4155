"""The second opinion on our calendar: compares it with the two date tables of the chinesecalendar package."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources

from chinese_calendar import constants

from obligations.workdays.workcalendar import WorkCalendar

_WEEKDAYS = range(5)


@dataclass(frozen=True, slots=True)
class Difference:
    """A day that works by one source and rests by the other."""

    day: date
    ours: bool
    theirs: bool


def differences(
    calendar: WorkCalendar,
    *,
    holidays: Collection[date] | Mapping[date, str] = constants.holidays,
    workdays: Collection[date] | Mapping[date, str] = constants.workdays,
) -> list[Difference]:
    """Return the days that differ, in the years that both sides know by an official notice.

    Args:
        holidays: days off of the package, weekends only where a holiday names them.
        workdays: weekend days that the package makes working days.
    """
    found = []
    for year in sorted(calendar.announced_years & {day.year for day in holidays}):
        for n in range((date(year, 12, 31) - date(year, 1, 1)).days + 1):
            day = date(year, 1, 1) + timedelta(days=n)
            theirs = day in workdays or (day.weekday() in _WEEKDAYS and day not in holidays)
            if calendar.is_working(day) != theirs:
                found.append(Difference(day, not theirs, theirs))
    return found


@cache
def reviewed_days() -> frozenset[date]:
    """Return the days whose difference a person has reviewed, from the packaged list."""
    file = resources.files("obligations") / "data" / "reviewed_differences.json"
    listed = json.loads(file.read_text(encoding="utf-8"))["differences"]
    return frozenset(date.fromisoformat(item["day"]) for item in listed)


def unreviewed(calendar: WorkCalendar) -> list[Difference]:
    """Return the differences that are not on the reviewed list; report them, they are not fatal."""
    return [found for found in differences(calendar) if found.day not in reviewed_days()]
