"""Reminders: which occurrences planning must look at, and what it decided, each reminder once.

The caller owns the transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlmodel import Session, col

from obligations.kind import Kind
from obligations.reminders import Decided, Situation, Subscriber
from obligations.timetable import parse_contact_hours
from store.occurrences import get
from store.prepared import INSERTS, Prepared, values_of
from store.rows import ObligationRow, OccurrenceRow, RecipientRow, ReminderRow, Role, SubscriptionRow
from store.states import ChannelKind, OccurrenceState, RecipientState, ReminderState

_SET_NEXT = Prepared(
    update(OccurrenceRow).where(col(OccurrenceRow.id) == bindparam("which")).values(next_at=bindparam("at"))
)

_CASES = select(
    col(OccurrenceRow.id),
    col(OccurrenceRow.version),
    col(OccurrenceRow.unit_code),
    col(ObligationRow.notice_id),
    col(OccurrenceRow.obligation_id),
    col(OccurrenceRow.state),
    col(OccurrenceRow.safe_on),
    col(OccurrenceRow.overdue_from),
    col(OccurrenceRow.known_at),
    col(OccurrenceRow.act_now),
    col(OccurrenceRow.next_at),
    col(OccurrenceRow.signed_at),
    col(ObligationRow.kind),
    col(ObligationRow.deadline)["freq"].as_string().label("freq"),
).join(ObligationRow, col(ObligationRow.id) == col(OccurrenceRow.obligation_id))

AT_ONCE = datetime(2000, 1, 1, tzinfo=UTC)
"""A `next_at` that has come by any clock, even one that a demonstration set back."""


@dataclass(frozen=True, slots=True)
class PlanningCase:
    """An occurrence that planning must look at."""

    occurrence_id: str
    version: int
    unit_code: str
    notice_id: str
    obligation_id: str
    freq: str | None
    """How often the obligation repeats, as `obligations.deadline.Freq`; `None` where it does not."""
    kind: Kind
    next_at: datetime | None
    """When planning looks at it again: steps before this instant are on record; `None` for never."""
    situation: Situation


def due_for_planning(session: Session, *, now: datetime, limit: int) -> list[PlanningCase]:
    """Return up to `limit` occurrences whose `next_at` has come, earliest first.

    On PostgreSQL they stay locked until the transaction ends, and those that another planner
    holds are passed over; on SQLite a writing session is alone anyway.
    """
    o = OccurrenceRow
    query = _CASES.where(col(o.next_at) <= now).order_by(col(o.next_at)).limit(limit)
    return [_case(row) for row in session.connection().execute(query.with_for_update(skip_locked=True, of=o))]


def planning_case(session: Session, occurrence_id: str) -> PlanningCase:
    """Return what planning sees of one occurrence.

    Raises:
        NotFound: there is no such occurrence.
    """
    get(session, occurrence_id)
    return _case(session.connection().execute(_CASES.where(col(OccurrenceRow.id) == occurrence_id)).one())


def _case(row: Any) -> PlanningCase:
    return PlanningCase(
        occurrence_id=row.id,
        version=row.version,
        unit_code=row.unit_code,
        notice_id=row.notice_id,
        obligation_id=row.obligation_id,
        freq=row.freq,
        kind=Kind(row.kind),
        next_at=row.next_at,
        situation=Situation(
            is_open=row.state == OccurrenceState.OPEN,
            safe_on=row.safe_on,
            overdue_from=row.overdue_from,
            known_at=row.known_at,
            act_now=row.act_now,
            is_right=row.kind == Kind.RIGHT,
            is_signed=row.signed_at is not None,
        ),
    )


def planning_is_due(session: Session, *, now: datetime) -> bool:
    """Whether any occurrence waits to be looked at."""
    query = select(col(OccurrenceRow.id)).where(col(OccurrenceRow.next_at) <= now).limit(1)
    return session.connection().scalar(query) is not None


def subscribers_of(session: Session, unit_codes: Collection[str]) -> Mapping[str, list[Subscriber]]:
    """Return the working subscriptions of each of these units; those of a unit without any are an empty list."""
    s, r = SubscriptionRow, RecipientRow
    query = (
        select(
            col(s.unit_code), col(s.recipient_id), col(s.role), col(s.created_at), col(r.zone), col(r.quiet), col(s.id)
        )
        .join(r, col(r.id) == col(s.recipient_id))
        .where(col(s.unit_code).in_(unit_codes), col(s.ended_at).is_(None), col(r.state) == RecipientState.ACTIVE)
        .order_by(col(s.id))
    )
    found: dict[str, list[Subscriber]] = defaultdict(list)
    for unit_code, recipient_id, role, since, zone, quiet, subscription in session.connection().execute(query):
        contact_hours = parse_contact_hours(zone, quiet)
        found[unit_code].append(Subscriber(recipient_id, Role(role), since, contact_hours, subscription))
    return found


def count_recipients(session: Session) -> int:
    """Return the number of working recipients, apart from what stands in a rehearsal for those that are missing."""
    r = RecipientRow
    query = select(func.count()).where(col(r.state) == RecipientState.ACTIVE, col(r.kind).in_([*ChannelKind]))
    return session.connection().scalar(query) or 0


def record(session: Session, decided: Iterable[tuple[PlanningCase, Decided]]) -> int:
    """Write reminders down, each once; return how many are new and to be sent.

    What exists stays as it is, except that a reminder which still waits to be bundled
    collapses into the later step that now speaks for it.
    """
    planned: list[dict[str, Any]] = []
    collapsed: list[dict[str, Any]] = []
    for case, step in decided:
        state = ReminderState.COLLAPSED if step.collapsed else ReminderState.PLANNED
        (collapsed if step.collapsed else planned).append(
            {
                "occurrence_id": case.occurrence_id,
                "version": case.version,
                "step": step.step,
                "recipient_id": step.subscriber,
                "role": step.role,
                "state": state,
                "reason": step.reason,
                "planned_at": step.planned_at,
                "send_at": step.send_at,
                "urgent": step.urgent,
            }
        )
    connection = session.connection()
    _COLLAPSE.run_many(connection, collapsed)
    return _PLAN.run_many(connection, planned)


_KEY = ["occurrence_id", "version", "step", "recipient_id"]
_NEW = values_of(ReminderRow, [*_KEY, "role", "state", "reason", "planned_at", "send_at", "urgent"])
_PLAN = Prepared(lambda insert: insert(ReminderRow).values(_NEW).on_conflict_do_nothing(index_elements=_KEY))


def _collapsing(insert: Any) -> Any:
    new = insert(ReminderRow).values(_NEW)
    waits = (col(ReminderRow.state) == ReminderState.PLANNED) & col(ReminderRow.delivery_id).is_(None)
    overwrite = {"state": new.excluded.state, "reason": new.excluded.reason}
    return new.on_conflict_do_update(index_elements=_KEY, set_=overwrite, where=waits)


_COLLAPSE = Prepared(_collapsing)


def look_again(session: Session, *, unit_code: str | None = None, recipient_id: str | None = None) -> int:
    """Have planning look at every open occurrence (of one unit, or of those a recipient hears of) at once.

    Returns how many there are.
    """
    o, s = OccurrenceRow, SubscriptionRow
    which = [col(o.state) == OccurrenceState.OPEN]
    if unit_code is not None:
        which.append(col(o.unit_code) == unit_code)
    if recipient_id is not None:
        which.append(col(o.unit_code).in_(select(col(s.unit_code)).where(col(s.recipient_id) == recipient_id)))
    return session.connection().execute(update(o).where(*which).values(next_at=AT_ONCE)).rowcount


def set_next(session: Session, next_at: Mapping[str, datetime | None]) -> None:
    """Set when each occurrence (by id) must be looked at again; `None` for never."""
    rows = [{"which": occurrence_id, "at": instant} for occurrence_id, instant in next_at.items()]
    _SET_NEXT.run_many(session.connection(), rows)


def dialect_insert(session: Session) -> Any:
    """Return the `insert` of the session's database, the one that can say what happens on a conflict."""
    return INSERTS[session.get_bind().dialect.name]
