"""What is due becomes deliveries: one message for each recipient.

The caller owns the transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import and_, bindparam, delete, or_, select, update
from sqlmodel import Session, col

from store.among import among
from store.prepared import Prepared, values_of
from store.rows import DeliveryRow, OccurrenceRow, RecipientRow, ReminderRow, SummaryRow
from store.states import DeliveryState, RecipientState, ReminderState

BUNDLES = 200
"""Most recipients of one bundling transaction."""

# Statements are built once: building one costs more than running it.
_DUE = and_(
    col(ReminderRow.state) == ReminderState.PLANNED,
    col(ReminderRow.delivery_id).is_(None),
    col(ReminderRow.send_at) <= bindparam("now"),
)
_TOLD = and_(col(SummaryRow.delivery_id).is_(None), col(SummaryRow.send_at) <= bindparam("now"))
# Another bundler passes over the recipients locked here, so that nobody's reminders end up in two messages.
_RECIPIENTS = (
    select(RecipientRow)
    .where(
        or_(
            col(RecipientRow.id).in_(select(col(ReminderRow.recipient_id)).where(_DUE).distinct().limit(BUNDLES)),
            col(RecipientRow.id).in_(select(col(SummaryRow.recipient_id)).where(_TOLD).distinct().limit(BUNDLES)),
        )
    )
    .with_for_update(key_share=True, skip_locked=True)
)
_THEIRS = among(col(ReminderRow.recipient_id), "recipients")
_MEMBERS = (
    select(
        col(ReminderRow.id),
        col(ReminderRow.occurrence_id),
        col(ReminderRow.version),
        col(ReminderRow.step),
        col(ReminderRow.recipient_id),
        col(ReminderRow.urgent),
        col(OccurrenceRow.safe_on),
    )
    .join(OccurrenceRow, col(OccurrenceRow.id) == col(ReminderRow.occurrence_id))
    .where(_DUE, _THEIRS)
    .order_by(col(ReminderRow.id))
)
_SUMMARIES = select(SummaryRow).where(_TOLD, among(col(SummaryRow.recipient_id), "recipients"))
_MOOT = update(ReminderRow).where(_DUE, _THEIRS).values(state=ReminderState.CANCELLED)
_UNTOLD = delete(SummaryRow).where(_TOLD, among(col(SummaryRow.recipient_id), "recipients"))
_HOLD = (
    update(ReminderRow)
    .where(_DUE, col(ReminderRow.urgent).is_(False), col(ReminderRow.recipient_id) == bindparam("whose"))
    .values(send_at=bindparam("until"))
)
_HOLD_SUMMARIES = (
    update(SummaryRow)
    .where(_TOLD, col(SummaryRow.recipient_id) == bindparam("whose"))
    .values(send_at=bindparam("until"))
)
_BORN = ["state", "send_at", "created_at", "fence", "attempts"]
_NEW = values_of(DeliveryRow, [*_BORN, "id", "recipient_id", "lane", "urgent", "leads_on", "summaries"])
_MAKE = Prepared(lambda insert: insert(DeliveryRow).values(_NEW).on_conflict_do_nothing())
_JOIN = Prepared(
    update(ReminderRow)
    .where(col(ReminderRow.id) == bindparam("member"), col(ReminderRow.delivery_id).is_(None))
    .values(delivery_id=bindparam("delivery"))
)


def bundle(
    session: Session,
    *,
    now: datetime,
    today: date,
    lane_of: Callable[[RecipientRow], str],
    opening: Callable[[RecipientRow], datetime],
) -> int:
    """Put what is due into deliveries, one for each recipient.

    Membership and id are fixed here, before any attempt. What is due for a recipient that no longer works is
    dropped; what is not urgent waits until the recipient's `opening` (at or before `now`: it may go out).
    Returns the number of recipients seen: call again when it is `BUNDLES` or more.
    """
    recipients = session.scalars(_RECIPIENTS, {"now": now}).all()
    if not recipients:
        return 0
    connection = session.connection()
    lanes = {r.id: lane_of(r) for r in recipients if r.state == RecipientState.ACTIVE}
    if len(lanes) < len(recipients):
        broken = {"now": now, "recipients": [r.id for r in recipients if r.id not in lanes]}
        connection.execute(_MOOT, broken)
        connection.execute(_UNTOLD, broken)
    openings = {r.id: opening(r) for r in recipients if r.id in lanes}
    closed = [{"now": now, "whose": name, "until": until} for name, until in openings.items() if until > now]
    if closed:
        connection.execute(_HOLD, closed)
        connection.execute(_HOLD_SUMMARIES, closed)
    due = {"now": now, "recipients": list(lanes)}
    members: dict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(_MEMBERS, due):
        members[row.recipient_id].append(row)
    told: dict[str, list[SummaryRow]] = defaultdict(list)
    for summary in session.scalars(_SUMMARIES, due):
        told[summary.recipient_id].append(summary)
    _make(session, members, told, lanes, now=now, today=today)
    return len(recipients)


def _make(
    session: Session,
    members: Mapping[str, Sequence[Any]],
    told: Mapping[str, Sequence[SummaryRow]],
    lanes: Mapping[str, str],
    *,
    now: datetime,
    today: date,
) -> None:
    """Write the deliveries down, and which reminders and summaries belong to each."""
    recipients = [name for name in lanes if name in members or name in told]
    born = {"state": DeliveryState.PENDING, "send_at": now, "created_at": now, "fence": 0, "attempts": 0}
    made = [
        {**born, "lane": lanes[name], **_delivery(name, members.get(name, ()), told.get(name, ()), today)}
        for name in recipients
    ]
    if not made:
        return
    connection = session.connection()
    _MAKE.run_many(connection, made)
    ids = {delivery["recipient_id"]: delivery["id"] for delivery in made}
    joins = [{"member": row.id, "delivery": ids[name]} for name, rows in members.items() for row in rows]
    _JOIN.run_many(connection, joins)
    for name, summaries in told.items():
        for summary in summaries:
            summary.delivery_id = ids[name]
            session.add(summary)
    session.flush()


def _delivery(recipient_id: str, rows: Sequence[Any], told: Sequence[SummaryRow], today: date) -> dict[str, Any]:
    keys = [(row.occurrence_id, str(row.version), row.step) for row in rows]
    keys += [("", summary.kind, summary.key) for summary in told]
    return {
        "id": delivery_id(recipient_id, keys),
        "recipient_id": recipient_id,
        "urgent": any(row.urgent for row in rows),
        "leads_on": min((row.safe_on or today for row in rows), default=today),
        "summaries": len(told),
    }


def delivery_id(recipient_id: str, keys: Iterable[tuple[str, str, str]]) -> str:
    """Derive a delivery's id from what makes its members unique: occurrence, version and step of a reminder, or
    nothing, kind and key of a summary."""
    lines = sorted("\t".join(key) for key in keys)
    digest = sha256("\n".join([recipient_id, *lines]).encode()).hexdigest()
    return f"dlv_{digest[:32]}"
