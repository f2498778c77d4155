"""What a person decides stays decided: over re-readings, with its reason, and with the dates that follow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import pytest

from obligations.draft import Derivation, Doubt, Modality
from obligations.errors import BadDeadline
from obligations.notice import Notice
from scheduler import review
from scheduler.clock import parse_instant
from scheduler.expansion import Expansion
from scheduler.reporting import report_event
from scheduler.review import BadCorrection, BadReading
from store import changes, obligations, occurrences
from store.database import Store
from store.errors import NotFound, Refused
from store.rows import ObligationRow
from store.states import ChangeKind
from tests.records import EMBEDDED, QUARTERLY, TABLE, contents, desk, duty, furnish, ingest, quarterly_table, reading

DONGCHUAN = "table-o1.530113-gongxin"
NOW = "2026-11-23"


@pytest.fixture
def stored(store: Store) -> Store:
    """A store with the quarterly table in force."""
    furnish(store)
    ingest(store, TABLE, quarterly_table(), NOW)
    return store


def doubtful(**more: Any) -> Callable[[Notice], Derivation]:
    draft = duty(TABLE, "每季度首月3日前", QUARTERLY, who="东川区", doubts=(Doubt("party_unknown"),), **more)
    return reading(draft)


def obligation(store: Store) -> ObligationRow:
    with store.reading() as session:
        return obligations.get(session, "table-o1")


def decide(store: Store, how: Callable[..., Expansion]) -> Expansion:
    with store.writing() as session:
        return how(session, "table-o1", note="已与来文单位核对", desk=desk("2026-11-24"))


def test_confirming_what_waits_makes_it_active_for_good(store: Store) -> None:
    furnish(store)
    assert ingest(store, TABLE, doubtful(), NOW).waiting == 1
    assert decide(store, review.confirm).created == 4
    assert ingest(store, TABLE, doubtful(action="报表"), "2026-11-25").waiting == 0
    row = obligation(store)
    assert (row.state, row.note, row.action) == ("active", "已与来文单位核对", "报表")
    with store.reading() as session:
        (change,) = changes.of_obligation(session, "table-o1")
    assert (change.kind, change.old, change.new) == (ChangeKind.CORRECTION, {"state": "draft"}, {"state": "active"})


@EMBEDDED
def test_what_was_rejected_stays_rejected(stored: Store) -> None:
    assert decide(stored, review.reject).retired == 8
    ingest(stored, TABLE, quarterly_table(), "2026-11-25")
    assert obligation(stored).state == "retired"
    assert decide(stored, review.confirm).created == 0
    with stored.reading() as session:
        assert {one.occurrence.state for one in occurrences.listing(session)} == {"open"}


@EMBEDDED
def test_a_note_cannot_be_confirmed_before_it_is_corrected(store: Store) -> None:
    furnish(store)
    ingest(store, TABLE, doubtful(modality=Modality.GOAL), NOW)
    with pytest.raises(Refused, match="modality goal"):
        decide(store, review.confirm)
    decide(store, partial(review.correct, values={"modality": "must"}))
    assert obligation(store).kind == "duty"
    assert decide(store, review.confirm).created == 4


def test_a_corrected_date_moves_and_survives_the_next_ingest(stored: Store) -> None:
    deadline = '{"kind":"recurring","freq":"quarterly","month_of_period":1,"day":10}'
    done = decide(stored, partial(review.correct, values={"deadline": deadline}))
    assert len(done.moved) == 8
    ingest(stored, TABLE, quarterly_table(), "2026-11-25")
    with stored.reading() as session:
        row = occurrences.get(session, f"{DONGCHUAN}.2027Q1")
        (change,) = changes.of_occurrence(session, row.id)
    assert (row.written_on, row.version, row.sequence) == (date(2027, 1, 10), 2, 1)
    assert (change.old["written_on"], change.reason) == ("2027-01-03", "已与来文单位核对")


@EMBEDDED
@pytest.mark.parametrize(
    ("values", "units"),
    [
        pytest.param({"responsible": "西山区"}, ["西山区工业和信息化局"], id="party"),
        pytest.param(
            {"responsible_units": "西山区、五华区"}, ["五华区工业和信息化局", "西山区工业和信息化局"], id="list"
        ),
        pytest.param({"units": "530112-gongxin"}, ["西山区工业和信息化局"], id="units-by-code"),
    ],
)
def test_a_corrected_party_moves_the_duty_to_it(stored: Store, values: dict[str, str], units: list[str]) -> None:
    done = decide(stored, partial(review.correct, values=values))
    ingest(stored, TABLE, quarterly_table(), "2026-11-25")
    with stored.reading() as session:
        assert [unit.name for unit in obligations.assigned(session, ["table-o1"])["table-o1"]] == units
        open_units = {one.unit.name for one in occurrences.listing(session)}
    assert open_units == set(units)
    assert (done.created, done.retired) == (4 * len(units), 8)


@EMBEDDED
@pytest.mark.parametrize(
    ("values", "error", "named"),
    [
        ({"start": "3"}, BadCorrection, "start"),
        ({"tier": "hard"}, BadCorrection, "hard"),
        ({"modality": "should"}, BadCorrection, "should"),
        ({"deadline": "3日"}, BadDeadline, "3日"),
        ({"deadline": '{"kind":"fixed","date":"2026-02-30"}'}, BadDeadline, "2026-02-30"),
        ({"units": "530199"}, NotFound, "530199"),
    ],
)
def test_a_correction_that_cannot_be_used_changes_nothing(
    stored: Store, values: dict[str, str], error: type[Exception], named: str
) -> None:
    before = contents(stored)
    with pytest.raises(error, match=named):
        decide(stored, partial(review.correct, values={"action": "报表", **values}))
    assert contents(stored) == before


@EMBEDDED
def test_an_obligation_that_does_not_exist_is_refused(stored: Store) -> None:
    with stored.writing() as session, pytest.raises(NotFound, match="table-o9"):
        review.confirm(session, "table-o9", note="", desk=desk(NOW))


@pytest.mark.parametrize("reading_named", ["cn.civil", "2027-01-04"])
def test_a_fixed_reading_binds_and_the_others_stay_listed(stored: Store, reading_named: str) -> None:
    fixed = f"{DONGCHUAN}.2027Q1"
    with stored.writing() as session:
        review.fix_reading(session, fixed, reading_named, note="市局函复：节后第一个工作日", desk=desk("2026-11-24"))
    ingest(stored, TABLE, quarterly_table(expires_on="2027-12-31"), "2026-11-25")
    with stored.reading() as session:
        row = occurrences.get(session, fixed)
        kinds = [change.kind for change in changes.of_occurrence(session, fixed)]
        other = occurrences.get(session, "table-o1.530181-gongxin.2027Q1")
    assert (row.due_on, row.safe_on, row.overdue_from) == (date(2027, 1, 4), date(2027, 1, 4), date(2027, 1, 5))
    assert (row.fixed_reading, row.unsure, len(row.readings)) == ("cn.civil", [], 2)
    assert (row.version, kinds) == (2, [ChangeKind.READING, ChangeKind.DATES])
    assert (other.due_on, other.fixed_reading) == (date(2027, 1, 3), None)


@EMBEDDED
def test_fixing_the_written_day_makes_it_overdue_the_day_after(stored: Store) -> None:
    with stored.writing() as session:
        row = review.fix_reading(session, f"{DONGCHUAN}.2027Q1", "cn.plain", note="不顺延", desk=desk("2026-11-24"))
    assert (row.due_on, row.safe_on, row.overdue_from) == (date(2027, 1, 3), date(2026, 12, 31), date(2027, 1, 4))


@EMBEDDED
def test_how_a_short_month_rounds_backwards_is_fixed_like_any_reading(store: Store) -> None:
    furnish(store)
    notice = Notice(id="permit", text="占用人应当在许可期限届满前1个月办理延期。")
    event = {"kind": "relative", "event": "许可期限届满", "offset": 1, "unit": "month", "direction": "before"}
    ingest(store, notice, reading(duty(notice, "许可期限届满前1个月", event, who="占用人")), NOW)
    with store.writing() as session:
        expiry = parse_instant("2027-03-31")
        told = report_event(session, target="permit", name="许可期限届满", happened_at=expiry, desk=desk(NOW))
        (row,) = told.occurrences
        assert [one["date"] for one in row.readings] == ["2027-02-28", "2027-03-01"]
        fixed = review.fix_reading(session, row.id, "2027-03-01", note="审批部门答复", desk=desk(NOW))
    assert (fixed.due_on, fixed.safe_on, fixed.overdue_from) == (date(2027, 3, 1), date(2027, 3, 1), date(2027, 3, 2))


@EMBEDDED
def test_a_reading_that_is_none_and_an_occurrence_that_is_done_are_refused(stored: Store) -> None:
    before = contents(stored)
    with (
        pytest.raises(BadReading, match=r"cn.plain \(2027-01-03\), cn.civil \(2027-01-04\)"),
        stored.writing() as session,
    ):
        review.fix_reading(session, f"{DONGCHUAN}.2027Q1", "cn.tax15", note="", desk=desk(NOW))
    assert contents(stored) == before
    decide(stored, review.reject)
    with pytest.raises(Refused, match="retired"), stored.writing() as session:
        review.fix_reading(session, f"{DONGCHUAN}.2027Q1", "cn.plain", note="", desk=desk(NOW))
