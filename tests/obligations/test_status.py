"""How an occurrence stands on a day: open, at risk after its safe day, overdue after its latest reading."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from obligations.kind import Kind
from obligations.status import Facts, Status, days_overdue, light_of, status_of

# The quarterly table of 2026Q4: written 10-03 in the National Day week, safe 09-30, latest reading 10-08.
OCTOBER = Facts(state="open", kind=Kind.DUTY, safe_on=date(2026, 9, 30), overdue_from=date(2026, 10, 9))


@pytest.mark.parametrize(
    ("as_of", "status", "days"),
    [
        pytest.param(date(2026, 9, 30), Status.OPEN, 0, id="on-the-safe-day"),
        pytest.param(date(2026, 10, 1), Status.AT_RISK, 0, id="after-the-safe-day"),
        pytest.param(date(2026, 10, 8), Status.AT_RISK, 0, id="on-the-latest-reading"),
        pytest.param(date(2026, 10, 9), Status.OVERDUE, 1, id="after-the-latest-reading"),
        pytest.param(date(2026, 10, 20), Status.OVERDUE, 12, id="eleven-days-later"),
    ],
)
def test_an_open_duty_is_overdue_only_after_its_latest_reading(as_of: date, status: Status, days: int) -> None:
    assert (status_of(OCTOBER, as_of), days_overdue(OCTOBER, as_of)) == (status, days)


@pytest.mark.parametrize(
    ("finished_on", "status", "days"),
    [
        pytest.param(date(2026, 10, 8), Status.CLOSED, 0, id="in-time"),
        pytest.param(date(2026, 10, 12), Status.CLOSED_LATE, 4, id="late"),
    ],
)
def test_closing_keeps_how_late_it_was(finished_on: date, status: Status, days: int) -> None:
    closed = replace(OCTOBER, state="closed", finished_on=finished_on)
    later = date(2026, 12, 1)
    assert (status_of(closed, later), days_overdue(closed, later)) == (status, days)


def test_judged_by_an_earlier_day_what_was_closed_later_was_still_open() -> None:
    closed = replace(OCTOBER, state="closed", finished_on=date(2026, 10, 12))
    assert status_of(closed, date(2026, 10, 11)) is Status.OVERDUE


def test_a_right_ends_and_is_never_overdue() -> None:
    right = replace(OCTOBER, kind=Kind.RIGHT)
    assert status_of(right, date(2026, 10, 9)) is Status.ENDED
    assert days_overdue(right, date(2026, 10, 9)) == 0


@pytest.mark.parametrize("state", ["historic", "retired"])
def test_what_is_historic_or_withdrawn_stays_so(state: str) -> None:
    gone = replace(OCTOBER, state=state)
    assert status_of(gone, date(2027, 1, 1)) == state
    assert days_overdue(gone, date(2027, 1, 1)) == 0


def test_a_waiver_ends_the_matter_however_late() -> None:
    waived = replace(OCTOBER, state="waived", finished_on=date(2026, 11, 2))
    assert status_of(waived, date(2026, 11, 2)) is Status.WAIVED
    assert status_of(waived, date(2026, 11, 1)) is Status.OVERDUE


def test_without_a_safe_day_it_is_at_risk_at_once() -> None:
    assert status_of(replace(OCTOBER, safe_on=None), date(2026, 9, 1)) is Status.AT_RISK


@pytest.mark.parametrize(
    ("left", "text"),
    [(4, "● 正常"), (3, "▲ 临近"), (2, "▲ 临近"), (1, "▲ 最后1日"), (0, "▲ 最后1日")],
)
def test_the_light_turns_yellow_three_working_days_before_the_safe_day(left: int, text: str) -> None:
    assert light_of(OCTOBER, date(2026, 9, 24), left).text() == text


def test_lights_say_shape_and_word_in_both_languages() -> None:
    overdue = light_of(OCTOBER, date(2026, 10, 9), -5)
    assert (overdue.text(), overdue.text("en"), overdue.colour) == ("■ 逾期", "■ overdue", "red")
    waiting = replace(OCTOBER, opens_on=date(2026, 9, 25))
    assert light_of(waiting, date(2026, 9, 20), 8).text() == "○ 未启动"
