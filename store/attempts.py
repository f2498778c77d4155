"""Attempts: written down before they are made, with one more look at whether there is anything to say; settled after.

Both work on many deliveries at once, so that senders who wait for the same transaction share
it. The caller owns the transaction. What belongs to a claim that was lost changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, exists, insert, literal, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from store.among import among
from store.deliveries import LEASE, Claim
from store.reminders import look_again
from store.rows import AttemptRow, DeliveryRow, OccurrenceRow, ReminderRow, SubscriptionRow
from store.states import AttemptOutcome, DeliveryState, OccurrenceState, ReminderState, SubscriptionState
from store.types import UtcInstant


class Channel(NamedTuple):
    """What of a subscription an attempt needs to know, as it is stored."""

    id: str
    unit_code: str
    kind: str
    address: str
    secret: str | None
    state: str
    trouble: str | None


@dataclass(frozen=True, slots=True)
class Work:
    """One attempt that has been written down and must now be made: whom to tell of which reminders.

    `attempt` counts from 1; `reminders` are the occurrence and the step of each, by number.
    """

    claim: Claim
    subscription: Channel
    attempt: int
    reminders: Mapping[int, tuple[str, str]]

    @property
    def steps(self) -> dict[str, str]:
        """The step that each occurrence is at."""
        return dict(self.reminders.values())


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
    select(
        *(col(getattr(DeliveryRow, name)) for name in ("id", "fence", "subscription_id", "attempts", "state")),
    )
    .where(among(col(DeliveryRow.id), "claimed"))
    .with_for_update()
)
_CHANNELS = select(*(col(getattr(SubscriptionRow, name)) for name in Channel._fields)).where(
    among(col(SubscriptionRow.id), "channels")
)
_LATER = aliased(ReminderRow)
_SPOKEN_FOR = exists().where(
    col(_LATER.occurrence_id) == col(ReminderRow.occurrence_id),
    col(_LATER.version) == col(ReminderRow.version),
    col(_LATER.subscription_id) == col(ReminderRow.subscription_id),
    col(_LATER.planned_at) > col(ReminderRow.planned_at),
    or_(col(_LATER.state) == ReminderState.PLANNED, col(_LATER.state) == ReminderState.SENT),
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
        among(col(ReminderRow.delivery_id), "claimed"),
        col(ReminderRow.state) == ReminderState.PLANNED,
    )
)
_DELIVERIES = update(DeliveryRow).where(among(col(DeliveryRow.id), "which"))
_BEGIN = _DELIVERIES.values(lease_until=bindparam("until"), attempts=col(DeliveryRow.attempts) + 1)
_CANCEL = _DELIVERIES.values(state=DeliveryState.CANCELLED, lease_until=None, finished_at=bindparam("at"))
_START = insert(AttemptRow).from_select(
    ["delivery_id", "fence", "started_at", "outcome"],
    select(
        col(DeliveryRow.id),
        col(DeliveryRow.fence),
        bindparam("at", type_=UtcInstant),
        literal(AttemptOutcome.STARTED),
    ).where(among(col(DeliveryRow.id), "which")),
)
_ENDED = (
    select(col(AttemptRow.finished_at))
    .where(col(AttemptRow.delivery_id) == col(DeliveryRow.id), col(AttemptRow.fence) == col(DeliveryRow.fence))
    .scalar_subquery()
)
_FINISH = _DELIVERIES.values(state=bindparam("state"), lease_until=None, finished_at=_ENDED)
_SET_DELIVERY = update(DeliveryRow).where(col(DeliveryRow.id) == bindparam("which"))
_ATTEMPT = update(AttemptRow).where(
    col(AttemptRow.delivery_id) == bindparam("which"), col(AttemptRow.fence) == bindparam("held")
)
_DELIVERED = _ATTEMPT.values(outcome=AttemptOutcome.DELIVERED)
_FAILED = _ATTEMPT.values(outcome=AttemptOutcome.FAILED)
_SET_REMINDERS = update(ReminderRow).where(among(col(ReminderRow.id), "members")).values(state=bindparam("state"))
_SET_CHANNEL = update(SubscriptionRow).where(col(SubscriptionRow.id) == bindparam("which"))


def start(session: Session, claims: Sequence[Claim], *, now: datetime) -> list[Work]:
    """Write down an attempt for each of these claims that is still held and still has something to say.

    Reminders whose occurrence is no longer open or has moved are cancelled, those that a later
    step speaks for collapse; a delivery with nothing left, or to a channel that no longer
    works, is cancelled. The leases of the others begin anew.
    """
    held = _held(session, claims, DeliveryState.SENDING)
    if not held:
        return []
    connection = session.connection()
    rows = connection.execute(_CHANNELS, {"channels": {channel for channel, _ in held.values()}}).all()
    channels = {row[0]: Channel(*row) for row in rows}
    working = {name for name, (channel, _) in held.items() if channels[channel].state == SubscriptionState.ACTIVE}
    live = _recheck(session, held.keys(), working)
    works = []
    for claim in claims:
        if claim.delivery_id in live:
            channel, attempts = held[claim.delivery_id]
            works.append(Work(claim, channels[channel], attempts + 1, live[claim.delivery_id]))
    moot = held.keys() - live.keys()
    if works:
        connection.execute(_BEGIN, {"which": live.keys(), "until": now + LEASE})
        connection.execute(_START, {"which": live.keys(), "at": now})
    if moot:
        connection.execute(_CANCEL, {"which": moot, "at": now})
    return works


def settle(session: Session, outcomes: Sequence[Outcome]) -> set[str]:
    """Write down how attempts ended, and what becomes of their deliveries, reminders and channels.

    The attempts themselves are always completed. Returns the ids of the deliveries that nobody
    has claimed since, whether or not the lease has run out meanwhile; the others belong to
    somebody else by now and stay as they are.
    """
    _execute(session, _DELIVERED, [_ended(o) | {"receipt": o.receipt} for o in outcomes if o.receipt])
    _execute(session, _DELIVERED, [_ended(o) for o in outcomes if not (o.failure or o.receipt)])
    _execute(session, _FAILED, [_ended(o) | _why(o.failure) for o in outcomes if o.failure])
    claims = [outcome.work.claim for outcome in outcomes]
    held = _held(session, claims, DeliveryState.SENDING, DeliveryState.PENDING).keys()
    ours = [outcome for outcome in outcomes if outcome.work.claim.delivery_id in held]
    sent = [o for o in ours if o.failure is None]
    failed = [o for o in ours if o.failure is not None and o.failure.retry_at is None]
    _execute(session, _SET_DELIVERY, [_retry(o, o.failure.retry_at) for o in ours if o.failure and o.failure.retry_at])
    _finish(session, sent, DeliveryState.SENT, ReminderState.SENT)
    _finish(session, failed, DeliveryState.FAILED, ReminderState.FAILED)
    mended = [{"which": o.work.subscription.id, "trouble": None} for o in sent if o.work.subscription.trouble]
    _execute(session, _SET_CHANNEL, mended)
    for outcome in failed:
        _note_trouble(session, outcome)
    return set(held)


def _held(session: Session, claims: Sequence[Claim], *states: DeliveryState) -> dict[str, tuple[str, int]]:
    """Lock those deliveries that are in one of `states` and that nobody has claimed since.

    Returns by id their subscription and how many attempts there were.
    """
    if not claims:
        return {}
    fences = {claim.delivery_id: claim.fence for claim in claims}
    rows = session.connection().execute(_NAMED, {"claimed": sorted(fences)}).all()
    return {
        name: (channel, attempts)
        for name, fence, channel, attempts, state in rows
        if state in states and fence == fences[name]
    }


def _recheck(
    session: Session, names: Collection[str], working: Collection[str]
) -> dict[str, dict[int, tuple[str, str]]]:
    """Return the reminders that still hold, by delivery and number: (occurrence, step); settle the others."""
    rows: Sequence[Any] = session.connection().execute(_MEMBERS, {"claimed": names}).all()
    live: dict[str, dict[int, tuple[str, str]]] = defaultdict(dict)
    moot: list[int] = []
    spoken_for: list[int] = []
    for number, delivery, occurrence, step, holds, is_spoken_for in rows:
        if not holds or delivery not in working:
            moot.append(number)
        elif is_spoken_for:
            spoken_for.append(number)
        else:
            live[delivery][number] = occurrence, step
    _settle(session, moot, ReminderState.CANCELLED)
    _settle(session, spoken_for, ReminderState.COLLAPSED)
    return dict(live)


def _ended(outcome: Outcome) -> dict[str, Any]:
    claim = outcome.work.claim
    return {"which": claim.delivery_id, "held": claim.fence, "finished_at": outcome.at}


def _why(failure: Failure) -> dict[str, Any]:
    return {"reason": failure.reason, "detail": failure.detail}


def _retry(outcome: Outcome, at: datetime) -> dict[str, Any]:
    return {
        "which": outcome.work.claim.delivery_id,
        "lease_until": None,
        "state": DeliveryState.PENDING,
        "send_at": at,
    }


def _finish(session: Session, outcomes: Sequence[Outcome], delivery: DeliveryState, reminder: ReminderState) -> None:
    """End these deliveries, whose attempts are written down already, and their reminders with them."""
    if outcomes:
        which = [outcome.work.claim.delivery_id for outcome in outcomes]
        session.connection().execute(_FINISH, {"which": which, "state": delivery})
        _settle(session, (number for outcome in outcomes for number in outcome.work.reminders), reminder)


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
