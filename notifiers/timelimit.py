"""How long one attempt may take as a whole, however many small operations it consists of."""

from __future__ import annotations

from collections.abc import Callable

Monotonic = Callable[[], float]
"""Seconds that never step back and pass in real time; `scheduler.clock` has one, this package reads none."""


class OutOfTime(TimeoutError):
    """The time limit has passed."""


class TimeLimit:
    """The end of one attempt.

    The timeouts of sockets, httpx and smtplib bound each operation on its own, so a
    peer that sends one byte now and then never meets them; `remaining` is passed to
    each operation instead.
    """

    def __init__(self, seconds: float, monotonic: Monotonic) -> None:
        self._monotonic = monotonic
        self._ends = monotonic() + seconds

    def remaining(self) -> float:
        """Return the seconds left, always more than 0.

        Raises:
            OutOfTime: none are left.
        """
        left = self._ends - self._monotonic()
        if left <= 0:
            raise OutOfTime
        return left

    def tighten(self, seconds: float) -> None:
        """End at most `seconds` from now; never later than before."""
        self._ends = min(self._ends, self._monotonic() + seconds)
