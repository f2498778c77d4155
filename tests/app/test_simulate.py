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


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--from", "2026-10-31", "--until", "2026-09-01"), "--until must not lie before --from"),
        (("--from", "2026-9-1", "--until", "2026-10-31"), "--from must be a real date"),
    ],
)
def test_what_cannot_be_simulated_is_refused(duban: Duban, options: tuple[str, ...], says: str) -> None:
    assert says in duban.refuses("simulate", *options)
