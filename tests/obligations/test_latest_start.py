"""Latest starts, and the slack between the steps of a chain."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obligations.dates.chains import Link, chain_slack, in_order
from obligations.dates.due import DueDate, due_dates
from obligations.dates.latest_start import latest_start
from obligations.deadline import RelativeDeadline, Unit, parse_deadline
from obligations.errors import BadQuestion
from obligations.workdays.workcalendar import load_calendar
from tests.obligations.deadlines import DAYS


def period(offset: int, unit: str, **more: Any) -> RelativeDeadline:
    form = {"kind": "relative", "event": "公示开始", "offset": offset, "unit": unit, "span": "duration", **more}
    deadline = parse_deadline(form)
    assert isinstance(deadline, RelativeDeadline)
    return deadline


@pytest.mark.parametrize(
    ("length", "ends_before", "start", "ends"),
    [
        pytest.param((5, "working_day"), "2026-10-05", "2026-09-22", "2026-09-30", id="before-the-5th"),
        pytest.param((5, "working_day"), "2026-09-30", "2026-09-21", "2026-09-29", id="before-the-safe-day"),
        pytest.param((5, "working_day"), "2024-10-11", "2024-09-27", "2024-10-10", id="over-worked-days"),
        pytest.param((15, "working_day"), "2026-10-11", "2026-09-14", "2026-10-10", id="over-two-holidays"),
        pytest.param((30, "day"), "2026-10-20", "2026-09-18", "2026-10-19", id="calendar-days-that-may-roll"),
        pytest.param((1, "month"), "2026-03-01", "2026-01-30", "2026-02-28", id="a-month-into-a-short-one"),
    ],
)
def test_a_period_that_must_end_before_a_day_starts_by(
    length: tuple[int, str], ends_before: str, start: str, ends: str
) -> None:
    calendar = load_calendar()
    found = latest_start(period(*length), ends_before=date.fromisoformat(ends_before), calendar=calendar)
    assert (found.start_on.isoformat(), found.ends_on.isoformat()) == (start, ends)
    assert found.due.opens_on == found.start_on
    assert found.allows(found.start_on)
    assert not found.allows(calendar.add_working_days(found.start_on, 1))


@given(ends_before=DAYS, offset=st.integers(1, 30), unit=st.sampled_from([Unit.DAY, Unit.WORKING_DAY, Unit.MONTH]))
def test_it_is_the_last_working_day_from_which_every_reading_ends_in_time(
    ends_before: date, offset: int, unit: Unit
) -> None:
    calendar, length = load_calendar(), period(offset if unit is not Unit.MONTH else 1, unit)

    def last_day(start: date) -> date:
        (due,) = due_dates(length, calendar=calendar, event=start, explain=False)
        return due.readings[-1].date

    found = latest_start(length, ends_before=ends_before, calendar=calendar)
    assert calendar.is_working(found.start_on)
    assert last_day(found.start_on) == found.ends_on < ends_before
    assert last_day(calendar.add_working_days(found.start_on, 1)) >= ends_before


@pytest.mark.parametrize("more", [{"direction": "before"}, {"unit": "hour"}, {"offset": None, "unit": None}])
def test_a_period_that_does_not_run_forwards_in_days_has_no_latest_start(more: dict[str, Any]) -> None:
    form = {"kind": "relative", "event": "公示", "offset": 5, "unit": "day", **more}
    deadline = parse_deadline(form)
    assert isinstance(deadline, RelativeDeadline)
    with pytest.raises(BadQuestion, match="needs a relative deadline that runs after its event"):
        latest_start(deadline, ends_before=date(2026, 10, 5), calendar=load_calendar())


def quarterly(day: int) -> DueDate:
    form = {"kind": "recurring", "freq": "quarterly", "month_of_period": 1, "day": day, "reports_on": "previous"}
    (due,) = due_dates(
        parse_deadline(form), calendar=load_calendar(), start=date(2026, 10, 1), until=date(2026, 10, 31)
    )
    return due


def test_the_slack_of_a_chain_shrinks_while_its_first_step_is_open() -> None:
    """J2, third quarter of 2026: the claim by the 5th, the review by the 15th, the paper by the 20th."""
    claim, review, paper = quarterly(5), quarterly(15), quarterly(20)
    calendar = load_calendar()

    def slack(as_of: str, done_on: date | None = None) -> list[tuple[int, int, int]]:
        links = [
            Link("申报", claim.due_on, claim.safe_on, done_on),
            Link("联审", review.due_on, review.safe_on),
            Link("上会", paper.due_on, paper.safe_on),
        ]
        found = chain_slack(links, calendar=calendar, as_of=date.fromisoformat(as_of))
        assert [(s.name, s.next_name) for s in found] == [("申报", "联审"), ("联审", "上会")]
        return [(s.days, s.working_days, s.left) for s in found]

    assert slack("2026-09-28") == [(10, 7, 7), (5, 3, 3)]
    assert slack("2026-10-12")[0] == (10, 7, 3)
    assert slack("2026-10-12", done_on=date(2026, 9, 29))[0] == (10, 7, 8)
    assert slack("2026-10-19")[0] == (10, 7, -2)


def test_a_chain_is_everything_that_hands_on_in_the_order_of_handing_on() -> None:
    waits_for = {"paper": ["review"], "alone": [], "claim": [], "review": ["claim", "gone"]}
    for step in ("claim", "review", "paper"):
        assert in_order(waits_for, step) == ["claim", "review", "paper"]
    assert in_order(waits_for, "alone") == ["alone"]
    assert in_order({"a": ["b"], "b": ["a"]}, "a") == ["a", "b"], "a circle ends"
