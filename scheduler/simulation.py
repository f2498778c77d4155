"""What would be sent between two days: the real planner and sender, on a clock that jumps, in a copy of the store."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from hashlib import sha256
from heapq import heappop, heappush
from zoneinfo import ZoneInfo

from notifiers.errors import DeliveryFailed, Reason
from notifiers.message import Message, Recipient, Summary
from notifiers.recording import Fault, SilentNotifier
from obligations.policies import Policies
from obligations.timetable import ONE_DAY, Timetable
from obligations.workdays.workcalendar import WorkCalendar
from scheduler import sending
from scheduler.clock import ManualClock
from scheduler.composing import Composer
from scheduler.dispatch import Bundler
from scheduler.housekeeping import expand_all
from scheduler.ledger import Begun, Ledger
from scheduler.planning import Planner
from scheduler.sending import Sender
from store import rehearsal
from store.database import Store
from store.deliveries import CLAIMS
from store.rehearsal import NO_CHANNEL, Duty, Rehearsed
from store.states import ChannelKind
from store.vault import Vault

MINUTE = timedelta(minutes=1)
EXPAND_EVERY = timedelta(days=180)  # occurrences reach 13 months ahead

Closing = Callable[[Duty], date | None]
"""Says on which civil day a duty is done and closed, `None` for never. Asked once for each, when it becomes known."""

Progress = Callable[[int, int], object]
"""Told how many civil days are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time, from `begin` until before `end`: aware instants."""

    begin: datetime
    end: datetime

    @classmethod
    def of_days(cls, first: date, last: date, zone: tzinfo) -> Stretch:
        """Return the civil days from `first` to `last`, both included, in `zone`."""
        midnights = (datetime.combine(day, time(0), zone).astimezone(UTC) for day in (first, last + ONE_DAY))
        return cls(*midnights)

    def holds(self, at: datetime) -> bool:
        """Whether `at` lies in it."""
        return self.begin <= at < self.end


@dataclass(frozen=True, slots=True)
class Failing:
    """A channel, by its kind, or one recipient, by the address, that nothing reaches for a stretch of time."""

    channel: str
    stretch: Stretch

    def failure(self, kind: str, address: str, at: datetime) -> DeliveryFailed | None:
        """Return how a send fails then, `None` where it does not.

        A server cannot be reached. Where it is one mailbox, our own mail server can, and puts us off.
        """
        if not self.stretch.holds(at) or self.channel not in (kind, address):
            return None
        one_mailbox = kind == ChannelKind.EMAIL and self.channel == address
        return DeliveryFailed(Reason.UNAVAILABLE if one_mailbox else Reason.UNREACHABLE, retryable=True)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a simulation shows, in order: the messages that arrive, and those that had not arrived at its end."""

    messages: Sequence[Rehearsed]
    undelivered: Sequence[Rehearsed]


def closed_in_time(percent: int) -> Closing:
    """Have `percent` of the duties closed on their safe day (on the due day where none is left), the others never.

    Which ones follows from their ids, so that two simulations agree.
    """

    def closing(duty: Duty) -> date | None:
        place = int.from_bytes(sha256(duty.occurrence_id.encode()).digest()[:4]) / 2**32
        return (duty.safe_on or duty.due_on) if place * 100 < percent else None

    return closing


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """Rehearses in a copy of `store`, in which every stored notice counts as known from the first day.

    Args:
        failing: what cannot be reached, and when.
        down: when the service does not run. Nobody can close anything then either.
        closing: when duties are closed, at the end of office hours; without it nobody closes anything.
    """

    store: Store
    policies: Policies
    vault: Vault
    zone: ZoneInfo
    failing: Sequence[Failing] = ()
    down: Sequence[Stretch] = ()
    closing: Closing | None = None
    progress: Progress = lambda _done, _of: None

    def run(self, stretch: Stretch) -> Rehearsal:
        """Return what would be sent in `stretch`."""
        with rehearsal.copied(self.store) as copy:
            with copy.writing() as session:
                rehearsal.begin_anew(session, known_at=stretch.begin)
            with _rehearsed_only():
                _Play(self, copy, stretch).run()
            with copy.reading() as session:
                made, unmade = rehearsal.deliveries_made(session), rehearsal.deliveries_not_made(session)
                return Rehearsal(list(made), list(unmade))


class _Play:
    """One simulation at work: jumps from one instant at which something may happen to the next."""

    def __init__(self, asked: Simulation, copy: Store, stretch: Stretch) -> None:
        self._asked = asked
        self._copy = copy
        self._stretch = stretch
        self._clock = ManualClock(stretch.begin, asked.zone)
        self._planner = Planner(copy, asked.policies, asked.zone)
        composer = _Envelopes(asked.vault)
        self._bundler = Bundler(copy, self._planner, composer.lane)
        ledger = Ledger(copy, self._clock, blank=True)
        channels = {kind: SilentNotifier(kind, fault=self._fault(kind)) for kind in (*ChannelKind, NO_CHANNEL)}
        self._swift = Sender(ledger, self._clock, composer, channels, at_once=CLAIMS)
        # As the daemon does: only the first message finds out that its server is down.
        self._careful = Sender(ledger, self._clock, composer, channels)
        self._resting: dict[str, datetime] = {}
        self._expand_at = stretch.begin
        self._closings: list[tuple[datetime, str]] = []
        self._seen: set[str] = set()

    def run(self) -> None:
        """Play the stretch to its end."""
        while (now := self._clock.now()) < self._stretch.end:
            self._clock.move_to(self._back_at(now) or self._step(now))
            self._show_progress()

    def _step(self, now: datetime) -> datetime:
        """Do what the daemon does at an instant; return the next one worth looking at."""
        if now >= self._expand_at:
            expand_all(self._copy, self._clock, self._show_progress)
            self._expand_at = now + EXPAND_EVERY
            self._enlist()
        self._planner.run(now)
        timetable = self._bundler.collect(now, monotonic=self._clock.monotonic())
        self._send(now, timetable)
        self._close(now)
        return self._next(now)

    def _back_at(self, now: datetime) -> datetime | None:
        """Return when the service is back, `None` while it runs."""
        return max((stretch.end for stretch in self._asked.down if stretch.holds(now)), default=None)

    def _send(self, now: datetime, timetable: Timetable) -> None:
        failing = any(each.stretch.holds(now) for each in self._asked.failing)
        sender = self._careful if failing else self._swift
        self._resting = {lane: until for lane, until in self._resting.items() if until > now}
        while lanes := self._bundler.claim(now, busy=self._resting):
            for lane, claims in lanes.items():
                if rest := sender.send(claims, timetable):
                    self._resting[lane] = now + rest

    def _fault(self, kind: str) -> Fault:
        def failure(_: Message, recipient: Recipient, at: datetime) -> DeliveryFailed | None:
            failures = (each.failure(kind, recipient.address, at) for each in self._asked.failing)
            return next(filter(None, failures), None)

        return failure

    def _enlist(self) -> None:
        """Ask of the duties that have become known when each will be closed."""
        if self._asked.closing is None:
            return
        with self._copy.reading() as session:
            known: Iterable[Duty] = [duty for duty in rehearsal.duties(session) if duty.occurrence_id not in self._seen]
        for duty in known:
            self._seen.add(duty.occurrence_id)
            if day := self._asked.closing(duty):
                at = datetime.combine(day, self._asked.policies.hours.closes, self._asked.zone).astimezone(UTC)
                heappush(self._closings, (at, duty.occurrence_id))

    def _close(self, now: datetime) -> None:
        done: list[str] = []
        while self._closings and self._closings[0][0] <= now:
            done.append(heappop(self._closings)[1])
        if done:
            with self._copy.writing() as session:
                rehearsal.close(session, done, now=now, today=self._clock.today())

    def _next(self, now: datetime) -> datetime:
        """Return the next instant worth looking at, rounded up to the minute."""
        with self._copy.reading() as session:
            instant = rehearsal.next_instant(session, after=now)
        candidates = [self._expand_at, *self._resting.values()]
        candidates += [instant] if instant else []
        candidates += [self._closings[0][0]] if self._closings else []
        return _whole_minute(min(candidates))

    def _show_progress(self) -> None:
        whole = self._stretch.end - self._stretch.begin
        done = min(self._clock.now(), self._stretch.end) - self._stretch.begin
        self._asked.progress(done // ONE_DAY, whole // ONE_DAY)


class _Envelopes(Composer):
    """Addresses messages and leaves them blank: in a rehearsal nobody reads them."""

    def message(self, begun: Begun, *, today: date, calendar: WorkCalendar) -> Message:
        """Return a message of that delivery that says nothing."""
        return Message(delivery_id=begun.work.claim.delivery_id, summaries=_BLANK)


_BLANK = (Summary(kind="blank", units=()),)


@contextmanager
def _rehearsed_only() -> Iterator[None]:
    """Keep what was or was not delivered in a rehearsal out of the log, where it would look real."""

    def real(record: logging.LogRecord) -> bool:
        return record.levelno > logging.WARNING

    sending.LOG.addFilter(real)
    try:
        yield
    finally:
        sending.LOG.removeFilter(real)


def _whole_minute(at: datetime) -> datetime:
    floor = at.replace(second=0, microsecond=0)
    return floor if floor == at else floor + MINUTE
