"""`duban list`, `close`, `waive`, `reopen`, `fix-reading`: what is due, what is late, what a person settled."""

from __future__ import annotations

import pytest

from tests.app.conftest import SAMPLES, Duban

FIELDS = {
    "id",
    "unit",
    "obligation",
    "written_on",
    "due_on",
    "safe_on",
    "status",
    "days_overdue",
    "notice",
    "provisional",
    "signed_at",
    "signed_by",
}
UNITS = ("530111-shangwu", "530129-shangwu")


@pytest.fixture
def listed(duban: Duban) -> Duban:
    """Two units that file quarterly by the 6th, known since 6 July 2026."""
    duban.at("2026-07-06T09:00:00+08:00")
    duban.json("ingest", str(SAMPLES / "fuel-returns.txt"))
    duban.at("2026-09-01T09:00:00+08:00")
    return duban


def october(duban: Duban) -> str:
    """Return the id of the first quarterly return: written 6 October, in the National Day holiday."""
    (found,) = [
        row["id"]
        for row in duban.json("list", "--unit", UNITS[0])
        if row["written_on"] == "2026-10-06" and row["id"].endswith("2026Q4")
    ]
    assert isinstance(found, str)
    return found


def status(duban: Duban, occurrence: str, *arguments: str) -> tuple[str, int]:
    (row,) = [row for row in duban.json("list", *arguments) if row["id"] == occurrence]
    return row["status"], row["days_overdue"]


def test_the_list_is_sorted_by_safe_day_and_has_the_documented_fields(listed: Duban) -> None:
    rows = listed.json("list")
    assert len(rows) >= 8
    assert all(set(row) == FIELDS for row in rows)
    assert [row["safe_on"] for row in rows] == sorted(row["safe_on"] for row in rows)
    assert {row["unit"] for row in rows if row["id"].endswith("Q4")} == set(UNITS)
    first = next(row for row in rows if row["id"] == october(listed))
    assert first == first | {
        "written_on": "2026-10-06",
        "due_on": "2026-10-06",
        "safe_on": "2026-09-30",
        "status": "open",
        "days_overdue": 0,
        "provisional": False,
    }


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-09-30", ("open", 0)),
        ("2026-10-01", ("at_risk", 0)),
        ("2026-10-08", ("at_risk", 0)),
        ("2026-10-09", ("overdue", 1)),
        ("2026-10-12", ("overdue", 4)),
    ],
)
def test_the_status_is_judged_by_the_day_that_is_asked_for(listed: Duban, day: str, expected: tuple[str, int]) -> None:
    assert status(listed, october(listed), "--as-of", day) == expected


def test_only_what_is_overdue_and_only_one_unit(listed: Duban) -> None:
    assert listed.json("list", "--overdue", "--as-of", "2026-07-24") == []
    overdue = listed.json("list", "--overdue", "--as-of", "2026-10-09")
    assert {row["unit"] for row in overdue if row["days_overdue"] == 1} == set(UNITS)
    assert {row["written_on"] for row in overdue} == {"2026-07-24", "2026-10-06"}
    assert {row["unit"] for row in listed.json("list", "--unit", UNITS[1])} == {UNITS[1]}


def test_the_table_shows_shape_and_word_and_names_the_unit(listed: Duban) -> None:
    listed.at("2026-10-12T09:00:00+08:00")
    ran = listed("list")
    assert (ran.status, ran.err) == (0, "")
    assert "■ 逾期" in ran.out
    assert "官渡区商务局" in ran.out
    assert "逾期 4 天" in ran.out
    assert "2027-01-06（暂定）" in ran.out
    assert "另有待定" in ran.out
    assert "缺少什么" in listed("list", "--undated").out


def test_closing_and_reopening_keep_the_history(listed: Duban) -> None:
    occurrence = october(listed)
    listed.at("2026-09-29T10:00:00+08:00")
    assert "已销号" in listed("close", occurrence, "--note", "公文交换 128 号").out
    assert status(listed, occurrence) == ("closed", 0)
    assert occurrence not in listed("list").out
    assert occurrence in listed("list", "--all").out
    assert status(listed, occurrence, "--as-of", "2026-09-28") == ("open", 0)
    assert "已重开" in listed("reopen", occurrence, "--note", "退回补正").out
    assert status(listed, occurrence) == ("open", 0)
    assert [row[-1] for row in listed.contents()["change"]] == ["公文交换 128 号", "退回补正"]


def test_signing_is_shown_kept_in_the_history_and_leaves_the_status(listed: Duban) -> None:
    occurrence = october(listed)
    listed.at("2026-09-09T10:00:00+08:00")
    assert "已由李会计签收" in listed("sign", occurrence, "--by", "李会计").out
    (row,) = [row for row in listed.json("list") if row["id"] == occurrence]
    assert (row["signed_at"], row["signed_by"]) == ("2026-09-09T10:00:00+08:00", "李会计")
    assert status(listed, occurrence) == ("open", 0)
    assert "李会计" in listed("list").out
    assert "李会计 signed at" in listed.refuses("sign", occurrence)
    assert "--by" in listed.refuses("sign", occurrence, "--by", " ")


def test_what_is_closed_late_says_by_how_much(listed: Duban) -> None:
    occurrence = october(listed)
    listed.at("2026-10-10T10:00:00+08:00")
    listed("close", occurrence, "--note", "补报")
    listed.at("2026-12-01T10:00:00+08:00")
    assert status(listed, occurrence) == ("closed_late", 2)


def test_a_waived_occurrence_is_not_overdue(listed: Duban) -> None:
    occurrence = october(listed)
    assert "已豁免" in listed("waive", occurrence, "--note", "油库已停用").out
    assert status(listed, occurrence, "--as-of", "2026-12-01") == ("waived", 0)


def test_a_fixed_reading_moves_the_safe_day_and_is_shown(listed: Duban) -> None:
    occurrence = october(listed)
    ran = listed("fix-reading", occurrence, "cn.civil", "--note", "市商务局明确节后首个工作日")
    assert "2026-10-08" in ran.out
    assert status(listed, occurrence, "--as-of", "2026-10-08") == ("open", 0)
    assert status(listed, occurrence, "--as-of", "2026-10-09") == ("overdue", 1)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["close", "n4-o6.530113.2026Q4", "--note", "完成"], "n4-o6.530113.2026Q4"),
        (["fix-reading", "n4-o6.530113.2026Q4", "cn.civil", "--note", "明确"], "n4-o6.530113.2026Q4"),
        (["list", "--unit", "530199"], "530199"),
        (["list", "--as-of", "2026-13-01"], "2026-13-01"),
        (["close", "OCTOBER", "--note", "  "], "--note"),
        (["reopen", "OCTOBER", "--note", "重开"], "it is open"),
        (["fix-reading", "OCTOBER", "2026-10-07", "--note", "明确"], "2026-10-07"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_sentence(listed: Duban, arguments: list[str], named: str) -> None:
    occurrence = october(listed)
    assert named in listed.refuses(*[occurrence if one == "OCTOBER" else one for one in arguments])
