"""Attempts: written down before they are made, with one more look at whether there is anything to say; settled after.

Both work on many deliveries at once, so that senders who wait for the same transaction share
it. The caller owns the transaction. What belongs to a claim that was lost changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, bindparam, exists, insert, literal, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from store.among import among
from store.deliveries import LEASE, Claim
from store.prepared import Prepared
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
_LOCKED = (
    select(*(col(getattr(DeliveryRow, name)) for name in ("id", "fence", "state", "attempts")))
    .where(among(col(DeliveryRow.id), "claimed"))
    .with_for_update(of=DeliveryRow)
)
_NAMED = Prepared(_LOCKED)
_ADDRESSED = Prepared(
    _LOCKED.add_columns(*(col(getattr(SubscriptionRow, name)) for name in Channel._fields)).join(
        SubscriptionRow, col(SubscriptionRow.id) == col(DeliveryRow.subscription_id)
    )
)
_LATER = aliased(ReminderRow)
_SPOKEN_FOR = exists().where(
    col(_LATER.occurrence_id) == col(ReminderRow.occurrence_id),
    col(_LATER.version) == col(ReminderRow.version),
    col(_LATER.subscription_id) == col(ReminderRow.subscription_id),
    col(_LATER.planned_at) > col(ReminderRow.planned_at),
    or_(col(_LATER.state) == ReminderState.PLANNED, col(_LATER.state) == ReminderState.SENT),
)
_MEMBERS = Prepared(
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
_BEGIN = Prepared(_DELIVERIES.values(lease_until=bindparam("until"), attempts=col(DeliveryRow.attempts) + 1))
_CANCEL = Prepared(_DELIVERIES.values(state=DeliveryState.CANCELLED, lease_until=None, finished_at=bindparam("at")))
_START = Prepared(
    insert(AttemptRow).from_select(
        ["delivery_id", "fence", "started_at", "outcome"],
        select(
            col(DeliveryRow.id),
            col(DeliveryRow.fence),
            bindparam("at", type_=UtcInstant),
            literal(AttemptOutcome.STARTED),
        ).where(among(col(DeliveryRow.id), "which")),
    )
)
_ENDED = (
    select(col(AttemptRow.finished_at))
    .where(col(AttemptRow.delivery_id) == col(DeliveryRow.id), col(AttemptRow.fence) == col(DeliveryRow.fence))
    .scalar_subquery()
)
_FINISH = Prepared(_DELIVERIES.values(state=bindparam("state"), lease_until=None, finished_at=_ENDED))
_SET_DELIVERY = update(DeliveryRow).where(col(DeliveryRow.id) == bindparam("which"))
_ATTEMPT = update(AttemptRow).where(
    col(AttemptRow.delivery_id) == bindparam("which"), col(AttemptRow.fence) == bindparam("held")
)
_DELIVERED = Prepared(
    _ATTEMPT.values(outcome=AttemptOutcome.DELIVERED, finished_at=bindparam("at"), receipt=bindparam("name"))
)
_FAILED = Prepared(
    _ATTEMPT.values(
        outcome=AttemptOutcome.FAILED, finished_at=bindparam("at"), reason=bindparam("why"), detail=bindparam("how")
    )
)
_SET_REMINDERS = Prepared(
    update(ReminderRow).where(among(col(ReminderRow.id), "members")).values(state=bindparam("state"))
)
_SET_CHANNEL = update(SubscriptionRow).where(col(SubscriptionRow.id) == bindparam("which"))


def start(session: Session, claims: Sequence[Claim], *, now: datetime) -> list[Work]:
    """Write down an attempt for each of these claims that is still held and still has something to say.

    Reminders whose occurrence is no longer open or has moved are cancelled, those that a later
    step speaks for collapse; a delivery with nothing left, or to a channel that no longer
    works, is cancelled. The leases of the others begin anew.
    """
    connection = session.connection()
    held = _held(connection, _ADDRESSED, claims, DeliveryState.SENDING)
    if not held:
        return []
    channels = {name: Channel(*columns) for name, (_, *columns) in held.items()}
    live = _recheck(connection, {name: each.state == SubscriptionState.ACTIVE for name, each in channels.items()})
    works = [
        Work(claim, channels[name], held[name][0] + 1, live[name])
        for claim in claims
        if (name := claim.delivery_id) in live
    ]
    moot = held.keys() - live.keys()
    if works:
        _BEGIN.run(connection, {"which": live.keys(), "until": now + LEASE})
        _START.run(connection, {"which": live.keys(), "at": now})
    if moot:
        _CANCEL.run(connection, {"which": moot, "at": now})
    return works


def settle(session: Session, outcomes: Sequence[Outcome]) -> set[str]:
    """Write down how attempts ended, and what becomes of their deliveries, reminders and channels.

    The attempts themselves are always completed. Returns the ids of the deliveries that nobody
    has claimed since, whether or not the lease has run out meanwhile; the others belong to
    somebody else by now and stay as they are.
    """
    connection = session.connection()
    _DELIVERED.run_many(connection, [_ended(o) | {"name": o.receipt} for o in outcomes if not o.failure])
    _FAILED.run_many(connection, [_ended(o) | _why(o.failure) for o in outcomes if o.failure])
    claims = [outcome.work.claim for outcome in outcomes]
    held = _held(connection, _NAMED, claims, DeliveryState.SENDING, DeliveryState.PENDING).keys()
    ours = [outcome for outcome in outcomes if outcome.work.claim.delivery_id in held]
    sent = [o for o in ours if o.failure is None]
    failed = [o for o in ours if o.failure is not None and o.failure.retry_at is None]
    _execute(
        connection, _SET_DELIVERY, [_retry(o, o.failure.retry_at) for o in ours if o.failure and o.failure.retry_at]
    )
    _finish(connection, sent, DeliveryState.SENT, ReminderState.SENT)
    _finish(connection, failed, DeliveryState.FAILED, ReminderState.FAILED)
    mended = [{"which": o.work.subscription.id, "trouble": None} for o in sent if o.work.subscription.trouble]
    _execute(connection, _SET_CHANNEL, mended)
    for outcome in failed:
        _note_trouble(session, outcome)
    return set(held)


def _held(
    connection: Connection, query: Prepared, claims: Sequence[Claim], *states: DeliveryState
) -> dict[str, list[Any]]:
    """Lock those deliveries that are in one of `states` and that nobody has claimed since.

    Returns by id how many attempts there were, and what else `query` asks for.
    """
    if not claims:
        return {}
    fences = {claim.delivery_id: claim.fence for claim in claims}
    rows: Sequence[Any] = query.run(connection, {"claimed": sorted(fences)}).all()
    return {name: rest for name, fence, state, *rest in rows if state in states and fence == fences[name]}


def _recheck(connection: Connection, working: Mapping[str, bool]) -> dict[str, dict[int, tuple[str, str]]]:
    """Return the reminders that still hold, by delivery and number: (occurrence, step); settle the others.

    `working`: for each delivery whether its channel works.
    """
    rows: Sequence[Any] = _MEMBERS.run(connection, {"claimed": working.keys()}).all()
    live: dict[str, dict[int, tuple[str, str]]] = defaultdict(dict)
    moot: list[int] = []
    spoken_for: list[int] = []
    for number, delivery, occurrence, step, holds, is_spoken_for in rows:
        if not (holds and working[delivery]):
            moot.append(number)
        elif is_spoken_for:
            spoken_for.append(number)
        else:
            live[delivery][number] = occurrence, step
    _settle(connection, moot, ReminderState.CANCELLED)
    _settle(connection, spoken_for, ReminderState.COLLAPSED)
    return dict(live)


def _ended(outcome: Outcome) -> dict[str, Any]:
    claim = outcome.work.claim
    return {"which": claim.delivery_id, "held": claim.fence, "at": outcome.at}


def _why(failure: Failure) -> dict[str, Any]:
    return {"why": failure.reason, "how": failure.detail}


def _retry(outcome: Outcome, at: datetime) -> dict[str, Any]:
    return {
        "which": outcome.work.claim.delivery_id,
        "lease_until": None,
        "state": DeliveryState.PENDING,
        "send_at": at,
    }


def _finish(
    connection: Connection, outcomes: Sequence[Outcome], delivery: DeliveryState, reminder: ReminderState
) -> None:
    """End these deliveries, whose attempts are written down already, and their reminders with them."""
    if outcomes:
        which = [outcome.work.claim.delivery_id for outcome in outcomes]
        _FINISH.run(connection, {"which": which, "state": delivery})
        _settle(connection, (number for outcome in outcomes for number in outcome.work.reminders), reminder)


def _note_trouble(session: Session, outcome: Outcome) -> None:
    """Say at a subscription why its delivery failed; a broken one has planning look for who stands in."""
    failure, channel = outcome.failure, outcome.work.subscription
    assert failure, "only failed attempts come here"
    values: dict[str, Any] = {"trouble": f"{failure.reason}: {failure.detail}" if failure.detail else failure.reason}
    if failure.breaks:
        values["state"] = SubscriptionState.BROKEN
        look_again(session, unit_code=channel.unit_code)
    _execute(session.connection(), _SET_CHANNEL, [{"which": channel.id, **values}])


def _settle(connection: Connection, reminder_ids: Iterable[int], state: ReminderState) -> None:
    members = list(reminder_ids)
    if members:
        _SET_REMINDERS.run(connection, {"members": members, "state": state})


def _execute(connection: Connection, statement: Any, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        connection.execute(statement, rows)
