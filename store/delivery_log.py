"""The proof: every delivery with whom it went to, what it carried and every attempt to send it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from store.rows import AttemptRow, DeliveryRow, ReminderRow, SubscriptionRow, UnitRow


@dataclass(frozen=True, slots=True)
class Logged:
    """One delivery with what belongs to it; attempts in their order, reminders by occurrence."""

    delivery: DeliveryRow
    subscription: SubscriptionRow
    unit: UnitRow
    reminders: Sequence[ReminderRow]
    attempts: Sequence[AttemptRow]


def latest(
    session: Session,
    *,
    unit_code: str | None = None,
    occurrence_id: str | None = None,
    states: Sequence[str] = (),
    limit: int = 100,
) -> list[Logged]:
    """Return the newest deliveries first: of one unit, about one occurrence, in these states, or all."""
    query = (
        select(DeliveryRow, SubscriptionRow, UnitRow)
        .join(SubscriptionRow, col(SubscriptionRow.id) == col(DeliveryRow.subscription_id))
        .join(UnitRow, col(UnitRow.code) == col(SubscriptionRow.unit_code))
        .order_by(col(DeliveryRow.created_at).desc(), col(DeliveryRow.id))
        .limit(limit)
    )
    if unit_code is not None:
        query = query.where(UnitRow.code == unit_code)
    if occurrence_id is not None:
        carrying = select(ReminderRow.delivery_id).where(ReminderRow.occurrence_id == occurrence_id)
        query = query.where(col(DeliveryRow.id).in_(carrying))
    if states:
        query = query.where(col(DeliveryRow.state).in_(states))
    found = session.exec(query).all()
    ids = [delivery.id for delivery, _, _ in found]
    reminders = _by_delivery(session, ReminderRow, ids)
    attempts = _by_delivery(session, AttemptRow, ids)
    return [
        Logged(delivery, subscription, unit, reminders[delivery.id], attempts[delivery.id])
        for delivery, subscription, unit in found
    ]


def _by_delivery(session: Session, row: type[Any], ids: Sequence[str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for one in session.exec(select(row).where(col(row.delivery_id).in_(ids)).order_by(col(row.id))).all():
        found[one.delivery_id].append(one)
    return found
