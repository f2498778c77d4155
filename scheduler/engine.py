"""Planning and sending at work: the ticks, the sender threads and the watchdog of one process."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta

from notifiers.channel import Notifier
from obligations.policies import Policies
from scheduler.clock import Clock, StepDetector
from scheduler.composing import Composer
from scheduler.dispatch import Bundler, Dispatcher
from scheduler.housekeeping import Housekeeping
from scheduler.ledger import Ledger
from scheduler.metrics import Metrics
from scheduler.pace import DEFAULT, Pace
from scheduler.planning import Planner
from scheduler.sending import Sender
from scheduler.signs_of_life import SignsOfLife
from scheduler.ticker import Tick, Ticker
from scheduler.watchdog import Watchdog
from store import deliveries, reminders, ticks
from store.database import Store
from store.errors import Unavailable

LOG = logging.getLogger(__name__)

STOP_SECONDS = 25.0
"""Seconds that messages on the wire get to finish at the end: longer than one attempt may take."""

STALE = timedelta(minutes=15)
"""How late a delivery may be before the service is not ready."""

Beat = Callable[[], None]


class Engine:
    """Everything that happens by itself, between `start` and `stop`.

    Args:
        make_channels: makes the channels of one sender thread, with connections of their own.
        end: called when a tick has died and nothing in this process can help any more.
        ping: called once a minute while every tick is well, so that its absence is noticed.
        renew: called every ten seconds to keep this process' mark on the store.
        per_minute: messages a minute to one receiving server.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        policies: Policies,
        composer: Composer,
        make_channels: Callable[[], Mapping[str, Notifier]],
        *,
        end: Callable[[list[str]], object],
        ping: Callable[[], object] = lambda: None,
        renew: Callable[[], object] = lambda: None,
        per_minute: int | None = DEFAULT,
    ) -> None:
        self._store = store
        self._clock = clock
        self._end = end
        self._renew = renew
        self._signs = SignsOfLife(clock, ping)
        self._planner = Planner(store, policies, clock.zone)
        self.metrics = Metrics(self._measure, self._ages)
        ledger = self._ledger = Ledger(store, clock)
        self._dispatcher = Dispatcher(
            Bundler(store, self._planner, composer.lane),
            clock,
            lambda: Sender(ledger, clock, composer, make_channels(), metrics=self.metrics),
            pace=Pace(per_minute),
        )
        self._housekeeping = Housekeeping(store, clock)
        self._steps = StepDetector(clock)
        periodic = (
            Tick("plan", 2, self._plan),
            Tick("send", 1, self._dispatcher.tick),
            Tick("reclaim", 5, self._reclaim),
            Tick("housekeeping", 600, self._keep_house),
            Tick("heartbeat", 10, self._heartbeat),
        )
        self._watchdog = Watchdog(
            clock, {tick.name: tick.limit for tick in periodic}, on_dead=self._die, on_step=self._clock_moved
        )
        self._ticker = Ticker(periodic, clock, self._watchdog.beat)

    def start(self, *, alone: bool = False) -> None:
        """Take up what a dead process left behind, and begin to plan and send.

        `alone`: no other process serves this store, so that whatever is claimed belongs to nobody.
        """
        with self._store.writing() as session:
            returned = deliveries.return_expired(session, now=self._clock.now(), everything=alone)
            if self._clock.shifted:  # what another clock has scheduled means nothing by this one
                reminders.look_again(session)
                deliveries.forget_schedule(session, now=self._clock.now())
        if returned:
            LOG.info("deliveries of a process that died are taken up again", extra={"deliveries": returned})
        self._ticker.start()
        self._watchdog.start()

    def stop(self) -> None:
        """Claim nothing more and let what is on the wire finish; bounded in time."""
        self._watchdog.stop()
        self._dispatcher.close()
        self._ticker.stop()
        if not self._dispatcher.stop(STOP_SECONDS):
            LOG.warning("a message is still on the wire; it will be sent again under the same id")

    def checks(self) -> Mapping[str, str | None]:
        """Return what readiness depends on, each with what is wrong about it, `None` where nothing is."""
        late = self._watchdog.late()
        ailing = self._ticker.ailing()
        with self._store.reading() as session:
            waiting = deliveries.overdue_since(session, before=self._clock.now() - STALE)
        return {
            **{name: "has stopped" if name in late else trouble for name, trouble in ailing.items()},
            "senders": None if self._dispatcher.alive() else "a sender thread has died",
            "backlog": f"messages wait since {waiting.isoformat()}" if waiting else None,
        }

    def trouble(self) -> str | None:
        """Return in one word what keeps planning and sending from going on just now, `None` while they do.

        A `Trouble` of the database, or `stopped` where a tick or a sender has died, or `failing`. Asks no database.
        """
        errors = [*self._ticker.failed().values(), *filter(None, [self._ledger.outage])]
        outage = next((error.trouble for error in errors if isinstance(error, Unavailable)), None)
        if self._watchdog.late() or not self._dispatcher.alive():
            return "stopped"
        return outage or ("failing" if errors else None)

    def _measure(self) -> Mapping[str, float]:
        now = self._clock.now()
        with self._store.reading() as session:
            due, since = deliveries.count_due(session, now=now), deliveries.overdue_since(session, before=now)
        waited = (now - since).total_seconds() if since else 0.0
        return {"duban_due_deliveries": due, "duban_oldest_unsent_seconds": waited}

    def _ages(self) -> Mapping[str, float]:
        return self._ticker.ages()

    def _plan(self, beat: Beat) -> None:
        if self._steps.step():  # sit this one out, in case the clock is put right again; then look at everything
            with self._store.writing() as session:
                reminders.look_again(session)
            return
        planned = self._planner.run(self._clock.now(), beat=beat)
        if planned:
            LOG.info("reminders planned", extra={"reminders": planned})
        self._ticker.wake("send")

    def _keep_house(self, beat: Beat) -> None:
        if self._housekeeping.run(beat):
            self._ticker.wake("plan")

    def _reclaim(self, _beat: Beat) -> None:
        with self._store.writing() as session:
            returned = deliveries.return_expired(session, now=self._clock.now())
        if returned:
            LOG.warning("deliveries whose sender died are due again", extra={"deliveries": returned})

    def _heartbeat(self, _beat: Beat) -> None:
        self._renew()
        with self._store.writing() as session:
            for name, at in self._ticker.ok_at().items():
                ticks.mark_ok(session, name, at=at)
        self._signs.show(self._ticker)

    def _clock_moved(self, _seconds: float) -> None:
        self._ticker.nudge()

    def _die(self, names: list[str]) -> None:
        LOG.critical("this process can no longer do its work and ends", extra={"ticks": names})
        self._end(names)
