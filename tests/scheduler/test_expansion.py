"""Occurrences follow their obligations: created ahead, moved with a reason, withdrawn, and otherwise left alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlmodel import select

from obligations.notice import Notice
from obligations.workdays.holiday_tables import HolidayNotice, Rest, YearTable, statutory_rests
from scheduler.clock import parse_instant
from scheduler.expansion import Expansion, expand
from scheduler.recompute import import_table
from store import changes, obligations, occurrences
from store.database import Store
from store.occurrences import Move
from store.rows import OccurrenceRow, ReminderRow
from store.states import ChangeKind, ReminderState
from tests.records import EMBEDDED, TABLE, add_channel, contents, duty, furnish, ingest, quarterly_table, reading

DONGCHUAN, ANNING = "530113-gongxin", "530181-gongxin"


IMPORTED = parse_instant("2026-12-01T06:00:00+08:00")


@pytest.fixture
def stored(store: Store) -> Store:
    """A store with the directory of units in force."""
    furnish(store)
    return store


def all_occurrences(store: Store) -> list[OccurrenceRow]:
    with store.reading() as session:
        return list(session.exec(select(OccurrenceRow).order_by(OccurrenceRow.id)).all())


def one(store: Store, occurrence_id: str) -> OccurrenceRow:
    with store.reading() as session:
        return occurrences.get(session, occurrence_id)


def expand_at(store: Store, now: str, reason: str = "") -> Expansion:
    with store.writing() as session:
        return expand(session, now=parse_instant(now), reason=reason)


def import_new_year(store: Store, begins: str) -> Expansion:
    """Import a 2027 notice that says what the statute does, but for a New Year's holiday from `begins` on."""
    rests = [Rest("元旦", date.fromisoformat(begins), date(2027, 1, 3))]
    rests += [rest for rest in statutory_rests(2027) if rest.first > date(2027, 1, 3)]
    notice = HolidayNotice(year=2027, issued_on=date(2026, 11, 30), rests=tuple(rests))
    with store.writing() as session:
        return import_table(session, YearTable(2027, (notice,)), now=IMPORTED)


def test_a_quarterly_table_becomes_an_occurrence_of_each_unit_and_quarter(stored: Store) -> None:
    ingest(stored, TABLE, quarterly_table(), "2026-09-01T10:00:00+08:00")
    rows = all_occurrences(stored)
    assert {row.unit_code for row in rows} == {DONGCHUAN, ANNING}
    assert [row.id for row in rows if row.unit_code == DONGCHUAN] == [
        f"table-o1.{DONGCHUAN}.{period}" for period in ("2026Q4", "2027Q1", "2027Q2", "2027Q3")
    ]
    october = one(stored, f"table-o1.{DONGCHUAN}.2026Q4")
    assert (october.written_on, october.safe_on) == (date(2026, 10, 3), date(2026, 9, 30))
    assert (october.provisional, october.overdue_from) == (False, date(2026, 10, 9))
    assert [reading["date"] for reading in october.readings] == ["2026-10-03", "2026-10-08"]
    assert october.trace
    january = one(stored, f"table-o1.{DONGCHUAN}.2027Q1")
    assert (january.written_on, january.safe_on, january.provisional) == (date(2027, 1, 3), date(2026, 12, 31), True)


@EMBEDDED
def test_quarters_that_were_over_at_the_ingest_are_not_created(stored: Store) -> None:
    ingest(stored, TABLE, quarterly_table(), "2026-11-23")
    assert {row.period for row in all_occurrences(stored)} == {"2027Q1", "2027Q2", "2027Q3", "2027Q4"}


@EMBEDDED
def test_a_quarter_whose_last_reading_is_still_to_come_is_created(stored: Store) -> None:
    ingest(stored, TABLE, quarterly_table(), "2026-10-08")
    assert "2026Q4" in {row.period for row in all_occurrences(stored)}


@EMBEDDED
def test_a_single_date_that_was_past_is_historic_and_plans_nothing(stored: Store) -> None:
    notice = Notice(id="once", text="请于2024年4月3日前报送。请于2026年12月4日前再次报送。")
    drafts = [
        duty(notice, "2024年4月3日前", {"kind": "fixed", "date": "2024-04-03"}, who="东川区"),
        duty(notice, "2026年12月4日前", {"kind": "fixed", "date": "2026-12-04"}, who="东川区"),
    ]
    ingest(stored, notice, reading(*drafts), "2026-11-23")
    past, coming = all_occurrences(stored)
    assert (past.state, past.next_at) == ("historic", None)
    assert (coming.state, coming.next_at) == ("open", parse_instant("2026-11-23"))
    assert (past.period, coming.period) == ("once", "once")


def test_an_unchanged_expansion_writes_nothing(stored: Store) -> None:
    ingest(stored, TABLE, quarterly_table(), "2026-09-01")
    before = contents(stored)
    assert len(before["occurrence"]) == 8
    again = expand_at(stored, "2026-09-01T22:00:00+08:00")
    assert (again.created, again.retired, again.moved) == (0, 0, [])
    assert contents(stored) == before


def test_every_night_the_horizon_moves_and_what_is_stored_stays(stored: Store) -> None:
    ingest(stored, TABLE, quarterly_table(), "2026-09-01")
    before = {row.id: row.changed_at for row in all_occurrences(stored)}
    assert expand_at(stored, "2026-09-03").created == 2
    after = {row.id: row.changed_at for row in all_occurrences(stored)}
    assert set(after) - set(before) == {f"table-o1.{unit}.2027Q4" for unit in (DONGCHUAN, ANNING)}
    assert all(after[known] == changed_at for known, changed_at in before.items())


def test_a_clock_that_steps_back_withdraws_nothing(stored: Store) -> None:
    ingest(stored, TABLE, quarterly_table(), "2026-09-03")
    before = contents(stored)
    assert len(before["occurrence"]) == 10
    assert expand_at(stored, "2026-08-01").retired == 0
    assert contents(stored) == before


@EMBEDDED
def test_the_notice_bounds_its_dates_by_issue_effect_and_lapse(stored: Store) -> None:
    derive = quarterly_table(issued_on="2026-09-20", effective_on="2026-11-01", expires_on="2027-06-30")
    ingest(stored, TABLE, derive, "2026-09-21")
    assert {row.period for row in all_occurrences(stored)} == {"2027Q1", "2027Q2"}


def test_a_holiday_notice_moves_provisional_dates_and_says_so(stored: Store) -> None:
    ingest(stored, TABLE, quarterly_table(), "2026-11-23")
    reminded = f"table-o1.{DONGCHUAN}.2027Q1"
    plan_reminders(stored, reminded)
    done = import_new_year(stored, "2026-12-31")
    moved = done.moves()
    assert [(move.unit_code, move.was["safe_on"], move.now["safe_on"]) for move in moved] == [
        (DONGCHUAN, date(2026, 12, 31), date(2026, 12, 30)),
        (ANNING, date(2026, 12, 31), date(2026, 12, 30)),
    ]
    assert all(move.earlier for move in moved)
    row = one(stored, reminded)
    assert (row.version, row.sequence, row.next_at) == (2, 1, IMPORTED)
    assert (row.safe_on, row.provisional) == (date(2026, 12, 30), False)
    with stored.reading() as session:
        (change,) = changes.of_occurrence(session, reminded)
        states = session.exec(select(ReminderRow.step, ReminderRow.state).order_by(ReminderRow.step)).all()
    assert change.kind == ChangeKind.DATES
    assert (change.old["safe_on"], change.new["safe_on"]) == ("2026-12-31", "2026-12-30")
    assert change.old["calendar"] != change.new["calendar"]
    assert change.reason == "2027 年放假安排（2026-11-30 发布）"
    assert [tuple(state) for state in states] == [("T-3", ReminderState.CANCELLED), ("T-7", ReminderState.SENT)]


@EMBEDDED
def test_a_holiday_notice_that_confirms_the_dates_makes_no_new_version(stored: Store) -> None:
    ingest(stored, TABLE, quarterly_table(), "2026-11-23")
    done = import_new_year(stored, "2027-01-01")
    row = one(stored, f"table-o1.{DONGCHUAN}.2027Q1")
    assert done.moved == []
    assert (row.provisional, row.version, row.sequence) == (False, 1, 0)


def test_the_same_holiday_notice_twice_changes_nothing_more(stored: Store) -> None:
    ingest(stored, TABLE, quarterly_table(), "2026-11-23")
    import_new_year(stored, "2026-12-31")
    before = contents(stored)
    assert len(before["workday_table"]) == 1
    assert import_new_year(stored, "2026-12-31").moved == []
    assert contents(stored) == before


def test_what_a_person_closed_keeps_its_dates(stored: Store) -> None:
    ingest(stored, TABLE, quarterly_table(), "2026-11-23")
    closed = f"table-o1.{DONGCHUAN}.2027Q1"
    with stored.writing() as session:
        occurrences.move(
            session, closed, Move.CLOSE, note="已报", now=parse_instant("2026-11-24"), today=date(2026, 11, 24)
        )
    assert [move.unit_code for move in import_new_year(stored, "2026-12-31").moved] == [ANNING]
    assert one(stored, closed).safe_on == date(2026, 12, 31)


def test_a_notice_that_loses_its_duty_withdraws_it_and_gives_it_back_under_the_same_id(stored: Store) -> None:
    ingest(stored, TABLE, quarterly_table(), "2026-11-23")
    known = {row.id for row in all_occurrences(stored)}
    assert ingest(stored, TABLE, reading(), "2026-11-24").expansion.retired == len(known) == 8
    assert {row.state for row in all_occurrences(stored)} == {"retired"}
    ingest(stored, TABLE, quarterly_table(), "2026-11-25")
    rows = all_occurrences(stored)
    assert {row.id for row in rows} == known
    assert {(row.state, row.sequence) for row in rows} == {("open", 2)}


@EMBEDDED
def test_a_date_outside_the_calendar_is_kept_as_undated(stored: Store) -> None:
    notice = Notice(id="old", text="请于2009年4月3日前报送。")
    ingest(
        stored, notice, reading(duty(notice, "2009年4月3日前", {"kind": "fixed", "date": "2009-04-03"})), "2026-11-23"
    )
    with stored.reading() as session:
        (row,) = obligations.undated(session)
    assert row.missing == ["calendar"]
    assert all_occurrences(stored) == []


@EMBEDDED
@pytest.mark.parametrize(
    ("deadline", "missing"),
    [
        pytest.param({"kind": "vague", "word": "及时"}, ["vague"], id="vague"),
        pytest.param({"kind": "set_elsewhere", "where": "另行通知"}, ["set_elsewhere"], id="set-elsewhere"),
        pytest.param({"kind": "recurring", "freq": "half_yearly"}, ["day"], id="no-day"),
        pytest.param({"kind": "fixed", "date": "--05-20"}, ["year"], id="no-year"),
        pytest.param({"kind": "relative", "event": "开工", "direction": "before"}, ["event"], id="event-only"),
    ],
)
def test_what_cannot_be_dated_is_active_and_says_what_is_missing(
    stored: Store, deadline: dict[str, object], missing: list[str]
) -> None:
    notice = Notice(id="vague", text="建设单位应当适时报送。")
    ingest(stored, notice, reading(duty(notice, "适时", deadline, who="建设单位")), "2026-11-23")
    with stored.reading() as session:
        assert [(row.state, row.missing) for row in obligations.undated(session)] == [("active", missing)]
    assert all_occurrences(stored) == []


def test_the_cost_is_a_few_queries_for_hundreds_of_obligations(stored: Store) -> None:
    for number in range(2):
        many = replace(TABLE, id=f"n{number}", text=TABLE.text + "附" * (number + 1))
        ingest(stored, many, reading(*[quarterly_table()(many).drafts[0]] * (1 + 60 * number)), "2026-09-01")
    counts = []
    for ids in (["n0-o1"], [f"n1-o{seq}" for seq in range(1, 62)]):
        statements: list[str] = []

        def count(*arguments: object, seen: list[str] = statements) -> None:
            seen.append(str(arguments[2]))

        sqlalchemy_event.listen(stored.engine, "before_cursor_execute", count)
        with stored.writing() as session:
            expand(session, now=datetime.fromisoformat("2026-09-01T00:00:00+08:00"), obligation_ids=ids)
        sqlalchemy_event.remove(stored.engine, "before_cursor_execute", count)
        counts.append(len(statements))
    assert len(all_occurrences(stored)) == 62 * 8
    assert counts[0] == counts[1] > 0


def plan_reminders(store: Store, occurrence_id: str) -> None:
    """Let the occurrence have one reminder that went out and one that is still to go."""
    with store.writing() as session:
        add_channel(session, "s1", DONGCHUAN, "a@example.cn", at=parse_instant("2026-11-23"))
        session.flush()
        for step, state in (("T-7", ReminderState.SENT), ("T-3", ReminderState.PLANNED)):
            session.add(
                ReminderRow(
                    occurrence_id=occurrence_id,
                    version=1,
                    step=step,
                    recipient_id="s1",
                    role="handler",
                    state=state,
                    reason="step",
                    planned_at=parse_instant("2026-11-23"),
                    send_at=parse_instant("2026-11-23"),
                )
            )
