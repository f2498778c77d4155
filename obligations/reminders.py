"""What to remind whom of, and when to look again: pure decisions over one occurrence.

All instants are aware and in UTC, all dates civil dates of the zone that is passed in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum

from obligations.policies import AT_ONCE, STAND_IN, Policy, Role, Step
from obligations.workcalendar import WorkCalendar

ONE_DAY = timedelta(days=1)
LAST_REPEATS = 10  # after long downtime, so many repeats of an overdue step are put on record


class Reason(StrEnum):
    """Why a reminder goes out, or does not."""

    STEP = "step"  # its moment has come
    CAUGHT_UP = "caught-up"  # its moment passed unnoticed; of those missed it is the latest
    URGENT = "urgent"  # the duty is counted in hours, or no working day is left: told at once, on any day
    KNOWN_LATE = "known-late"  # its safe day had come when the duty became known
    JOINED_LATE = "joined-late"  # its safe day had come when the recipient subscribed
    OVERDUE = "overdue"  # the latest lawful reading has passed
    PASSED_OVER = "passed-over"  # a later step speaks for it
    EXPIRED = "expired"  # missed by more than its policy allows


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a decision needs to know of one occurrence.

    `known_at` is when the service learned of it. `safe_on` is `None` where no working day
    is left; `overdue_from` is the first civil date on which it is overdue.
    """

    is_open: bool
    safe_on: date | None
    overdue_from: date
    known_at: datetime
    act_now: bool = False


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A subscription as a decision sees it: one recipient by one channel, since an instant."""

    id: str
    role: Role
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """One step for one subscriber. `planned_at` is the step's own moment, `send_at` the earliest to send it.

    `collapsed` steps are put on record and not sent; `urgent` ones may go out on a rest day.
    """

    subscriber: str
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
class _Moment:
    step: str
    at: datetime
    audience: frozenset[Role]
    reason: Reason
    expires_after: int | None = None
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Timetable:
    """A policy on a calendar in a zone: turns working days into instants."""

    policy: Policy
    calendar: WorkCalendar
    zone: tzinfo

    def opening(self, day: date) -> datetime:
        """Return the instant at which messages may go out on `day`."""
        return datetime.combine(day, self.policy.opens, self.zone).astimezone(UTC)

    def next_opening(self, at: datetime) -> datetime:
        """Return `at` if messages may go out then, else the next instant at which they may."""
        local = at.astimezone(self.zone)
        day = local.date()
        if self.calendar.is_working(day):
            if local.time() < self.policy.opens:
                return self.opening(day)
            if local.time() < self.policy.closes:
                return at
        return self.opening(self.calendar.next_working(day + ONE_DAY))


def decide(
    facts: Facts,
    timetable: Timetable,
    subscribers: Sequence[Subscriber],
    *,
    now: datetime,
    crowd: int = 1,
) -> Decision:
    """Decide what each of `subscribers` is to be sent by `now`, and when to look again.

    Deciding twice changes nothing: the same steps come out, and their reminders are unique
    by occurrence, version, step and subscription. Of several missed steps only the latest
    is sent to a subscriber; the others are collapsed into it. Steps from before the duty
    was known, or before the subscription, are not mentioned at all.

    Args:
        subscribers: the working subscriptions of the occurrence's unit.
        now: aware instant.
        crowd: recipients of the service in all, over whom messages are spread.

    Raises:
        OutsideCalendar: the steps leave the years that the calendar knows.
    """
    if not facts.is_open:
        return Decision((), None)
    # A clock set back, for a demonstration or by mistake, may stand before the record: then it was always known.
    known_at = facts.known_at if facts.known_at <= now else None
    past, next_at = _moments(facts, timetable, now)
    present = frozenset(subscriber.role for subscriber in subscribers)
    steps: list[Decided] = []
    for subscriber in subscribers:
        since = _latest(known_at, subscriber.since, now)
        at_once = _at_once(facts, timetable, known_at, since, now)
        heard = [
            moment
            for moment in (*at_once, *past)
            if (since is None or moment.at >= since) and subscriber.role in _hearers(moment.audience, present)
        ]
        heard.sort(key=lambda moment: moment.at)
        steps += _for_one(subscriber, heard, timetable, now, crowd)
    return Decision(tuple(steps), next_at)


def _latest(known_at: datetime | None, since: datetime, now: datetime) -> datetime | None:
    if known_at is None or since > now:
        return known_at
    return max(known_at, since)


def _hearers(audience: Collection[Role], present: Collection[Role]) -> frozenset[Role]:
    """Return who hears a step meant for `audience`: those of it who are present, or who stands in for the absent."""
    stand_ins = (role if role in present else STAND_IN.get(role) for role in audience)
    return frozenset(role for role in stand_ins if role is not None and role in present)


def _at_once(
    facts: Facts, timetable: Timetable, known_at: datetime | None, since: datetime | None, now: datetime
) -> Iterator[_Moment]:
    at, audience = since or now, timetable.policy.at_once
    if facts.act_now or facts.safe_on is None:
        yield _Moment(AT_ONCE, at, audience, Reason.URGENT, urgent=True)
    elif since and since > timetable.opening(facts.safe_on):
        known_late = since == known_at
        reason = Reason.KNOWN_LATE if known_late else Reason.JOINED_LATE
        yield _Moment(AT_ONCE, at, audience, reason, urgent=known_late)


def _moments(facts: Facts, timetable: Timetable, now: datetime) -> tuple[list[_Moment], datetime | None]:
    """Return the steps whose moment has come, and the first moment after `now`."""
    past: list[_Moment] = []
    next_at: datetime | None = None
    for step in timetable.policy.steps:
        for moment in _of_step(step, facts, timetable, now):
            if moment.at <= now:
                past.append(moment)
            elif next_at is None or moment.at < next_at:
                next_at = moment.at
    return past, next_at


def _of_step(step: Step, facts: Facts, timetable: Timetable, now: datetime) -> Iterator[_Moment]:
    calendar = timetable.calendar
    if step.overdue is not None:
        last_lawful = facts.overdue_from - ONE_DAY
        for days in _overdue_days(
            step.overdue, step.every, calendar.working_days_between(last_lawful, _day(now, timetable))
        ):
            at = timetable.opening(calendar.add_working_days(last_lawful, days))
            yield _Moment(f"+{days}", at, step.audience, Reason.OVERDUE, step.expires_after)
    elif step.before_safe_day is not None and facts.safe_on is not None and not facts.act_now:
        day = calendar.add_working_days(calendar.previous_working(facts.safe_on), -step.before_safe_day)
        at = timetable.opening(day)
        yield _Moment(f"T-{step.before_safe_day}", at, step.audience, Reason.STEP, step.expires_after)


def _overdue_days(first: int, every: int | None, elapsed: int) -> Sequence[int]:
    """Return the overdue working days on which a step falls: up to `elapsed` (the latest of them), and the next."""
    if every is None:
        return (first,)
    latest = (elapsed - first) // every if elapsed >= first else -1
    return [first + every * n for n in range(max(0, latest - LAST_REPEATS + 1), latest + 2)]


def _for_one(
    subscriber: Subscriber, heard: Sequence[_Moment], timetable: Timetable, now: datetime, crowd: int
) -> Iterator[Decided]:
    for moment in heard[:-1]:
        yield _collapsed(subscriber, moment, Reason.PASSED_OVER)
    for moment in heard[-1:]:
        missed_by = timetable.calendar.working_days_between(_day(moment.at, timetable), _day(now, timetable))
        if moment.expires_after is not None and missed_by > moment.expires_after:
            yield _collapsed(subscriber, moment, Reason.EXPIRED)
            continue
        yield Decided(
            subscriber=subscriber.id,
            step=moment.step,
            planned_at=moment.at,
            send_at=moment.at if moment.urgent else _send_at(subscriber, moment.at, timetable, now, crowd),
            reason=Reason.CAUGHT_UP if moment.reason is Reason.STEP and missed_by else moment.reason,
            urgent=moment.urgent,
        )


def _send_at(subscriber: Subscriber, planned_at: datetime, timetable: Timetable, now: datetime, crowd: int) -> datetime:
    """Spread after the step's moment; a missed one goes out at once, or spread after the office next opens."""
    spread = timetable.policy.spread(subscriber.id, crowd)
    first = timetable.next_opening(now)
    return max(planned_at + spread, now) if first == now else first + spread


def _collapsed(subscriber: Subscriber, moment: _Moment, reason: Reason) -> Decided:
    return Decided(
        subscriber=subscriber.id,
        step=moment.step,
        planned_at=moment.at,
        send_at=moment.at,
        reason=reason,
        collapsed=True,
    )


def _day(at: datetime, timetable: Timetable) -> date:
    return at.astimezone(timetable.zone).date()
