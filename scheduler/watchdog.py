"""Notices, outside of APScheduler, that a tick has stopped or that the wall clock was moved."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from threading import Event, Lock, Thread

from scheduler.clock import Clock, StepDetector

LOG = logging.getLogger(__name__)


class Watchdog:
    """Counts monotonic seconds since each tick last moved.

    A scheduler thread can die silently on an error of its own, or sleep through an hour after
    the clock was set back; nothing inside it would tell.

    Args:
        limits: seconds without a beat after which a tick counts as dead, by its name.
        on_dead: called once with the names of the ticks that have stopped.
        on_step: called with the seconds by which the wall clock was moved.
    """

    def __init__(
        self,
        clock: Clock,
        limits: Mapping[str, float],
        *,
        on_dead: Callable[[list[str]], None],
        on_step: Callable[[float], None] = lambda _: None,
        every: float = 1.0,
    ) -> None:
        self._clock = clock
        self._limits = dict(limits)
        self._on_dead = on_dead
        self._on_step = on_step
        self._every = every
        self._steps = StepDetector(clock)
        self._lock = Lock()
        self._last = dict.fromkeys(self._limits, clock.monotonic())
        self._stopped = Event()
        self._thread = Thread(target=self._watch, name="watchdog", daemon=True)

    def beat(self, name: str) -> None:
        """Note that the tick `name` is alive."""
        with self._lock:
            self._last[name] = self._clock.monotonic()

    def late(self) -> list[str]:
        """Return the ticks that have not moved within their limits."""
        now = self._clock.monotonic()
        with self._lock:
            return [name for name, limit in self._limits.items() if now - self._last[name] > limit]

    def check(self) -> bool:
        """Look once; return whether every tick is alive."""
        step = self._steps.step()
        if step:
            LOG.warning("the wall clock was moved", extra={"seconds": round(step, 1)})
            self._on_step(step)
        late = self.late()
        if late:
            LOG.critical("ticks have stopped", extra={"ticks": late})
            self._on_dead(late)
        return not late

    def start(self) -> None:
        """Begin to watch, from a fresh start for every tick."""
        with self._lock:
            self._last = dict.fromkeys(self._limits, self._clock.monotonic())
        self._thread.start()

    def stop(self) -> None:
        """Watch no longer."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _watch(self) -> None:
        while not self._stopped.wait(self._every):
            if not self.check():
                return
