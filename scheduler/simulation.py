"""What would be sent between two days: the real planner and sender, on a clock that jumps, in a copy of the store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from notifiers.channel import Notifier
from notifiers.recording import Fault, RecordingNotifier
from obligations.policies import Policies
from obligations.timetable import ONE_DAY, Timetable
from scheduler.clock import ManualClock
from scheduler.composing import Composer
from scheduler.dispatch import Bundler
from scheduler.housekeeping import expand_all
from scheduler.ledger import Ledger
from scheduler.planning import Planner
from scheduler.sending import Sender
from store import rehearsal
from store.database import Store
from store.deliveries import CLAIMS
from store.rehearsal import NO_CHANNEL, Rehearsed
from store.states import ChannelKind
from store.vault import Vault

MINUTE = timedelta(minutes=1)
EXPAND_EVERY = timedelta(days=180)  # occurrences reach 13 months ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The civil days of a simulation, both included, in `zone`."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def begin(self) -> datetime:
        return datetime.combine(self.first, time(0), self.zone).astimezone(UTC)

    @property
    def end(self) -> datetime:
        return datetime.combine(self.last + ONE_DAY, time(0), self.zone).astimezone(UTC)


@dataclass(slots=True)
class Simulation:
    """Rehearses a span in a copy of `store`, in which every stored notice counts as known from the first day.

    Args:
        fault: says how a send fails, or `None` where it succeeds.
        progress: told the civil day that has been reached, whenever it changes.
    """

    store: Store
    policies: Policies
    vault: Vault
    fault: Fault | None = None
    progress: Callable[[date], object] = field(default=lambda _: None)

    def run(self, span: Span) -> list[Rehearsed]:
        """Return every message that would be sent, in order."""
        with rehearsal.copied(self.store) as copy:
            with copy.writing() as session:
                rehearsal.begin_anew(session, known_at=span.begin)
            self._play(copy, span)
            with copy.reading() as session:
                return list(rehearsal.deliveries_made(session))

    def _play(self, copy: Store, span: Span) -> None:
        clock = ManualClock(span.begin, span.zone)
        planner = Planner(copy, self.policies, span.zone)
        composer = Composer(self.vault)
        bundler = Bundler(copy, planner, composer.lane)
        channels: dict[str, Notifier] = {
            kind: RecordingNotifier(kind, fault=self.fault) for kind in (*ChannelKind, NO_CHANNEL)
        }
        sender = Sender(Ledger(copy, clock), clock, composer, channels, at_once=CLAIMS)
        expand_at = span.begin
        while clock.now() < span.end:
            now = clock.now()
            if now >= expand_at:
                expand_all(copy, clock)
                expand_at = now + EXPAND_EVERY
            planner.run(now)
            timetable = bundler.collect(now, monotonic=clock.monotonic())
            while lanes := bundler.claim(now):
                for claims in lanes.values():
                    sender.send(claims, timetable)
            self.progress(clock.today())
            clock.move_to(_next(copy, now, timetable, expand_at))


def _next(copy: Store, now: datetime, timetable: Timetable, expand_at: datetime) -> datetime:
    """Return the next instant worth looking at, rounded up to the minute."""
    with copy.reading() as session:
        instant = rehearsal.next_instant(session, after=now)
    candidates = [expand_at, instant or expand_at]
    opening = timetable.next_opening(now)
    if opening > now:  # something may wait for it
        candidates.append(opening)
    return _whole_minute(min(candidates))


def _whole_minute(at: datetime) -> datetime:
    floor = at.replace(second=0, microsecond=0)
    return floor if floor == at else floor + MINUTE
