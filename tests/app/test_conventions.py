"""`duban conventions`: what a regulator or a unit chose comes after the notice's words and before the default."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.app.conftest import SAMPLES, Duban

FUEL = str(SAMPLES / "fuel-returns.txt")
GUANDU, XUNDIAN = "530111-shangwu", "530129-shangwu"
EARLY = {"convention": "cn.report_safe", "regulator": "市商务局", "note": "市商务局电话答复：遇休息日提前"}


@pytest.fixture
def fuel(duban: Duban) -> Duban:
    """The quarterly return of two bureaus, by the 6th of a quarter's first month: 2026-10-06 lies in the holidays."""
    duban.at("2026-09-14T09:00:00+08:00")
    duban.json("ingest", FUEL)
    return duban


def file(duban: Duban, *rules: dict[str, str]) -> str:
    path = duban.data / "rules.json"
    path.write_text(json.dumps({"rules": rules}, ensure_ascii=False), "utf-8")
    return str(path)


def autumn(duban: Duban) -> dict[str, dict[str, Any]]:
    return {row["unit"]: row for row in duban.json("list") if row["written_on"] == "2026-10-06"}


def test_a_regulators_choice_moves_its_duties_and_stands_in_the_trace(fuel: Duban) -> None:
    assert {row["due_on"] for row in autumn(fuel).values()} == {"2026-10-06"}
    answer = fuel.json("conventions", "choose", file(fuel, EARLY), "--yes")
    moved = {move["id"]: (move["was"]["due_on"], move["now"]["due_on"]) for move in answer["moves"]}
    assert {dates for key, dates in moved.items() if key.endswith("2026Q4")} == {("2026-10-06", "2026-09-30")}
    assert all(move["earlier"] for move in answer["moves"])
    row = autumn(fuel)[GUANDU]
    assert (row["written_on"], row["due_on"], row["safe_on"]) == ("2026-10-06", "2026-09-30", "2026-09-30")
    stored = dict(zip(("id", "trace"), _first(fuel, row["id"]), strict=True))
    assert "市商务局电话答复" in stored["trace"][0]["zh"]
    assert "cn.report_safe" in stored["trace"][0]["en"]


def _first(duban: Duban, occurrence_id: str) -> tuple[str, Any]:
    from store.database import open_store, sqlite_url
    from store.rows import OccurrenceRow

    store = open_store(sqlite_url(duban.data))
    try:
        with store.reading() as session:
            return occurrence_id, session.get_one(OccurrenceRow, occurrence_id).trace
    finally:
        store.close()


def test_a_choice_that_only_brings_overdue_nearer_says_so(fuel: Duban) -> None:
    """Nobody chose: 6 October rolls to the 8th by one reading, overdue from the 9th; unadjusted, it is from the 7th."""
    rules = file(fuel, EARLY | {"convention": "cn.stat_fixed"})
    answer = fuel.json("conventions", "choose", rules, "--dry-run")
    (move,) = [move for move in answer["moves"] if move["id"].endswith(f"{GUANDU}.2026Q4")]
    assert move["earlier"]
    assert (move["was"]["due_on"], move["now"]["due_on"]) == ("2026-10-06", "2026-10-06")
    assert (move["was"]["overdue_from"], move["now"]["overdue_from"]) == ("2026-10-09", "2026-10-07")
    assert "提前  逾期起算 2026-10-09 → 2026-10-07" in fuel("conventions", "choose", rules, "--dry-run").out


def test_another_note_moves_nothing_and_reaches_every_trace(fuel: Duban) -> None:
    fuel.json("conventions", "choose", file(fuel, EARLY), "--yes")
    row, changes = autumn(fuel)[GUANDU], fuel.contents()["change"]
    again = fuel.json("conventions", "choose", file(fuel, EARLY | {"note": "市商务局复函确认"}), "--yes")
    assert again["moves"] == []
    assert fuel.contents()["change"] == changes
    assert autumn(fuel)[GUANDU] == row
    _, trace = _first(fuel, row["id"])
    assert "市商务局复函确认" in trace[0]["zh"]
    assert [step["rule"] for step in trace].count("chosen") == 1


def test_the_first_rule_that_fits_decides_and_a_unit_may_differ(fuel: Duban) -> None:
    later = {"convention": "cn.civil", "unit": XUNDIAN, "note": "寻甸县：按民法顺延"}
    fuel.json("conventions", "choose", file(fuel, later, EARLY), "--yes")
    assert {code: row["due_on"] for code, row in autumn(fuel).items()} == {
        GUANDU: "2026-09-30",
        XUNDIAN: "2026-10-08",
    }


def test_taking_the_choice_back_restores_every_date_and_keeps_the_history(fuel: Duban) -> None:
    before = fuel.json("list")
    fuel.json("conventions", "choose", file(fuel, EARLY), "--yes")
    fuel.json("conventions", "choose", file(fuel), "--yes")
    assert fuel.json("list") == before
    reasons = [row for row in fuel.contents()["change"] if "选定的口径规则改变" in row]
    assert len(reasons) >= 4, "there and back for two bureaus at least"


def test_the_same_choice_again_and_a_dry_run_move_nothing(fuel: Duban) -> None:
    path = file(fuel, EARLY)
    before = fuel.contents()
    assert fuel.json("conventions", "choose", path, "--dry-run")["moves"]
    assert fuel.contents() == before
    fuel.json("conventions", "choose", path, "--yes")
    assert fuel.json("conventions", "choose", path, "--yes")["moves"] == []
    assert json.loads(fuel("conventions", "show").out) == {"rules": [EARLY]}


def test_a_reading_that_a_person_fixed_wins_over_the_choice(fuel: Duban) -> None:
    row = autumn(fuel)[GUANDU]
    fuel("fix-reading", row["id"], "2026-10-08", "--note", "局长批示")
    fuel.json("conventions", "choose", file(fuel, EARLY), "--yes")
    assert {code: row["due_on"] for code, row in autumn(fuel).items()} == {
        GUANDU: "2026-10-08",
        XUNDIAN: "2026-09-30",
    }


def test_what_is_ingested_later_follows_the_choice(duban: Duban) -> None:
    duban.at("2026-09-14T09:00:00+08:00")
    duban.json("conventions", "choose", file(duban, EARLY), "--yes")
    duban.json("ingest", FUEL)
    assert {row["due_on"] for row in autumn(duban).values()} == {"2026-09-30"}


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        ({"convention": "cn.soon", "note": "x"}, "'cn.soon'"),
        ({"convention": "cn.civil"}, "note"),
        ({"convention": "cn.civil", "note": "x", "colour": "red"}, "'colour'"),
        ({"convention": "cn.civil", "note": "x", "freq": "hourly"}, "'hourly'"),
        ({"convention": "cn.civil", "note": 3}, "3"),
    ],
)
def test_a_malformed_choice_is_refused_and_changes_nothing(fuel: Duban, rule: dict[str, Any], named: str) -> None:
    assert named in fuel.refuses("conventions", "choose", file(fuel, rule), "--yes")


def test_a_file_that_is_no_choice_is_refused(fuel: Duban, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text("[1]")
    assert "[1]" in fuel.refuses("conventions", "choose", str(path), "--yes")
    assert "missing.json" in fuel.refuses("conventions", "choose", str(tmp_path / "missing.json"), "--yes")
