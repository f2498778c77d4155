"""Counting: days, working days, months and years from an event, and moving a date off a day of rest."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import assert_never

from obligations.deadline import MonthEnd, Roll, Unit
from obligations.errors import OutsideCalendar
from obligations.workdays.holiday_tables import ONE_DAY
from obligations.workdays.workcalendar import WorkCalendar

TAX_RUN = 3  # days off in a row that extend a tax period


def count_days(
    start: date, offset: int, unit: Unit, month_end: MonthEnd, calendar: WorkCalendar, *, count_start: bool = False
) -> date:
    """Return the last day of a period of `offset` units from `start`; a negative `offset` counts backwards.

    `start` itself is not counted unless `count_start`. Units: whole civil days.

    Source: Civil Code art. 201 (opening day) and 202 (months and years).

    Raises:
        OutsideCalendar: the result leaves the calendar's years.
    """
    if not offset:
        return start
    back = -1 if offset < 0 else 1
    if unit is Unit.WORKING_DAY:
        origin = start - back * ONE_DAY if count_start else start
        return calendar.add_working_days(origin, offset)
    if unit in (Unit.MONTH, Unit.YEAR):
        months = offset * 12 if unit is Unit.YEAR else offset
        end = add_months(start, months, month_end)
    else:
        end = shift_day(start, offset)
    end = shift_day(end, -back) if count_start else end
    calendar.check(end)
    return end


def add_months(start: date, months: int, month_end: MonthEnd) -> date:
    """Return the day `months` months after `start` (before it, where negative).

    Where the target month lacks the day, DOWN takes its last day and UP the first of the
    next month; EOM is DOWN, and a start on a month's last day ends on a month's last day.
    A sum is always taken from its first day: two sums of one month are not one of two.

    Source: Civil Code art. 202 (DOWN); Supreme Court interpretation of the Criminal
    Procedure Law (2021) art. 202 (EOM).
    """
    year, month0 = divmod(start.year * 12 + start.month - 1 + months, 12)
    if not 1 <= year < 9999:
        raise OutsideCalendar(f"{months} months from {start} leaves the years 1 to 9998")
    last = monthrange(year, month0 + 1)[1]
    if month_end is MonthEnd.EOM and start.day == monthrange(start.year, start.month)[1]:
        return date(year, month0 + 1, last)
    if start.day <= last:
        return date(year, month0 + 1, start.day)
    return date(year, month0 + 1, last) + (ONE_DAY if month_end is MonthEnd.UP else 0 * ONE_DAY)


def roll_day(day: date, roll: Roll, calendar: WorkCalendar) -> date:
    """Return the date that `roll` makes of `day`; a working day never moves.

    FOLLOWING_HOLIDAY_ONLY leaves a named holiday for the first day without a holiday's
    name, be it a weekend day. The modified forms turn round at the month's boundary.
    """
    match roll:
        case Roll.UNADJUSTED:
            return day
        case Roll.FOLLOWING:
            return calendar.next_working(day)
        case Roll.PRECEDING:
            return calendar.previous_working(day)
        case Roll.MODIFIED_FOLLOWING:
            moved = calendar.next_working(day)
            return moved if moved.month == day.month else calendar.previous_working(day)
        case Roll.MODIFIED_PRECEDING:
            moved = calendar.previous_working(day)
            return moved if moved.month == day.month else calendar.next_working(day)
        case Roll.FOLLOWING_HOLIDAY_ONLY:
            while calendar.holiday_name(day):
                day += ONE_DAY
            return day
        case _:
            assert_never(roll)


def tax_extension(first: date, last: date, calendar: WorkCalendar) -> int:
    """Return by how many working days a tax period from `first` to `last`, both included, is extended.

    That is the days off, weekend days included, in runs of three or more inside the period.

    Source: Tax Administration Rules art. 109; that the days added are working days is the
    practice of the tax administration's yearly filing notices.
    """
    extension = run = 0
    for number in range(first.toordinal(), last.toordinal() + 1):
        run = 0 if calendar.is_working(date.fromordinal(number)) else run + 1
        if run >= TAX_RUN:
            extension += TAX_RUN if run == TAX_RUN else 1
    return extension


def extended_tax_day(first: date, last: date, calendar: WorkCalendar) -> date:
    """Return the last filing day of a period from `first` to `last`: extended, or else rolled to a working day."""
    extension = tax_extension(first, last, calendar)
    return calendar.add_working_days(last, extension) if extension else calendar.next_working(last)


def shift_day(day: date, days: int) -> date:
    """Return the day `days` days after `day`; raise `OutsideCalendar` where there is none."""
    try:
        return date.fromordinal(day.toordinal() + days)
    except (ValueError, OverflowError):
        raise OutsideCalendar(f"{days} days from {day} leaves the years 1 to 9999") from None
