"""Deliveries: claimed under a lease with a fence, tried, and marked.

The caller owns the transaction. Every mark repeats the fence of the claim it belongs to, so
what a sender writes after it lost its claim changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, exists, insert, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from store.reminders import look_again
from store.rows import (
    AttemptOutcome,
    AttemptRow,
    DeliveryRow,
    DeliveryState,
    OccurrenceRow,
    OccurrenceState,
    ReminderRow,
    ReminderState,
    SubscriptionRow,
    SubscriptionState,
)

LEASE = timedelta(seconds=30)
"""How long a claim holds; it is renewed when an attempt starts, and must outlast the time limit of one attempt."""

CLAIMS = 200
"""Most deliveries of one claim."""


# Statements are built once: building one costs more than running it.
_MINE = (
    col(DeliveryRow.id) == bindparam("claimed"),
    col(DeliveryRow.fence) == bindparam("held"),
    col(DeliveryRow.state) == DeliveryState.SENDING,
)
_OURS = select(col(DeliveryRow.subscription_id), col(DeliveryRow.attempts)).where(*_MINE).with_for_update()
_SET_DELIVERY = update(DeliveryRow).where(*_MINE)
_SET_ATTEMPT = update(AttemptRow).where(
    col(AttemptRow.delivery_id) == bindparam("claimed"), col(AttemptRow.fence) == bindparam("held")
)
_SET_REMINDERS = update(ReminderRow).where(col(ReminderRow.id).in_(bindparam("members", expanding=True)))
_CANCEL_REMINDERS = update(ReminderRow).where(
    col(ReminderRow.delivery_id) == bindparam("claimed"), col(ReminderRow.state) == ReminderState.PLANNED
)
_SET_SUBSCRIPTION = update(SubscriptionRow).where(col(SubscriptionRow.id) == bindparam("channel"))
_START = insert(AttemptRow)
_LATER = aliased(ReminderRow)
_SPOKEN_FOR = exists().where(
    col(_LATER.occurrence_id) == col(ReminderRow.occurrence_id),
    col(_LATER.version) == col(ReminderRow.version),
    col(_LATER.subscription_id) == col(ReminderRow.subscription_id),
    col(_LATER.planned_at) > col(ReminderRow.planned_at),
    col(_LATER.state).in_([ReminderState.PLANNED, ReminderState.SENT]),
)
_RECHECK = (
    select(
        col(ReminderRow.id),
        col(ReminderRow.occurrence_id),
        col(ReminderRow.step),
        and_(
            col(OccurrenceRow.state) == OccurrenceState.OPEN,
            col(OccurrenceRow.version) == col(ReminderRow.version),
        ).label("holds"),
        _SPOKEN_FOR.label("spoken_for"),
    )
    .join(OccurrenceRow, col(OccurrenceRow.id) == col(ReminderRow.occurrence_id))
    .where(col(ReminderRow.delivery_id) == bindparam("claimed"), col(ReminderRow.state) == ReminderState.PLANNED)
    .order_by(col(ReminderRow.id))
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that is ours to send until its lease runs out."""

    delivery_id: str
    fence: int
    lane: str
    urgent: bool


@dataclass(frozen=True, slots=True)
class Work:
    """One attempt that has been written down and must now be made: who receives which reminders."""

    claim: Claim
    subscription: SubscriptionRow
    attempt: int
    reminder_ids: tuple[int, ...]
    steps: dict[str, str]
    """Step by occurrence id."""

    @property
    def kind(self) -> str:
        return self.subscription.kind

    @property
    def urgent(self) -> bool:
        return self.claim.urgent


def claim_due(
    session: Session, *, now: datetime, limit: int = CLAIMS, lane: str | None = None, busy: Collection[str] = ()
) -> list[Claim]:
    """Claim up to `limit` due deliveries (of one lane, or of all that are not `busy`), most pressing first.

    No delivery is claimed twice: the UPDATE repeats the state it read, so the slower of two
    processes matches nothing and may get fewer rows than are due.

    Args:
        now: aware instant; a delivery is due when `send_at` is at or before it.
    """
    d = DeliveryRow
    pending = col(d.state) == DeliveryState.PENDING
    which = [pending, col(d.send_at) <= now]
    if lane is not None:
        which.append(col(d.lane) == lane)
    if busy:
        which.append(col(d.lane).not_in(sorted(busy)))
    order = (col(d.send_at), col(d.leads_on), col(d.id))
    due = select(col(d.id)).where(*which).order_by(*order).limit(limit).with_for_update(skip_locked=True).cte("due")
    claim = (
        update(d)
        .where(col(d.id).in_(select(due.c.id)), pending)
        .values(state=DeliveryState.SENDING, lease_until=now + LEASE, fence=col(d.fence) + 1)
        .returning(col(d.id), col(d.fence), col(d.lane), col(d.urgent), col(d.send_at), col(d.leads_on))
    )
    rows = sorted(session.connection().execute(claim), key=lambda row: (row.send_at, row.leads_on or date.min, row.id))
    return [Claim(row.id, row.fence, row.lane, row.urgent) for row in rows]


def start_attempt(session: Session, claim: Claim, *, now: datetime) -> Work | None:
    """Look once more whether there is anything to say, and write the attempt down before it is made.

    Reminders whose occurrence is no longer open or has moved are cancelled, those that a later
    step speaks for collapse. Returns `None` when the claim is lost, or nothing is left: then
    the delivery is cancelled.
    """
    connection, mine = session.connection(), _held(claim)
    row = connection.execute(_OURS, mine).one_or_none()
    if row is None:
        return None
    subscription = session.get_one(SubscriptionRow, row.subscription_id)
    live = _recheck(session, claim) if subscription.state == SubscriptionState.ACTIVE else []
    if not live:
        connection.execute(_CANCEL_REMINDERS, {"claimed": claim.delivery_id, "state": ReminderState.CANCELLED})
        _finish(session, claim, state=DeliveryState.CANCELLED, finished_at=now)
        return None
    attempt = row.attempts + 1
    connection.execute(_SET_DELIVERY, {**mine, "lease_until": now + LEASE, "attempts": attempt})
    started = {"delivery_id": claim.delivery_id, "fence": claim.fence, "started_at": now}
    connection.execute(_START, {**started, "outcome": AttemptOutcome.STARTED})
    return Work(
        claim=claim,
        subscription=subscription,
        attempt=attempt,
        reminder_ids=tuple(reminder.id for reminder in live),
        steps={reminder.occurrence_id: reminder.step for reminder in live},
    )


def _recheck(session: Session, claim: Claim) -> list[Any]:
    """Return the reminders of a delivery that still hold; settle the others."""
    rows = session.connection().execute(_RECHECK, {"claimed": claim.delivery_id}).all()
    _settle(session, [row.id for row in rows if not row.holds], ReminderState.CANCELLED)
    _settle(session, [row.id for row in rows if row.holds and row.spoken_for], ReminderState.COLLAPSED)
    return [row for row in rows if row.holds and not row.spoken_for]


def mark_sent(session: Session, work: Work, *, now: datetime, receipt: str | None) -> bool:
    """Mark an attempt as delivered, and with it the delivery and its reminders, unless the claim was lost."""
    _finish_attempt(session, work.claim, now=now, outcome=AttemptOutcome.DELIVERED, receipt=receipt)
    held = _finish(session, work.claim, state=DeliveryState.SENT, finished_at=now)
    if held:
        _settle(session, work.reminder_ids, ReminderState.SENT)
        if work.subscription.trouble:
            _note_trouble(session, work, trouble=None)
    return held


def mark_failed(
    session: Session, work: Work, *, now: datetime, reason: str, detail: str, retry_at: datetime | None, breaks: bool
) -> bool:
    """Mark an attempt as failed: the delivery is tried again at `retry_at`, or has failed for good.

    With `breaks` the subscription is marked as broken, since nothing will arrive at its address,
    and planning looks at the unit again: somebody else may have to stand in.
    """
    _finish_attempt(session, work.claim, now=now, outcome=AttemptOutcome.FAILED, reason=reason, detail=detail)
    if retry_at is not None:
        return _finish(session, work.claim, state=DeliveryState.PENDING, send_at=retry_at)
    held = _finish(session, work.claim, state=DeliveryState.FAILED, finished_at=now)
    if held:
        _settle(session, work.reminder_ids, ReminderState.FAILED)
        _note_trouble(session, work, trouble=f"{reason}: {detail}" if detail else reason)
    if held and breaks:
        _note_trouble(session, work, state=SubscriptionState.BROKEN)
        look_again(session, unit_code=work.subscription.unit_code)
    return held


def give_back(session: Session, claims: Sequence[Claim]) -> None:
    """Return claims that were not started, for instance because the process is about to end."""
    for claim in claims:
        _finish(session, claim, state=DeliveryState.PENDING)


def return_expired(session: Session, *, now: datetime, everything: bool = False) -> int:
    """Make deliveries pending again whose sender has died; return how many there were.

    A lease that ends later than any lease can was written before the clock was set back, and
    counts as expired. `everything` returns all of them: for a process that knows it is alone.
    """
    d = DeliveryRow
    expired = or_(col(d.lease_until) < now, col(d.lease_until) > now + LEASE)
    which = [col(d.state) == DeliveryState.SENDING] + ([] if everything else [expired])
    back = update(d).where(*which).values(state=DeliveryState.PENDING, lease_until=None)
    return session.connection().execute(back).rowcount


def forget_schedule(session: Session, *, now: datetime) -> None:
    """Make every pending delivery due: its next attempt was scheduled by a clock that no longer counts."""
    d = DeliveryRow
    later = (col(d.state) == DeliveryState.PENDING, col(d.send_at) > now)
    session.connection().execute(update(d).where(*later).values(send_at=now))


def overdue_since(session: Session, *, before: datetime) -> datetime | None:
    """Return since when the longest waiting delivery should have been sent, if that is before `before`."""
    d = DeliveryRow
    late = (col(d.state) == DeliveryState.PENDING, col(d.send_at) < before)
    query = select(col(d.send_at)).where(*late).order_by(col(d.send_at)).limit(1)
    return session.connection().scalar(query)


def _held(claim: Claim) -> dict[str, Any]:
    return {"claimed": claim.delivery_id, "held": claim.fence}


def _finish(session: Session, claim: Claim, **values: Any) -> bool:
    return session.connection().execute(_SET_DELIVERY, {**_held(claim), "lease_until": None, **values}).rowcount == 1


def _finish_attempt(session: Session, claim: Claim, *, now: datetime, **values: Any) -> None:
    session.connection().execute(_SET_ATTEMPT, {**_held(claim), "finished_at": now, **values})


def _note_trouble(session: Session, work: Work, **values: Any) -> None:
    session.connection().execute(_SET_SUBSCRIPTION, {"channel": work.subscription.id, **values})


def _settle(session: Session, reminder_ids: Sequence[int], state: ReminderState) -> None:
    if reminder_ids:
        session.connection().execute(_SET_REMINDERS, {"members": reminder_ids, "state": state})
