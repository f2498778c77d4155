"""Changes: what was different before, since when, and why. The caller owns the transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from store.rows import ChangeRow
from store.states import ChangeKind


def record(
    session: Session,
    *,
    kind: ChangeKind,
    obligation_id: str,
    occurrence_id: str | None = None,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    reason: str,
    at: datetime,
) -> None:
    """Write one change down; `old` and `new` hold only what differs."""
    session.add(
        ChangeRow(
            kind=kind,
            obligation_id=obligation_id,
            occurrence_id=occurrence_id,
            old=dict(old),
            new=dict(new),
            reason=reason,
            at=at,
        )
    )


def of_occurrence(session: Session, occurrence_id: str) -> Sequence[ChangeRow]:
    """Return the changes of one occurrence, oldest first."""
    query = select(ChangeRow).where(ChangeRow.occurrence_id == occurrence_id)
    return session.exec(query.order_by(col(ChangeRow.id))).all()


def of_obligation(session: Session, obligation_id: str) -> Sequence[ChangeRow]:
    """Return the changes of an obligation itself, not of its occurrences, oldest first."""
    query = select(ChangeRow).where(ChangeRow.obligation_id == obligation_id, col(ChangeRow.occurrence_id).is_(None))
    return session.exec(query.order_by(col(ChangeRow.id))).all()
