"""Deliveries: who may send which, by claims under a lease with a fence. The caller owns the transaction.

Whatever is written for a claim repeats its fence, so that a sender which lost it changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import bindparam, func, or_, select, type_coerce, update
from sqlalchemy.types import NullType
from sqlmodel import Session, col

from store.rows import DeliveryRow
from store.states import DeliveryState

LEASE = timedelta(seconds=30)
"""How long a claim holds; it is renewed when an attempt starts, and must outlast the time limit of one attempt."""

SKEW = timedelta(minutes=5)
"""How far the clocks of processes on one store may differ before one takes the other's leases for impossible."""

CLAIMS = 200
"""Most deliveries of one claim."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that is ours to send until its lease runs out."""

    delivery_id: str
    fence: int
    lane: str
    urgent: bool


def claim_due(
    session: Session, *, now: datetime, limit: int = CLAIMS, lane: str | None = None, busy: Collection[str] = ()
) -> list[Claim]:
    """Claim up to `limit` due deliveries (of one lane, or of all that are not `busy`), most pressing first.

    No delivery is claimed twice: SQLite has one writer at a time, and PostgreSQL locks the rows as
    it reads them and skips those of others, so that a process may get fewer rows than are due.

    Args:
        now: aware instant; a delivery is due when `send_at` is at or before it.
    """
    asked = {"now": now, "most": limit, "until": now + LEASE, "only": lane, "busy": sorted(busy)}
    claim = _claiming(one_lane=lane is not None, some_busy=bool(busy))
    rows = session.connection().execute(claim, asked).all()
    return [Claim(*claim) for *_, claim in sorted((at, day is not None, day, claim) for at, day, *claim in rows)]


@cache
def _claiming(*, one_lane: bool, some_busy: bool) -> Any:
    """Return the statement that claims; built once, since building it costs more than running it."""
    d = DeliveryRow
    which = [col(d.state) == DeliveryState.PENDING, col(d.send_at) <= bindparam("now")]
    if one_lane:
        which.append(col(d.lane) == bindparam("only"))
    if some_busy:
        which.append(col(d.lane).not_in(bindparam("busy", expanding=True)))
    most_pressing = select(col(d.id)).where(*which).order_by(col(d.send_at), col(d.leads_on)).limit(bindparam("most"))
    due = most_pressing.with_for_update(skip_locked=True).cte("due")
    return (
        update(d)
        .where(col(d.id).in_(select(due.c.id)))  # nothing more, or SQLite looks through all that is pending
        .values(state=DeliveryState.SENDING, lease_until=bindparam("until"), fence=col(d.fence) + 1)
        .returning(
            # To sort by, as the database writes them: decoding costs more than the rest.
            type_coerce(col(d.send_at), NullType()),
            type_coerce(col(d.leads_on), NullType()),
            col(d.id),
            col(d.fence),
            col(d.lane),
            col(d.urgent),
        )
    )


_GIVE_BACK = (
    update(DeliveryRow)
    .where(
        col(DeliveryRow.id) == bindparam("which"),
        col(DeliveryRow.fence) == bindparam("held"),
        col(DeliveryRow.state) == DeliveryState.SENDING,
    )
    .values(state=DeliveryState.PENDING, lease_until=None)
)


def give_back(session: Session, claims: Sequence[Claim]) -> None:
    """Return claims that were not started, for instance because the process is about to end."""
    if claims:
        rows = [{"which": claim.delivery_id, "held": claim.fence} for claim in claims]
        session.connection().execute(_GIVE_BACK, rows)


def return_expired(session: Session, *, now: datetime, everything: bool = False) -> int:
    """Make deliveries pending again whose sender has died; return how many there were.

    A lease that ends later than any lease can was written before the clock was set back, and
    counts as expired; the clocks of several hosts may differ by `SKEW`. With `everything` all
    of them are returned: for a process that knows it is alone.
    """
    d = DeliveryRow
    expired = or_(col(d.lease_until) < now, col(d.lease_until) > now + LEASE + SKEW)
    which = [col(d.state) == DeliveryState.SENDING] + ([] if everything else [expired])
    back = update(d).where(*which).values(state=DeliveryState.PENDING, lease_until=None)
    return session.connection().execute(back).rowcount


def forget_schedule(session: Session, *, now: datetime) -> None:
    """Make every pending delivery due: its next attempt was scheduled by a clock that no longer counts."""
    d = DeliveryRow
    later = (col(d.state) == DeliveryState.PENDING, col(d.send_at) > now)
    session.connection().execute(update(d).where(*later).values(send_at=now))


def count_due(session: Session, *, now: datetime) -> int:
    """Return how many deliveries wait whose moment has come."""
    due = (col(DeliveryRow.state) == DeliveryState.PENDING, col(DeliveryRow.send_at) <= now)
    return session.connection().scalar(select(func.count()).select_from(DeliveryRow).where(*due)) or 0


def overdue_since(session: Session, *, before: datetime) -> datetime | None:
    """Return since when the longest waiting delivery should have been sent, if that is before `before`."""
    d = DeliveryRow
    late = (col(d.state) == DeliveryState.PENDING, col(d.send_at) < before)
    query = select(col(d.send_at)).where(*late).order_by(col(d.send_at)).limit(1)
    return session.connection().scalar(query)
