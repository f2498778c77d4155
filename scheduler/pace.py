"""How fast a receiving server is written to: so many messages a minute, and no more."""

from __future__ import annotations

from datetime import timedelta
from threading import Lock

DEFAULT = 1200
"""Messages a minute to one server: what a modest mail relay takes."""

_BREATH = 10.0  # seconds that a lane rests at most, so that it is not taken up again for every single message


class Pace:
    """A bucket of tokens for each lane, which holds a minute's worth and fills evenly.

    Args:
        per_minute: messages to one server in a minute; `None` sets no limit.
    """

    def __init__(self, per_minute: int | None = DEFAULT) -> None:
        self._per_minute = per_minute
        self._buckets: dict[str, tuple[float, float]] = {}
        self._lock = Lock()

    def take(self, lane: str, now: float) -> timedelta | None:
        """Take a token at monotonic `now` (seconds); where none is left, return how long to wait for some."""
        most = self._per_minute
        if most is None:
            return None
        with self._lock:
            tokens, since = self._buckets.pop(lane, (float(most), now))
            tokens = min(float(most), tokens + (now - since) * most / 60)
            self._buckets[lane] = (tokens - 1 if tokens >= 1 else tokens, now)
            first = next(iter(self._buckets))
            if now - self._buckets[first][1] >= 60:  # it is full again: the longest unused comes first
                del self._buckets[first]
        if tokens >= 1:
            return None
        seconds = (1 - tokens) * 60 / most
        return timedelta(seconds=max(seconds, min(_BREATH, 10 * 60 / most)))
