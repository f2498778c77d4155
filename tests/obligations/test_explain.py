"""Traces: each date told day by day, every skipped day named, every step with its source, in both languages."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obligations.dates.conventions import CONVENTIONS
from obligations.dates.due import DueDate, due_dates
from obligations.dates.trace import Step, trace_text
from obligations.deadline import parse_deadline
from obligations.workdays.workcalendar import load_calendar
from tests.obligations.deadlines import DAYS, fixed, recurring, relative, window


def one(form: dict[str, Any], **question: Any) -> DueDate:
    (due,) = due_dates(parse_deadline(form), calendar=load_calendar(), **question)
    return due


def told(steps: tuple[Step, ...], *rules: str) -> list[str]:
    return [step.text() for step in steps if step.rule in rules]


def test_fifteen_working_days_are_listed_one_by_one_with_each_skipped_day_named() -> None:
    objection = {"kind": "relative", "event": "公示发布", "offset": 15, "unit": "working_day"}
    steps = one(objection, event=date(2026, 9, 14)).trace
    assert steps[0].text() == "起算：公示发布，2026-09-14 周一，当日不计入"
    assert steps[0].source.zh == "《民法典》第二百零一条"
    counted = told(steps, "counted_working", "counted_make_up")
    assert counted[4:6] == ["第 5 个工作日：2026-09-20 周日（调休上班）", "第 6 个工作日：2026-09-21 周一"]
    assert counted[-1] == "第 15 个工作日：2026-10-10 周六（调休上班）"
    assert len(counted) == 15
    skipped = [(step.on, step.name) for step in steps if step.rule == "skipped"]
    festival, national = date(2026, 9, 25), date(2026, 10, 1)
    assert skipped == [
        (date(2026, 9, 19), "双休日"),
        *((festival + timedelta(days=n), "中秋节") for n in range(3)),
        *((national + timedelta(days=n), "国庆节") for n in range(7)),
    ]
    assert {step.source.zh[:14] for step in steps if step.name == "国庆节"} == {"国办发明电〔2025〕7号（"}


def test_each_reading_is_told_apart() -> None:
    three_days = {"kind": "relative", "event": "险情排除", "offset": 3, "unit": "day"}
    steps = one(three_days, event=date(2026, 9, 29)).trace
    assert told(steps, "due", "reading", "safe") == [
        "到期日：2026-10-02 周五",
        "另一解读（cn.civil）：2026-10-08 周四",
        "另一解读（cn.workdays）：2026-10-09 周五",
        "安全日：2026-09-30 周三",
    ]
    working = [step.on for step in steps if step.reading == "cn.workdays" and step.rule.startswith("counted")]
    assert working == [date(2026, 9, 30), date(2026, 10, 8), date(2026, 10, 9)]
    rolled = [step.text("en") for step in steps if step.reading == "cn.civil"]
    assert rolled[1] == "passed over: Fri 2026-10-02 (National Day)"
    assert rolled[-1] == "moves to: Thu 2026-10-08"


def test_the_tax_extension_names_the_days_off_that_it_adds() -> None:
    steps = one({"kind": "fixed", "date": "2024-02-15"}, convention="cn.tax15").trace
    assert [step.on for step in steps if step.rule == "tax_rest"] == [date(2024, 2, n) for n in range(10, 16)]
    assert told(steps, "tax_extended") == ["期内连续休假共 6 天，自 2024-02-15 周四 顺延 6 个工作日"]
    assert told(steps, "due") == ["到期日：2024-02-23 周五"]


def test_a_provisional_date_says_which_notice_is_awaited() -> None:
    assert told(one({"kind": "fixed", "date": "2027-01-03"}).trace, "provisional") == [
        "暂定：国务院尚未公布 2027 年放假安排，2026-12-31 周四 至 2027-01-04 周一 的计算可能变动"
    ]
    assert "2028 年" in told(one({"kind": "fixed", "date": "2028-05-10"}).trace, "provisional")[0]


def test_hours_are_told_from_instant_to_instant() -> None:
    form = {"kind": "relative", "event": "险情", "offset": 2, "unit": "hour"}
    steps = one(form, event=datetime.fromisoformat("2026-09-29T23:30:00+08:00")).trace
    assert [step.text("en") for step in steps][:4] == [
        "counts from the instant of: 险情, 2026-09-29T23:30:00+08:00",
        "2 hour(s) on the clock, through nights and days off",
        "due: Wed 2026-09-30",
        "ends: Wed 2026-09-30 01:30 (before 2026-09-30T01:30:00+08:00)",
    ]


def test_text_names_each_source_where_it_changes_and_says_who_confirms() -> None:
    steps = one({"kind": "fixed", "date": "2026-10-03"}).trace
    text = trace_text(steps, "en")
    assert text.splitlines()[0] == "  1. the notice names Sat 2026-10-03  [the notice's own words]"
    assert text.splitlines()[-1].strip() == "(citations to be confirmed by counsel)"
    assert "法条引用待法务确认" in trace_text(steps)


def test_without_explanation_the_answer_is_the_same() -> None:
    deadline = parse_deadline({"kind": "fixed", "date": "2026-10-03"})
    (told_,) = due_dates(deadline, calendar=load_calendar())
    (untold,) = due_dates(deadline, calendar=load_calendar(), explain=False)
    assert untold.trace == ()
    assert told_.trace
    assert (untold.due_on, untold.readings, untold.safe_on) == (told_.due_on, told_.readings, told_.safe_on)


@given(
    deadline=st.one_of(fixed(), relative(), window(), recurring()),
    convention=st.sampled_from(list(CONVENTIONS)),
    event=DAYS,
)
def test_every_trace_leads_to_its_dates(deadline: Any, convention: str, event: date) -> None:
    """The steps recount what the arithmetic skipped: each reading's last counted or rolled day is its date."""
    calendar = load_calendar()
    dates = due_dates(
        deadline, calendar=calendar, event=event, start=event, until=event + timedelta(days=60), convention=convention
    )
    for due in dates:
        json.dumps([step.to_json() for step in due.trace], ensure_ascii=False)
        assert all("None" not in step.text("zh") + step.text("en") for step in due.trace)
        assert_way_ends_on_the_due_day(due)
        skipped = [step for step in due.trace if step.rule in ("skipped", "passed", "tax_rest", "rest")]
        assert all(step.on and step.name and not calendar.is_working(step.on) for step in skipped)
        assert {step.on for step in due.trace if step.rule in ("due", "reading")} == {r.date for r in due.readings}


def assert_way_ends_on_the_due_day(due: DueDate) -> None:
    way = []
    for step in due.trace:
        if step.rule == "due":
            break
        if step.rule != "letter":
            way.append(step)
    assert (way[-1].to or way[-1].on) == due.due_on


@pytest.mark.parametrize("offset", [61, 90])
def test_long_counts_tell_runs_of_days_but_still_name_each_skipped_day(offset: int) -> None:
    form = {"kind": "relative", "event": "受理", "offset": offset, "unit": "working_day"}
    due = one(form, event=date(2026, 6, 1))
    calendar = load_calendar()
    skipped = [step.on for step in due.trace if step.rule == "skipped"]
    between = [date(2026, 6, 1) + timedelta(days=n) for n in range(1, (due.due_on - date(2026, 6, 1)).days + 1)]
    assert skipped == [day for day in between if not calendar.is_working(day)]
    runs = [step for step in due.trace if step.rule in ("counted_run", "counted_make_up", "counted_working")]
    assert runs[-1].n == offset
    assert len(runs) < offset
