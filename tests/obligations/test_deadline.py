"""Deadlines as JSON: what is printed reads back the same, and what is wrong is refused in one sentence."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from obligations.deadline import Deadline, parse_deadline, to_json
from obligations.errors import BadDeadline
from tests.obligations.deadlines import any_deadline
from tests.shared_files import shared


@given(any_deadline())
def test_a_printed_deadline_reads_back_the_same(deadline: Deadline) -> None:
    printed = json.dumps(to_json(deadline), ensure_ascii=False)
    assert parse_deadline(json.loads(printed)) == deadline


@pytest.mark.parametrize("file", ["gold/seed/gold.json", "gold/dev/gold.json", "gold/seed_obligations.json"])
def test_every_annotated_deadline_reads_back_the_same(file: str) -> None:
    obligations = json.loads(shared(file).read_text(encoding="utf-8"))["obligations"]
    annotated = [o["deadline"] for o in obligations if o["deadline"]]
    for form in annotated:
        stated = {key: value for key, value in form.items() if value is not None and key != "time_optional"}
        printed = to_json(parse_deadline(stated))
        assert {key: value for key, value in printed.items() if value is not None} == stated
    assert len(annotated) > 70


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (17, "must be a JSON object"),
        ({"date": "2026-10-03"}, "kind must be one of fixed, recurring, relative, window, vague"),
        ({"kind": "fixed"}, "a fixed deadline needs the field 'date'"),
        ({"kind": "fixed", "date": "2026-02-30"}, "date must be a real date as YYYY-MM-DD .* got '2026-02-30'"),
        ({"kind": "fixed", "date": "２０２６-10-03"}, "date must be a real date"),
        ({"kind": "fixed", "date": "2026-10-03", "time": "25:00"}, "time must be HH:MM between 00:00 and 24:00"),
        ({"kind": "fixed", "date": "2026-10-03", "time": "1２:00"}, "time must be HH:MM"),
        ({"kind": "fixed", "date": "2026-10-03", "rol": "following"}, "has no field 'rol'; it may have count_start"),
        ({"kind": "fixed", "date": "2026-10-03", "roll": "forward"}, "roll must be one of unadjusted, following"),
        ({"kind": "relative", "event": "公示", "offset": -3, "unit": "day"}, "offset must be a whole number from 0"),
        ({"kind": "relative", "event": "公示", "offset": 1.5, "unit": "day"}, "offset must be a whole number"),
        ({"kind": "relative", "event": "公示", "offset": True, "unit": "day"}, "offset must be a whole number"),
        ({"kind": "relative", "event": "公示", "offset": 3}, "needs offset and unit together"),
        ({"kind": "relative", "offset": 3, "unit": "day"}, "needs the field 'event'"),
        ({"kind": "relative", "event": "公示", "offset": 3, "unit": "week"}, "unit must be one of minute, hour"),
        ({"kind": "recurring", "day": 3}, "needs the field 'freq'"),
        (
            {"kind": "recurring", "freq": "quarterly", "month_of_period": 4, "day": 3},
            "month_of_period must be at most 3",
        ),
        ({"kind": "recurring", "freq": "monthly", "day": 0}, "day must be a day from 1, or -1 for the last"),
        ({"kind": "recurring", "freq": "monthly", "day": 3, "days": [4]}, "takes one of day, days, weekday"),
        ({"kind": "recurring", "freq": "monthly", "days": []}, "days must be a list of days"),
        ({"kind": "recurring", "freq": "weekly", "day": 3}, "a weekly deadline takes weekday or working_day, got day"),
        ({"kind": "recurring", "freq": "monthly", "weekday": 3}, "a monthly deadline takes day or days"),
        ({"kind": "recurring", "freq": "daily", "day": 3}, "a daily deadline takes no day, got day"),
        ({"kind": "recurring", "freq": "monthly", "day": 3, "reports_on": "next"}, "reports_on must be previous or"),
        (
            {"kind": "recurring", "freq": "monthly", "day": 3, "from": "2026-05-01", "until": "2026-04-01"},
            "until must not lie before from, got 2026-04-01 before 2026-05-01",
        ),
        ({"kind": "window", "from": "2026-05-02", "to": "2026-05-01"}, "to must not lie before from"),
        ({"kind": "fixed", "date": "2026-10-03", "count_start": 1}, "count_start must be true or false"),
    ],
)
def test_what_is_wrong_is_named_with_the_right_form(data: Any, sentence: str) -> None:
    with pytest.raises(BadDeadline, match=sentence) as caught:
        parse_deadline(data)
    assert "\n" not in str(caught.value)
