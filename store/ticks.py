"""When each tick of the daemon last finished well. The caller owns the transaction."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, select

from store.rows import TickRow


def mark_ok(session: Session, name: str, *, at: datetime) -> None:
    """Note that the tick `name` finished well at `at`."""
    session.merge(TickRow(name=name, ok_at=at))


def last_ok(session: Session) -> dict[str, datetime]:
    """Return when each tick last finished well."""
    return {row.name: row.ok_at for row in session.exec(select(TickRow)).all()}
