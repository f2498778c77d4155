"""Latest starts: when something that takes time must begin so that it ends before a given day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from obligations.dates.due import DueDate, due_dates
from obligations.deadline import Direction, RelativeDeadline, Unit
from obligations.errors import BadQuestion
from obligations.workdays.holiday_tables import ONE_DAY
from obligations.workdays.workcalendar import WorkCalendar


@dataclass(frozen=True, slots=True)
class LatestStart:
    """The last working day to begin on, and the period that begins there with its trace; `ends_on` is its last day."""

    start_on: date
    ends_on: date
    due: DueDate

    def allows(self, start: date) -> bool:
        """Whether a period that begins on `start` still ends in time."""
        return start <= self.start_on


def latest_start(
    period: RelativeDeadline, *, ends_before: date, calendar: WorkCalendar, convention: str = "cn.plain"
) -> LatestStart:
    """Return the last working day on which `period` can begin and be over, by every reading, before `ends_before`.

    A publicity of 5 working days whose file is due on the 5th ends before the 5th: its last
    day is the 4th at the latest, and the next step begins on the day after it.

    Raises:
        BadQuestion: the period does not run forwards in days, working days, months or years.
        OutsideCalendar: the search leaves the calendar's years.
    """
    if period.direction is not Direction.AFTER or period.unit in (None, Unit.HOUR, Unit.MINUTE):
        raise BadQuestion(
            "a latest start needs a relative deadline that runs after its event in days, working days, months or "
            f"years, got direction {period.direction} and unit {period.unit or 'none'}"
        )
    start = calendar.previous_working(ends_before - ONE_DAY)
    while _last_day(period, start, calendar, convention) >= ends_before:
        start = calendar.add_working_days(start, -1)
    (due,) = due_dates(period, calendar=calendar, event=start, convention=convention)
    return LatestStart(start, due.readings[-1].date, due)


def _last_day(period: RelativeDeadline, start: date, calendar: WorkCalendar, convention: str) -> date:
    (due,) = due_dates(period, calendar=calendar, event=start, convention=convention, explain=False)
    return due.readings[-1].date
