"""Counting and rolling: months and their ends, the opening day, and each way off a day of rest."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obligations.dates.counting import add_months, count_days, roll_day
from obligations.dates.due import due_dates
from obligations.deadline import FixedDeadline, MonthEnd, Roll, Unit
from obligations.workdays.workcalendar import WorkCalendar, load_calendar
from tests.obligations.deadlines import DAYS


@pytest.fixture(scope="module")
def calendar() -> WorkCalendar:
    return load_calendar()


@pytest.mark.parametrize(
    ("start", "months", "month_end", "end"),
    [
        ("2024-01-31", 1, "down", "2024-02-29"),
        ("2024-01-31", 1, "up", "2024-03-01"),
        ("2024-02-29", 12, "down", "2025-02-28"),
        ("2024-02-29", 1, "down", "2024-03-29"),
        ("2024-02-29", 1, "eom", "2024-03-31"),
        ("2025-05-28", 3, "down", "2025-08-28"),
        ("2025-03-31", -1, "down", "2025-02-28"),
        ("2025-03-31", -1, "up", "2025-03-01"),
        ("2025-01-15", -1, "down", "2024-12-15"),
        ("2024-01-31", 2, "down", "2024-03-31"),
    ],
)
def test_months_end_on_the_corresponding_day_or_as_the_month_end_says(
    start: str, months: int, month_end: str, end: str
) -> None:
    assert add_months(date.fromisoformat(start), months, MonthEnd(month_end)).isoformat() == end


@pytest.mark.parametrize(
    ("offset", "unit", "out", "counted"),
    [
        (3, Unit.DAY, "2026-10-02", "2026-10-01"),
        (-3, Unit.DAY, "2026-09-26", "2026-09-27"),
        (3, Unit.WORKING_DAY, "2026-10-09", "2026-10-08"),
        (-3, Unit.WORKING_DAY, "2026-09-23", "2026-09-24"),
        (1, Unit.MONTH, "2026-10-29", "2026-10-28"),
        (0, Unit.DAY, "2026-09-29", "2026-09-29"),
    ],
)
def test_the_opening_day_is_counted_only_where_it_is_said(
    calendar: WorkCalendar, offset: int, unit: Unit, out: str, counted: str
) -> None:
    start = date(2026, 9, 29)
    assert count_days(start, offset, unit, MonthEnd.DOWN, calendar).isoformat() == out
    assert count_days(start, offset, unit, MonthEnd.DOWN, calendar, count_start=True).isoformat() == counted


@pytest.mark.parametrize(
    ("day", "roll", "moved"),
    [
        ("2026-10-03", Roll.UNADJUSTED, "2026-10-03"),
        ("2026-10-03", Roll.FOLLOWING, "2026-10-08"),
        ("2026-10-03", Roll.PRECEDING, "2026-09-30"),
        ("2026-10-03", Roll.MODIFIED_FOLLOWING, "2026-10-08"),
        ("2026-10-03", Roll.MODIFIED_PRECEDING, "2026-10-08"),
        ("2026-01-31", Roll.FOLLOWING, "2026-02-02"),
        ("2026-01-31", Roll.MODIFIED_FOLLOWING, "2026-01-30"),
        ("2026-10-03", Roll.FOLLOWING_HOLIDAY_ONLY, "2026-10-08"),
        ("2026-09-05", Roll.FOLLOWING_HOLIDAY_ONLY, "2026-09-05"),
        ("2027-01-01", Roll.FOLLOWING_HOLIDAY_ONLY, "2027-01-02"),
        ("2026-10-10", Roll.FOLLOWING, "2026-10-10"),
    ],
)
def test_each_roll(calendar: WorkCalendar, day: str, roll: Roll, moved: str) -> None:
    assert roll_day(date.fromisoformat(day), roll, calendar).isoformat() == moved


@given(day=DAYS, roll=st.sampled_from(list(Roll)))
def test_a_roll_never_moves_a_working_day_and_rolling_twice_changes_nothing(day: date, roll: Roll) -> None:
    calendar = load_calendar()
    moved = roll_day(day, roll, calendar)
    assert roll_day(moved, roll, calendar) == moved
    assert moved == day or not calendar.is_working(day)
    if roll not in (Roll.UNADJUSTED, Roll.FOLLOWING_HOLIDAY_ONLY):
        assert calendar.is_working(moved)


# The tax administration's filing notices of 2022, 2023, 2024 and 2026: months whose last day is not the 15th.
FILING = {
    2022: {1: 19, 2: 23, 4: 20, 5: 19, 6: 20, 9: 20, 10: 25},
    2023: {1: 16, 4: 17, 5: 18, 7: 17, 10: 23},
    2024: {2: 23, 4: 18, 5: 22, 6: 19, 9: 18, 10: 24, 12: 16},
    2026: {1: 20, 2: 24, 3: 16, 4: 20, 5: 22, 8: 17, 10: 26, 11: 16},
}


@pytest.mark.parametrize(("year", "month"), [(year, month) for year in FILING for month in range(1, 13)])
def test_tax_filing_days_are_those_the_tax_administration_published(
    calendar: WorkCalendar, year: int, month: int
) -> None:
    fifteenth = FixedDeadline(date=f"{year}-{month:02}-15")
    (due,) = due_dates(fifteenth, calendar=calendar, convention="cn.tax15")
    assert due.due_on == date(year, month, FILING[year].get(month, 15))
