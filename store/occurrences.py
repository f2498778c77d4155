"""Occurrences: reading them, and the state machine that a person moves them through. The caller owns the transaction.

open ──close──► closed          historic   was past when its notice was ingested
 │  ◄─reopen───┘   │            retired    its obligation no longer asks for it
 └────waive──► waived ─reopen─► open
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import func, insert, or_, update
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from obligations.kind import Kind
from obligations.reminders import Reason
from obligations.status import Facts
from store import changes
from store.errors import NotFound, Refused
from store.rows import ObligationRow, OccurrenceRow, ReminderRow, UnitRow
from store.states import ChangeKind, OccurrenceState, ReminderState

BATCH = 500
"""Most ids in one query."""


_WITHOUT_TRACE = defer(OccurrenceRow.trace)  # type: ignore[arg-type]  # an instrumented attribute at run time


class Move(StrEnum):
    """What a person may do with an occurrence."""

    CLOSE = "close"
    WAIVE = "waive"
    REOPEN = "reopen"


MOVES: dict[Move, tuple[frozenset[OccurrenceState], OccurrenceState]] = {
    Move.CLOSE: (frozenset({OccurrenceState.OPEN}), OccurrenceState.CLOSED),
    Move.WAIVE: (frozenset({OccurrenceState.OPEN}), OccurrenceState.WAIVED),
    Move.REOPEN: (frozenset({OccurrenceState.CLOSED, OccurrenceState.WAIVED}), OccurrenceState.OPEN),
}


class Listed(NamedTuple):
    """An occurrence with its obligation and unit, as lists show it; `trace` is not loaded."""

    occurrence: OccurrenceRow
    obligation: ObligationRow
    unit: UnitRow

    @property
    def facts(self) -> Facts:
        return facts_of(self.occurrence, Kind(self.obligation.kind))


def facts_of(row: OccurrenceRow, kind: Kind) -> Facts:
    """Return what the status of `row` follows from."""
    return Facts(
        state=row.state,
        kind=kind,
        overdue_from=row.overdue_from,
        safe_on=row.safe_on,
        opens_on=row.opens_on,
        finished_on=row.finished_on,
    )


def get(session: Session, occurrence_id: str) -> OccurrenceRow:
    """Return the occurrence with this id.

    Raises:
        NotFound: there is none.
    """
    row = session.get(OccurrenceRow, occurrence_id)
    if row is None:
        raise NotFound(
            f"no occurrence has the id {occurrence_id!r}; `duban list` prints the ids, such as n4-o6.UNIT.2026Q4"
        )
    return row


def of_obligations(
    session: Session, ids: Collection[str], *, since: date | None = None, with_trace: bool = False
) -> dict[str, list[OccurrenceRow]]:
    """Return the occurrences of these obligations, in any state; without their trace unless it is asked for.

    `since` leaves out repetitions written before that day; dates that do not repeat always count.
    """
    query = select(OccurrenceRow).where(col(OccurrenceRow.obligation_id).in_(ids))
    if not with_trace:
        query = query.options(_WITHOUT_TRACE)
    if since is not None:
        query = query.where(or_(col(OccurrenceRow.written_on) >= since, col(OccurrenceRow.repeats).is_(False)))
    found: dict[str, list[OccurrenceRow]] = defaultdict(list)
    for row in session.exec(query.order_by(col(OccurrenceRow.id))).all():
        found[row.obligation_id].append(row)
    return found


def of_event(session: Session, number: int) -> Sequence[OccurrenceRow]:
    """Return the occurrences that the event with this identity triggered."""
    return session.exec(select(OccurrenceRow).where(OccurrenceRow.period == event_period(number))).all()


def event_period(number: int) -> str:
    """Return the last part of the id of an occurrence that an event triggers; it stays when the event moves."""
    return f"ev{number}"


def create(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Store new occurrences, each given by all columns that it does not take from `OccurrenceRow`'s defaults."""
    defaults = {"version": 1, "sequence": 0, "fixed_reading": None, "finished_on": None, "note": None}
    defaults |= {"signed_at": None, "signed_by": None}
    if rows:
        session.execute(insert(OccurrenceRow), [defaults | row for row in rows])


def listing(session: Session, *, unit_code: str | None = None) -> list[Listed]:
    """Return all occurrences but the retired ones, by safe day (by written day where none is left), then by id."""
    query = (
        select(OccurrenceRow, ObligationRow, UnitRow)
        .join(ObligationRow, col(OccurrenceRow.obligation_id) == col(ObligationRow.id))
        .join(UnitRow, col(OccurrenceRow.unit_code) == col(UnitRow.code))
        .where(OccurrenceRow.state != OccurrenceState.RETIRED)
        .order_by(func.coalesce(OccurrenceRow.safe_on, OccurrenceRow.written_on), col(OccurrenceRow.id))
        .options(_WITHOUT_TRACE)
    )
    if unit_code is not None:
        query = query.where(OccurrenceRow.unit_code == unit_code)
    return [Listed(*row) for row in session.exec(query).all()]


def move(session: Session, occurrence_id: str, how: Move, *, note: str, now: datetime, today: date) -> OccurrenceRow:
    """Close, waive or reopen an occurrence; what it still had to remind of is cancelled with it.

    A reopened occurrence gets a new version, so that its remaining steps can be planned again.

    Raises:
        NotFound: there is no such occurrence.
        Refused: its state does not allow it.
    """
    row = get(session, occurrence_id)
    allowed, target = MOVES[how]
    if row.state not in allowed:
        raise Refused(
            f"cannot {how} {occurrence_id}: it is {row.state}, and only what is {' or '.join(sorted(allowed))} "
            f"can be {target if how is not Move.REOPEN else 'reopened'}"
        )
    reopened = target is OccurrenceState.OPEN
    changes.record(
        session,
        kind=ChangeKind.STATE,
        obligation_id=row.obligation_id,
        occurrence_id=row.id,
        old={"state": row.state},
        new={"state": target},
        reason=note,
        at=now,
    )
    row.state, row.note, row.changed_at = target, note, now
    row.sequence += 1
    row.version += reopened
    row.finished_on = None if reopened else today
    row.next_at = now if reopened else None
    session.add(row)
    session.flush()
    void_reminders(session, [row.id])
    return row


def sign(session: Session, occurrence_id: str, *, by: str | None, now: datetime) -> OccurrenceRow:
    """Note that the unit has seen the duty and takes it on (签收); it is asked no more to sign.

    Every other reminder goes on. `by` names who signed; without it the unit itself did.

    Raises:
        NotFound: there is no such occurrence.
        Refused: it is not open, or somebody has signed already.
    """
    row = session.get(OccurrenceRow, occurrence_id, with_for_update=True) or get(session, occurrence_id)
    if row.state != OccurrenceState.OPEN:
        raise Refused(f"cannot sign for {occurrence_id}: it is {row.state}, and only what is open can be signed for")
    if row.signed_at is not None:
        raise Refused(f"cannot sign for {occurrence_id} again: {row.signed_by} signed at {row.signed_at.isoformat()}")
    unit = session.get_one(UnitRow, row.unit_code)
    row.signed_at, row.signed_by = now, by or unit.name
    changes.record(
        session,
        kind=ChangeKind.STATE,
        obligation_id=row.obligation_id,
        occurrence_id=row.id,
        old={"signed_by": None},
        new={"signed_by": row.signed_by},
        reason="",
        at=now,
    )
    session.add(row)
    session.flush()
    asks = (col(ReminderRow.occurrence_id) == row.id, col(ReminderRow.reason) == Reason.UNSIGNED)
    waiting = update(ReminderRow).where(*asks, col(ReminderRow.state) == ReminderState.PLANNED)
    session.execute(waiting.values(state=ReminderState.CANCELLED))
    return row


def void_reminders(session: Session, ids: Collection[str]) -> None:
    """Cancel unsent reminders of these occurrences: of an old version, or of an occurrence that is not open."""
    moot = or_(col(ReminderRow.version) < col(OccurrenceRow.version), col(OccurrenceRow.state) != OccurrenceState.OPEN)
    wanted = sorted(ids)
    for at in range(0, len(wanted), BATCH):
        gone = (
            select(ReminderRow.id)
            .join(OccurrenceRow)
            .where(col(OccurrenceRow.id).in_(wanted[at : at + BATCH]), moot, ReminderRow.state == ReminderState.PLANNED)
        )
        session.execute(update(ReminderRow).where(col(ReminderRow.id).in_(gone)).values(state=ReminderState.CANCELLED))
