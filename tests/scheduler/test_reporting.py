"""Trigger events: dates follow what happened, move when it moves, and nothing is dated from the future."""

from __future__ import annotations

from datetime import date

import pytest

from obligations.notice import Notice
from scheduler.clock import BadInstant, parse_instant
from scheduler.reporting import FutureEvent, Reported, UnknownEvent, report_event
from store import changes, events, occurrences
from store.database import Store
from store.errors import NotFound
from store.occurrences import Move
from tests.records import (
    DANGER,
    EMBEDDED,
    TABLE,
    after_danger,
    contents,
    desk,
    duty,
    furnish,
    ingest,
    quarterly_table,
    reading,
)

CONTRACTOR = "530113-gongxin"
EXPIRY = Notice(id="permit", text="占用人应当在许可期限届满前1个月办理延期，许可期限届满后3日内恢复原状。")


@pytest.fixture
def stored(store: Store) -> Store:
    """A store with a duty that counts from the removal of a danger, whose party is a class: 占用人."""
    furnish(store)
    ingest(store, DANGER, after_danger(), "2026-09-01")
    return store


def report(store: Store, target: str, name: str, happened: str, now: str, *, another: bool = False) -> Reported:
    with store.writing() as session:
        return report_event(
            session, target=target, name=name, happened_at=parse_instant(happened), desk=desk(now), another=another
        )


def test_removal_on_a_tuesday_gives_three_readings_and_a_safe_day(stored: Store) -> None:
    done = report(stored, CONTRACTOR, "险情排除", "2026-09-29", "2026-09-29T18:00:00+08:00")
    (row,) = done.occurrences
    assert (row.unit_code, row.state) == (CONTRACTOR, "open")
    assert [reading["date"] for reading in row.readings] == ["2026-10-02", "2026-10-08", "2026-10-09"]
    assert (row.written_on, row.safe_on, row.overdue_from) == (date(2026, 10, 2), date(2026, 9, 30), date(2026, 10, 10))
    assert [one.id for one in done.obligations] == ["danger-o1"]


@EMBEDDED
def test_removal_inside_the_holiday_leaves_no_safe_day(stored: Store) -> None:
    (row,) = report(stored, CONTRACTOR, "险情排除", "2026-10-01", "2026-10-01T18:00:00+08:00").occurrences
    assert (row.safe_on, row.act_now) == (None, True)


def test_an_event_that_moves_keeps_its_occurrence_and_its_history(stored: Store) -> None:
    (before,) = report(stored, CONTRACTOR, "险情排除", "2026-09-29", "2026-09-29T18:00:00+08:00").occurrences
    done = report(stored, CONTRACTOR, "险情 排除后", "2026-09-28", "2026-09-30")
    (after,) = done.occurrences
    assert after.id == before.id
    assert (after.written_on, after.version, after.sequence) == (date(2026, 10, 1), 2, 1)
    assert done.replaced is not None
    assert done.expansion.moves()[0].earlier
    with stored.reading() as session:
        told = events.history(session, done.event)
        (change,) = changes.of_occurrence(session, after.id)
    assert [(one.happened_on, one.replaced_at is None) for one in told] == [
        (date(2026, 9, 29), False),
        (date(2026, 9, 28), True),
    ]
    assert (change.old["written_on"], change.new["written_on"]) == ("2026-10-02", "2026-10-01")
    assert "2026-09-29" in change.reason


@EMBEDDED
def test_the_same_report_again_changes_nothing(stored: Store) -> None:
    report(stored, CONTRACTOR, "险情排除", "2026-09-29", "2026-09-29T18:00:00+08:00")
    before = contents(stored)
    assert len(before["event"]) == 1
    report(stored, CONTRACTOR, "险情排除", "2026-09-29", "2026-09-30")
    assert contents(stored) == before


@EMBEDDED
def test_after_everything_is_closed_the_same_event_is_a_new_one(stored: Store) -> None:
    (first,) = report(stored, CONTRACTOR, "险情排除", "2026-09-29", "2026-09-29T18:00:00+08:00").occurrences
    with stored.writing() as session:
        occurrences.move(
            session, first.id, Move.CLOSE, note="已补办", now=parse_instant("2026-09-30"), today=date(2026, 9, 30)
        )
    (second,) = report(stored, CONTRACTOR, "险情排除", "2026-11-02", "2026-11-03").occurrences
    assert second.id != first.id
    with stored.reading() as session:
        assert occurrences.get(session, first.id).state == "closed"


@EMBEDDED
def test_another_event_of_the_same_kind_stands_beside_the_first(stored: Store) -> None:
    (first,) = report(stored, CONTRACTOR, "险情排除", "2026-09-28", "2026-09-29").occurrences
    (second,) = report(stored, CONTRACTOR, "险情排除", "2026-09-29", "2026-09-30", another=True).occurrences
    assert first.id != second.id
    with stored.reading() as session:
        assert {one.occurrence.state for one in occurrences.listing(session)} == {"open"}


@EMBEDDED
def test_events_of_two_units_concern_each_its_own(stored: Store) -> None:
    report(stored, CONTRACTOR, "险情排除", "2026-09-28", "2026-09-29")
    (row,) = report(stored, "530181-gongxin", "险情排除", "2026-09-21", "2026-09-29").occurrences
    assert (row.unit_code, row.written_on) == ("530181-gongxin", date(2026, 9, 24))


@EMBEDDED
def test_an_event_of_a_notice_or_an_obligation_concerns_its_parties(stored: Store) -> None:
    (by_notice,) = report(stored, "danger", "险情排除", "2026-09-28", "2026-09-29").occurrences
    (by_duty,) = report(stored, "danger-o1", "险情排除", "2026-09-28", "2026-09-29").occurrences
    assert by_notice.unit_code == by_duty.unit_code
    assert by_notice.unit_code.startswith("party-")


@EMBEDDED
def test_an_event_without_a_number_makes_its_duty_due_on_the_day(stored: Store) -> None:
    notice = Notice(id="tell", text="紧急砍伐的，应当同时告知绿化部门；开工前应当报备。")
    drafts = [
        duty(notice, "同时", {"kind": "relative", "event": "紧急砍伐", "direction": "at"}, who="施工单位", tier="soft"),
        duty(
            notice, "开工前", {"kind": "relative", "event": "开工", "direction": "before"}, who="施工单位", tier="soft"
        ),
    ]
    ingest(stored, notice, reading(*drafts), "2026-09-01")
    (row,) = report(stored, CONTRACTOR, "紧急砍伐", "2026-09-29", "2026-09-29T18:00:00+08:00").occurrences
    assert (row.written_on, row.safe_on) == (date(2026, 9, 29), date(2026, 9, 29))
    (ahead,) = report(stored, CONTRACTOR, "开工", "2026-10-12", "2026-09-29").occurrences
    assert ahead.written_on == date(2026, 10, 11)


@EMBEDDED
def test_a_date_still_to_come_is_refused_unless_something_counts_back_from_it(stored: Store) -> None:
    before = contents(stored)
    with pytest.raises(FutureEvent, match="2026-09-30"):
        report(stored, CONTRACTOR, "险情排除", "2026-09-30", "2026-09-29T18:00:00+08:00")
    assert contents(stored) == before
    event = {"kind": "relative", "event": "许可期限届满"}
    drafts = [
        duty(
            EXPIRY, "许可期限届满前1个月", event | {"offset": 1, "unit": "month", "direction": "before"}, who="占用人"
        ),
        duty(EXPIRY, "许可期限届满后3日内", event | {"offset": 3, "unit": "day", "direction": "after"}, who="占用人"),
    ]
    ingest(stored, EXPIRY, reading(*drafts), "2026-09-01")
    done = report(stored, CONTRACTOR, "许可期限届满", "2027-03-31", "2026-09-29")
    assert {row.written_on for row in done.occurrences} == {date(2027, 2, 28), date(2027, 4, 3)}


@EMBEDDED
@pytest.mark.parametrize("target", [CONTRACTOR, "danger", "danger-o1"])
def test_an_event_that_nothing_waits_for_is_refused_with_those_that_are_awaited(stored: Store, target: str) -> None:
    before = contents(stored)
    with pytest.raises(UnknownEvent, match="险情排除"):
        report(stored, target, "占用", "2026-09-28", "2026-09-29")
    assert contents(stored) == before


@EMBEDDED
def test_a_target_that_does_not_exist_and_an_instant_that_is_none_are_refused(stored: Store) -> None:
    with pytest.raises(NotFound, match="530199"):
        report(stored, "530199", "险情排除", "2026-09-28", "2026-09-29")
    with pytest.raises(BadInstant, match="9月28日"):
        parse_instant("9月28日")


@EMBEDDED
def test_a_unit_whose_duties_need_no_event_is_told_so(store: Store) -> None:
    furnish(store)
    ingest(store, TABLE, quarterly_table(), "2026-09-01")
    with pytest.raises(UnknownEvent, match="no event at all"):
        report(store, CONTRACTOR, "险情排除", "2026-09-28", "2026-09-29")
