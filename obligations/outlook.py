"""What becomes of every step of an occurrence for every recipient, and why: told by the decisions themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from obligations.policies import Policy, Role
from obligations.reminders import Case, Decided, Moment, Reason, Situation, Subscriber, decide, hearers
from obligations.timetable import ContactHours, Timetable


class Silence(StrEnum):
    """Why a step says nothing to a recipient."""

    CLOSED = "closed"  # the occurrence is not open
    ENDED = "ended"  # the right has ended
    SIGNED = "signed"  # it is signed for, so nobody is asked to sign
    MOVED = "moved"  # its date moved, or it was reopened: the steps of the new date speak
    NO_CHANNEL = "no-channel"  # the unit has no working channel, or this one works no more
    NOT_ADDRESSED = "not-addressed"  # the step is not meant for this recipient's role
    BEFORE_KNOWN = "before-known"  # the duty was not known yet
    BEFORE_JOINED = "before-joined"  # the recipient had not subscribed yet


class Hold(StrEnum):
    """Why a step goes out later than its moment."""

    REST_DAY = "rest-day"  # on a later day than its own, since that was a rest day or after hours
    QUIET_HOURS = "quiet-hours"  # later that day, by the quiet hours or the zone of the recipient


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """One step for one recipient in a role (`None`: the unit has none). `send_at` is `None` where nothing is sent.

    `held` says what made it later than its moment; to be spread over some minutes does not count.
    """

    subscriber: str | None
    role: Role | None
    step: str
    planned_at: datetime
    send_at: datetime | None
    reason: Reason | Silence
    held: Hold | None = None


def foresee(
    situation: Situation,
    policy: Policy,
    timetable: Timetable,
    subscribers: Sequence[Subscriber],
    *,
    now: datetime,
    present: frozenset[Role] | None = None,
    crowd: int = 1,
) -> list[Foreseen]:
    """Return every step for every recipient by its moment, as if nothing were on record; of repeats up to the next.

    What is still to come is decided as of its own moment, under what is known now. The
    arguments, and what is raised, are those of `obligations.reminders.decide`.
    """
    case = Case(situation, policy, timetable, now)
    if not subscribers:
        return [_silent(None, moment, Silence.NO_CHANNEL) for moment in _in_order(case, None)]
    present = frozenset(subscriber.role for subscriber in subscribers) if present is None else present
    found: list[Foreseen] = []
    for subscriber in subscribers:
        since = case.since(subscriber)
        for moment in _in_order(case, since):
            if subscriber.role not in hearers(moment.audience, present):
                why: Silence | None = Silence.NOT_ADDRESSED
            else:
                why = _silence(case, moment, since)
            if why is not None:
                found.append(_silent(subscriber, moment, why))
                continue
            at = max(now, moment.at)
            decision = decide(situation, policy, timetable, [subscriber], now=at, present=present, crowd=crowd)
            found += [
                _spoken(step, subscriber, timetable, crowd) for step in decision.steps if step.step == moment.step
            ]
    return sorted(found, key=lambda one: (one.planned_at, one.subscriber or ""))


def hold_of(
    planned_at: datetime, send_at: datetime, timetable: Timetable, contact_hours: ContactHours, spread: timedelta
) -> Hold | None:
    """Return what makes a step go out at `send_at` instead of `spread` after its moment.

    `timetable` is the service's, `contact_hours` the recipient's.
    """
    if timetable.day(send_at) > timetable.day(planned_at):
        return Hold.REST_DAY
    return None if timetable.within(contact_hours).is_open(planned_at + spread) else Hold.QUIET_HOURS


def _in_order(case: Case, since: datetime | None) -> Iterator[Moment]:
    yield from sorted([*case.at_once(since), *case.all_moments()], key=lambda moment: moment.at)


def _silence(case: Case, moment: Moment, since: datetime | None) -> Silence | None:
    """Return why nobody hears of this moment; `None` where it is for `decide` to say."""
    situation = case.situation
    if not situation.is_open:
        return Silence.CLOSED
    if situation.is_right and case.timetable.day(case.now) >= situation.overdue_from:
        return Silence.ENDED
    if since and moment.at < since:
        return Silence.BEFORE_KNOWN if since == case.known_at else Silence.BEFORE_JOINED
    return Silence.SIGNED if moment.asks_to_sign and situation.is_signed else None


def _silent(subscriber: Subscriber | None, moment: Moment, why: Silence) -> Foreseen:
    return Foreseen(
        subscriber=subscriber.id if subscriber else None,
        role=subscriber.role if subscriber else None,
        step=moment.step,
        planned_at=moment.at,
        send_at=None,
        reason=why,
    )


def _spoken(step: Decided, subscriber: Subscriber, timetable: Timetable, crowd: int) -> Foreseen:
    send_at = None if step.collapsed else step.send_at
    held: Hold | None = None
    if send_at and not step.urgent:
        held = hold_of(
            step.planned_at, send_at, timetable, subscriber.contact_hours, timetable.hours.spread(subscriber.id, crowd)
        )
    return Foreseen(
        subscriber=step.subscriber,
        role=step.role,
        step=step.step,
        planned_at=step.planned_at,
        send_at=send_at,
        reason=step.reason,
        held=held,
    )
