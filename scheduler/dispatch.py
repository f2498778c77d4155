"""Gets due reminders out: bundles them, claims deliveries, and gives each receiving server one sender at a time."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from queue import SimpleQueue
from threading import Event, Lock, Thread

from obligations.timetable import Timetable, parse_contact_hours
from scheduler.clock import Clock, StepDetector
from scheduler.pace import Pace
from scheduler.planning import Planner
from scheduler.sending import Sender
from store import bundling, deliveries, reminders
from store.bundling import BUNDLES
from store.database import Store
from store.deliveries import Claim
from store.rows import RecipientRow

LOG = logging.getLogger(__name__)

LaneOf = Callable[[RecipientRow], str]
"""Names the server that a recipient's messages go to."""

PATIENCE = 120.0
"""Seconds for which bundling waits until planning has caught up, so that a morning's reminders make one message."""

TURN = 30.0
"""Seconds after which a lane lets another have its sender."""

SENDERS = 64
"""Servers that are sent to at the same time. A sender waits for answers most of its time."""


@dataclass(slots=True)
class Bundler:
    """What of the ledger is ready to go out at an instant; shared by the daemon and the simulation."""

    store: Store
    planner: Planner
    lane_of: LaneOf
    _behind_since: float | None = field(default=None, init=False)

    def collect(self, now: datetime, *, monotonic: float) -> Timetable:
        """Bundle what is due unless planning `is_waiting`; return the timetable."""
        return self.planner.timetable() if self.is_waiting(now, monotonic) else self.bundle(now)

    def bundle(self, now: datetime) -> Timetable:
        """Bundle what is due, and have what is not urgent wait until its recipient may be written to.

        Returns the timetable.
        """
        timetable = self.planner.timetable()
        seen = BUNDLES
        while seen >= BUNDLES:
            with self.store.writing() as session:
                opening = _Opening(timetable, now, lambda: reminders.count_recipients(session))
                seen = bundling.bundle(
                    session, now=now, today=timetable.day(now), lane_of=self.lane_of, opening=opening.of
                )
        return timetable

    def claim(self, now: datetime, *, lane: str | None = None, busy: Collection[str] = ()) -> dict[str, list[Claim]]:
        """Claim a batch of due deliveries; return them by lane."""
        with self.store.writing() as session:
            claims = deliveries.claim_due(session, now=now, lane=lane, busy=busy)
        lanes: dict[str, list[Claim]] = defaultdict(list)
        for claim in claims:
            lanes[claim.lane].append(claim)
        return lanes

    def is_waiting(self, now: datetime, monotonic: float) -> bool:
        """Whether bundling must wait because planning is behind: for two minutes at most."""
        with self.store.reading() as session:
            behind = reminders.planning_is_due(session, now=now)
        if not behind:
            self._behind_since = None
            return False
        if self._behind_since is None:
            self._behind_since = monotonic
        return monotonic - self._behind_since < PATIENCE


class _Opening:
    """When a recipient may next be written to: now, or spread over the time after it opens, as that morning's steps."""

    def __init__(self, timetable: Timetable, now: datetime, crowd: Callable[[], int]) -> None:
        self._timetable = timetable
        self._now = now
        self._crowd = crowd

    def of(self, recipient: RecipientRow) -> datetime:
        timetable = self._timetable.within(parse_contact_hours(recipient.zone, recipient.quiet))
        first = timetable.next_opening(self._now)
        if first == self._now:
            return first
        return timetable.next_opening(first + timetable.hours.spread(recipient.id, self._crowd()))


class Dispatcher:
    """Runs the sender threads. A lane, one receiving server, has one message on the wire at a time.

    So a slow or dead server holds up nobody else's messages, none is hit from several sides
    at once or faster than `pace` allows, and a crash leaves at most one message per lane in doubt.
    """

    def __init__(
        self,
        bundler: Bundler,
        clock: Clock,
        make_sender: Callable[[], Sender],
        *,
        senders: int = SENDERS,
        pace: Pace | None = None,
    ) -> None:
        self._bundler = bundler
        self._clock = clock
        self._make_sender = make_sender
        self._pace = pace or Pace()
        self._jobs: SimpleQueue[tuple[list[Claim], Timetable] | None] = SimpleQueue()
        self._steps = StepDetector(clock)
        self._lock = Lock()
        self._busy: set[str] = set()
        self._resting: dict[str, float] = {}
        self._stopping = Event()
        self._threads = [Thread(target=self._work, name=f"sender-{n}", daemon=True) for n in range(senders)]
        for thread in self._threads:
            thread.start()

    def tick(self, beat: Callable[[], None] = lambda: None) -> None:
        """Bundle, claim and hand over what is due; the senders do the rest in their own time.

        Where the wall clock was moved since the last call, this one is sat out.
        """
        if self._stopping.is_set() or self._steps.step():
            return
        waiting = self._bundler.is_waiting(self._clock.now(), self._clock.monotonic())
        now = self._clock.now()  # read after the question, so that what planning had finished by then is due by now
        timetable = self._bundler.planner.timetable() if waiting else self._bundler.bundle(now)
        while not self._stopping.is_set():
            beat()
            lanes = self._bundler.claim(now, busy=self._unavailable())
            with self._lock:
                self._busy.update(lanes)
            for claims in lanes.values():
                self._jobs.put((claims, timetable))
            if not lanes:
                return

    def close(self) -> None:
        """Claim nothing more."""
        self._stopping.set()

    def stop(self, timeout: float) -> bool:
        """Claim nothing more and let the messages on the wire finish; return whether they did within `timeout` s."""
        self.close()
        for _ in self._threads:
            self._jobs.put(None)
        until = self._clock.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, until - self._clock.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def alive(self) -> bool:
        """Whether every sender thread still runs."""
        return all(thread.is_alive() for thread in self._threads)

    def idle(self) -> bool:
        """Whether no lane has a message on the wire or waiting in this process."""
        with self._lock:
            return not self._busy

    def _unavailable(self) -> set[str]:
        now = self._clock.monotonic()
        with self._lock:
            self._resting = {lane: until for lane, until in self._resting.items() if until > now}
            return self._busy | self._resting.keys()

    def _work(self) -> None:
        sender: Sender | None = None
        while job := self._jobs.get():
            sender = sender or self._make_sender()
            claims, timetable = job
            rest: timedelta | None = None
            try:
                rest = self._run_lane(sender, claims, timetable)
            except Exception:
                LOG.exception("a lane stopped; its deliveries return when their lease ends")
            with self._lock:
                self._busy.discard(claims[0].lane)
                if rest:
                    self._resting[claims[0].lane] = self._clock.monotonic() + rest.total_seconds()
        if sender:
            sender.close()

    def _run_lane(self, sender: Sender, claims: list[Claim], timetable: Timetable) -> timedelta | None:
        lane, begun = claims[0].lane, self._clock.monotonic()
        while claims:
            rest = sender.send(
                claims,
                timetable,
                lambda: not self._stopping.is_set(),
                lambda: self._pace.take(lane, self._clock.monotonic()),
            )
            if rest or self._stopping.is_set() or self._clock.monotonic() - begun > TURN:
                return rest
            claims = self._bundler.claim(self._clock.now(), lane=lane).get(lane, [])
        return None
