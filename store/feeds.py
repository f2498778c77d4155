"""Calendar addresses, and what a unit's calendar is made of."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import uuid4

from sqlalchemy import and_, bindparam, case, func, or_, select, update
from sqlmodel import Session, col

from obligations.kind import Kind
from store import units
from store.rows import ChangeRow, FeedRow, NoticeRow, ObligationRow, OccurrenceRow, UnitRow
from store.states import ChangeKind, OccurrenceState

SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Feed:
    """One calendar address as its reader meets it."""

    id: str
    unit_code: str
    unit_name: str
    created_at: datetime
    revoked_at: datetime | None
    fetched_at: datetime | None
    client: str | None


@dataclass(frozen=True, slots=True)
class Pulse:
    """What moves whenever anything in a unit's calendar changes: compared, not understood.

    Whoever changes what an entry shows also moves the occurrence's `changed_at`: a calendar
    reader would not apply the change otherwise.
    """

    occurrences: int
    changed_at: datetime | None
    sequences: int
    versions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedItem:
    """One occurrence with what its calendar entry says; `sentence` is cut out of the stored notice."""

    id: str
    state: str
    written_on: date
    due_on: date
    due_at: datetime
    safe_on: date | None
    overdue_from: date
    act_now: bool
    provisional: bool
    fixed_reading: str | None
    readings: Sequence[Mapping[str, Any]]
    trace: Sequence[Mapping[str, Any]]
    version: int
    sequence: int
    known_at: datetime
    changed_at: datetime
    kind: str
    action: str
    deliverable: str | None
    recipient: str | None
    channel: Mapping[str, Any]
    deadline: Mapping[str, Any]
    article: str | None
    consequence: str | None
    notice_title: str | None
    issuer: str | None
    doc_number: str | None
    sentence: str


_FIND = (
    select(
        *(col(getattr(FeedRow, name)) for name in ("id", "unit_code")),
        col(UnitRow.name),
        *(col(getattr(FeedRow, name)) for name in ("created_at", "revoked_at", "fetched_at", "client")),
        func.count(col(OccurrenceRow.id)),
        func.max(col(OccurrenceRow.changed_at)),
        func.coalesce(func.sum(col(OccurrenceRow.sequence)), 0),
        func.coalesce(func.sum(col(OccurrenceRow.version)), 0),
    )
    .join(UnitRow, col(UnitRow.code) == col(FeedRow.unit_code))
    .outerjoin(OccurrenceRow, col(OccurrenceRow.unit_code) == col(FeedRow.unit_code))
    .where(col(FeedRow.secret_sha256) == bindparam("digest"))
    .group_by(col(FeedRow.id), col(UnitRow.name))
)  # built once: to put it together costs more than to run it


def create_feed(session: Session, unit_code: str, *, now: datetime, label: str | None = None) -> str:
    """Add a calendar address for a unit; return its secret, which is kept nowhere.

    Raises:
        NotFound: there is no such unit.
    """
    units.get(session, unit_code)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    session.add(
        FeedRow(id=uuid4().hex, unit_code=unit_code, secret_sha256=_digest(secret), label=label, created_at=now)
    )
    return secret


def find_feed(session: Session, secret: str) -> tuple[Feed, Pulse] | None:
    """Return the address with this secret and the pulse of its calendar.

    The search is by the secret's digest, so its time says nothing about the secret. Every poll
    of every reader asks this, and most need nothing more.
    """
    row = session.connection().execute(_FIND, {"digest": _digest(secret)}).one_or_none()
    return (Feed(*row[:7]), Pulse(*row[7:])) if row else None


def note_fetch(session: Session, feed_id: str, *, now: datetime, client: str | None) -> None:
    """Keep when a calendar was last asked for, and by which program, for its owner to see."""
    session.execute(update(FeedRow).where(col(FeedRow.id) == feed_id).values(fetched_at=now, client=client))


def list_items(
    session: Session, unit_code: str, *, horizon: date, settled_since: datetime, ended_since: date
) -> list[FeedItem]:
    """Return what a unit's calendar holds.

    That is: what is open with a day up to `horizon` (a right that ended before `ended_since`
    aside), and what was closed, waived or withdrawn at `settled_since` or later.
    """
    day = func.coalesce(col(OccurrenceRow.safe_on), col(OccurrenceRow.due_on))
    gone = and_(col(ObligationRow.kind) == Kind.RIGHT.value, col(OccurrenceRow.overdue_from) < ended_since)
    settled = col(OccurrenceRow.state).in_([OccurrenceState.CLOSED, OccurrenceState.WAIVED, OccurrenceState.RETIRED])
    query = (
        select(*_columns())
        .select_from(OccurrenceRow)
        .join(ObligationRow, col(ObligationRow.id) == col(OccurrenceRow.obligation_id))
        .join(NoticeRow, col(NoticeRow.id) == col(ObligationRow.notice_id))
        .where(col(OccurrenceRow.unit_code) == unit_code, day <= horizon)
        .where(
            or_(
                and_(col(OccurrenceRow.state) == OccurrenceState.OPEN, ~gone),
                and_(settled, col(OccurrenceRow.changed_at) >= settled_since),
            )
        )
    )
    return [FeedItem(**row) for row in session.execute(query).mappings()]


def list_former_dates(session: Session, unit_code: str) -> dict[str, Mapping[str, Any]]:
    """Return, by occurrence, what the last change of its dates replaced."""
    query = (
        select(col(ChangeRow.occurrence_id), col(ChangeRow.old))
        .join(OccurrenceRow, col(OccurrenceRow.id) == col(ChangeRow.occurrence_id))
        .where(col(OccurrenceRow.unit_code) == unit_code, col(ChangeRow.kind) == ChangeKind.DATES)
        .order_by(col(ChangeRow.at), col(ChangeRow.id))
    )
    return {occurrence_id: old for occurrence_id, old in session.execute(query) if occurrence_id}


def last_left(
    session: Session, unit_code: str, *, settled_since: datetime, ended_since: date
) -> tuple[datetime | None, date | None]:
    """Return the latest `changed_at` of what left the calendar settled, and the latest end of a right that left it."""
    settled = col(OccurrenceRow.state).in_([OccurrenceState.CLOSED, OccurrenceState.WAIVED, OccurrenceState.RETIRED])
    left = and_(settled, col(OccurrenceRow.changed_at) < settled_since)
    ended = and_(
        col(OccurrenceRow.state) == OccurrenceState.OPEN,
        col(ObligationRow.kind) == Kind.RIGHT.value,
        col(OccurrenceRow.overdue_from) < ended_since,
    )
    query = (
        select(
            func.max(case((left, col(OccurrenceRow.changed_at)))),
            func.max(case((ended, col(OccurrenceRow.overdue_from)))),
        )
        .select_from(OccurrenceRow)
        .join(ObligationRow, col(ObligationRow.id) == col(OccurrenceRow.obligation_id))
        .where(col(OccurrenceRow.unit_code) == unit_code)
    )
    row = session.execute(query).one()
    return row[0], row[1]


def _columns() -> list[Any]:
    of_occurrence = (
        "id state written_on due_on due_at safe_on overdue_from act_now provisional fixed_reading readings trace "
        "version sequence known_at changed_at"
    )
    of_obligation = "kind action deliverable recipient channel deadline article consequence"
    start, end = col(ObligationRow.evidence_start), col(ObligationRow.evidence_end)
    return [
        *(col(getattr(OccurrenceRow, name)) for name in of_occurrence.split()),
        *(col(getattr(ObligationRow, name)) for name in of_obligation.split()),
        col(NoticeRow.title).label("notice_title"),
        col(NoticeRow.issuer),
        col(NoticeRow.doc_number),
        func.substr(col(NoticeRow.text), start + 1, end - start).label("sentence"),
    ]


def _digest(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
