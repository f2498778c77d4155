"""Deliveries: reminders bundled into messages, claimed under a lease with a fence, tried and marked.

The caller owns the transaction. Every mark repeats the fence of the claim it belongs to, so
what a sender writes after it lost its claim changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import and_, exists, insert, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from store.reminders import dialect_insert, look_again
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

BUNDLES = 200
"""Most recipients of one bundling transaction."""

CLAIMS = 200
"""Most deliveries of one claim."""


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
    r = ReminderRow
    due = [col(r.state) == ReminderState.PLANNED, col(r.delivery_id).is_(None), col(r.send_at) <= now]
    if urgent_only:
        due.append(col(r.urgent).is_(True))
    waiting = select(col(r.subscription_id)).where(*due).distinct().limit(BUNDLES)
    # Another bundler passes over the recipients locked here, so that nobody's reminders end up in two messages.
    mine = select(SubscriptionRow).where(col(SubscriptionRow.id).in_(waiting))
    subscriptions = session.scalars(mine.with_for_update(key_share=True, skip_locked=True)).all()
    working = {s.id: lane_of(s) for s in subscriptions if s.state == SubscriptionState.ACTIVE}
    broken = [s.id for s in subscriptions if s.id not in working]
    if broken:
        gone = update(r).where(*due, col(r.subscription_id).in_(broken))
        session.connection().execute(gone.values(state=ReminderState.CANCELLED))
    members: dict[str, list[Any]] = defaultdict(list)
    o = OccurrenceRow
    query = (
        select(
            col(r.id),
            col(r.occurrence_id),
            col(r.version),
            col(r.step),
            col(r.subscription_id),
            col(r.urgent),
            col(o.safe_on),
        )
        .join(o, col(o.id) == col(r.occurrence_id))
        .where(*due, col(r.subscription_id).in_(working))
        .order_by(col(r.id))
    )
    for row in session.connection().execute(query):
        members[row.subscription_id].append(row)
    for subscription_id, rows in members.items():
        _make(session, subscription_id, working[subscription_id], rows, now=now, today=today)
    return len(subscriptions)


def _make(
    session: Session, subscription_id: str, lane: str, rows: Sequence[Any], *, now: datetime, today: date
) -> None:
    delivery_id = _identity(subscription_id, [(row.occurrence_id, row.version, row.step) for row in rows])
    statement = dialect_insert(session)(DeliveryRow).values(
        id=delivery_id,
        subscription_id=subscription_id,
        state=DeliveryState.PENDING,
        lane=lane,
        urgent=any(row.urgent for row in rows),
        leads_on=min(row.safe_on or today for row in rows),
        send_at=now,
        created_at=now,
        fence=0,
        attempts=0,
    )
    session.connection().execute(statement.on_conflict_do_nothing())
    r = ReminderRow
    free = (col(r.id).in_([row.id for row in rows]), col(r.delivery_id).is_(None))
    session.connection().execute(update(r).where(*free).values(delivery_id=delivery_id))


def _identity(subscription_id: str, keys: Collection[tuple[str, int, str]]) -> str:
    """Derive a delivery's id from what makes its reminders unique."""
    text = "\n".join(
        [subscription_id, *sorted(f"{occurrence}\t{version}\t{step}" for occurrence, version, step in keys)]
    )
    return f"dlv_{sha256(text.encode()).hexdigest()[:32]}"


def hold(session: Session, *, until: datetime) -> int:
    """Have everything that is pending and not urgent wait until `until`, the next opening of the office."""
    d = DeliveryRow
    early = (col(d.state) == DeliveryState.PENDING, col(d.send_at) < until, col(d.urgent).is_(False))
    return session.connection().execute(update(d).where(*early).values(send_at=until)).rowcount


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
    d = DeliveryRow
    ours = select(col(d.subscription_id), col(d.attempts)).where(*_mine(claim)).with_for_update()
    row = session.connection().execute(ours).one_or_none()
    if row is None:
        return None
    subscription = session.get_one(SubscriptionRow, row.subscription_id)
    live = _recheck(session, claim) if subscription.state == SubscriptionState.ACTIVE else []
    if not live:
        _cancel(session, claim, now=now)
        return None
    attempt = row.attempts + 1
    renew = update(d).where(*_mine(claim)).values(lease_until=now + LEASE, attempts=attempt)
    session.connection().execute(renew)
    session.connection().execute(
        insert(AttemptRow).values(
            delivery_id=claim.delivery_id, fence=claim.fence, started_at=now, outcome=AttemptOutcome.STARTED
        )
    )
    return Work(
        claim=claim,
        subscription=subscription,
        attempt=attempt,
        reminder_ids=tuple(reminder.id for reminder in live),
        steps={reminder.occurrence_id: reminder.step for reminder in live},
    )


def _recheck(session: Session, claim: Claim) -> list[Any]:
    """Return the reminders of a delivery that still hold; settle the others."""
    r, o, later = ReminderRow, OccurrenceRow, aliased(ReminderRow)
    same = and_(
        col(later.occurrence_id) == col(r.occurrence_id),
        col(later.version) == col(r.version),
        col(later.subscription_id) == col(r.subscription_id),
        col(later.planned_at) > col(r.planned_at),
        col(later.state).in_([ReminderState.PLANNED, ReminderState.SENT]),
    )
    query = (
        select(
            col(r.id),
            col(r.occurrence_id),
            col(r.step),
            and_(col(o.state) == OccurrenceState.OPEN, col(o.version) == col(r.version)).label("holds"),
            exists().where(same).label("spoken_for"),
        )
        .join(o, col(o.id) == col(r.occurrence_id))
        .where(col(r.delivery_id) == claim.delivery_id, col(r.state) == ReminderState.PLANNED)
        .order_by(col(r.id))
    )
    rows = session.connection().execute(query).all()
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


def overdue_since(session: Session, *, before: datetime) -> datetime | None:
    """Return since when the longest waiting delivery should have been sent, if that is before `before`."""
    d = DeliveryRow
    late = (col(d.state) == DeliveryState.PENDING, col(d.send_at) < before)
    query = select(col(d.send_at)).where(*late).order_by(col(d.send_at)).limit(1)
    return session.connection().scalar(query)


def _cancel(session: Session, claim: Claim, *, now: datetime) -> None:
    r = ReminderRow
    moot = (col(r.delivery_id) == claim.delivery_id, col(r.state) == ReminderState.PLANNED)
    session.connection().execute(update(r).where(*moot).values(state=ReminderState.CANCELLED))
    _finish(session, claim, state=DeliveryState.CANCELLED, finished_at=now)


def _mine(claim: Claim) -> tuple[Any, ...]:
    d = DeliveryRow
    return col(d.id) == claim.delivery_id, col(d.fence) == claim.fence, col(d.state) == DeliveryState.SENDING


def _finish(session: Session, claim: Claim, **values: Any) -> bool:
    statement = update(DeliveryRow).where(*_mine(claim)).values(lease_until=None, **values)
    return session.connection().execute(statement).rowcount == 1


def _finish_attempt(session: Session, claim: Claim, *, now: datetime, **values: Any) -> None:
    a = AttemptRow
    which = (col(a.delivery_id) == claim.delivery_id, col(a.fence) == claim.fence)
    session.connection().execute(update(a).where(*which).values(finished_at=now, **values))


def _note_trouble(session: Session, work: Work, **values: Any) -> None:
    which = col(SubscriptionRow.id) == work.subscription.id
    session.connection().execute(update(SubscriptionRow).where(which).values(**values))


def _settle(session: Session, reminder_ids: Sequence[int], state: ReminderState) -> None:
    if reminder_ids:
        which = col(ReminderRow.id).in_(reminder_ids)
        session.connection().execute(update(ReminderRow).where(which).values(state=state))
