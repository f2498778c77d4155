"""Reminders that are due become deliveries: one message for each recipient and channel.

The caller owns the transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Boolean, and_, bindparam, or_, select, update
from sqlmodel import Session, col

from store.reminders import dialect_insert
from store.rows import DeliveryRow, OccurrenceRow, ReminderRow, SubscriptionRow
from store.states import DeliveryState, ReminderState, SubscriptionState

BUNDLES = 200
"""Most recipients of one bundling transaction."""

# Statements are built once: building one costs more than running it.
_DUE = and_(
    col(ReminderRow.state) == ReminderState.PLANNED,
    col(ReminderRow.delivery_id).is_(None),
    col(ReminderRow.send_at) <= bindparam("now"),
    or_(col(ReminderRow.urgent), bindparam("urgent_only", type_=Boolean).is_(False)),
)
# Another bundler passes over the recipients locked here, so that nobody's reminders end up in two messages.
_RECIPIENTS = (
    select(SubscriptionRow)
    .where(col(SubscriptionRow.id).in_(select(col(ReminderRow.subscription_id)).where(_DUE).distinct().limit(BUNDLES)))
    .with_for_update(key_share=True, skip_locked=True)
)
_MEMBERS = (
    select(
        col(ReminderRow.id),
        col(ReminderRow.occurrence_id),
        col(ReminderRow.version),
        col(ReminderRow.step),
        col(ReminderRow.subscription_id),
        col(ReminderRow.urgent),
        col(OccurrenceRow.safe_on),
    )
    .join(OccurrenceRow, col(OccurrenceRow.id) == col(ReminderRow.occurrence_id))
    .where(_DUE, col(ReminderRow.subscription_id).in_(bindparam("recipients", expanding=True)))
    .order_by(col(ReminderRow.id))
)
_MOOT = update(ReminderRow).where(_DUE, col(ReminderRow.subscription_id).in_(bindparam("recipients", expanding=True)))
_JOIN = update(ReminderRow).where(col(ReminderRow.id) == bindparam("member"), col(ReminderRow.delivery_id).is_(None))
_HOLD = update(DeliveryRow).where(
    col(DeliveryRow.state) == DeliveryState.PENDING,
    col(DeliveryRow.send_at) < bindparam("until"),
    col(DeliveryRow.urgent).is_(False),
)


def bundle(
    session: Session,
    *,
    now: datetime,
    today: date,
    lane_of: Callable[[SubscriptionRow], str],
    urgent_only: bool = False,
) -> int:
    """Put the reminders that are due into deliveries, one for each recipient and channel.

    Membership and id are fixed here, before any attempt. What is due for a channel that no
    longer works is cancelled. Returns the number of channels seen: call again when it is `BUNDLES`.
    """
    due = {"now": now, "urgent_only": urgent_only}
    subscriptions = session.scalars(_RECIPIENTS, due).all()
    if not subscriptions:
        return 0
    connection = session.connection()
    lanes = {s.id: lane_of(s) for s in subscriptions if s.state == SubscriptionState.ACTIVE}
    if len(lanes) < len(subscriptions):
        silent = [s.id for s in subscriptions if s.id not in lanes]
        connection.execute(_MOOT, {**due, "recipients": silent, "state": ReminderState.CANCELLED})
    members: dict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(_MEMBERS, {**due, "recipients": list(lanes)}):
        members[row.subscription_id].append(row)
    made = [_delivery(recipient, lanes[recipient], rows, now, today) for recipient, rows in members.items()]
    if made:
        connection.execute(dialect_insert(session)(DeliveryRow).on_conflict_do_nothing(), made)
        ids = {delivery["subscription_id"]: delivery["id"] for delivery in made}
        rows = [row for rows in members.values() for row in rows]
        joins = [{"member": row.id, "delivery_id": ids[row.subscription_id]} for row in rows]
        connection.execute(_JOIN, joins)
    return len(subscriptions)


def hold(session: Session, *, until: datetime) -> int:
    """Have everything that is pending and not urgent wait until `until`, the next opening of the office."""
    return session.connection().execute(_HOLD, {"until": until, "send_at": until}).rowcount


def _delivery(subscription_id: str, lane: str, rows: Sequence[Any], now: datetime, today: date) -> dict[str, Any]:
    return {
        "id": delivery_id(subscription_id, ((row.occurrence_id, row.version, row.step) for row in rows)),
        "subscription_id": subscription_id,
        "state": DeliveryState.PENDING,
        "lane": lane,
        "urgent": any(row.urgent for row in rows),
        "leads_on": min(row.safe_on or today for row in rows),
        "send_at": now,
        "created_at": now,
        "fence": 0,
        "attempts": 0,
    }


def delivery_id(subscription_id: str, keys: Iterable[tuple[str, int, str]]) -> str:
    """Derive a delivery's id from what makes its reminders unique: occurrence, version and step."""
    lines = sorted(f"{occurrence}\t{version}\t{step}" for occurrence, version, step in keys)
    digest = sha256("\n".join([subscription_id, *lines]).encode()).hexdigest()
    return f"dlv_{digest[:32]}"
