"""Counts how often an address asks for what does not exist, so that nobody tries secrets at leisure."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta
from threading import Lock

PER_WINDOW = 30
WINDOW = timedelta(minutes=1)
ADDRESSES_KEPT = 10_000


class Guesses:
    """Allows each address some misses a minute; what exists is always answered, so nobody who knows a secret waits."""

    def __init__(self, per_window: int = PER_WINDOW, window: timedelta = WINDOW, kept: int = ADDRESSES_KEPT) -> None:
        self._per_window = per_window
        self._window = window
        self._kept = kept
        self._misses: OrderedDict[str, tuple[datetime, int]] = OrderedDict()
        self._lock = Lock()

    def allow(self, address: str, now: datetime) -> bool:
        """Note a miss of `address` at `now`; return whether it is still within what is allowed."""
        with self._lock:
            begun, count = self._misses.pop(address, (now, 0))
            if not timedelta() <= now - begun < self._window:
                begun, count = now, 0
            self._misses[address] = (begun, count + 1)
            while len(self._misses) > self._kept:
                self._misses.popitem(last=False)
            return count < self._per_window
