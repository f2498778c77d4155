"""Closing, waiving and reopening: one way to each state, reminders cancelled with it, nothing lost."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlmodel import select

from scheduler.clock import parse_instant
from store import changes, occurrences
from store.database import Store
from store.errors import NotFound, Refused
from store.occurrences import Move
from store.rows import OccurrenceRow, ReminderRow
from store.states import ReminderState
from tests.records import EMBEDDED, TABLE, add_channel, contents, furnish, ingest, quarterly_table

DONE = "table-o1.530113-gongxin.2027Q1"
OTHER = "table-o1.530181-gongxin.2027Q1"


@pytest.fixture
def stored(store: Store) -> Store:
    """A store with a quarterly table, one sent and one planned reminder for each of two occurrences."""
    furnish(store)
    ingest(store, TABLE, quarterly_table(), "2026-11-23")
    with store.writing() as session:
        add_channel(session, "s1", "530113-gongxin", "a@example.cn", at=noon("2026-11-23"))
        session.flush()
        for occurrence in (DONE, OTHER):
            for step, state in (("T-7", ReminderState.SENT), ("T-3", ReminderState.PLANNED)):
                session.add(
                    ReminderRow(
                        occurrence_id=occurrence,
                        version=1,
                        step=step,
                        recipient_id="s1",
                        role="handler",
                        state=state,
                        reason="step",
                        planned_at=noon("2026-11-23"),
                        send_at=noon("2026-12-28"),
                    )
                )
    return store


def noon(day: str) -> datetime:
    return parse_instant(f"{day}T12:00:00+08:00")


def move(store: Store, how: Move, day: str, note: str = "说明") -> OccurrenceRow:
    with store.writing() as session:
        return occurrences.move(session, DONE, how, note=note, now=noon(day), today=date.fromisoformat(day))


def reminders(store: Store) -> dict[tuple[str, str], str]:
    with store.reading() as session:
        return {(row.occurrence_id, row.step): row.state for row in session.exec(select(ReminderRow)).all()}


@pytest.mark.parametrize(("how", "state"), [(Move.CLOSE, "closed"), (Move.WAIVE, "waived")])
def test_what_is_done_plans_nothing_more(stored: Store, how: Move, state: str) -> None:
    row = move(stored, how, "2026-12-01")
    assert (row.state, row.sequence, row.version, row.next_at) == (state, 1, 1, None)
    assert (row.finished_on, row.note) == (date(2026, 12, 1), "说明")
    assert reminders(stored) == {
        (DONE, "T-7"): ReminderState.SENT,
        (DONE, "T-3"): ReminderState.CANCELLED,
        (OTHER, "T-7"): ReminderState.SENT,
        (OTHER, "T-3"): ReminderState.PLANNED,
    }


def test_reopening_starts_a_new_version_whose_steps_can_be_planned_again(stored: Store) -> None:
    move(stored, Move.CLOSE, "2026-12-01")
    row = move(stored, Move.REOPEN, "2026-12-02", "退回补正")
    assert (row.state, row.sequence, row.version) == ("open", 2, 2)
    assert (row.finished_on, row.next_at) == (None, noon("2026-12-02"))
    with stored.reading() as session:
        told = [
            (change.old["state"], change.new["state"], change.reason) for change in changes.of_occurrence(session, DONE)
        ]
    assert told == [("open", "closed", "说明"), ("closed", "open", "退回补正")]


@EMBEDDED
@pytest.mark.parametrize(
    ("first", "then", "why"),
    [
        (Move.CLOSE, Move.CLOSE, "it is closed"),
        (Move.CLOSE, Move.WAIVE, "it is closed"),
        (Move.WAIVE, Move.CLOSE, "it is waived"),
        (None, Move.REOPEN, "it is open"),
    ],
)
def test_there_is_one_way_to_each_state(stored: Store, first: Move | None, then: Move, why: str) -> None:
    if first:
        move(stored, first, "2026-12-01")
    before = contents(stored)
    with pytest.raises(Refused, match=why):
        move(stored, then, "2026-12-02")
    assert contents(stored) == before


@EMBEDDED
def test_an_occurrence_that_does_not_exist_is_named(stored: Store) -> None:
    with stored.reading() as session, pytest.raises(NotFound, match="table-o9"):
        occurrences.get(session, "table-o9")
