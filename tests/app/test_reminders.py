"""`duban reminders explain`: what was and will be sent, with its reason, before and after what people do."""

from __future__ import annotations

from typing import Any

import pytest

from app.commands.reminders import REASONS
from obligations.outlook import Silence
from obligations.reminders import Reason
from tests.app.conftest import SAMPLES, Duban

UNIT = "530111-shangwu"


@pytest.fixture
def known(duban: Duban) -> Duban:
    """A unit that files by 6 October (safe day: 30 September), with a clerk and a head, on 1 September 2026."""
    duban.at("2026-07-06T09:00:00+08:00")
    duban.json("ingest", str(SAMPLES / "fuel-returns.txt"))
    duban("subscribe", UNIT, "--email", "clerk@example.org")
    duban("subscribe", UNIT, "--email", "head@example.org", "--role", "head")
    duban.at("2026-09-01T09:00:00+08:00")
    return duban


def october(duban: Duban) -> str:
    rows = duban.json("list", "--unit", UNIT)
    return next(str(row["id"]) for row in rows if row["written_on"] == "2026-10-06" and row["id"].endswith("2026Q4"))


def explained(duban: Duban, recipient: str | None = "clerk@example.org") -> list[tuple[str, str, str, str | None]]:
    """Return (step, state, reason, day of sending) of one recipient."""
    steps: list[dict[str, Any]] = duban.json("reminders", "explain", october(duban))["steps"]
    return [
        (one["step"], one["state"], one["reason"], one["send_at"] and one["send_at"][:10])
        for one in steps
        if one["recipient"] == recipient
    ]


LADDER = [
    ("T-7", "to-come", "step", "2026-09-20"),
    ("T-3", "to-come", "step", "2026-09-24"),
    ("T-1", "to-come", "step", "2026-09-29"),
    ("T-0", "to-come", "step", "2026-09-30"),
    ("+1", "to-come", "overdue", "2026-10-09"),
]


def test_every_step_to_come_has_its_day_its_recipient_and_its_reason(known: Duban) -> None:
    asks = [("S-15", "to-come", "unsigned", "2026-09-09"), ("S-10", "to-come", "unsigned", "2026-09-16")]
    assert explained(known) == [*asks, *LADDER, ("+6", "silent", "not-addressed", None)]
    assert explained(known, "head@example.org") == [
        *[(step, "silent", "not-addressed", None) for step in ("S-15", "S-10", "T-7", "T-3", "T-1", "T-0")],
        ("+1", "to-come", "overdue", "2026-10-09"),
        ("+6", "to-come", "overdue", "2026-10-15"),
    ]
    following = known.json("reminders", "explain", october(known))["next"]
    assert (following["step"], following["send_at"][:16]) == ("S-15", "2026-09-09T09:00")
    assert "下一次：2026-09-09" in known("reminders", "explain", october(known)).out


def test_after_signing_only_the_requests_to_sign_fall_silent(known: Duban) -> None:
    known("sign", october(known), "--by", "李会计")
    asks = [("S-15", "silent", "signed", None), ("S-10", "silent", "signed", None)]
    assert explained(known) == [*asks, *LADDER, ("+6", "silent", "not-addressed", None)]


def test_a_passed_step_says_so_and_that_a_rest_day_moved_it(known: Duban) -> None:
    known("sign", october(known))
    known.at("2026-09-25T11:00:00+08:00")  # Mid-Autumn: the office opens again on Monday the 28th
    assert explained(known)[2:4] == [
        ("T-7", "silent", "passed-over", None),
        ("T-3", "to-come", "step", "2026-09-28"),
    ]
    steps = known.json("reminders", "explain", october(known))["steps"]
    assert [one["step"] for one in steps if one["held_by"] == "rest-day"] == ["T-3"]


def test_what_is_closed_is_silent_and_nothing_comes_next(known: Duban) -> None:
    occurrence = october(known)
    known("close", occurrence, "--note", "已报")
    document = known.json("reminders", "explain", occurrence)
    assert document["next"] is None
    assert {one["reason"] for one in document["steps"]} <= {"closed", "not-addressed"}
    assert "以后没有要发的提醒" in known("reminders", "explain", occurrence).out


def test_a_unit_without_a_channel_is_named_as_such(duban: Duban) -> None:
    duban.json("ingest", str(SAMPLES / "fuel-returns.txt"))
    duban.at("2026-09-02T09:00:00+08:00")
    assert {(state, why) for _, state, why, _ in explained(duban, None)} == {("silent", "no-channel")}


def test_every_reason_has_words() -> None:
    assert set(REASONS) == {*map(str, Reason), *map(str, Silence)}


def test_an_unknown_occurrence_is_refused(known: Duban) -> None:
    assert "n4-o6.530113" in known.refuses("reminders", "explain", "n4-o6.530113")
