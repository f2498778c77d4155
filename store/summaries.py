"""Summaries: what a message says besides reminders, each once. The caller owns the transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select
from sqlmodel import Session, col

from obligations.policies import STAND_IN
from store.reminders import dialect_insert
from store.rows import OccurrenceRow, RecipientRow, Role, SubscriptionRow, SummaryRow, UnitRow
from store.states import OccurrenceState, RecipientState, SummaryKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What one sentence of a message states.

    `units` are names of the units it is about. An overview's `facts` are `past` and `open`, numbers of
    occurrences as they stand now; those of a failure are its `channel`, `reason` and `detail`.
    """

    kind: SummaryKind
    units: tuple[str, ...]
    facts: Mapping[str, Any]


def introduce(session: Session, unit_codes: Collection[str], *, now: datetime) -> None:
    """Have an overview of each of these units that has anything past on record sent to its handlers, or to its
    heads where it has none: once for each subscription."""
    past = select(col(OccurrenceRow.unit_code)).where(
        col(OccurrenceRow.unit_code).in_(unit_codes), col(OccurrenceRow.state) == OccurrenceState.HISTORIC
    )
    s, r = SubscriptionRow, RecipientRow
    query = (
        select(s)
        .join(r, col(r.id) == col(s.recipient_id))
        .where(col(s.unit_code).in_(past), col(s.ended_at).is_(None), col(r.state) == RecipientState.ACTIVE)
        .order_by(col(s.id))
    )
    of_unit: dict[str, list[SubscriptionRow]] = defaultdict(list)
    for row in session.scalars(query):
        of_unit[row.unit_code].append(row)
    for unit_code, rows in of_unit.items():
        roles = {row.role for row in rows}
        hears = Role.HANDLER if Role.HANDLER in roles else STAND_IN[Role.HANDLER]
        for row in rows:
            if row.role == hears and row.introduced_at is None:
                row.introduced_at = now
                session.add(row)
                summary = _about(SummaryKind.OVERVIEW, unit_code, unit_code, now=now, send_at=now)
                _tell(session, [row.recipient_id], summary)


def tell_of_silence(session: Session, unit_codes: Iterable[str], day: str, *, now: datetime, send_at: datetime) -> None:
    """Have the operator hear, once a `day`, that something was due for these units, and nobody to tell."""
    operators = _operators(session)
    for code in unit_codes:
        summary = _about(SummaryKind.WITHOUT_CHANNEL, f"{code} {day}", code, now=now, send_at=send_at)
        _tell(session, operators, summary)


def tell_of_failure(
    session: Session,
    delivery_id: str,
    facts: Mapping[str, Any],
    *,
    occurrence_ids: Iterable[str],
    now: datetime,
    send_at: datetime,
) -> None:
    """Have the operator hear that a delivery failed for good."""
    operators = _operators(session)
    if operators:
        about = select(col(OccurrenceRow.unit_code)).where(col(OccurrenceRow.id).in_(list(occurrence_ids)))
        names = select(col(UnitRow.name)).where(col(UnitRow.code).in_(about)).order_by(col(UnitRow.name))
        units = list(session.scalars(names))
        summary = _about(SummaryKind.FAILED, delivery_id, None, now=now, send_at=send_at)
        summary.facts = {**facts, "units": units}
        _tell(session, operators, summary)


def of_deliveries(session: Session, delivery_ids: Collection[str]) -> dict[str, list[Summary]]:
    """Return what these deliveries say besides reminders, as it is now."""
    query = (
        select(SummaryRow, UnitRow)
        .outerjoin(UnitRow, col(UnitRow.code) == col(SummaryRow.unit_code))
        .where(col(SummaryRow.delivery_id).in_(delivery_ids))
        .order_by(col(SummaryRow.id))
    )
    found = session.execute(query).all()
    counts = _counts(session, {row.unit_code for row, _ in found if row.kind == SummaryKind.OVERVIEW})
    told: dict[str, list[Summary]] = defaultdict(list)
    for row, unit in found:
        facts = {**row.facts, **counts.get(row.unit_code, {})} if row.kind == SummaryKind.OVERVIEW else row.facts
        units = (unit.name,) if unit else tuple(facts.get("units", ()))
        told[row.delivery_id].append(Summary(kind=SummaryKind(row.kind), units=units, facts=facts))
    return told


def _counts(session: Session, unit_codes: Collection[str | None]) -> dict[str, dict[str, int]]:
    if not unit_codes:
        return {}
    o = OccurrenceRow
    query = (
        select(
            col(o.unit_code),
            func.sum(case((col(o.state) == OccurrenceState.HISTORIC, 1), else_=0)),
            func.sum(case((col(o.state) == OccurrenceState.OPEN, 1), else_=0)),
        )
        .where(col(o.unit_code).in_(unit_codes))
        .group_by(col(o.unit_code))
    )
    return {code: {"past": past, "open": still} for code, past, still in session.execute(query)}


def _operators(session: Session) -> list[str]:
    r = RecipientRow
    query = select(col(r.id)).where(col(r.is_operator).is_(True), col(r.state) == RecipientState.ACTIVE)
    return list(session.scalars(query))


def _about(kind: SummaryKind, key: str, unit_code: str | None, *, now: datetime, send_at: datetime) -> SummaryRow:
    return SummaryRow(recipient_id="", kind=kind, key=key, unit_code=unit_code, created_at=now, send_at=send_at)


def _tell(session: Session, recipient_ids: Iterable[str], summary: SummaryRow) -> None:
    """Write `summary` down for each of these recipients, unless it is already."""
    values = summary.model_dump(exclude={"id", "recipient_id", "delivery_id"})
    rows = [{**values, "recipient_id": recipient} for recipient in recipient_ids]
    if rows:
        session.connection().execute(dialect_insert(session)(SummaryRow).on_conflict_do_nothing(), rows)
