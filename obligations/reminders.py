"""What to remind whom of, and when to look again: pure decisions over one occurrence.

All instants are aware and in UTC, all dates civil dates of the zone that is passed in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from obligations.policies import AT_ONCE, STAND_IN, Policy, Role, Step
from obligations.timetable import ANY_TIME, ONE_DAY, ContactHours, Timetable

LAST_REPEATS = 10  # after long downtime, so many repeats of an overdue step are put on record


class Reason(StrEnum):
    """Why a reminder goes out, or does not."""

    STEP = "step"  # its moment has come
    CAUGHT_UP = "caught-up"  # its moment passed unnoticed; of those missed it is the latest
    URGENT = "urgent"  # the duty is counted in hours, or no working day is left: told at once, on any day
    KNOWN_LATE = "known-late"  # its safe day had come when the duty became known
    JOINED_LATE = "joined-late"  # its safe day had come when the recipient subscribed
    UNSIGNED = "unsigned"  # nobody of the unit has signed for the duty yet
    OVERDUE = "overdue"  # the latest lawful reading has passed
    PASSED_OVER = "passed-over"  # a later step speaks for it
    EXPIRED = "expired"  # missed by more than its policy allows


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What a decision needs to know of one occurrence.

    `known_at` is when the service learned of it. `safe_on` is `None` where no working day
    is left; `overdue_from` is the first civil date on which it is overdue. A right is never
    overdue: on that date it has ended, and nothing more is said. Once a duty `is_signed` (签收)
    nobody is asked to sign any more; every other step goes on.
    """

    is_open: bool
    safe_on: date | None
    overdue_from: date
    known_at: datetime
    act_now: bool = False
    is_right: bool = False
    is_signed: bool = False


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A subscription as a decision sees it: the recipient `id` in a role, since an instant."""

    id: str
    role: Role
    since: datetime
    contact_hours: ContactHours = ANY_TIME
    subscription: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """One step for one subscriber, in the role it is spoken to.

    `planned_at` is the step's own moment, `send_at` the earliest to send it.

    `collapsed` steps are put on record and not sent; `urgent` ones may go out on a rest day.
    """

    subscriber: str
    role: Role
    step: str
    planned_at: datetime
    send_at: datetime
    reason: Reason
    urgent: bool = False
    collapsed: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """The steps whose moment has come, and the next instant to look again; `None` for never."""

    steps: tuple[Decided, ...]
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Moment:
    """When a step of the ladder falls for one occurrence, whoever hears it."""

    step: str
    at: datetime
    audience: frozenset[Role]
    reason: Reason
    expires_after: int | None = None
    urgent: bool = False
    asks_to_sign: bool = False


def decide(
    situation: Situation,
    policy: Policy,
    timetable: Timetable,
    subscribers: Sequence[Subscriber],
    *,
    now: datetime,
    present: frozenset[Role] | None = None,
    recorded_until: datetime | None = None,
    crowd: int = 1,
) -> Decision:
    """Decide what each of `subscribers` is to be sent by `now`, and when to look again.

    Deciding twice changes nothing: the same steps come out, and their reminders are unique
    by occurrence, version, step and recipient. Of several missed steps only the latest
    is sent to a subscriber; the others are collapsed into it. Steps from before the duty
    was known, or before the subscription, are not mentioned at all.

    Args:
        subscribers: the working subscriptions of the occurrence's unit that `policy` is for.
        now: aware instant.
        present: the roles of all working subscriptions of the unit; by default those of `subscribers`.
        recorded_until: steps before this instant are on record already and come out no more, except
            the one before the latest, which may still wait and then collapses into it.
        crowd: recipients of the service in all, over whom messages are spread.

    Raises:
        OutsideCalendar: the steps leave the years that the calendar knows.
    """
    ended = situation.is_right and timetable.day(now) >= situation.overdue_from
    if ended or not situation.is_open:
        return Decision((), None)
    case = Case(situation, policy, timetable, now)
    past, next_at = case.moments()
    present = frozenset(subscriber.role for subscriber in subscribers) if present is None else present
    steps: list[Decided] = []
    for subscriber in subscribers:
        since = case.since(subscriber)
        moments = (*case.at_once(since), *past)
        heard = [m for m in moments if (not since or m.at >= since) and subscriber.role in hearers(m.audience, present)]
        if heard:
            heard.sort(key=lambda moment: moment.at)
            passed = [m for m in heard[:-1] if recorded_until is None or m.at >= recorded_until or m is heard[-2]]
            steps += [_collapsed(subscriber, moment, Reason.PASSED_OVER) for moment in passed]
            steps.append(case.latest(subscriber, heard[-1], crowd))
    return Decision(tuple(steps), next_at)


@lru_cache(maxsize=256)
def hearers(audience: frozenset[Role], present: frozenset[Role]) -> frozenset[Role]:
    """Return who hears a step meant for `audience`: those of it who are present, or who stands in for the absent."""
    stand_ins = (role if role in present else STAND_IN.get(role) for role in audience)
    return frozenset(role for role in stand_ins if role is not None and role in present)


def _collapsed(subscriber: Subscriber, moment: Moment, reason: Reason) -> Decided:
    return Decided(
        subscriber=subscriber.id,
        role=subscriber.role,
        step=moment.step,
        planned_at=moment.at,
        send_at=moment.at,
        reason=reason,
        collapsed=True,
    )


@dataclass(frozen=True, slots=True)
class Case:
    """One occurrence at one instant: when its steps fall, and how the latest of them goes out."""

    situation: Situation
    policy: Policy
    timetable: Timetable
    now: datetime

    @property
    def known_at(self) -> datetime | None:
        # A clock set back, for a demonstration or by mistake, may stand before the record: then it was always known.
        return self.situation.known_at if self.situation.known_at <= self.now else None

    def since(self, subscriber: Subscriber) -> datetime | None:
        """Return the instant from which this subscriber is told of the occurrence; `None`: always."""
        if self.known_at is None or subscriber.since > self.now:
            return self.known_at
        return max(self.known_at, subscriber.since)

    def at_once(self, since: datetime | None) -> Iterator[Moment]:
        """Yield the step for a duty that cannot wait, or whose safe day had come at `since`."""
        at, audience, safe_on = since or self.now, self.policy.at_once, self.situation.safe_on
        if self.situation.act_now or safe_on is None:
            yield Moment(AT_ONCE, at, audience, Reason.URGENT, urgent=True)
        elif since and since > self.timetable.opening(safe_on):
            known_late = since == self.known_at
            reason = Reason.KNOWN_LATE if known_late else Reason.JOINED_LATE
            yield Moment(AT_ONCE, at, audience, reason, urgent=known_late)

    def all_moments(self) -> list[Moment]:
        """Return every moment of every step that its situation allows, signed for or not; of repeats also the next."""
        return [moment for step in self.policy.steps for moment in self._of_step(step)]

    @lru_cache(maxsize=256)  # noqa: B019 - small; the units that share a duty are looked at one after the other
    def moments(self) -> tuple[Sequence[Moment], datetime | None]:
        """Return the steps whose moment has come, and the first moment still to come."""
        all_ = [m for m in self.all_moments() if not (m.asks_to_sign and self.situation.is_signed)]
        past = tuple(moment for moment in all_ if moment.at <= self.now)
        return past, min((moment.at for moment in all_ if moment.at > self.now), default=None)

    def latest(self, subscriber: Subscriber, moment: Moment, crowd: int) -> Decided:
        """Decide how the latest of the steps that have come goes out, unless it has expired."""
        missed_by = self.timetable.calendar.working_days_between(
            self.timetable.day(moment.at), self.timetable.day(self.now)
        )
        if moment.expires_after is not None and missed_by > moment.expires_after:
            return _collapsed(subscriber, moment, Reason.EXPIRED)
        spread = self.timetable.hours.spread(subscriber.id, crowd)
        return Decided(
            subscriber=subscriber.id,
            role=subscriber.role,
            step=moment.step,
            planned_at=moment.at,
            send_at=moment.at if moment.urgent else self._send_at(moment.at, spread, subscriber.contact_hours),
            reason=Reason.CAUGHT_UP if moment.reason is Reason.STEP and missed_by else moment.reason,
            urgent=moment.urgent,
        )

    def _send_at(self, planned_at: datetime, spread: timedelta, contact_hours: ContactHours) -> datetime:
        """Spread after the step's moment; a missed one goes out at once, or spread after the next time that is open."""
        timetable = self.timetable.within(contact_hours)
        first = timetable.next_opening(self.now)
        return timetable.next_opening(max(planned_at + spread, self.now) if first == self.now else first + spread)

    def _of_step(self, step: Step) -> Iterator[Moment]:
        situation, calendar, opening = self.situation, self.timetable.calendar, self.timetable.opening
        if step.overdue is not None and not situation.is_right:
            last_lawful = situation.overdue_from - ONE_DAY
            elapsed = calendar.working_days_between(last_lawful, self.timetable.day(self.now))
            for days in _overdue_days(step.overdue, step.every, elapsed):
                at = opening(calendar.add_working_days(last_lawful, days))
                yield Moment(f"+{days}", at, step.audience, Reason.OVERDUE, step.expires_after)
        elif step.please_sign is not None:
            yield from self._requests_to_sign(step, step.please_sign)
        elif step.before_safe_day is not None and situation.safe_on is not None and not situation.act_now:
            safe_on = calendar.previous_working(situation.safe_on)
            at = opening(calendar.add_working_days(safe_on, -step.before_safe_day))
            yield Moment(f"T-{step.before_safe_day}", at, step.audience, Reason.STEP, step.expires_after)

    def _requests_to_sign(self, step: Step, days_before: int) -> Iterator[Moment]:
        """Yield the mornings on which a duty is asked to be signed for: after it is known, before its first step."""
        situation, calendar, opening = self.situation, self.timetable.calendar, self.timetable.opening
        if situation.safe_on is None or situation.act_now or situation.is_right:
            return
        safe_on = calendar.previous_working(situation.safe_on)
        day = calendar.add_working_days(safe_on, -days_before)
        if self.known_at is not None:
            known = calendar.next_working(self.timetable.day(self.known_at))
            day = max(day, known if opening(known) >= self.known_at else calendar.next_working(known + ONE_DAY))
        while (left := calendar.working_days_between(day, safe_on)) > self.policy.first_before_safe_day:
            yield Moment(
                f"S-{left}", opening(day), step.audience, Reason.UNSIGNED, step.expires_after, asks_to_sign=True
            )
            if step.every is None:
                return
            day = calendar.add_working_days(day, step.every)


def _overdue_days(first: int, every: int | None, elapsed: int) -> Sequence[int]:
    """Return the overdue working days on which a step falls: up to `elapsed` (the latest of them), and the next."""
    if every is None:
        return (first,)
    latest = (elapsed - first) // every if elapsed >= first else -1
    return [first + every * n for n in range(max(0, latest - LAST_REPEATS + 1), latest + 2)]
