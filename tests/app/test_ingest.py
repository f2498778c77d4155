"""`duban ingest` and `duban units`: files in, records out, and nothing kept of what cannot be used."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from obligations.units import packaged_directory_file
from tests.app.conftest import SAMPLES, Duban

FUEL = str(SAMPLES / "fuel-returns.txt")


def write(path: Path, content: str | bytes) -> str:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def test_ingest_tells_what_became_of_each_notice(duban: Duban) -> None:
    done = duban.json("ingest", FUEL)
    (notice,) = done["notices"]
    assert set(notice) == {"id", "new", "duplicate_of", "obligations", "activated", "waiting"}
    assert (notice["new"], notice["duplicate_of"]) == (True, None)
    assert notice["obligations"] >= notice["activated"] >= 3
    assert done["occurrences"] >= 8
    before = duban.contents()
    again = duban.json("ingest", FUEL)
    assert again == {"notices": [notice | {"new": False}], "occurrences": 0}
    assert duban.contents() == before


def test_ingest_prints_a_table_for_people(duban: Duban) -> None:
    ran = duban("ingest", FUEL)
    assert (ran.status, ran.err) == (0, "")
    assert "1 件不同的通知" in ran.out
    assert "成品油仓储企业" in ran.out


def test_the_same_data_folder_is_named_by_option_or_environment(duban: Duban, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    assert duban.json("ingest", FUEL, "--data", str(elsewhere))["occurrences"] > 0
    assert duban.json("list") == []
    assert len(duban.json("list", "--data", str(elsewhere))) > 0
    assert (elsewhere.stat().st_mode & 0o777) == 0o700


def test_a_dry_run_tells_the_same_and_keeps_nothing(duban: Duban) -> None:
    before = duban.contents()
    rehearsed = duban.json("ingest", FUEL, "--dry-run")
    assert duban.contents() == before
    assert duban.json("ingest", FUEL) == rehearsed


def test_review_all_holds_everything_back(duban: Duban) -> None:
    done = duban.json("ingest", FUEL, "--review", "all")
    assert done["notices"][0]["activated"] == done["occurrences"] == 0
    assert done["notices"][0]["waiting"] == len(duban.json("review", "list")) >= 3


def test_a_publication_date_dates_the_publicity_that_came_without_one(duban: Duban) -> None:
    duban.at("2026-09-20T09:00:00+08:00")
    page = str(SAMPLES / "listing.txt")
    duban.json("ingest", page)
    (waiting,) = duban.json("list", "--undated")
    assert waiting["missing"] == ["event"]
    duban.json("ingest", page, "--published-on", "2026-09-14")
    (row,) = duban.json("list")
    assert (row["written_on"], row["safe_on"], row["status"]) == ("2026-10-10", "2026-10-10", "open")


def test_units_lists_the_directory_and_the_parties_beside_it(duban: Duban) -> None:
    listed = duban.json("units")
    assert set(listed[0]) == {"code", "name", "group", "parent"}
    assert {"code": "530113-gongxin", "name": "东川区工业和信息化局"}.items() <= next(
        unit for unit in listed if unit["code"] == "530113-gongxin"
    ).items()
    duban.json("ingest", str(SAMPLES / "loan-interest.txt"))
    strangers = [unit["name"] for unit in duban.json("units") if unit["group"] == "未入名录"]
    assert "承贷银行" in strangers
    ran = duban("units")
    assert "承贷银行" in ran.out
    assert "未入名录的责任主体" in ran.out


def test_a_new_directory_takes_effect_with_the_ingest(duban: Duban, tmp_path: Path) -> None:
    file = packaged_directory_file()
    file["units"] = [
        *file.get("units", []),
        {"code": "bank-1", "name": "昆明第一银行", "aliases": ["承贷银行"], "group": "银行"},
    ]
    directory = write(tmp_path / "units.json", json.dumps(file, ensure_ascii=False))
    duban.json("ingest", str(SAMPLES / "loan-interest.txt"), "--units", directory)
    assert "bank-1" in {row["unit"] for row in duban.json("list")}


@pytest.mark.parametrize(
    ("name", "content", "named"),
    [
        pytest.param("empty.txt", "", "empty.txt", id="empty-file"),
        pytest.param("binary.bin", bytes(range(256)) * 20, "binary.bin", id="binary-file"),
        pytest.param("list.json", '{"id": 1', "list.json", id="wrong-json"),
        pytest.param("list.json", '[{"id": "a"}]', "list.json", id="json-without-text"),
    ],
)
def test_a_file_that_holds_no_notices_is_refused_even_after_a_good_one(
    duban: Duban, tmp_path: Path, name: str, content: str | bytes, named: str
) -> None:
    assert named in duban.refuses("ingest", FUEL, write(tmp_path / name, content))


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        pytest.param(["ingest", "no-such-file.txt"], "no-such-file.txt", id="no-file"),
        pytest.param(["ingest", FUEL, "--published-on", "2026-02-30"], "2026-02-30", id="no-such-day"),
        pytest.param(["ingest", FUEL, "--published-on", "14.9.2026"], "14.9.2026", id="malformed-day"),
        pytest.param(["ingest", FUEL, "--review", "some"], "some", id="review"),
        pytest.param(["ingest", FUEL, "--units", "no-such.json"], "no-such.json", id="no-directory"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(duban: Duban, arguments: list[str], named: str) -> None:
    assert named in duban.refuses(*arguments)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("{", id="not-json"),
        pytest.param("[]", id="not-an-object"),
        pytest.param('{"city": "530100"}', id="without-areas"),
        pytest.param(b"\xff\xfe\x00", id="not-utf-8"),
    ],
)
def test_a_directory_that_cannot_be_used_changes_nothing(duban: Duban, tmp_path: Path, content: str | bytes) -> None:
    assert duban.refuses("ingest", FUEL, "--units", write(tmp_path / "units.json", content))
