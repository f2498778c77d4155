"""Trigger events: dated facts about units, notices and obligations. The caller owns the transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlmodel import Session, col, select

from store.rows import EventRow
from store.states import EventScope


def record(
    session: Session,
    *,
    scope: EventScope,
    target: str,
    name: str,
    happened_at: datetime,
    happened_on: date,
    now: datetime,
    moves: EventRow | None = None,
    from_notice: bool = False,
) -> EventRow:
    """Write an event down, as a new one or in place of the record `moves`, which stays as history.

    `name` is the event's key (`obligations.events.event_key`), `target` the code of the unit or
    the id of the notice or obligation, as `scope` says.
    """
    if moves is not None:
        moves.replaced_at = now
    row = EventRow(
        scope=scope,
        target=target,
        name=name,
        happened_at=happened_at,
        happened_on=happened_on,
        recorded_at=now,
        from_notice=from_notice,
        first_id=identity(moves) if moves is not None else None,
    )
    session.add(row)
    session.flush()
    return row


def identity(event: EventRow) -> int:
    """Return the number that an event keeps when its date is moved."""
    number = event.first_id or event.id
    assert number is not None, "only a stored event has an identity"
    return number


def current(session: Session, names: Collection[str], targets: Collection[str] | None = None) -> Sequence[EventRow]:
    """Return the events in force with these keys, in order of recording; of any target, or of these."""
    query = select(EventRow).where(col(EventRow.name).in_(names), col(EventRow.replaced_at).is_(None))
    if targets is not None:
        query = query.where(col(EventRow.target).in_(targets))
    return session.exec(query.order_by(col(EventRow.id))).all()


def history(session: Session, event: EventRow) -> Sequence[EventRow]:
    """Return every record of one event, oldest first."""
    number = identity(event)
    query = select(EventRow).where((EventRow.id == number) | (EventRow.first_id == number))
    return session.exec(query.order_by(col(EventRow.id))).all()
