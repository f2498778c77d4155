"""Attempts: written down before they are made, with one more look at whether there is anything to say; settled after.

Both work on many deliveries at once, so that senders who wait for the same transaction share
it. The caller owns the transaction. What belongs to a claim that was lost changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, bindparam, exists, insert, literal, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from store import summaries
from store.among import among
from store.deliveries import LEASE, Claim
from store.prepared import Prepared
from store.reminders import look_again
from store.rows import AttemptRow, DeliveryRow, OccurrenceRow, RecipientRow, ReminderRow, SubscriptionRow
from store.states import AttemptOutcome, DeliveryState, OccurrenceState, RecipientState, ReminderState
from store.types import UtcInstant


class Channel(NamedTuple):
    """What of a recipient an attempt needs to know, as it is stored."""

    id: str
    kind: str
    address: str
    secret: str | None
    former_secret: str | None
    zone: str | None
    quiet: str | None
    is_operator: bool
    state: str
    trouble: str | None


Opening = Callable[[Channel, datetime], datetime]
"""Returns when at or after an instant a recipient may be written to."""


@dataclass(frozen=True, slots=True)
class Work:
    """One attempt that has been written down and must now be made: whom to tell of which reminders.

    `attempt` counts from 1; `reminders` are the occurrence and the step of each, by number; `summaries`
    is how many the delivery carries.
    """

    claim: Claim
    recipient: Channel
    attempt: int
    reminders: Mapping[int, tuple[str, str]]
    summaries: int = 0

    @property
    def steps(self) -> dict[str, str]:
        """The step that each occurrence is at."""
        return dict(self.reminders.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why an attempt failed, and what follows: another at `retry_at`, or the end of the delivery.

    Of its end the operator hears at `told_at`. With `breaks` it is the end of the recipient too:
    nothing will ever arrive there.
    """

    reason: str
    detail: str = ""
    retry_at: datetime | None = None
    told_at: datetime | None = None
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
    select(*(col(getattr(DeliveryRow, name)) for name in ("id", "fence", "state")))
    .where(among(col(DeliveryRow.id), "claimed"))
    .with_for_update(of=DeliveryRow)
)
_NAMED = Prepared(_LOCKED)
_ADDRESSED = Prepared(
    _LOCKED.add_columns(
        col(DeliveryRow.attempts),
        col(DeliveryRow.summaries),
        *(col(getattr(RecipientRow, name)) for name in Channel._fields),
    ).join(RecipientRow, col(RecipientRow.id) == col(DeliveryRow.recipient_id))
)
_LATER = aliased(ReminderRow)
_SPOKEN_FOR = exists().where(
    col(_LATER.occurrence_id) == col(ReminderRow.occurrence_id),
    col(_LATER.version) == col(ReminderRow.version),
    col(_LATER.recipient_id) == col(ReminderRow.recipient_id),
    col(_LATER.planned_at) > col(ReminderRow.planned_at),
    or_(col(_LATER.state) == ReminderState.PLANNED, col(_LATER.state) == ReminderState.SENT),
)
_SUBSCRIBED = exists().where(
    col(SubscriptionRow.unit_code) == col(OccurrenceRow.unit_code),
    col(SubscriptionRow.recipient_id) == col(ReminderRow.recipient_id),
    col(SubscriptionRow.ended_at).is_(None),
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
            _SUBSCRIBED,
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
_POSTPONE = Prepared(
    update(DeliveryRow)
    .where(col(DeliveryRow.id) == bindparam("which"))
    .values(state=DeliveryState.PENDING, lease_until=None, send_at=bindparam("until"))
)
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
_SET_RECIPIENT = update(RecipientRow).where(col(RecipientRow.id) == bindparam("which"))


def start(session: Session, claims: Mapping[Claim, Opening | None], *, now: datetime) -> list[Work]:
    """Write down an attempt for each of these claims that is still held and still has something to say.

    What is not urgent waits until the recipient's opening (`None`: for nothing). Reminders whose occurrence is no
    longer open or has moved, or whose recipient hears of the unit no more, are cancelled, those
    that a later step speaks for collapse; a delivery with nothing left, or to a recipient that no
    longer works, is cancelled. The leases of the others begin anew.
    """
    connection = session.connection()
    held = _held(connection, _ADDRESSED, list(claims), DeliveryState.SENDING)
    if not held:
        return []
    channels = {name: Channel(*columns) for name, (_, _, *columns) in held.items()}
    ours = [claim for claim in claims if claim.delivery_id in held]
    awaited = {claim: until for claim in ours if (until := _until(claim, claims[claim], channels, now)) > now}
    _POSTPONE.run_many(connection, [{"which": c.delivery_id, "until": until} for c, until in awaited.items()])
    ours = [claim for claim in ours if claim not in awaited]
    working = {c.delivery_id: channels[c.delivery_id].state == RecipientState.ACTIVE for c in ours}
    live = _recheck(connection, working)
    works: list[Work] = []
    for claim in ours:
        name, (tries, told, *_) = claim.delivery_id, held[claim.delivery_id]
        if name in live or (told and working[name]):
            works.append(Work(claim, channels[name], tries + 1, live.get(name, {}), told))
    begun = [work.claim.delivery_id for work in works]
    if begun:
        _BEGIN.run(connection, {"which": begun, "until": now + LEASE})
        _START.run(connection, {"which": begun, "at": now})
    if moot := working.keys() - set(begun):
        _CANCEL.run(connection, {"which": moot, "at": now})
    return works


def _until(claim: Claim, opening: Opening | None, channels: Mapping[str, Channel], now: datetime) -> datetime:
    return now if claim.urgent or opening is None else opening(channels[claim.delivery_id], now)


def settle(session: Session, outcomes: Sequence[Outcome]) -> set[str]:
    """Write down how attempts ended, and what becomes of their deliveries, reminders and recipients.

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
    mended = [{"which": o.work.recipient.id, "trouble": None} for o in sent if o.work.recipient.trouble]
    _execute(connection, _SET_RECIPIENT, mended)
    for outcome in failed:
        _note_trouble(session, outcome)
    return set(held)


def _held(
    connection: Connection, query: Prepared, claims: Sequence[Claim], *states: DeliveryState
) -> dict[str, list[Any]]:
    """Lock those deliveries that are in one of `states` and that nobody has claimed since.

    Returns by id what else `query` asks for.
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
    """Say at a recipient, and to the operator, why its delivery failed; planning looks who stands in for it."""
    failure, channel = outcome.failure, outcome.work.recipient
    assert failure, "only failed attempts come here"
    values: dict[str, Any] = {"trouble": f"{failure.reason}: {failure.detail}" if failure.detail else failure.reason}
    if failure.breaks:
        values["state"] = RecipientState.BROKEN
        look_again(session, recipient_id=channel.id)
    _execute(session.connection(), _SET_RECIPIENT, [{"which": channel.id, **values}])
    if failure.told_at and not channel.is_operator:
        summaries.tell_of_failure(
            session,
            outcome.work.claim.delivery_id,
            {"channel": channel.kind, "reason": failure.reason, "detail": failure.detail},
            occurrence_ids=outcome.work.steps,
            now=outcome.at,
            send_at=failure.told_at,
        )


def _settle(connection: Connection, reminder_ids: Iterable[int], state: ReminderState) -> None:
    members = list(reminder_ids)
    if members:
        _SET_REMINDERS.run(connection, {"members": members, "state": state})


def _execute(connection: Connection, statement: Any, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        connection.execute(statement, rows)
