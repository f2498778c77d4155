"""Recurring deadlines: which day in which period, and what the period is called."""

from __future__ import annotations

import json
from datetime import date
from itertools import islice
from typing import Any

import pytest

from obligations.dates.due import nominal_dates, rolled_dates
from obligations.dates.recurrence import expand
from obligations.deadline import RecurringDeadline, parse_deadline
from obligations.workdays.workcalendar import load_calendar
from tests.shared_files import shared


def first(form: dict[str, Any], start: str, count: int = 3) -> list[str]:
    rule = parse_deadline({"kind": "recurring", **form})
    assert isinstance(rule, RecurringDeadline)
    found = expand(rule, date.fromisoformat(start), None, load_calendar())
    return [f"{nominal.day} {nominal.period}" for nominal in islice(found, count)]


EVERY_OTHER_FRIDAY = {"freq": "weekly", "weekday": 5, "interval": 2, "from": "2026-01-26"}
EVERY_THREE_YEARS = {"freq": "yearly", "month_of_period": 3, "day": 5, "interval": 3, "first_due": "2024-03-05"}


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"freq": "daily"}, ["2026-01-30 2026-01-30", "2026-01-31 2026-01-31"]),
        ({"freq": "weekly", "weekday": 3}, ["2026-02-04 2026-W06", "2026-02-11 2026-W07"]),
        ({"freq": "weekly", "working_day": 1}, ["2026-02-02 2026-W06", "2026-02-09 2026-W07", "2026-02-24 2026-W08"]),
        (EVERY_OTHER_FRIDAY, ["2026-01-30 2026-W05", "2026-02-13 2026-W07"]),
        ({"freq": "monthly", "day": 31}, ["2026-01-31 2026-01", "2026-02-28 2026-02", "2026-03-31 2026-03"]),
        ({"freq": "monthly", "day": 31, "month_end": "up"}, ["2026-01-31 2026-01", "2026-03-01 2026-02"]),
        ({"freq": "monthly", "day": -1}, ["2026-01-31 2026-01", "2026-02-28 2026-02"]),
        ({"freq": "monthly", "days": [-1, 15]}, ["2026-01-31 2026-01.2", "2026-02-15 2026-02.1"]),
        ({"freq": "monthly", "working_day": 2}, ["2026-02-03 2026-02", "2026-03-03 2026-03", "2026-04-02 2026-04"]),
        ({"freq": "monthly", "working_day": -1}, ["2026-01-30 2026-01", "2026-02-28 2026-02"]),
        ({"freq": "monthly", "working_day": 25}, ["2026-02-05 2026-01", "2026-03-12 2026-02"]),
        ({"freq": "quarterly", "month_of_period": 3, "day": 18}, ["2026-03-18 2026Q1", "2026-06-18 2026Q2"]),
        ({"freq": "quarterly", "day": -1}, ["2026-03-31 2026Q1", "2026-06-30 2026Q2"]),
        ({"freq": "half_yearly", "month_of_period": 5, "day": 25}, ["2026-05-25 2026H1", "2026-11-25 2026H2"]),
        ({"freq": "yearly", "month_of_period": 2, "day": 29}, ["2026-02-28 2026", "2027-02-28 2027"]),
        ({"freq": "yearly", "working_day": 1}, ["2027-01-04 2027", "2028-01-04 2028"]),
        (EVERY_THREE_YEARS, ["2027-03-05 2027", "2030-03-05 2030"]),
    ],
)
def test_each_rule_falls_on_its_day_in_a_named_period(form: dict[str, Any], expected: list[str]) -> None:
    assert first(form, "2026-01-30", len(expected)) == expected


def test_a_quarters_report_names_the_quarter_before() -> None:
    rule = parse_deadline({"kind": "recurring", "freq": "quarterly", "month_of_period": 1, "day": 5})
    assert isinstance(rule, RecurringDeadline)
    (january,) = expand(rule, date(2027, 1, 1), date(2027, 1, 31), load_calendar())
    assert (january.period, january.previous, january.opens) == ("2027Q1", "2026Q4", date(2027, 1, 1))


@pytest.mark.parametrize("folder", ["gold/seed", "gold/dev"])
def test_annotated_due_dates_are_found(folder: str) -> None:
    notices = json.loads(shared(f"{folder}/notices.json").read_text(encoding="utf-8"))
    published = {n["id"]: date.fromisoformat(n["published_on"]) if n.get("published_on") else None for n in notices}
    calendar, checked = load_calendar(), 0
    for obligation in json.loads(shared(f"{folder}/gold.json").read_text(encoding="utf-8"))["obligations"]:
        expected, after = obligation.get("due_dates"), published[obligation["notice"]]
        if not expected or not after:
            continue
        form = {key: value for key, value in obligation["deadline"].items() if key != "time_optional"}
        deadline, count = parse_deadline(form), len(expected)
        found = nominal_dates(deadline, after=after, count=count)
        assert [day.isoformat() for day in found] == [instant[:10] for instant in expected], form
        rolled = rolled_dates(deadline, after=after, count=count, calendar=calendar)
        assert [day.isoformat() for day in rolled] == (obligation.get("rolled_due_dates") or []), form
        checked += 1
    assert checked or folder == "gold/seed"
