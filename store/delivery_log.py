"""The proof: every delivery with whom it went to, what it carried and every attempt to send it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_
from sqlmodel import Session, col, select

from store.rows import AttemptRow, DeliveryRow, OccurrenceRow, RecipientRow, ReminderRow, SummaryRow, UnitRow


@dataclass(frozen=True, slots=True)
class Logged:
    """One delivery with what belongs to it; attempts in their order, reminders by occurrence, units by name."""

    delivery: DeliveryRow
    recipient: RecipientRow
    units: Sequence[UnitRow]
    reminders: Sequence[ReminderRow]
    summaries: Sequence[SummaryRow]
    attempts: Sequence[AttemptRow]

    @property
    def roles(self) -> list[str]:
        """The roles in which the recipient is spoken to."""
        return sorted({reminder.role for reminder in self.reminders})


def latest(
    session: Session,
    *,
    unit_code: str | None = None,
    occurrence_id: str | None = None,
    states: Sequence[str] = (),
    limit: int = 100,
) -> list[Logged]:
    """Return the newest deliveries first: about one unit, about one occurrence, in these states, or all."""
    query = (
        select(DeliveryRow, RecipientRow)
        .join(RecipientRow, col(RecipientRow.id) == col(DeliveryRow.recipient_id))
        .order_by(col(DeliveryRow.created_at).desc(), col(DeliveryRow.id))
        .limit(limit)
    )
    if unit_code is not None:
        its_own = select(col(OccurrenceRow.id)).where(OccurrenceRow.unit_code == unit_code)
        reminding = select(ReminderRow.delivery_id).where(col(ReminderRow.occurrence_id).in_(its_own))
        telling = select(SummaryRow.delivery_id).where(SummaryRow.unit_code == unit_code)
        query = query.where(or_(col(DeliveryRow.id).in_(reminding), col(DeliveryRow.id).in_(telling)))
    if occurrence_id is not None:
        carrying = select(ReminderRow.delivery_id).where(ReminderRow.occurrence_id == occurrence_id)
        query = query.where(col(DeliveryRow.id).in_(carrying))
    if states:
        query = query.where(col(DeliveryRow.state).in_(states))
    found = session.exec(query).all()
    ids = [delivery.id for delivery, _ in found]
    reminders = _by_delivery(session, ReminderRow, ids)
    summaries = _by_delivery(session, SummaryRow, ids)
    attempts = _by_delivery(session, AttemptRow, ids)
    units = _units(session, ids)
    return [
        Logged(
            delivery,
            recipient,
            units[delivery.id],
            reminders[delivery.id],
            summaries[delivery.id],
            attempts[delivery.id],
        )
        for delivery, recipient in found
    ]


def _by_delivery(session: Session, row: type[Any], ids: Sequence[str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for one in session.exec(select(row).where(col(row.delivery_id).in_(ids)).order_by(col(row.id))).all():
        found[one.delivery_id].append(one)
    return found


def _units(session: Session, ids: Sequence[str]) -> dict[str, list[UnitRow]]:
    """Return the units that each delivery speaks of, by name."""
    r, o, s = ReminderRow, OccurrenceRow, SummaryRow
    reminded = (
        select(r.delivery_id, UnitRow)
        .join(o, col(o.id) == col(r.occurrence_id))
        .join(UnitRow, col(UnitRow.code) == col(o.unit_code))
        .where(col(r.delivery_id).in_(ids))
        .distinct()
    )
    told = select(s.delivery_id, UnitRow).join(UnitRow, col(UnitRow.code) == col(s.unit_code))
    told = told.where(col(s.delivery_id).in_(ids)).distinct()
    found: dict[str, dict[str, UnitRow]] = defaultdict(dict)
    for query in (reminded, told):
        for delivery, unit in session.exec(query).all():
            found[delivery or ""][unit.code] = unit
    by_name = {name: sorted(units.values(), key=lambda unit: unit.name) for name, units in found.items()}
    return defaultdict(list, by_name)
