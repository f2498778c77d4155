"""`duban calendar`: a year on a page, the second opinion, and a notice read without storing it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from app.calendar_check import Difference, differences, reviewed_days
from obligations.workdays.workcalendar import load_calendar
from tests.app.command import Ran
from tests.app.conftest import SAMPLES, Duban
from tests.obligations.test_holiday_notice import NOTICE_2027


@pytest.fixture
def calendar(duban: Duban) -> Callable[..., Ran]:
    return lambda *arguments: duban("calendar", *arguments)


def test_a_year_is_shown_with_its_months_rests_make_up_days_and_sources(calendar: Callable[..., Ran]) -> None:
    page = calendar("show", "2026").out
    assert page.startswith("2026 年：工作日 248 天，放假的工作日 19 天，上班的周末 6 天\n")
    assert "2026-10\n  一    二    三    四    五    六    日\n                     1休   2休   3休   4休\n" in page
    assert "10班" in page
    assert "  2026-10-01 周四 – 2026-10-07 周三  国庆节  7 天\n" in page
    assert "国办发明电〔2025〕7号（2025-11-04 发布，文号待核）" in page
    english = calendar("show", "2027", "--lang", "en").out
    assert "[provisional] no notice for this year is known; by statute only" in english
    assert "Tue 2027-02-09 – Wed 2027-02-10  Spring Festival (given back)  2 days" in english


def test_a_year_is_shown_as_json_and_as_it_was_once_known(calendar: Callable[..., Ran]) -> None:
    year = calendar("show", "2019", "--json").json()
    assert (year["working_days"], year["weekdays_off"], year["weekend_days_worked"]) == (250, 17, 6)
    assert {"name": "劳动节", "from": "2019-05-01", "to": "2019-05-04"} in year["rests"]
    assert [source["key"] for source in year["sources"]][:1] == ["holidays-2019-2018-12-06"]
    before = calendar("show", "2019", "--json", "--as-of", "2019-03-21").json()
    assert {"name": "劳动节", "from": "2019-05-01", "to": "2019-05-01"} in before["rests"]
    assert calendar("show", "2019", "--as-of", "2018-06-01", "--json").json()["status"] == "provisional"


def test_the_tables_agree_with_the_second_source(calendar: Callable[..., Ran]) -> None:
    ran = calendar("check", "--json")
    answer = ran.json()
    assert (answer["from"], answer["until"]) == (2015, 2026)
    assert all(difference["reviewed"] for difference in answer["differences"])
    assert ran.status == 0
    assert "2015—2026 年：差异" in calendar("check").out


def test_a_difference_from_the_second_source_is_found() -> None:
    """9 February 2024 as a day off, and 10 October 2026 without its make-up work."""
    ours = load_calendar()
    every_day = {date(2024, 1, 1), date(2026, 1, 1)}  # the years that the other side claims to know
    found = differences(ours, holidays=every_day | {date(2024, 2, 9)}, workdays=set())
    assert Difference(date(2024, 2, 9), ours=True, theirs=False) in found
    assert Difference(date(2026, 10, 10), ours=True, theirs=False) in found
    assert {difference.day.year for difference in found} == {2024, 2026}
    assert date(2024, 2, 9) not in reviewed_days()


def test_a_notice_is_read_and_its_changes_shown(calendar: Callable[..., Ran], tmp_path: Path) -> None:
    file = tmp_path / "notice.txt"
    file.write_text(NOTICE_2027, encoding="utf-8")
    answer = calendar("import", str(file), "--dry-run", "--json").json()
    assert answer["table"]["notices"][0]["doc_number"] == "国办发明电〔2026〕99号"
    assert {"day": "2027-10-09", "was": "weekend", "is": "make_up"} in answer["changes"]
    assert len(answer["changes"]) == 10
    assert "2027-02-11 周四  上班 → 休息  春节" in calendar("import", str(file), "--dry-run").out
    file.write_bytes(NOTICE_2027.encode("gb18030"))
    assert calendar("import", str(file), "--dry-run", "--json").json() == answer


def test_an_imported_notice_moves_what_rests_on_it_and_is_kept(duban: Duban, tmp_path: Path) -> None:
    """By statute 6 January 2027 is a working day; the notice gives it off, and a return due then moves to 2026."""
    duban.json("ingest", str(SAMPLES / "fuel-returns.txt"))
    file = tmp_path / "notice.txt"
    file.write_text(
        NOTICE_2027.replace("1月1日（周五）至3日（周日）放假，共3天", "1月1日至6日放假，共6天"), encoding="utf-8"
    )
    before = duban.contents()
    shown = duban.json("calendar", "import", str(file), "--dry-run")
    assert duban.contents() == before
    first = shown["moves"][0]
    assert first["earlier"]
    assert (first["was"]["safe_on"], first["now"]["safe_on"]) == ("2027-01-06", "2026-12-31")
    assert duban.json("calendar", "import", str(file), "--yes") == shown | {"kept": True}
    (row,) = [row for row in duban.json("list") if row["id"] == first["id"]]
    assert (row["safe_on"], row["provisional"]) == ("2026-12-31", False)
    year = duban.json("calendar", "show", "2027")
    assert year["status"] != "provisional"
    assert {"name": "元旦", "from": "2027-01-01", "to": "2027-01-06"} in year["rests"]
    assert duban.json("calendar", "show", "2027", "--as-of", "2026-11-24")["status"] == "provisional"
    assert duban.json("calendar", "import", str(file), "--yes")["moves"] == []
    assert "变动的事项 0 项" in duban("calendar", "import", str(file), "--dry-run").out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("show", "2044"), "the year must lie from 2015 to 2040, got '2044'"),
        (("show", "next"), "the year must lie from 2015 to 2040, got 'next'"),
        (("show", "2026", "--lang", "fr"), "--lang must be one of zh, en"),
        (("import", "missing.txt", "--dry-run"), "missing.txt cannot be read"),
        (("import", "missing.txt"), "missing.txt cannot be read"),
    ],
)
def test_bad_input_gets_one_sentence_and_status_2(
    calendar: Callable[..., Ran], arguments: tuple[str, ...], sentence: str
) -> None:
    ran = calendar(*arguments)
    assert (ran.status, ran.out) == (2, "")
    assert sentence in ran.err
    assert ran.err.count("\n") == 1


def test_a_file_that_is_no_notice_is_refused(calendar: Callable[..., Ran], tmp_path: Path) -> None:
    for name, data in (("binary", b"\x7fELF\xff\xff\x00\x80"), ("empty", b"")):
        file = tmp_path / name
        file.write_bytes(data)
        ran = calendar("import", str(file), "--dry-run")
        assert (ran.status, ran.err.count("\n")) == (2, 1)
