"""Ingest: each text once, each obligation recognised by its words, what is certain active, what is not waiting."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from obligations.draft import Doubt, Modality, Tier
from obligations.notice import Notice
from obligations.units import load_directory, packaged_directory_file
from scheduler.clock import parse_instant
from scheduler.ingest import assign_anew, ingest_notice
from scheduler.intake import read_notices
from store import notices, obligations, occurrences, units
from store.database import Store
from store.rows import ObligationRow
from tests.records import (
    EMBEDDED,
    QUARTERLY,
    TABLE,
    contents,
    desk,
    duty,
    furnish,
    ingest,
    quarterly_table,
    reading,
)
from tests.shared_files import shared

SAMPLES = Path(__file__).resolve().parents[2] / "app" / "samples"


@pytest.fixture
def stored(store: Store) -> Store:
    """A store with the directory of units in force."""
    furnish(store)
    return store


def rows_of(store: Store, notice_id: str) -> list[ObligationRow]:
    with store.reading() as session:
        return list(obligations.of_notice(session, notice_id))


def parties_of(store: Store, obligation_id: str) -> list[tuple[str, bool]]:
    with store.reading() as session:
        return [
            (unit.name, unit.in_directory) for unit in obligations.assigned(session, [obligation_id])[obligation_id]
        ]


def ingest_path(store: Store, path: Path, now: str) -> list[str]:
    """Ingest every notice of a file with the real derivation; return `id=stored id` for copies and ids for others."""
    told = []
    for notice in read_notices(path):
        with store.writing() as session:
            done = ingest_notice(session, notice, desk(now))
        told.append(f"{done.id}={done.duplicate_of}" if done.duplicate_of else done.id)
    return told


def test_the_listing_page_is_nine_notices_and_a_second_ingest_changes_nothing(stored: Store) -> None:
    (page,) = shared("seeds").glob("*.txt")
    told = ingest_path(stored, page, "2026-11-23")
    assert len(told) == 10
    (copy,) = [one for one in told if "=" in one]
    assert copy.split("=")[1] in told
    before = contents(stored)
    assert len(before["notice"]) == 9
    assert len(before["occurrence"]) > 50
    assert ingest_path(stored, page, "2026-11-23") == told
    assert contents(stored) == before


@EMBEDDED
def test_the_quarterly_table_of_the_listing_page_concerns_two_units_and_nobody_else(stored: Store) -> None:
    (page,) = shared("seeds").glob("*.txt")
    ingest_path(stored, page, "2026-11-23")
    with stored.reading() as session:
        listed = occurrences.listing(session)
    first = [
        one
        for one in listed
        if one.occurrence.period == "2027Q1" and "《已公告企业运行情况表》" in one.obligation.action
    ]
    assert {one.unit.name for one in first} == {"东川区工业和信息化局", "安宁市工业和信息化局"}
    assert {(one.occurrence.written_on, one.occurrence.safe_on, one.occurrence.provisional) for one in first} == {
        (date(2027, 1, 3), date(2026, 12, 31), True)
    }
    past = [one.occurrence for one in listed if one.occurrence.written_on.year == 2024]
    assert len(past) > 20
    assert {one.state for one in past} == {"historic"}


@EMBEDDED
def test_a_sample_notice_goes_the_whole_way(stored: Store) -> None:
    ingest_path(stored, SAMPLES / "fuel-returns.txt", "2026-07-06")
    with stored.reading() as session:
        rows = [one for one in occurrences.listing(session) if one.occurrence.repeats]
    assert {one.unit.name for one in rows} == {"官渡区商务局", "寻甸县商务局"}
    assert {one.occurrence.written_on.strftime("%m-%d") for one in rows} == {"10-06", "01-06", "04-06", "07-06"}


def test_white_space_does_not_make_another_notice(stored: Store) -> None:
    ingest(stored, TABLE, quarterly_table(), "2026-11-23")
    copy = replace(TABLE, id="copy", text=f"  {TABLE.text[:10]}　{TABLE.text[10:]}\n")
    spaced = replace(TABLE, id="spaced", text=f"{TABLE.text[:10]} {TABLE.text[10:]}")
    ingest(stored, spaced, reading(), "2026-11-23")
    done = ingest(stored, copy, reading(), "2026-11-23")
    assert (done.id, done.new, done.duplicate_of) == ("copy", False, "spaced")
    with stored.reading() as session:
        assert [row.id for row in notices.listing(session)] == ["spaced", "table"]


@EMBEDDED
def test_a_notice_keeps_a_usable_id_and_gets_another_where_it_is_taken(stored: Store) -> None:
    texts = ("甲", "乙", "丙")
    ids = [ingest(stored, Notice(id="n1", text=text), reading(), "2026-11-23").id for text in texts]
    assert ids[0] == "n1"
    assert [one.startswith("n1-") and len(one) == 9 for one in ids[1:]] == [True, True]
    odd = ingest(stored, Notice(id="../第 1 号", text="丁"), reading(), "2026-11-23").id
    assert len(odd) == 12
    assert int(odd, 16)
    assert ingest(stored, Notice(id="n1", text="乙"), reading(), "2026-11-23").duplicate_of is None


def test_a_better_grammar_keeps_ids_and_corrections(stored: Store) -> None:
    notice = Notice(id="two", text="请于12月4日前报送计划，12月18日前报送总结，并于每季度首月3日前报送情况表。")
    plan = duty(notice, "12月4日", {"kind": "fixed", "date": "2026-12-04"}, who="东川区", action="报送计划")
    summary = duty(notice, "12月18日前", {"kind": "fixed", "date": "2026-12-18"}, who="东川区", action="报送总结")
    ingest(stored, notice, reading(plan, summary), "2026-11-23")
    with stored.writing() as session:
        row = obligations.get(session, "two-o1")
        row.action, row.corrected = "报送年度计划", {"action": "报送年度计划"}

    longer = duty(notice, "12月4日前", {"kind": "fixed", "date": "2026-12-04"}, who="安宁市", action="报计划")
    table = duty(notice, "每季度首月3日前", QUARTERLY, who="东川区", action="报送情况表")
    ingest(stored, notice, reading(longer, table), "2026-11-24")

    first, second, third = rows_of(stored, "two")
    assert (first.id, first.action, first.text, first.state) == ("two-o1", "报送年度计划", "12月4日前", "active")
    assert (second.id, second.state) == ("two-o2", "retired")
    assert (third.id, third.state) == ("two-o3", "active")
    with stored.reading() as session:
        found = occurrences.of_obligations(session, ["two-o1", "two-o2"])
    states = {one.id: one.state for rows in found.values() for one in rows}
    assert states == {
        "two-o1.530113-gongxin.once": "retired",
        "two-o1.530181-gongxin.once": "open",
        "two-o2.530113-gongxin.once": "retired",
    }


@EMBEDDED
@pytest.mark.parametrize(
    ("more", "state"),
    [
        pytest.param({}, "active", id="certain"),
        pytest.param({"doubts": (Doubt("year_inherited"),)}, "active", id="a-doubt-that-does-not-block"),
        pytest.param({"doubts": (Doubt("party_unknown"),)}, "draft", id="a-doubt-that-blocks"),
        pytest.param({"confidence": 0.3}, "draft", id="too-little-confidence"),
    ],
)
def test_what_is_certain_enough_is_active_and_the_rest_waits(stored: Store, more: dict[str, Any], state: str) -> None:
    done = ingest(stored, TABLE, reading(duty(TABLE, "每季度首月3日前", QUARTERLY, who="东川区", **more)), "2026-11-23")
    assert rows_of(stored, "table")[0].state == state
    assert (done.activated, done.waiting) == ((1, 0) if state == "active" else (0, 1))
    assert done.expansion.created == (4 if state == "active" else 0)


@EMBEDDED
def test_what_is_held_back_for_review_stays_so_when_it_is_read_again(stored: Store) -> None:
    assert ingest(stored, TABLE, quarterly_table(), "2026-11-23", hold_all=True).waiting == 1
    before = contents(stored)
    assert ingest(stored, TABLE, quarterly_table(), "2026-11-24").waiting == 1
    assert contents(stored) == before
    assert before["occurrence"] == []


@EMBEDDED
def test_an_active_duty_is_not_silenced_by_a_later_doubt(stored: Store) -> None:
    ingest(stored, TABLE, quarterly_table(), "2026-11-23")
    doubtful = duty(TABLE, "每季度首月3日前", QUARTERLY, who="东川区、安宁市", confidence=0.1)
    assert ingest(stored, TABLE, reading(doubtful), "2026-11-24").activated == 1


@EMBEDDED
@pytest.mark.parametrize(
    ("tier", "modality", "deadline", "kind"),
    [
        (Tier.CORE, Modality.MUST, QUARTERLY, "duty"),
        (
            Tier.CORE,
            Modality.MAY,
            {"kind": "relative", "event": "公示发布", "offset": 15, "unit": "working_day"},
            "right",
        ),
        (Tier.SOFT, Modality.MUST, {"kind": "vague", "word": "及时"}, "duty"),
        (Tier.SOFT, Modality.MUST, {"kind": "window", "from": "2026-12-01", "to": "2026-12-31"}, "note"),
        (Tier.SOFT, Modality.GOAL, {"kind": "fixed", "date": "2026-12-31"}, "note"),
        (Tier.SOFT, Modality.MUST_NOT, {"kind": "fixed", "date": "2026-12-31"}, "note"),
        (Tier.SOFT, Modality.GOAL, {"kind": "validity", "from": "2026-12-31"}, "note"),
    ],
)
def test_duties_and_rights_take_effect_and_the_rest_is_kept_for_display(
    stored: Store, tier: Tier, modality: Modality, deadline: dict[str, Any], kind: str
) -> None:
    draft = duty(TABLE, "每季度首月3日前", deadline, who="东川区", tier=tier, modality=modality)
    ingest(stored, TABLE, reading(draft), "2026-11-23")
    (row,) = rows_of(stored, "table")
    assert (row.kind, row.state) == (kind, "retired" if kind == "note" else "active")


def test_a_group_is_its_members_and_a_stranger_stays_a_named_party(stored: Store) -> None:
    notice = Notice(id="who", text="市财政局、承贷银行和申报企业应当在每季度首月3日前报送。")
    ingest(
        stored,
        notice,
        reading(duty(notice, "每季度首月3日前", QUARTERLY, who="市财政局、承贷银行、申报企业")),
        "2026-11-23",
    )
    assert sorted(parties_of(stored, "who-o1")) == [("承贷银行", False), ("昆明市财政局", True), ("申报企业", False)]
    with stored.reading() as session:
        strangers = [unit for unit in units.listing(session) if not unit.in_directory]
        assert {unit.group for unit in strangers} == {"未入名录"}
        assert units.party(session, "申报 企业").code in {unit.code for unit in strangers}


@EMBEDDED
@pytest.mark.parametrize(
    ("addressees", "name"),
    [((), "未写明责任人"), (("各有关单位",), "未写明责任人（主送：各有关单位）")],
)
def test_a_party_that_is_not_written_is_never_guessed(stored: Store, addressees: tuple[str, ...], name: str) -> None:
    draft = duty(TABLE, "每季度首月3日前", QUARTERLY, who="")
    ingest(stored, TABLE, reading(draft, addressees=addressees), "2026-11-23")
    assert parties_of(stored, "table-o1") == [(name, False)]


@EMBEDDED
def test_parties_that_a_better_reading_no_longer_names_are_forgotten(stored: Store) -> None:
    ingest(
        stored,
        TABLE,
        reading(duty(TABLE, "每季度首月3日前", QUARTERLY, who="请东川区和安宁")),
        "2026-11-23",
        hold_all=True,
    )
    ingest(stored, TABLE, quarterly_table(), "2026-11-24")
    with stored.reading() as session:
        assert [unit.name for unit in units.listing(session) if not unit.in_directory] == []


def test_a_notice_dates_its_own_publication_once_that_is_known(stored: Store) -> None:
    notice = Notice(id="list", text="对以上公示有异议的，可以自公示发布之日起15个工作日内反映。")
    deadline = {"kind": "relative", "event": "公示发布", "offset": 15, "unit": "working_day", "direction": "after"}
    derived = reading(
        duty(notice, "自公示发布之日起15个工作日内", deadline, who="任何单位和个人", modality=Modality.MAY)
    )
    ingest(stored, notice, derived, "2026-09-20")
    assert rows_of(stored, "list")[0].missing == ["event"]
    ingest(stored, replace(notice, published_on=date(2026, 9, 14)), derived, "2026-09-20")
    with stored.reading() as session:
        (one,) = occurrences.listing(session)
    assert (one.occurrence.written_on, one.obligation.missing) == (date(2026, 10, 10), [])
    assert one.occurrence.state == "open"
    before = contents(stored)
    ingest(stored, notice, derived, "2026-09-21")
    assert contents(stored) == before


@EMBEDDED
def test_links_of_a_chain_know_each_other_by_their_stored_ids(stored: Store) -> None:
    first = duty(TABLE, "每季度首月3日前", QUARTERLY, who="东川区", action="报送")
    second = duty(TABLE, "反馈", {"kind": "vague"}, who="安宁市", action="审核", depends_on=(0,))
    ingest(stored, TABLE, reading(first, second), "2026-11-23")
    assert [row.depends_on for row in rows_of(stored, "table")] == [[], ["table-o1"]]


def test_a_new_directory_moves_duties_to_the_units_it_knows(stored: Store) -> None:
    notice = replace(TABLE, id="bank")
    ingest(stored, notice, reading(duty(notice, "每季度首月3日前", QUARTERLY, who="承贷银行")), "2026-11-23")
    file = packaged_directory_file()
    file["units"] = [
        *file.get("units", []),
        {"code": "bank-1", "name": "昆明第一银行", "aliases": ["承贷银行"], "group": "银行"},
    ]
    with stored.writing() as session:
        units.put_directory(session, file, now=parse_instant("2026-11-24"))
        done = assign_anew(session, replace(desk("2026-11-24"), directory=load_directory(file)))
    assert (done.created, done.retired) == (4, 4)
    assert parties_of(stored, "bank-o1") == [("昆明第一银行", True)]


@EMBEDDED
def test_a_dry_run_sees_what_it_would_do_and_keeps_nothing(stored: Store) -> None:
    before = contents(stored)
    with stored.rehearsing() as session:
        assert ingest_notice(session, TABLE, desk("2026-11-23", derive=quarterly_table())).expansion.created == 8
    assert contents(stored) == before
