"""Due dates: written, due and safe day, readings, windows, clocks, and what is refused or stays undated."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from obligations.dates.conventions import CONVENTIONS
from obligations.dates.due import DueDate, due_dates, nominal_dates, rolled_dates
from obligations.dates.missing import CannotDate, Missing
from obligations.deadline import parse_deadline
from obligations.errors import BadConvention, BadQuestion, OutsideCalendar
from obligations.workdays.workcalendar import load_calendar


def ask(form: dict[str, Any], **question: Any) -> list[DueDate]:
    return due_dates(parse_deadline(form), calendar=load_calendar(), **question)


def one(form: dict[str, Any], **question: Any) -> DueDate:
    (due,) = ask(form, **question)
    return due


def days(*iso: str) -> list[date]:
    return [date.fromisoformat(day) for day in iso]


def day_of(due: DueDate) -> list[date]:
    return [reading.date for reading in due.readings]


OCTOBER_3RD = {"kind": "fixed", "date": "2026-10-03"}
QUARTERLY_3RD = {"kind": "recurring", "freq": "quarterly", "month_of_period": 1, "day": 3}
QUARTERLY_5TH = {**QUARTERLY_3RD, "day": 5, "reports_on": "previous"}
THREE_DAYS = {"kind": "relative", "event": "险情排除", "offset": 3, "unit": "day", "direction": "after"}
OBJECTION = {"kind": "relative", "event": "公示发布", "offset": 15, "unit": "working_day", "direction": "after"}


def test_a_quarterly_report_due_in_the_national_day_holiday() -> None:
    """J1: the written day stands, the roll is a reading, the last working day before is safe."""
    october, january = ask(QUARTERLY_3RD, start=date(2026, 10, 1), until=date(2027, 1, 31))
    assert (october.written_on, october.due_on, october.safe_on) == tuple(
        days("2026-10-03", "2026-10-03", "2026-09-30")
    )
    assert [(str(r.date), r.convention) for r in october.readings] == [
        ("2026-10-03", "cn.plain"),
        ("2026-10-08", "cn.civil"),
    ]
    assert (october.period, october.provisional, october.unsure) == ("2026Q4", False, ("roll",))
    assert (january.written_on, january.safe_on, january.period) == (*days("2027-01-03", "2026-12-31"), "2027Q1")
    assert january.provisional


def test_the_four_quarters_of_a_filing_on_the_finished_quarter() -> None:
    """J2: the report opens after its quarter; the safe day may lie before that, for the file must be ready."""
    quarters = ask(QUARTERLY_5TH, start=date(2026, 1, 1), until=date(2026, 12, 31))
    assert [q.written_on for q in quarters] == days("2026-01-05", "2026-04-05", "2026-07-05", "2026-10-05")
    assert [q.safe_on for q in quarters] == days("2026-01-05", "2026-04-03", "2026-07-03", "2026-09-30")
    assert [q.opens_on for q in quarters] == days("2026-01-01", "2026-04-01", "2026-07-01", "2026-10-01")
    assert [q.reports_on_period for q in quarters] == ["2025Q4", "2026Q1", "2026Q2", "2026Q3"]
    assert not any(q.provisional or q.act_now for q in quarters)


@pytest.mark.parametrize(
    ("removed", "readings", "safe"),
    [
        ("2026-09-29", ("2026-10-02", "2026-10-08", "2026-10-09"), "2026-09-30"),
        ("2026-09-30", ("2026-10-03", "2026-10-08", "2026-10-10"), "2026-09-30"),
        ("2026-10-01", ("2026-10-04", "2026-10-08", "2026-10-10"), None),
        ("2026-11-02", ("2026-11-05",), "2026-11-05"),
    ],
)
def test_a_short_count_shows_three_readings_and_what_is_safe(
    removed: str, readings: tuple[str, ...], safe: str | None
) -> None:
    """J3: calendar days, the same rolled, and working days, because the notice does not say which."""
    due = one(THREE_DAYS, event=date.fromisoformat(removed))
    assert day_of(due) == days(*readings)
    assert [r.convention for r in due.readings] == ["cn.plain", "cn.civil", "cn.workdays"][: len(readings)]
    assert due.unsure == ("roll", "day_kind")[: len(readings) - 1]
    assert due.safe_on == (date.fromisoformat(safe) if safe else None)
    assert due.act_now == (safe is None)


@pytest.mark.parametrize(("published", "last_day"), [("2026-09-14", "2026-10-10"), ("2026-09-21", "2026-10-19")])
def test_an_objection_period_crosses_holidays_and_counts_worked_saturdays(published: str, last_day: str) -> None:
    """J5: 15 working days after the publication, which is not counted."""
    due = one(OBJECTION, event=date.fromisoformat(published))
    assert due.written_on == due.due_on == due.safe_on == date.fromisoformat(last_day)
    assert day_of(due) == [due.due_on]
    assert due.unsure == ()


def test_a_count_of_ten_days_may_be_working_days_and_one_of_eleven_may_not() -> None:
    friday = date(2026, 6, 12)
    asked = {n: one({**THREE_DAYS, "offset": n}, event=friday).unsure for n in (1, 2, 10, 11)}
    assert [n for n, unsure in asked.items() if "day_kind" in unsure] == [2, 10]


def test_months_counted_backwards_without_a_rounding_show_both_ends() -> None:
    month_before = {"kind": "relative", "event": "届满", "offset": 1, "unit": "month", "direction": "before"}
    expiry = date(2025, 3, 31)
    unstated = one(month_before, event=expiry)
    assert day_of(unstated) == days("2025-02-28", "2025-03-01")
    assert (unstated.written_on, unstated.unsure) == (date(2025, 2, 28), ("month_end",))
    stated = one({**month_before, "month_end": "up"}, event=expiry)
    assert (stated.due_on, stated.unsure) == (date(2025, 3, 1), ())
    chosen = one(month_before, event=expiry, convention="cn.backward")
    assert (day_of(chosen), chosen.unsure) == (days("2025-02-28"), ())
    assert one(month_before, event=date(2025, 3, 15)).unsure == ()


@pytest.mark.parametrize(
    ("form", "convention", "due_on", "due_at"),
    [
        pytest.param(
            {"kind": "fixed", "date": "2026-10-03"}, "cn.plain", "2026-10-03", "2026-10-03T16:00Z", id="plain"
        ),
        pytest.param(
            {"kind": "fixed", "date": "2026-10-03"}, "cn.civil", "2026-10-08", "2026-10-08T16:00Z", id="civil"
        ),
        pytest.param(
            {"kind": "fixed", "date": "2026-10-03"}, "cn.report_safe", "2026-09-30", "2026-09-30T09:00Z", id="report"
        ),
        pytest.param(
            {**OCTOBER_3RD, "roll": "following", "time": "12:00"},
            "cn.report_safe",
            "2026-10-08",
            "2026-10-08T04:00Z",
            id="the-notices-own-words-win",
        ),
        pytest.param({"kind": "fixed", "date": "2026-09-05"}, "cn.stat_holiday_only", "2026-09-05", None, id="weekend"),
        pytest.param({"kind": "fixed", "date": "2026-10-05"}, "cn.stat_holiday_only", "2026-10-08", None, id="holiday"),
        pytest.param({"kind": "fixed", "date": "2026-10-05"}, "cn.stat_fixed", "2026-10-05", None, id="table"),
        pytest.param({"kind": "fixed", "date": "2026-10-15"}, "cn.tax15", "2026-10-26", None, id="tax"),
        pytest.param({"kind": "fixed", "date": "2024-09-15"}, "cn.tax15", "2024-09-18", None, id="tax-rolls"),
    ],
)
def test_a_named_day_under_each_convention(
    form: dict[str, Any], convention: str, due_on: str, due_at: str | None
) -> None:
    due = one(form, convention=convention)
    assert due.written_on.isoformat() == form["date"]
    assert due.due_on.isoformat() == due_on
    assert due_at is None or due.due_at == datetime.fromisoformat(due_at)


@pytest.mark.parametrize(
    ("offset", "unit", "convention", "event", "due_on"),
    [
        (3, "day", "cn.civil", "2026-09-29", "2026-10-08"),
        (3, "day", "cn.workdays", "2026-09-29", "2026-10-09"),
        (3, "day", "cn.admin_short(2,3,5,7)", "2024-09-30", "2024-10-10"),
        (4, "day", "cn.admin_short(2,3,5,7)", "2026-09-29", "2026-10-08"),
        (10, "day", "cn.procedure", "2026-09-21", "2026-10-12"),
        (60, "day", "cn.procedure", "2026-08-04", "2026-10-08"),
        (5, "day", "cn.publicity_min", "2024-09-27", "2024-10-10"),
        (3, "day", "cn.custody", "2026-09-30", "2026-10-03"),
        (1, "month", "cn.custody", "2024-02-29", "2024-03-31"),
        (1, "month", "cn.civil", "2026-09-03", "2026-10-08"),
        (1, "year", "cn.civil", "2024-02-29", "2025-02-28"),
    ],
)
def test_a_count_under_each_convention(offset: int, unit: str, convention: str, event: str, due_on: str) -> None:
    form = {"kind": "relative", "event": "送达", "offset": offset, "unit": unit, "direction": "after"}
    due = one(form, event=date.fromisoformat(event), convention=convention)
    assert (due.due_on.isoformat(), len(due.readings)) == (due_on, 1)


def test_no_convention_moves_a_backward_count_towards_its_event() -> None:
    before = {"kind": "relative", "event": "开工", "offset": 15, "unit": "day", "direction": "before"}
    start = date(2026, 10, 20)
    due = {name: one(before, event=start, convention=name).due_on for name in CONVENTIONS}
    assert max(due.values()) == due["cn.civil"] == due["cn.stat_holiday_only"] == date(2026, 10, 5)
    assert due["cn.backward"] == due["cn.report_safe"] == date(2026, 9, 30)
    assert due["cn.workdays"] == date(2026, 9, 22)


def test_prudence_alone_keeps_the_written_day_as_a_reading() -> None:
    due = one({"kind": "fixed", "date": "2026-10-03"}, convention="cn.report_safe")
    assert [(str(r.date), r.convention) for r in due.readings] == [
        ("2026-09-30", "cn.report_safe"),
        ("2026-10-03", "cn.plain"),
    ]


def test_by_day_x_excludes_the_day_only_where_a_policy_says_so() -> None:
    by = {"kind": "fixed", "date": "2026-09-24", "marker": "前"}
    assert one(by).safe_on == date(2026, 9, 24)
    excluded = one(by, before_exclusive=True)
    assert (excluded.due_on, excluded.safe_on, excluded.unsure) == (*days("2026-09-24", "2026-09-23"), ("before",))
    assert one({**by, "marker": "底前"}, before_exclusive=True).safe_on == date(2026, 9, 24)
    assert one(by, convention="cn.plain(exclusive)").due_on == date(2026, 9, 23)


@pytest.mark.parametrize(
    ("count", "event", "ends", "on"),
    [
        ((2, "hour", "after"), "2026-09-29T23:30:00+08:00", "2026-09-30T01:30:00+08:00", "2026-09-30"),
        ((24, "hour", "after"), "2026-09-30T18:00:00+08:00", "2026-10-01T18:00:00+08:00", "2026-10-01"),
        ((45, "minute", "after"), "2026-10-01T15:00:00+00:00", "2026-10-01T23:45:00+08:00", "2026-10-01"),
        ((1, "hour", "after"), "2026-10-01T23:00:00+08:00", "2026-10-02T00:00:00+08:00", "2026-10-01"),
        ((15, "minute", "before"), "2026-10-09T09:00:00+08:00", "2026-10-09T08:45:00+08:00", "2026-10-09"),
    ],
)
def test_hours_run_through_nights_and_holidays(count: tuple[int, str, str], event: str, ends: str, on: str) -> None:
    offset, unit, direction = count
    form = {"kind": "relative", "event": "险情", "offset": offset, "unit": unit, "direction": direction}
    due = one(form, event=datetime.fromisoformat(event), convention="cn.civil")
    assert due.due_at == datetime.fromisoformat(ends)
    assert due.due_at.tzinfo is UTC
    assert due.written_on == due.due_on == date.fromisoformat(on)
    assert len(due.readings) == 1
    assert due.act_now == (direction == "after")


def test_an_instant_is_taken_on_its_civil_day_in_the_services_zone() -> None:
    late = datetime(2026, 9, 28, 17, 0, tzinfo=UTC)  # 01:00 on the 29th in China
    assert one(THREE_DAYS, event=late).written_on == date(2026, 10, 2)
    assert one(THREE_DAYS, event=late, zone="UTC").written_on == date(2026, 10, 1)


def test_the_next_day_at_ten_keeps_its_clock() -> None:
    form = {"kind": "relative", "event": "情形发生", "offset": 1, "unit": "day", "direction": "after", "time": "10:00"}
    due = one(form, event=date(2026, 11, 2))
    assert due.due_at == datetime.fromisoformat("2026-11-03T10:00:00+08:00")


@pytest.mark.parametrize(
    ("time", "due_at", "safe"),
    [
        ("24:00", "2026-10-09T00:00:00+08:00", "2026-10-08"),
        (None, "2026-10-09T00:00:00+08:00", "2026-10-08"),
        ("17:00", "2026-10-08T17:00:00+08:00", "2026-10-08"),
        ("00:00", "2026-10-08T00:00:00+08:00", "2026-09-30"),
    ],
)
def test_a_day_ends_at_its_clock_and_24_00_is_the_next_midnight(time: str | None, due_at: str, safe: str) -> None:
    due = one({"kind": "fixed", "date": "2026-10-08", "time": time})
    assert due.due_at == datetime.fromisoformat(due_at)
    assert due.safe_on == date.fromisoformat(safe)


def test_a_window_opens_and_its_safe_day_lies_inside_it() -> None:
    due = one({"kind": "window", "from": "2026-09-28", "to": "2026-10-05", "to_time": "18:00"})
    assert (due.opens_on, due.written_on, due.safe_on) == tuple(days("2026-09-28", "2026-10-05", "2026-09-30"))
    assert due.due_at == datetime.fromisoformat("2026-10-05T18:00:00+08:00")
    inside_the_holiday = one({"kind": "window", "from": "2026-10-01", "to": "2026-10-05"})
    assert (inside_the_holiday.safe_on, inside_the_holiday.act_now) == (None, True)


def test_an_event_without_a_number() -> None:
    event = {"kind": "relative", "event": "修剪", "offset": None}
    on = date(2026, 11, 3)
    assert one({**event, "direction": "at"}, event=on).due_on == on
    before = one({**event, "direction": "before"}, event=on)
    assert (before.due_on, before.due_at) == (date(2026, 11, 2), datetime.fromisoformat("2026-11-03T00:00:00+08:00"))
    start = datetime.fromisoformat("2026-11-03T10:00:00+08:00")
    assert one({**event, "direction": "before"}, event=start).due_at == start


@pytest.mark.parametrize(
    ("day", "provisional"),
    [("2026-12-25", False), ("2026-12-27", True), ("2026-12-31", True), ("2027-06-15", True), ("2025-12-31", False)],
)
def test_an_answer_that_touches_a_day_not_announced_is_provisional(day: str, provisional: bool) -> None:
    """27 December 2026 is a Sunday that may roll into the tail; its safe day is announced."""
    assert one({"kind": "fixed", "date": day}).provisional is provisional


def test_a_count_through_days_not_announced_is_provisional_even_where_it_ends_before() -> None:
    last_but_four = {"kind": "recurring", "freq": "monthly", "working_day": -5}
    due = one(last_but_four, start=date(2026, 12, 1), until=date(2026, 12, 31))
    assert (due.written_on, due.provisional) == (date(2026, 12, 25), True)


@pytest.mark.parametrize(
    ("form", "missing"),
    [
        ({"kind": "fixed", "date": "--05-20"}, [Missing.YEAR]),
        ({"kind": "recurring", "freq": "half_yearly"}, [Missing.DAY]),
        ({"kind": "recurring", "freq": "yearly", "day": 5}, [Missing.MONTH]),
        ({"kind": "recurring", "freq": "weekly"}, [Missing.WEEKDAY]),
        ({"kind": "recurring", "freq": "unspecified"}, [Missing.FREQUENCY]),
        ({"kind": "recurring", "freq": "yearly", "month_of_period": 3, "day": 5, "interval": 3}, [Missing.ANCHOR]),
        ({"kind": "recurring", "freq": "daily", "from": "--04-01"}, [Missing.YEAR]),
        (THREE_DAYS, [Missing.EVENT]),
        (
            {"kind": "relative", "event": "转型完成", "offset": None, "direction": "after"},
            [Missing.NUMBER, Missing.EVENT],
        ),
        ({"kind": "window", "from": "2023-11-01"}, [Missing.END]),
        ({"kind": "window", "from": "--11-01", "to": "--12-01"}, [Missing.YEAR]),
        ({"kind": "vague", "word": "及时"}, [Missing.VAGUE]),
        ({"kind": "set_elsewhere", "where": "另行通知"}, [Missing.SET_ELSEWHERE]),
        ({"kind": "unspecified"}, [Missing.UNSPECIFIED]),
        ({"kind": "duration", "value": 5, "unit": "day"}, [Missing.DURATION]),
        ({"kind": "validity", "from": "2024-02-15"}, [Missing.VALIDITY]),
    ],
)
def test_what_cannot_be_dated_says_what_is_missing(form: dict[str, Any], missing: list[Missing]) -> None:
    with pytest.raises(CannotDate, match="cannot be dated") as caught:
        ask(form, start=date(2026, 1, 1), until=date(2026, 12, 31))
    assert list(caught.value.missing) == missing
    for reason in missing:
        assert reason.text("zh") != reason.text("en")


def test_hours_need_the_instant_of_the_event() -> None:
    with pytest.raises(CannotDate) as caught:
        ask({**THREE_DAYS, "unit": "hour"}, event=date(2026, 9, 29))
    assert caught.value.missing == (Missing.EVENT_TIME,)
    assert Missing.EVENT_TIME.text("zh", caught.value.about).endswith("（险情排除）")


@pytest.mark.parametrize(
    ("form", "question", "error", "sentence"),
    [
        (THREE_DAYS, {"event": datetime(2026, 9, 29, 10)}, BadQuestion, "needs its offset, as in 2026-09-29T10:00:00"),  # noqa: DTZ001 - a naive instant is what is refused
        (QUARTERLY_3RD, {}, BadQuestion, "needs a first day to be expanded from"),
        (QUARTERLY_3RD, {"start": date(2026, 1, 1), "zone": "China/Kunming"}, BadQuestion, "IANA name such as Asia"),
        (QUARTERLY_3RD, {"start": date(2026, 1, 1), "convention": "cn.x"}, BadConvention, "must be one of cn.plain"),
        ({"kind": "fixed", "date": "2049-01-01"}, {}, OutsideCalendar, "2049-01-01 leaves the calendar"),
        ({**OBJECTION, "offset": 9000}, {"event": date(2026, 1, 1)}, OutsideCalendar, "9000 working days from 2026"),
        ({**THREE_DAYS, "offset": 90000}, {"event": date(2026, 1, 1)}, OutsideCalendar, "leaves the calendar"),
        (THREE_DAYS, {"event": date(9999, 12, 31)}, OutsideCalendar, "9999-12-31 leaves the calendar"),
        (THREE_DAYS, {"event": datetime.max.replace(tzinfo=UTC)}, OutsideCalendar, "9999-12-31 leaves"),
        (QUARTERLY_3RD, {"issued_on": date(9999, 12, 31)}, OutsideCalendar, "leaves"),
        (QUARTERLY_3RD, {"start": date(1, 1, 1)}, OutsideCalendar, "leaves the calendar"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(
    form: dict[str, Any], question: dict[str, Any], error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        ask(form, **question)


def test_a_notices_own_dates_bound_what_recurs() -> None:
    """The first repetition falls after the issue; the range ends with the notice, else 13 months on."""
    issued = ask(QUARTERLY_3RD, issued_on=date(2026, 1, 3))
    assert [due.period for due in issued] == ["2026Q2", "2026Q3", "2026Q4", "2027Q1"]
    bounded = ask(
        QUARTERLY_3RD, issued_on=date(2026, 1, 1), effective_on=date(2026, 4, 3), expires_on=date(2026, 10, 2)
    )
    assert [due.period for due in bounded] == ["2026Q2", "2026Q3"]
    own = {**QUARTERLY_3RD, "from": "2026-05-01", "until": "2026-12-31"}
    assert [due.period for due in ask(own, issued_on=date(2026, 1, 1), until=date(2027, 12, 31))] == [
        "2026Q3",
        "2026Q4",
    ]
    assert ask(QUARTERLY_3RD, start=date(2026, 2, 1), until=date(2026, 3, 1)) == []


def test_single_dates_are_answered_outside_the_asked_range() -> None:
    past = {"kind": "fixed", "date": "2024-04-03"}
    assert one(past, start=date(2026, 1, 1), until=date(2026, 12, 31)).due_on == date(2024, 4, 3)


@pytest.mark.parametrize(
    ("form", "after", "expected"),
    [
        ({"kind": "fixed", "date": "2021-01-29"}, "2021-01-19", ["2021-01-29"]),
        ({"kind": "window", "from": "2023-08-15", "to": "2023-09-10"}, "2023-08-03", ["2023-09-10"]),
        ({"kind": "fixed", "date": "--05-20"}, "2023-08-03", []),
        (THREE_DAYS, "2023-08-03", []),
        ({"kind": "vague", "word": "及时"}, "2023-08-03", []),
        ({"kind": "recurring", "freq": "half_yearly"}, "2023-08-03", []),
        (QUARTERLY_3RD, "2024-03-18", ["2024-04-03", "2024-07-03", "2024-10-03"]),
        (QUARTERLY_3RD, "2024-04-03", ["2024-07-03", "2024-10-03", "2025-01-03"]),
        (QUARTERLY_3RD, None, []),
        ({**QUARTERLY_3RD, "first_due": "2024-04-03"}, None, ["2024-04-03", "2024-07-03", "2024-10-03"]),
        (
            {"kind": "recurring", "freq": "daily", "from": "2024-04-01"},
            "2024-03-04",
            ["2024-04-01", "2024-04-02", "2024-04-03"],
        ),
        (
            {"kind": "recurring", "freq": "monthly", "days": [10, 25]},
            "2025-02-18",
            ["2025-02-25", "2025-03-10", "2025-03-25"],
        ),
        (
            {"kind": "recurring", "freq": "quarterly", "month_of_period": 1, "working_day": 15},
            "2020-08-05",
            ["2020-10-28", "2021-01-22", "2021-04-22"],
        ),
    ],
)
def test_nominal_dates_are_the_first_after_publication(
    form: dict[str, Any], after: str | None, expected: list[str]
) -> None:
    published = date.fromisoformat(after) if after else None
    assert [d.isoformat() for d in nominal_dates(parse_deadline(form), after=published, count=3)] == expected


def test_rolled_dates_exist_only_where_the_notice_states_a_roll() -> None:
    quarterly = {"kind": "recurring", "freq": "quarterly", "month_of_period": 3, "day": 20}
    stated = parse_deadline({**quarterly, "roll": "preceding"})
    calendar, issued = load_calendar(), date(2021, 1, 19)
    rolled = rolled_dates(stated, after=issued, count=4, calendar=calendar)
    assert rolled == days("2021-03-19", "2021-06-18", "2021-09-18", "2021-12-20")
    assert rolled_dates(parse_deadline(quarterly), after=issued, count=4, calendar=calendar) == []
