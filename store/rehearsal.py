"""A copy of the store to rehearse in: what is done there changes nothing here."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import delete, func, insert, null, select, update
from sqlalchemy.event import listen
from sqlmodel import Session, SQLModel, col

from obligations.kind import Kind
from store import occurrences
from store.among import among
from store.database import Store, open_store, sqlite_url
from store.reminders import AT_ONCE
from store.rows import (
    AttemptRow,
    DeliveryRow,
    NoticeRow,
    ObligationRow,
    OccurrenceRow,
    RecipientRow,
    ReminderRow,
    Role,
    SubscriptionRow,
    SummaryRow,
    UnitRow,
)
from store.states import DeliveryState, OccurrenceState, RecipientState, ReminderState

CHUNK = 500
"""Rows that are copied at once."""

_HASTY = "PRAGMA synchronous = OFF; PRAGMA cache_size = -65536"
"""Nothing in a copy has to survive a power cut, and one process has it for itself."""

NO_CHANNEL = "none"
"""The kind of the recipients that stand, in a rehearsal, for the channels that units do not have."""


@contextmanager
def copied(store: Store) -> Iterator[Store]:
    """Yield a copy of `store` in a temporary SQLite file, which ends with the block."""
    with TemporaryDirectory(prefix="duban-") as folder:
        if store.engine.dialect.name == "sqlite":
            _back_up(store, Path(folder) / "duban.sqlite3")
        copy = open_store(sqlite_url(Path(folder)))
        listen(copy.engine, "connect", lambda connection, _: connection.executescript(_HASTY))
        copy.engine.dispose()
        try:
            if store.engine.dialect.name != "sqlite":
                _copy_rows(store, copy)
            yield copy
        finally:
            copy.close()


def _back_up(store: Store, path: Path) -> None:
    target = sqlite3.connect(path)
    source = store.engine.raw_connection()
    try:
        driver: Any = source.driver_connection
        driver.backup(target)
    finally:
        source.close()
        target.close()


def _copy_rows(store: Store, copy: Store) -> None:
    with store.reading() as source, copy.writing() as target:
        for table in SQLModel.metadata.sorted_tables:
            rows = source.connection().execution_options(yield_per=CHUNK).execute(select(table))
            for batch in rows.mappings().partitions(CHUNK):
                target.connection().execute(insert(table), [dict(row) for row in batch])


def begin_anew(session: Session, *, known_at: datetime) -> None:
    """Forget what was planned and sent; everything stored counts as known at `known_at` if not before.

    A unit without a working channel gets one of kind `none`, so that what nobody would hear
    shows, and nobody is introduced or told of troubles. The caller owns the transaction.
    """
    for row in (AttemptRow, ReminderRow, SummaryRow, DeliveryRow):
        session.connection().execute(delete(row))
    n, o, s, r = NoticeRow, OccurrenceRow, SubscriptionRow, RecipientRow
    for late in (
        update(n).where(col(n.ingested_at) > known_at).values(ingested_at=known_at),
        update(o).where(col(o.known_at) > known_at).values(known_at=known_at),
        update(s).where(col(s.created_at) > known_at).values(created_at=known_at),
        update(s).values(introduced_at=known_at),
        update(r).values(is_operator=False),
    ):
        session.connection().execute(late)
    still_open = col(OccurrenceRow.state) == OccurrenceState.OPEN
    session.connection().execute(update(OccurrenceRow).where(still_open).values(next_at=AT_ONCE))
    heard = (
        select(col(s.unit_code))
        .join(r, col(r.id) == col(s.recipient_id))
        .where(col(s.ended_at).is_(None), col(r.state) == RecipientState.ACTIVE)
    )
    for code in session.scalars(select(col(UnitRow.code)).where(col(UnitRow.code).not_in(heard))).all():
        name = f"{NO_CHANNEL}-{code}"
        session.add(RecipientRow(id=name, kind=NO_CHANNEL, fingerprint=name, address="", created_at=known_at))
        session.flush()
        session.add(
            SubscriptionRow(
                id=name,
                unit_code=code,
                recipient_id=name,
                role=Role.HANDLER,
                created_at=known_at,
                introduced_at=known_at,
            )
        )


def next_instant(session: Session, *, after: datetime) -> datetime | None:
    """Return the next instant at which there may be something to plan or to send."""
    o, r, d = OccurrenceRow, ReminderRow, DeliveryRow
    unbundled = (col(r.state) == ReminderState.PLANNED, col(r.delivery_id).is_(None))
    queries = (
        select(func.min(col(o.next_at))).where(col(o.next_at) > after),
        select(func.min(col(r.send_at))).where(*unbundled, col(r.send_at) > after),
        select(func.min(col(d.send_at))).where(col(d.state) == DeliveryState.PENDING, col(d.send_at) > after),
    )
    instants = [session.connection().scalar(query) for query in queries]
    return min((instant for instant in instants if instant), default=None)


@dataclass(frozen=True, slots=True)
class Duty:
    """An occurrence that somebody may close."""

    occurrence_id: str
    unit_code: str
    written_on: date
    due_on: date
    safe_on: date | None
    overdue_from: date
    known_at: datetime


def duties(session: Session) -> list[Duty]:
    """Return the open occurrences that are no rights, by id."""
    o = OccurrenceRow
    query = (
        select(
            col(o.id),
            col(o.unit_code),
            col(o.written_on),
            col(o.due_on),
            col(o.safe_on),
            col(o.overdue_from),
            col(o.known_at),
        )
        .join(ObligationRow, col(ObligationRow.id) == col(o.obligation_id))
        .where(col(o.state) == OccurrenceState.OPEN, col(ObligationRow.kind) != Kind.RIGHT)
        .order_by(col(o.id))
    )
    return [Duty(*row) for row in session.connection().execute(query)]


def close(session: Session, occurrence_ids: Sequence[str], *, now: datetime, today: date) -> None:
    """Close those of these occurrences that are still open, all at once and without a history; void their reminders."""
    o = OccurrenceRow
    still_open = (among(col(o.id), "which"), col(o.state) == OccurrenceState.OPEN)
    closed = {"state": OccurrenceState.CLOSED, "finished_on": today, "changed_at": now, "next_at": None}
    session.connection().execute(update(o).where(*still_open).values(**closed), {"which": occurrence_ids})
    occurrences.void_reminders(session, occurrence_ids)


@dataclass(frozen=True, slots=True)
class Carried:
    """One reminder of a delivery, with its unit and the dates of its occurrence."""

    occurrence_id: str
    unit_code: str
    unit_name: str
    role: str
    action: str
    written_on: date
    due_on: date
    safe_on: date | None
    step: str
    reason: str


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """One delivery to one recipient; what is most pressing stands first.

    `at` is when it arrived, or, where it did not, when it should have: then `trouble` names why its
    last attempt failed, `None` where there was none.
    """

    at: datetime
    kind: str
    address: str
    carries: tuple[Carried, ...]
    attempts: int
    trouble: str | None


def deliveries_made(session: Session) -> Iterator[Rehearsed]:
    """Yield every delivery that was sent, in order."""
    d, r = DeliveryRow, ReminderRow
    sent = (col(d.state) == DeliveryState.SENT, col(r.state) == ReminderState.SENT)
    return _rehearsed(session, col(d.finished_at), null(), sent)


def deliveries_not_made(session: Session) -> Iterator[Rehearsed]:
    """Yield every delivery that was given up or still waits, with what it still has to say, in order."""
    d, r, a = DeliveryRow, ReminderRow, AttemptRow
    last = select(col(a.reason)).where(col(a.delivery_id) == col(d.id)).order_by(col(a.id).desc()).limit(1)
    unsent = (
        col(d.state).in_([DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.FAILED]),
        col(r.state).in_([ReminderState.PLANNED, ReminderState.FAILED]),
    )
    return _rehearsed(session, col(d.created_at), last.scalar_subquery(), unsent)


def _rehearsed(session: Session, at: Any, trouble: Any, which: Iterable[Any]) -> Iterator[Rehearsed]:
    d, r, o, who = DeliveryRow, ReminderRow, OccurrenceRow, RecipientRow
    query: Any = (
        select(
            col(d.id),
            at.label("at"),
            col(d.attempts),
            trouble.label("trouble"),
            col(who.kind),
            col(who.address),
            col(o.id).label("occurrence_id"),
            col(o.unit_code),
            col(UnitRow.name).label("unit_name"),
            col(r.role),
            col(ObligationRow.action),
            col(o.written_on),
            col(o.due_on),
            col(o.safe_on),
            col(r.step),
            col(r.reason),
        )
        .join(r, col(r.delivery_id) == col(d.id))
        .join(o, col(o.id) == col(r.occurrence_id))
        .join(ObligationRow, col(ObligationRow.id) == col(o.obligation_id))
        .join(who, col(who.id) == col(d.recipient_id))
        .join(UnitRow, col(UnitRow.code) == col(o.unit_code))
        .where(*which)
        .order_by(at, col(d.id), col(o.safe_on), col(o.id))
    )
    fields = [field.name for field in dataclasses.fields(Carried)]
    for _, rows in groupby(session.connection().execute(query), key=lambda row: row.id):
        carried = list(rows)
        first = carried[0]
        yield Rehearsed(
            at=first.at,
            kind=first.kind,
            address=first.address,
            carries=tuple(Carried(**{name: getattr(row, name) for name in fields}) for row in carried),
            attempts=first.attempts,
            trouble=first.trouble,
        )
