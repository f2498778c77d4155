"""`duban due`: the contract that outsiders rely on, checked through the command itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.app.command import Ran, run
from tests.shared_files import shared

Duban = Callable[..., Ran]


@pytest.fixture
def due(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Duban:
    def ask(deadline: Any, *arguments: str) -> Ran:
        text = deadline if isinstance(deadline, str) else json.dumps(deadline, ensure_ascii=False)
        return run(capsys, monkeypatch, "due", "--deadline", text, *arguments)

    return ask


QUARTERLY_3RD = {"kind": "recurring", "freq": "quarterly", "month_of_period": 1, "day": 3}
QUARTERLY_5TH = {**QUARTERLY_3RD, "day": 5, "reports_on": "previous"}
THREE_DAYS = {"kind": "relative", "event": "险情排除", "offset": 3, "unit": "day", "direction": "after"}
OBJECTION = {"kind": "relative", "event": "公示发布", "offset": 15, "unit": "working_day", "direction": "after"}
OCTOBER_3RD = {"kind": "fixed", "date": "2026-10-03"}


def as_question(convention: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return a vector's convention as the deadline and the arguments that ask the same."""
    if convention.get("rule") == "tax15":
        return {"kind": "fixed", "date": f"{convention['month']}-15"}, ["--convention", "cn.tax15"]
    stated: dict[str, Any] = {key: convention[key] for key in ("roll", "month_end") if key in convention}
    if "cutoff" in convention:
        stated["time"] = convention["cutoff"]
    counted = [unit for unit in ("days", "working_days", "months") if unit in convention]
    if not counted:
        return {"kind": "fixed", "date": convention["anchor"], **stated}, []
    offset = convention[counted[0]]
    direction = "before" if offset < 0 else "after"
    form = {"kind": "relative", "event": "起算", "offset": abs(offset), "unit": counted[0][:-1], "direction": direction}
    return {**form, **stated}, ["--event", convention["anchor"]]


def test_every_due_date_vector_is_exact(due: Duban) -> None:
    vectors = json.loads(shared("data/due_date_vectors.json").read_text(encoding="utf-8"))["vectors"]
    for vector in vectors:
        deadline, arguments = as_question(vector["convention"])
        (answer,) = due(deadline, *arguments, "--json").json()["dates"]
        key = "due_at" if "T" in vector["expected"] else "due_on"
        assert answer[key] == vector["expected"], vector["id"]
        if "provisional" in vector["convention"]:
            assert answer["provisional"] is vector["convention"]["provisional"], vector["id"]
    assert len(vectors) == 24


def test_j1_the_quarterly_table(due: Duban) -> None:
    answer = due(QUARTERLY_3RD, "--from", "2026-10-01", "--until", "2027-01-31", "--json").json()
    october, january = answer["dates"]
    assert (october["written_on"], october["due_on"], october["safe_on"]) == ("2026-10-03", "2026-10-03", "2026-09-30")
    assert [reading["date"] for reading in october["readings"]] == ["2026-10-03", "2026-10-08"]
    assert (october["period"], october["provisional"]) == ("2026Q4", False)
    assert (january["written_on"], january["safe_on"]) == ("2027-01-03", "2026-12-31")
    assert (january["period"], january["provisional"]) == ("2027Q1", True)


def test_j2_the_four_quarters(due: Duban) -> None:
    dates = due(QUARTERLY_5TH, "--from", "2026-01-01", "--until", "2026-12-31", "--json").json()["dates"]
    assert [d["written_on"] for d in dates] == ["2026-01-05", "2026-04-05", "2026-07-05", "2026-10-05"]
    assert [d["safe_on"] for d in dates] == ["2026-01-05", "2026-04-03", "2026-07-03", "2026-09-30"]


def test_j3_three_readings_or_act_now(due: Duban) -> None:
    (answer,) = due(THREE_DAYS, "--event", "2026-09-29", "--json").json()["dates"]
    assert [(r["date"], r["convention"]) for r in answer["readings"]] == [
        ("2026-10-02", "cn.plain"),
        ("2026-10-08", "cn.civil"),
        ("2026-10-09", "cn.workdays"),
    ]
    assert (answer["safe_on"], answer["act_now"]) == ("2026-09-30", False)
    (too_late,) = due(THREE_DAYS, "--event", "2026-10-01", "--json").json()["dates"]
    assert (too_late["safe_on"], too_late["act_now"]) == (None, True)
    assert "请立即办理" in due(THREE_DAYS, "--event", "2026-10-01").out


def test_j5_the_objection_period_ends_on_a_worked_saturday(due: Duban) -> None:
    (answer,) = due(OBJECTION, "--event", "2026-09-14", "--json").json()["dates"]
    assert (answer["written_on"], answer["due_on"]) == ("2026-10-10", "2026-10-10")
    counted = [step for step in answer["trace"] if step["rule"].startswith("counted")]
    assert [step["n"] for step in counted] == list(range(1, 16))
    assert "第 15 个工作日：2026-10-10 周六（调休上班）" in due(OBJECTION, "--event", "2026-09-14").out


def test_json_has_the_documented_shape(due: Duban) -> None:
    ran = due(OCTOBER_3RD, "--json")
    answer = ran.json()
    (found,) = answer["dates"]
    assert list(found) == [
        "written_on",
        "due_on",
        "due_at",
        "opens_on",
        "safe_on",
        "act_now",
        "readings",
        "provisional",
        "unsure",
        "period",
        "reports_on_period",
        "trace",
    ]
    assert found["due_at"] == "2026-10-04T00:00:00+08:00"
    assert set(found["readings"][0]) == {"date", "convention", "basis", "basis_en"}
    for step in found["trace"]:
        assert {"rule", "zh", "en", "source"} <= set(step)
        assert set(step["source"]) == {"key", "zh", "en"}
    assert answer["missing"] == []
    assert answer["calendar"].startswith("cn-2026-2025-11-04-")
    assert (ran.status, ran.err) == (0, "")


def test_text_comes_in_chinese_and_in_english(due: Duban) -> None:
    chinese, english = due(OCTOBER_3RD).out, due(OCTOBER_3RD, "--lang", "en").out
    assert chinese.startswith(
        "到期日 2026-10-03 周六  安全日 2026-09-30 周三  原文日期 2026-10-03 周六\n解读：通知未说明遇休息日是否移动\n"
    )
    assert "越过：2026-10-03 周六（国庆节）" in chinese
    assert english.startswith(
        "due Sat 2026-10-03  safe day Wed 2026-09-30  written date Sat 2026-10-03\nreadings: the notice does not say"
    )
    assert "passed over: Sat 2026-10-03 (National Day)" in english
    provisional = due({"kind": "fixed", "date": "2027-01-03"}).out
    assert "〔暂定〕" in provisional.splitlines()[0]


def test_an_earlier_calendar_reproduces_an_earlier_answer(due: Duban) -> None:
    three = {"kind": "relative", "event": "受理", "offset": 3, "unit": "working_day"}
    asked = [
        due(three, "--event", "2020-01-23", "--as-of", day, "--json").json() for day in ("2020-01-25", "2020-01-26")
    ]
    assert [answer["dates"][0]["due_on"] for answer in asked] == ["2020-02-03", "2020-02-05"]
    assert asked[0]["calendar"] != asked[1]["calendar"]


def test_what_cannot_be_dated_is_an_answer_that_says_what_is_missing(due: Duban) -> None:
    ran = due({"kind": "recurring", "freq": "half_yearly"}, "--from", "2026-01-01", "--json")
    assert (ran.status, ran.json()["dates"]) == (0, [])
    assert ran.json()["missing"] == [{"code": "day", "zh": "未写明具体日期", "en": "the day is not stated"}]
    assert due(OBJECTION).out == "待定：起算日待确认：触发事件的日期未知（公示发布）\n"


def test_an_event_may_be_an_instant(due: Duban) -> None:
    hours = {**THREE_DAYS, "unit": "hour"}
    (answer,) = due(hours, "--event", "2026-09-29T23:00:00+08:00", "--json").json()["dates"]
    assert (answer["due_at"], answer["act_now"]) == ("2026-09-30T02:00:00+08:00", True)
    (utc,) = due(hours, "--event", "2026-09-29T15:00:00Z", "--json").json()["dates"]
    assert utc["due_at"] == answer["due_at"]


def test_tax_months_can_be_asked_as_a_recurring_deadline(due: Duban) -> None:
    fifteenth = {"kind": "recurring", "freq": "monthly", "day": 15}
    arguments = ["--from", "2026-01-01", "--until", "2026-12-31", "--convention", "cn.tax15", "--json"]
    found = {d["period"]: d["due_on"] for d in due(fifteenth, *arguments).json()["dates"]}
    assert (found["2026-04"], found["2026-10"], found["2026-12"]) == ("2026-04-20", "2026-10-26", "2026-12-15")


def test_the_latest_start_of_a_publicity_period(due: Duban) -> None:
    publicity = {"kind": "relative", "event": "公示开始", "offset": 5, "unit": "working_day", "span": "duration"}
    answer = due(publicity, "--ends-before", "2026-10-05", "--json").json()
    assert (answer["latest_start"], answer["ends_on"]) == ("2026-09-22", "2026-09-30")
    assert due(publicity, "--ends-before", "2026-10-05").out.startswith(
        "最迟开始 2026-09-22 周二  届满 2026-09-30 周三\n"
    )


@pytest.mark.parametrize(
    ("deadline", "arguments", "sentence"),
    [
        ('{"kind": "fixed"', (), "--deadline must be JSON such as"),
        ("[" * 100_000, (), "nested too deeply"),
        ("[]", (), "a deadline must be a JSON object"),
        ({"kind": "fixed", "date": "2026-02-30"}, (), "date must be a real date as YYYY-MM-DD"),
        (
            {**OBJECTION, "offset": -3},
            ("--event", "2026-09-14"),
            "offset must be a whole number from 0 to 100000, got -3",
        ),
        (
            {**OBJECTION, "offset": 9000},
            ("--event", "2026-09-14"),
            "leaves the calendar, which answers from 2015-01-01",
        ),
        ({"kind": "fixed", "date": "2049-10-01"}, (), "2049-10-01 leaves the calendar"),
        (OBJECTION, ("--event", "2026-09-31"), "--event must be a real date as YYYY-MM-DD, got '2026-09-31'"),
        (OBJECTION, ("--event", "2026-09-14T10:00:00"), "an instant with its offset as 2026-09-29T14:30:00+08:00"),
        (OBJECTION, ("--event", "tomorrow"), "--event must be a date as YYYY-MM-DD or an instant"),
        (QUARTERLY_3RD, (), "needs a first day to be expanded from, such as --from 2026-01-01"),
        (QUARTERLY_3RD, ("--from", "20260101"), "--from must be a real date as YYYY-MM-DD"),
        (QUARTERLY_3RD, ("--from", "2026-02-01", "--until", "2026-01-01"), "--until must not lie before --from"),
        (QUARTERLY_3RD, ("--from", "2026-01-01", "--until", "2049-01-01"), "leaves the calendar"),
        (OCTOBER_3RD, ("--convention", "cn.nowhere"), "the convention must be one of cn.plain"),
        (OCTOBER_3RD, ("--zone", "Nowhere/City"), "the zone must be an IANA name such as Asia/Shanghai"),
        (OCTOBER_3RD, ("--lang", "fr"), "--lang must be one of zh, en"),
        (OCTOBER_3RD, ("--as-of", "yesterday"), "--as-of must be a real date"),
        (
            OCTOBER_3RD,
            ("--ends-before", "2026-10-05"),
            "--ends-before needs a relative deadline, got one of kind fixed",
        ),
    ],
)
def test_bad_input_gets_one_sentence_and_status_2(
    due: Duban, deadline: Any, arguments: tuple[str, ...], sentence: str
) -> None:
    ran = due(deadline, *arguments)
    assert (ran.status, ran.out) == (2, "")
    assert sentence in ran.err
    assert ran.err.startswith("duban: ")
    assert ran.err.count("\n") == 1
    assert len(ran.err) < 500


def test_a_sample_of_counts_runs_through_the_command(due: Duban) -> None:
    """Forwards and backwards from a rest day: the two directions meet."""
    for n in (1, 5, 15):
        form = {"kind": "relative", "event": "起算", "offset": n, "unit": "working_day"}
        (after,) = due({**form, "direction": "after"}, "--event", "2026-10-04", "--json").json()["dates"]
        (before,) = due({**form, "direction": "before"}, "--event", after["due_on"], "--json").json()["dates"]
        assert date.fromisoformat(before["due_on"]) <= date(2026, 9, 30)
