"""Attempts: written down before they are made, with one more look at whether there is anything to say; settled after.

Both work on many deliveries at once, so that senders who wait for the same transaction share
it. The caller owns the transaction. What belongs to a claim that was lost changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, exists, insert, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from store.deliveries import LEASE, Claim
from store.reminders import look_again
from store.rows import AttemptRow, DeliveryRow, OccurrenceRow, ReminderRow, SubscriptionRow
from store.states import AttemptOutcome, DeliveryState, OccurrenceState, ReminderState, SubscriptionState


@dataclass(frozen=True, slots=True)
class Work:
    """One attempt that has been written down and must now be made: whom to tell of which reminders.

    `attempt` counts from 1; `steps` maps each occurrence to the step it is at.
    """

    claim: Claim
    subscription: SubscriptionRow
    attempt: int
    reminder_ids: tuple[int, ...]
    steps: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why an attempt failed, and what follows: another at `retry_at`, or the end of the delivery.

    With `breaks` it is the end of the subscription too: nothing will ever arrive there.
    """

    reason: str
    detail: str = ""
    retry_at: datetime | None = None
    breaks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an attempt ended, and when; `receipt` is the name the receiver gave the message, if any."""

    work: Work
    at: datetime
    failure: Failure | None = None
    receipt: str | None = None


# Statements are built once: building one costs more than running it.
_NAMED = (
    select(col(DeliveryRow.id), col(DeliveryRow.fence), col(DeliveryRow.subscription_id), col(DeliveryRow.attempts))
    .where(col(DeliveryRow.id).in_(bindparam("claimed", expanding=True)))
    .order_by(col(DeliveryRow.id))
    .with_for_update()
)
_CLAIMED = _NAMED.where(col(DeliveryRow.state) == DeliveryState.SENDING)
_UNFINISHED = _NAMED.where(col(DeliveryRow.state).in_([DeliveryState.SENDING, DeliveryState.PENDING]))
_CHANNELS = select(SubscriptionRow).where(col(SubscriptionRow.id).in_(bindparam("channels", expanding=True)))
_LATER = aliased(ReminderRow)
_SPOKEN_FOR = exists().where(
    col(_LATER.occurrence_id) == col(ReminderRow.occurrence_id),
    col(_LATER.version) == col(ReminderRow.version),
    col(_LATER.subscription_id) == col(ReminderRow.subscription_id),
    col(_LATER.planned_at) > col(ReminderRow.planned_at),
    col(_LATER.state).in_([ReminderState.PLANNED, ReminderState.SENT]),
)
_MEMBERS = (
    select(
        col(ReminderRow.id),
        col(ReminderRow.delivery_id),
        col(ReminderRow.occurrence_id),
        col(ReminderRow.step),
        and_(
            col(OccurrenceRow.state) == OccurrenceState.OPEN,
            col(OccurrenceRow.version) == col(ReminderRow.version),
        ).label("holds"),
        _SPOKEN_FOR.label("spoken_for"),
    )
    .join(OccurrenceRow, col(OccurrenceRow.id) == col(ReminderRow.occurrence_id))
    .where(
        col(ReminderRow.delivery_id).in_(bindparam("claimed", expanding=True)),
        col(ReminderRow.state) == ReminderState.PLANNED,
    )
    .order_by(col(ReminderRow.id))
)
_SET_DELIVERY = update(DeliveryRow).where(col(DeliveryRow.id) == bindparam("which"))
_SET_ATTEMPT = update(AttemptRow).where(
    col(AttemptRow.delivery_id) == bindparam("which"), col(AttemptRow.fence) == bindparam("held")
)
_SET_REMINDERS = update(ReminderRow).where(col(ReminderRow.id).in_(bindparam("members", expanding=True)))
_SET_CHANNEL = update(SubscriptionRow).where(col(SubscriptionRow.id) == bindparam("which"))
_START = insert(AttemptRow)


def start(session: Session, claims: Sequence[Claim], *, now: datetime) -> list[Work]:
    """Write down an attempt for each of these claims that is still held and still has something to say.

    Reminders whose occurrence is no longer open or has moved are cancelled, those that a later
    step speaks for collapse; a delivery with nothing left, or to a channel that no longer
    works, is cancelled. The leases of the others begin anew.
    """
    rows = _held(session, _CLAIMED, claims)
    if not rows:
        return []
    channels = {row.subscription_id for row in rows.values()}
    found = {s.id: s for s in session.scalars(_CHANNELS, {"channels": sorted(channels)}).all()}
    working = {name for name, row in rows.items() if found[row.subscription_id].state == SubscriptionState.ACTIVE}
    live = _recheck(session, rows.keys(), working)
    works = [
        Work(
            claim=claim,
            subscription=found[rows[claim.delivery_id].subscription_id],
            attempt=rows[claim.delivery_id].attempts + 1,
            reminder_ids=tuple(row.id for row in live[claim.delivery_id]),
            steps={row.occurrence_id: row.step for row in live[claim.delivery_id]},
        )
        for claim in claims
        if claim.delivery_id in live
    ]
    begun = [{"which": w.claim.delivery_id, "lease_until": now + LEASE, "attempts": w.attempt} for w in works]
    moot = rows.keys() - live.keys()
    over = {"state": DeliveryState.CANCELLED, "lease_until": None, "finished_at": now}
    _execute(session, _SET_DELIVERY, begun)
    _execute(session, _SET_DELIVERY, [{"which": name, **over} for name in sorted(moot)])
    written = {"started_at": now, "outcome": AttemptOutcome.STARTED}
    _execute(session, _START, [{"delivery_id": w.claim.delivery_id, "fence": w.claim.fence, **written} for w in works])
    return works


def settle(session: Session, outcomes: Sequence[Outcome]) -> set[str]:
    """Write down how attempts ended, and what becomes of their deliveries, reminders and channels.

    The attempts themselves are always completed. Returns the ids of the deliveries that nobody
    has claimed since, whether or not the lease has run out meanwhile; the others belong to
    somebody else by now and stay as they are.
    """
    _execute(session, _SET_ATTEMPT, [_attempt(outcome) for outcome in outcomes])
    held = _held(session, _UNFINISHED, [outcome.work.claim for outcome in outcomes]).keys()
    ours = [outcome for outcome in outcomes if outcome.work.claim.delivery_id in held]
    for group in _alike(_delivery(outcome) for outcome in ours):
        _execute(session, _SET_DELIVERY, group)
    sent = [o for o in ours if o.failure is None]
    failed = [o for o in ours if o.failure is not None and o.failure.retry_at is None]
    _settle(session, (number for o in sent for number in o.work.reminder_ids), ReminderState.SENT)
    _settle(session, (number for o in failed for number in o.work.reminder_ids), ReminderState.FAILED)
    mended = [{"which": o.work.subscription.id, "trouble": None} for o in sent if o.work.subscription.trouble]
    _execute(session, _SET_CHANNEL, mended)
    for outcome in failed:
        _note_trouble(session, outcome)
    return set(held)


def _held(session: Session, query: Any, claims: Sequence[Claim]) -> dict[str, Any]:
    """Return the rows of those deliveries that `query` finds and nobody has claimed since, by id, locked."""
    if not claims:
        return {}
    fences = {claim.delivery_id: claim.fence for claim in claims}
    rows = session.connection().execute(query, {"claimed": sorted(fences)})
    return {row.id: row for row in rows if row.fence == fences[row.id]}


def _recheck(session: Session, names: Collection[str], working: Collection[str]) -> dict[str, list[Any]]:
    """Return the reminders that still hold, by delivery; settle the others."""
    rows = session.connection().execute(_MEMBERS, {"claimed": sorted(names)}).all()
    live: dict[str, list[Any]] = defaultdict(list)
    moot: list[int] = []
    spoken_for: list[int] = []
    for row in rows:
        if not row.holds or row.delivery_id not in working:
            moot.append(row.id)
        elif row.spoken_for:
            spoken_for.append(row.id)
        else:
            live[row.delivery_id].append(row)
    _settle(session, moot, ReminderState.CANCELLED)
    _settle(session, spoken_for, ReminderState.COLLAPSED)
    return dict(live)


def _attempt(outcome: Outcome) -> dict[str, Any]:
    failure = outcome.failure
    return {
        "which": outcome.work.claim.delivery_id,
        "held": outcome.work.claim.fence,
        "finished_at": outcome.at,
        "outcome": AttemptOutcome.FAILED if failure else AttemptOutcome.DELIVERED,
        "reason": failure.reason if failure else None,
        "detail": failure.detail if failure else None,
        "receipt": outcome.receipt,
    }


def _delivery(outcome: Outcome) -> dict[str, Any]:
    which = {"which": outcome.work.claim.delivery_id, "lease_until": None}
    if outcome.failure and outcome.failure.retry_at:
        return {**which, "state": DeliveryState.PENDING, "send_at": outcome.failure.retry_at}
    state = DeliveryState.FAILED if outcome.failure else DeliveryState.SENT
    return {**which, "state": state, "finished_at": outcome.at}


def _alike(rows: Iterable[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    """Group rows that set the same columns: one statement sets one set of them."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[tuple(row)].append(row)
    return groups.values()


def _note_trouble(session: Session, outcome: Outcome) -> None:
    """Say at a subscription why its delivery failed; a broken one has planning look for who stands in."""
    failure, channel = outcome.failure, outcome.work.subscription
    assert failure, "only failed attempts come here"
    values: dict[str, Any] = {"trouble": f"{failure.reason}: {failure.detail}" if failure.detail else failure.reason}
    if failure.breaks:
        values["state"] = SubscriptionState.BROKEN
        look_again(session, unit_code=channel.unit_code)
    _execute(session, _SET_CHANNEL, [{"which": channel.id, **values}])


def _settle(session: Session, reminder_ids: Iterable[int], state: ReminderState) -> None:
    members = list(reminder_ids)
    if members:
        session.connection().execute(_SET_REMINDERS, {"members": members, "state": state})


def _execute(session: Session, statement: Any, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        session.connection().execute(statement, rows)
