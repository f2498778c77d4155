"""What the pages read: occurrences with the light of a day, one occurrence with its history and proof, notices, units.

The light of a row is computed by the database, so that counts, filters, order and pages agree
whatever their number; `obligations.status.light_of` states the same rule for one occurrence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVarTuple

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlmodel import Session, col

from obligations.kind import Kind
from obligations.status import Status
from store import notices, obligations, occurrences, units
from store.recipients import mailbox_of
from store.rows import (
    AssignmentRow,
    AttemptRow,
    ChangeRow,
    DeliveryRow,
    NoticeRow,
    ObligationRow,
    OccurrenceRow,
    RecipientRow,
    ReminderRow,
    UnitRow,
)
from store.states import ChangeKind, ObligationState, OccurrenceState

Columns = TypeVarTuple("Columns")

LAST_DAY = "last_day"
NEAR = "near"
NOT_OPEN = "not_open"
NORMAL = "normal"
PENDING = (Status.OVERDUE.value, Status.AT_RISK.value, LAST_DAY, NEAR, NORMAL, NOT_OPEN)
SETTLED = (Status.CLOSED.value, Status.CLOSED_LATE.value, Status.WAIVED.value, Status.ENDED.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which occurrences, seen on which day.

    `second_day` and `near_end` bound the yellow lights: a safe day before `second_day` leaves
    one working day or none, one before `near_end` is near. `unit` is a code, `notice` an id.
    """

    as_of: date
    second_day: date
    near_end: date
    unit: str | None = None
    notice: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow:
    """One occurrence as a line of the board."""

    id: str
    light: str
    period: str
    state: str
    written_on: date
    due_on: date
    due_at: datetime
    safe_on: date | None
    opens_on: date | None
    overdue_from: date
    finished_on: date | None
    act_now: bool
    provisional: bool
    moved: bool
    changed_at: datetime
    unit_code: str
    unit_name: str
    obligation_id: str
    kind: str
    action: str
    deliverable: str | None
    recipient: str | None
    notice_id: str
    notice_title: str | None
    doc_number: str | None
    issuer: str | None


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that a filter offers, with the name a person knows it by."""

    value: str
    name: str


@dataclass(frozen=True, slots=True)
class Case:
    """One occurrence with all it rests on."""

    occurrence: OccurrenceRow
    obligation: ObligationRow
    notice: NoticeRow
    unit: UnitRow


@dataclass(frozen=True, slots=True)
class Message:
    """One reminder of an occurrence: whom it speaks to, the delivery that carried it, every try to send that."""

    reminder: ReminderRow
    recipient: RecipientRow
    delivery: DeliveryRow | None
    attempts: Sequence[AttemptRow]

    @property
    def mailbox(self) -> str | None:
        """The mail address; `None` for a webhook."""
        return mailbox_of(self.recipient)


def list_choices(session: Session) -> tuple[list[Choice], list[Choice]]:
    """Return the units and the notices that have occurrences: what the board can be narrowed to."""
    with_work = (
        select(col(UnitRow.code), col(UnitRow.name))
        .where(col(UnitRow.code).in_(select(col(OccurrenceRow.unit_code))))
        .order_by(col(UnitRow.code))
    )
    with_dates = select(col(ObligationRow.notice_id)).where(
        col(ObligationRow.id).in_(select(col(OccurrenceRow.obligation_id)))
    )
    name = func.coalesce(col(NoticeRow.title), col(NoticeRow.doc_number), col(NoticeRow.issuer), col(NoticeRow.id))
    dated = select(col(NoticeRow.id), name).where(col(NoticeRow.id).in_(with_dates)).order_by(name)
    return (
        [Choice(*row) for row in session.execute(with_work)],
        [Choice(*row) for row in session.execute(dated)],
    )


def count_by_light(session: Session, scope: Scope) -> dict[str, int]:
    """Return how many occurrences stand under each light; a light with none is missing."""
    light = _light(scope).label("light")
    rows = session.execute(_within(select(light, func.count()), scope).group_by(light))
    return {row[0]: row[1] for row in rows}


def list_rows(session: Session, scope: Scope, lights: Sequence[str], *, limit: int, offset: int) -> list[BoardRow]:
    """Return the rows under `lights`: the longest overdue first, then by safe day (none left counts as earliest)."""
    light = _light(scope)
    overdue = light == Status.OVERDUE.value
    query = (
        _within(select(*_columns(light)), scope)
        .where(light.in_(lights))
        .order_by(
            case((overdue, 0), else_=1),
            case((overdue, col(OccurrenceRow.overdue_from))),
            case((col(OccurrenceRow.safe_on).is_(None), 0), else_=1),
            col(OccurrenceRow.safe_on),
            col(UnitRow.name),
            col(OccurrenceRow.id),
        )
        .limit(limit)
        .offset(offset)
    )
    return [BoardRow(**row) for row in session.execute(query).mappings()]


def find_row(session: Session, scope: Scope, occurrence_id: str) -> BoardRow:
    """Return one occurrence, which exists, as a line of the board, whatever its light."""
    query = _within(select(*_columns(_light(scope))), scope).where(col(OccurrenceRow.id) == occurrence_id)
    return BoardRow(**session.execute(query).mappings().one())


def find_case(session: Session, occurrence_id: str) -> Case:
    """Return the occurrence with its obligation, notice and unit.

    Raises:
        NotFound: there is no such occurrence.
    """
    occurrence = occurrences.get(session, occurrence_id)
    duty = obligations.get(session, occurrence.obligation_id)
    return Case(occurrence, duty, notices.get(session, duty.notice_id), units.get(session, occurrence.unit_code))


def list_messages(session: Session, occurrence_id: str) -> list[Message]:
    """Return the reminders of an occurrence with their proof, in the order in which they are to be sent."""
    query = (
        select(ReminderRow, RecipientRow, DeliveryRow)
        .join(RecipientRow, col(RecipientRow.id) == col(ReminderRow.recipient_id))
        .outerjoin(DeliveryRow, col(DeliveryRow.id) == col(ReminderRow.delivery_id))
        .where(col(ReminderRow.occurrence_id) == occurrence_id)
        .order_by(col(ReminderRow.send_at), col(ReminderRow.id))
    )
    found = session.execute(query).all()
    tries: dict[str, list[AttemptRow]] = {}
    deliveries = {delivery.id for _, _, delivery in found if delivery}
    query_tries = select(AttemptRow).where(col(AttemptRow.delivery_id).in_(deliveries)).order_by(col(AttemptRow.id))
    for attempt in session.execute(query_tries).scalars():
        tries.setdefault(attempt.delivery_id, []).append(attempt)
    return [
        Message(reminder, recipient, delivery, tries.get(delivery.id, []) if delivery else [])
        for reminder, recipient, delivery in found
    ]


def list_units(session: Session, scope: Scope) -> list[tuple[UnitRow, Mapping[str, int]]]:
    """Return every unit with its counts by light, by name."""
    light = _light(scope).label("light")
    counts: dict[str, dict[str, int]] = {}
    query = _within(select(col(OccurrenceRow.unit_code), light, func.count()), scope)
    for code, key, count in session.execute(query.group_by(col(OccurrenceRow.unit_code), light)):
        counts.setdefault(code, {})[key] = count
    return [(unit, counts.get(unit.code, {})) for unit in units.listing(session)]


def list_notices(session: Session) -> list[tuple[NoticeRow, Mapping[str, int]]]:
    """Return every notice, the last ingested first, with the number of its obligations by kind."""
    counts: dict[str, dict[str, int]] = {}
    query = select(col(ObligationRow.notice_id), col(ObligationRow.kind), func.count())
    for notice_id, kind, count in session.execute(query.group_by(ObligationRow.notice_id, ObligationRow.kind)):
        counts.setdefault(notice_id, {})[kind] = count
    return [(notice, counts.get(notice.id, {})) for notice in reversed(notices.listing(session))]


def list_obligations(session: Session, notice_id: str) -> Sequence[ObligationRow]:
    """Return all that was derived from a notice, in the order of its text."""
    query = select(ObligationRow).where(col(ObligationRow.notice_id) == notice_id)
    return session.execute(query.order_by(col(ObligationRow.start), col(ObligationRow.seq))).scalars().all()


def count_occurrences(session: Session, notice_id: str) -> dict[str, int]:
    """Return the number of occurrences of each obligation of a notice."""
    query = (
        select(col(OccurrenceRow.obligation_id), func.count())
        .join(ObligationRow, col(ObligationRow.id) == col(OccurrenceRow.obligation_id))
        .where(col(ObligationRow.notice_id) == notice_id)
        .group_by(col(OccurrenceRow.obligation_id))
    )
    return {row[0]: row[1] for row in session.execute(query)}


def list_undated(session: Session, unit: str | None = None) -> list[tuple[ObligationRow, NoticeRow, list[UnitRow]]]:
    """Return what lacks something before it can have a date (待定) or waits for a person, with its units."""
    wanted = _undated_ids(session, unit)
    query = (
        select(ObligationRow, NoticeRow)
        .join(NoticeRow, col(NoticeRow.id) == col(ObligationRow.notice_id))
        .where(col(ObligationRow.id).in_(wanted))
        .order_by(col(NoticeRow.ingested_at).desc(), col(NoticeRow.id), col(ObligationRow.start))
    )
    on = obligations.assigned(session, wanted)
    return [(duty, notice, on.get(duty.id, [])) for duty, notice in session.execute(query)]


def count_undated(session: Session, unit: str | None = None) -> int:
    """Return the length of that list."""
    return len(_undated_ids(session, unit))


def _undated_ids(session: Session, unit: str | None) -> list[str]:
    states = [ObligationState.ACTIVE, ObligationState.DRAFT]
    query = select(col(ObligationRow.id), col(ObligationRow.state), col(ObligationRow.missing)).where(
        col(ObligationRow.kind) != Kind.NOTE.value, col(ObligationRow.state).in_(states)
    )
    if unit is not None:
        assigned = select(col(AssignmentRow.obligation_id)).where(col(AssignmentRow.unit_code) == unit)
        query = query.where(col(ObligationRow.id).in_(assigned))
    # The list is a JSON column, which queries do not look into.
    return [id_ for id_, state, missing in session.execute(query) if missing or state == ObligationState.DRAFT]


def _within(query: Select[*Columns], scope: Scope) -> Select[*Columns]:
    """Join what a line shows, and keep to the unit and the notice asked for."""
    query = (
        query.select_from(OccurrenceRow)
        .join(ObligationRow, col(ObligationRow.id) == col(OccurrenceRow.obligation_id))
        .join(NoticeRow, col(NoticeRow.id) == col(ObligationRow.notice_id))
        .join(UnitRow, col(UnitRow.code) == col(OccurrenceRow.unit_code))
    )
    if scope.unit is not None:
        query = query.where(col(OccurrenceRow.unit_code) == scope.unit)
    if scope.notice is not None:
        query = query.where(col(ObligationRow.notice_id) == scope.notice)
    return query


def _columns(light: ColumnElement[str]) -> list[Any]:
    own = (
        "id period state written_on due_on due_at safe_on opens_on overdue_from finished_on act_now provisional "
        "changed_at unit_code obligation_id"
    )
    return [
        light.label("light"),
        _moved().label("moved"),
        *(col(getattr(OccurrenceRow, name)) for name in own.split()),
        *(col(getattr(ObligationRow, name)) for name in ("kind", "action", "deliverable", "recipient", "notice_id")),
        col(UnitRow.name).label("unit_name"),
        col(NoticeRow.title).label("notice_title"),
        col(NoticeRow.doc_number),
        col(NoticeRow.issuer),
    ]


def _moved() -> ColumnElement[bool]:
    """Whether a date of the occurrence ever changed."""
    of_dates = col(ChangeRow.kind) == ChangeKind.DATES
    return select(ChangeRow).where(col(ChangeRow.occurrence_id) == col(OccurrenceRow.id), of_dates).exists()


def _light(scope: Scope) -> ColumnElement[str]:
    """State the rule of `obligations.status.light_of` in SQL; a test compares the two on every branch."""
    state, safe_on = col(OccurrenceRow.state), col(OccurrenceRow.safe_on)
    finished_on, overdue_from = col(OccurrenceRow.finished_on), col(OccurrenceRow.overdue_from)
    finished = and_(finished_on.is_not(None), finished_on <= scope.as_of)
    past = overdue_from <= scope.as_of
    return case(
        (state.in_([OccurrenceState.HISTORIC, OccurrenceState.RETIRED]), state),
        (and_(finished, state == OccurrenceState.WAIVED), Status.WAIVED.value),
        (and_(finished, finished_on < overdue_from), Status.CLOSED.value),
        (finished, Status.CLOSED_LATE.value),
        (and_(past, col(ObligationRow.kind) == Kind.RIGHT.value), Status.ENDED.value),
        (past, Status.OVERDUE.value),
        (or_(safe_on.is_(None), safe_on < scope.as_of), Status.AT_RISK.value),
        (safe_on < scope.second_day, LAST_DAY),
        (safe_on < scope.near_end, NEAR),
        (col(OccurrenceRow.opens_on) > scope.as_of, NOT_OPEN),
        else_=NORMAL,
    )
