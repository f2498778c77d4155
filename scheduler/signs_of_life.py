"""Shows an outsider that the process does its work, and falls silent when it does not."""

from __future__ import annotations

from collections.abc import Callable

from scheduler.clock import Clock
from scheduler.ticker import Ticker

EVERY = 60.0
"""Seconds between two signs."""


class SignsOfLife:
    """Calls `ping` once a minute, but not while a tick ails: then the silence is the message."""

    def __init__(self, clock: Clock, ping: Callable[[], object]) -> None:
        self._clock = clock
        self._ping = ping
        self._last: float | None = None

    def show(self, ticker: Ticker) -> None:
        """Give a sign if it is time and every tick has finished well within its limit."""
        now = self._clock.monotonic()
        due = self._last is None or now - self._last >= EVERY
        if due and not any(ticker.ailing().values()):
            self._last = now
            self._ping()
