"""What a calendar is made of: the occurrences of a unit, of several, of a notice, of a regulator, or of one right."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVarTuple

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, true
from sqlmodel import Session, col

from obligations.kind import Kind
from store.rows import ChangeRow, NoticeRow, ObligationRow, OccurrenceRow
from store.states import ChangeKind, FeedScope, OccurrenceState

BETWEEN_UNITS = ","
Columns = TypeVarTuple("Columns")


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose occurrences: `target` is a unit's code, several with commas, a notice's or an obligation's id, or a name.

    A regulator is meant by (part of) the name of who receives a filing, else of the issuer.
    """

    kind: FeedScope
    target: str


@dataclass(frozen=True, slots=True)
class Pulse:
    """What moves whenever anything in a calendar changes: compared, not understood.

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
    unit_code: str
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


def pulse_of(session: Session, scope: Scope) -> Pulse:
    """Return the pulse of what a calendar of `scope` is made of."""
    query = select(
        func.count(col(OccurrenceRow.id)),
        func.max(col(OccurrenceRow.changed_at)),
        func.coalesce(func.sum(col(OccurrenceRow.sequence)), 0),
        func.coalesce(func.sum(col(OccurrenceRow.version)), 0),
    )
    return Pulse(*session.execute(_within(query, scope)).one())


def find_items(session: Session, occurrence_ids: Collection[str]) -> dict[str, FeedItem]:
    """Return occurrences by id, as a calendar shows them, whatever their state and day."""
    query = (
        select(*_columns())
        .select_from(OccurrenceRow)
        .join(ObligationRow, col(ObligationRow.id) == col(OccurrenceRow.obligation_id))
        .join(NoticeRow, col(NoticeRow.id) == col(ObligationRow.notice_id))
        .where(col(OccurrenceRow.id).in_(sorted(occurrence_ids)))
    )
    return {row["id"]: FeedItem(**row) for row in session.execute(query).mappings()}


def list_items(
    session: Session, scope: Scope, *, horizon: date, settled_since: datetime, ended_since: date, done: bool = True
) -> list[FeedItem]:
    """Return what a calendar of `scope` holds, without what is closed where `done` is false.

    That is: what is open with a day up to `horizon` (a right that ended before `ended_since`
    aside), and what was closed, waived or withdrawn at `settled_since` or later.
    """
    day = func.coalesce(col(OccurrenceRow.safe_on), col(OccurrenceRow.due_on))
    gone = and_(col(ObligationRow.kind) == Kind.RIGHT.value, col(OccurrenceRow.overdue_from) < ended_since)
    settled = col(OccurrenceRow.state).in_([OccurrenceState.CLOSED, OccurrenceState.WAIVED, OccurrenceState.RETIRED])
    shown = true() if done else col(OccurrenceRow.state) != OccurrenceState.CLOSED
    query = (
        _within(select(*_columns()), scope)
        .where(day <= horizon, shown)
        .where(
            or_(
                and_(col(OccurrenceRow.state) == OccurrenceState.OPEN, ~gone),
                and_(settled, col(OccurrenceRow.changed_at) >= settled_since),
            )
        )
    )
    return [FeedItem(**row) for row in session.execute(query).mappings()]


def list_former_dates(session: Session, scope: Scope) -> dict[str, Mapping[str, Any]]:
    """Return, by occurrence, what the last change of its dates replaced."""
    query = (
        _within(select(col(ChangeRow.occurrence_id), col(ChangeRow.old)), scope)
        .join(ChangeRow, col(ChangeRow.occurrence_id) == col(OccurrenceRow.id))
        .where(col(ChangeRow.kind) == ChangeKind.DATES)
        .order_by(col(ChangeRow.at), col(ChangeRow.id))
    )
    return {occurrence_id: old for occurrence_id, old in session.execute(query) if occurrence_id}


def last_left(
    session: Session, scope: Scope, *, settled_since: datetime, ended_since: date
) -> tuple[datetime | None, date | None]:
    """Return the latest `changed_at` of what left the calendar settled, and the latest end of a right that left it."""
    settled = col(OccurrenceRow.state).in_([OccurrenceState.CLOSED, OccurrenceState.WAIVED, OccurrenceState.RETIRED])
    left = and_(settled, col(OccurrenceRow.changed_at) < settled_since)
    ended = and_(
        col(OccurrenceRow.state) == OccurrenceState.OPEN,
        col(ObligationRow.kind) == Kind.RIGHT.value,
        col(OccurrenceRow.overdue_from) < ended_since,
    )
    query = select(
        func.max(case((left, col(OccurrenceRow.changed_at)))),
        func.max(case((ended, col(OccurrenceRow.overdue_from)))),
    )
    row = session.execute(_within(query, scope)).one()
    return row[0], row[1]


def _columns() -> list[Any]:
    of_occurrence = (
        "id unit_code state written_on due_on due_at safe_on overdue_from act_now provisional fixed_reading readings "
        "trace version sequence known_at changed_at"
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


def _within(query: Select[*Columns], scope: Scope) -> Select[*Columns]:
    """Join what a calendar is made of, and keep to the scope."""
    return (
        query.select_from(OccurrenceRow)
        .join(ObligationRow, col(ObligationRow.id) == col(OccurrenceRow.obligation_id))
        .join(NoticeRow, col(NoticeRow.id) == col(ObligationRow.notice_id))
        .where(_of(scope))
    )


def _of(scope: Scope) -> ColumnElement[bool]:
    if scope.kind is FeedScope.NOTICE:
        return col(ObligationRow.notice_id) == scope.target
    if scope.kind is FeedScope.OBJECTION:
        return and_(col(ObligationRow.id) == scope.target, col(ObligationRow.kind) == Kind.RIGHT.value)
    if scope.kind is FeedScope.REGULATOR:
        receiver = func.coalesce(col(ObligationRow.recipient), col(NoticeRow.issuer), "")
        return receiver.contains(scope.target, autoescape=True)
    return col(OccurrenceRow.unit_code).in_(scope.target.split(BETWEEN_UNITS))
