"""`duban simulate`: every message that would be sent, in a copy, by the real engine."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from obligations.workdays.workcalendar import load_calendar
from tests.app.conftest import Duban
from tests.app.test_serve import NOTICE, UNITS
from tests.shared_files import shared

AUTUMN = ("--from", "2026-09-01", "--until", "2026-10-31")


def assert_in_office_hours(messages: list[dict[str, Any]]) -> None:
    calendar = load_calendar()
    assert all(calendar.is_working(date.fromisoformat(one["at"][:10])) for one in messages)
    assert all("09:00" <= one["at"][11:16] < "18:00" for one in messages)


def test_it_foretells_every_message_and_changes_nothing(duban: Duban, tmp_path: Path) -> None:
    (tmp_path / "notice.txt").write_text(NOTICE, encoding="utf-8")
    duban.at("2026-11-23T10:00:00+08:00")
    duban.json("ingest", str(tmp_path / "notice.txt"))
    duban.json("subscribe", UNITS[0], "--email", "clerk@example.org")
    before = duban.contents()
    messages = duban.json("simulate", *AUTUMN)["messages"]
    assert duban.contents() == before
    assert_in_office_hours(messages)
    steps = {unit: [(one["step"], one["at"][5:10]) for one in messages if one["unit"] == unit] for unit in UNITS}
    ladder = [("T-7", "09-20"), ("T-3", "09-24"), ("T-1", "09-29"), ("T-0", "09-30"), ("+1", "10-09"), ("+6", "10-15")]
    ladder = [("S-15", "09-09"), ("S-10", "09-16"), *ladder]
    assert [steps[unit][:8] for unit in UNITS] == [ladder, ladder]
    assert {(one["unit"], one["channel"], one["recipient"]) for one in messages} == {
        (UNITS[0], "email", "clerk@example.org"),
        (UNITS[1], "none", None),
    }
    (occurrence,) = messages[0]["occurrences"]
    assert (occurrence["safe_on"], occurrence["written_on"]) == ("2026-09-30", "2026-10-03")
    assert "没有发送任何内容" in duban("simulate", *AUTUMN).out


def test_the_listing_page_reminds_of_the_quarterly_table_whom_it_concerns_and_nobody_else(duban: Duban) -> None:
    duban.json("ingest", *map(str, sorted(shared("seeds").glob("*.txt"))))
    messages = duban.json("simulate", *AUTUMN)["messages"]
    assert_in_office_hours(messages)
    told = Counter(
        one["unit_name"][:3]
        for one in messages
        for each in one["occurrences"]
        if "情况表" in each["action"] and (each["safe_on"], each["written_on"]) == ("2026-09-30", "2026-10-03")
    )
    assert set(told) == {"东川区", "安宁市"}
    assert min(told.values()) >= 3
    assert len(messages) >= sum(told.values())


@pytest.fixture
def reminded(duban: Duban, tmp_path: Path) -> Duban:
    """`duban` with a quarterly return of two units, one of which has an e-mail address and a webhook."""
    (tmp_path / "notice.txt").write_text(NOTICE, encoding="utf-8")
    duban.json("ingest", str(tmp_path / "notice.txt"))
    duban.json("subscribe", UNITS[0], "--email", "clerk@example.org")
    duban.json("subscribe", UNITS[0], "--webhook", "https://hooks.example/a?token=b", "--role", "head")
    return duban


def test_what_fails_and_when_the_service_is_down_is_said_by_options(reminded: Duban) -> None:
    before = reminded.contents()
    failing = "clerk@example.org=2026-09-29T12:00:00+08:00..2026-10-31"
    shown = reminded.json(
        "simulate", *AUTUMN, "--down", "2026-09-20..2026-09-21", "--failing", failing, "--failing",
        "https://hooks.example/a?token=b=2026-09-01..2026-10-31",
    )  # fmt: skip
    assert reminded.contents() == before
    assert_in_office_hours(shown["messages"])
    steps = [(one["step"], one["at"][5:10]) for one in shown["messages"] if one["channel"] == "email"]
    assert steps == [("S-15", "09-09"), ("S-10", "09-16"), ("T-7", "09-22"), ("T-3", "09-24"), ("T-1", "09-29")]
    late = {(one["step"], one["at"][5:10]) for one in shown["messages"] if one["channel"] == "none"}
    assert ("T-7", "09-22") in late
    told = [
        (one["recipient"], one["reason"], one["occurrences"][0]["step"], one["at"][:10]) for one in shown["undelivered"]
    ]
    assert ("clerk@example.org", "unavailable", "+1", "2026-10-09") in told
    assert ("https://hooks.example/…", "unreachable", "+1", "2026-10-09") in told
    assert {one["unit"] for one in shown["undelivered"]} == {UNITS[0]}
    assert min(one["attempts"] for one in shown["undelivered"]) >= 1


def test_what_does_not_arrive_is_told_in_words_too(reminded: Duban) -> None:
    said = reminded("simulate", *AUTUMN, "--failing", "email=2026-10-08..2026-10-31").out
    assert "到期末仍未送达" in said
    assert "unreachable" in said
    assert "共 1 条消息未送达。" in said


def test_it_may_count_on_units_that_close_their_duties_in_time(reminded: Duban) -> None:
    shown = reminded.json("simulate", *AUTUMN, "--closed-in-time", "100")
    assert len(shown["messages"]) >= 8
    assert [one["step"] for one in shown["messages"] if one["step"].startswith("+")] == []


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--from", "2026-10-31", "--until", "2026-09-01"), "--until must not lie before --from"),
        (("--from", "2026-9-1", "--until", "2026-10-31"), "--from must be a real date"),
        ((*AUTUMN, "--down", "2026-09-28"), "--down must be FROM..UNTIL, as 2026-09-28..2026-09-29, got '2026-09-28'"),
        ((*AUTUMN, "--down", "2026-09-31..2026-10-02"), "--down must be a real date as YYYY-MM-DD, got '2026-09-31'"),
        ((*AUTUMN, "--down", "2026-09-28..2026-09-28T09:00"), "an instant with its offset"),
        ((*AUTUMN, "--down", "2026-09-28..2026-09-27"), "--down must not end before it begins"),
        ((*AUTUMN, "--down", "2026-08-28..2026-09-02"), "--down must lie between --from and --until"),
        ((*AUTUMN, "--down", "2026-10-20..2026-10-31"), "--down must end before the simulation does"),
        ((*AUTUMN, "--failing", "2026-09-28..2026-09-29"), "--failing must name email, webhook or the address"),
        ((*AUTUMN, "--failing", "email"), "--failing must be CHANNEL=FROM..UNTIL, as email=2026-09-25..2026-09-30"),
        ((*AUTUMN, "--failing", "fax=2026-09-28..2026-09-29"), "--failing must name email, webhook or the address"),
        ((*AUTUMN, "--failing", "email=2026-09-28..2027-09-29"), "--failing must lie between --from and --until"),
        ((*AUTUMN, "--closed-in-time", "101"), "--closed-in-time must be a percentage from 0 to 100, got 101"),
    ],
)
def test_what_cannot_be_simulated_is_refused(duban: Duban, options: tuple[str, ...], says: str) -> None:
    assert says in duban.refuses("simulate", *options)
