"""The ticker port, embedded form: APScheduler runs a handful of coarse ticks, and decides nothing else.

No job is ever stored: what is due is an indexed query of the tick itself, so nothing is lost
when a tick is late, is skipped or dies.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event, Lock

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler

from scheduler.clock import Clock
from store.errors import Unavailable

LOG = logging.getLogger(__name__)

PERIODS_TO_LIVE = 3
LEAST_TO_LIVE = 60.0
"""Seconds that even a quick tick may take: the database may be locked for a while."""


class Stopping(Exception):
    """The process is about to end: raised from `beat` so that a long tick stops between two transactions."""


@dataclass(frozen=True, slots=True)
class Tick:
    """One recurring piece of work: every so many `seconds`, never twice at once.

    `run` may raise, and calls what it is given between steps of a long piece of work.
    """

    name: str
    seconds: float
    run: Callable[[Callable[[], None]], None]

    @property
    def limit(self) -> float:
        """Seconds without a sign of life after which the tick is dead, or without success after which it ails."""
        return max(PERIODS_TO_LIVE * self.seconds, LEAST_TO_LIVE)


class Ticker:
    """Runs ticks; an error in one is logged and the next run is its retry.

    Args:
        beat: told the name of a tick whenever it begins and ends, well or not.
    """

    def __init__(self, ticks: Sequence[Tick], clock: Clock, beat: Callable[[str], None]) -> None:
        self.ticks = tuple(ticks)
        self._clock = clock
        self._beat = beat
        self._stopping = Event()
        self._lock = Lock()
        self._ok: dict[str, tuple[datetime, float]] = {}
        self._failed: dict[str, Exception] = {}
        self._begun = clock.monotonic()
        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a tick that is still at work is not news
        self._scheduler = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            executors={"default": ThreadPoolExecutor(len(self.ticks))},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
        )
        for tick in self.ticks:
            self._scheduler.add_job(self.run_once, "interval", [tick], seconds=tick.seconds, id=tick.name)

    def start(self) -> None:
        """Run every tick at once, and then in its period."""
        self._scheduler.start(paused=True)
        self.nudge()
        self._scheduler.resume()

    def nudge(self) -> None:
        """Have every tick run now: APScheduler sleeps through the hour by which a clock was set back."""
        for tick in self.ticks:
            self.wake(tick.name)

    def wake(self, name: str) -> None:
        """Have one tick run now, because there is work for it; its period remains the guarantee."""
        if not self._stopping.is_set():
            with suppress(JobLookupError):  # it stops at this very moment
                self._scheduler.modify_job(name, next_run_time=self._clock.true_now())

    def stop(self) -> None:
        """Start no more ticks and let those at work finish their step."""
        self._stopping.set()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def run_once(self, tick: Tick) -> None:
        """Run one tick; whatever it raises is logged."""

        def beat() -> None:
            self._beat(tick.name)
            if self._stopping.is_set():
                raise Stopping

        try:
            beat()
            tick.run(beat)
        except Stopping:
            return
        except Unavailable as error:  # it passes, and where it comes from is no news
            self._note(tick, error)
            LOG.warning("a tick failed; it runs again in its period", extra={"tick": tick.name, "reason": str(error)})
        except Exception as error:
            self._note(tick, error)
            LOG.exception("a tick failed; it runs again in its period", extra={"tick": tick.name})
        else:
            with self._lock:
                self._ok[tick.name] = (self._clock.now(), self._clock.monotonic())
                self._failed.pop(tick.name, None)
        self._beat(tick.name)

    def ok_at(self) -> dict[str, datetime]:
        """Return when each tick last finished well."""
        with self._lock:
            return {name: at for name, (at, _) in self._ok.items()}

    def ages(self) -> dict[str, float]:
        """Return for each tick the seconds since it last finished well, or since the start."""
        now = self._clock.monotonic()
        with self._lock:
            return {tick.name: now - self._ok.get(tick.name, (None, self._begun))[1] for tick in self.ticks}

    def ailing(self) -> dict[str, str | None]:
        """Return for each tick what is wrong with it, `None` where it finished well within its limit."""
        since, failed = self.ages(), self.failed()
        return {
            tick.name: _ail(since[tick.name], failed.get(tick.name)) if since[tick.name] > tick.limit else None
            for tick in self.ticks
        }

    def failed(self) -> dict[str, Exception]:
        """Return the error of each tick whose last run raised one."""
        with self._lock:
            return dict(self._failed)

    def _note(self, tick: Tick, error: Exception) -> None:
        with self._lock:
            self._failed[tick.name] = error.with_traceback(None)


def _ail(seconds: float, error: Exception | None) -> str:
    why = "" if error is None else f": {error}" if isinstance(error, Unavailable) else ": the log has the details"
    return f"has not finished well for {seconds:.0f} s{why}"
