"""The only place that reads the time. Everything else is given `now`, an aware instant in UTC."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from obligations.errors import DomainError

SHANGHAI = ZoneInfo("Asia/Shanghai")


class BadInstant(DomainError):
    """An instant is not a date and time with an offset."""


class Clock(Protocol):
    """A source of time; `monotonic` is in seconds and never steps.

    `true_now` is what strangers' clocks show: it differs from `now` where a demonstration moved the clock.
    """

    zone: ZoneInfo

    @property
    def shifted(self) -> bool: ...

    def now(self) -> datetime: ...

    def true_now(self) -> datetime: ...

    def monotonic(self) -> float: ...

    def today(self) -> date: ...


class SystemClock:
    """The machine's clock, moved by a constant when started with `starting_at` (for demonstrations and tests)."""

    def __init__(self, zone: ZoneInfo = SHANGHAI, *, starting_at: datetime | None = None) -> None:
        self.zone = zone
        self.shift = starting_at - datetime.now(UTC) if starting_at else timedelta(0)

    @property
    def shifted(self) -> bool:
        """Whether it shows another time than the machine's."""
        return bool(self.shift)

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        return datetime.now(UTC) + self.shift

    def true_now(self) -> datetime:
        """Return the present instant as the machine has it: for time stamps that a receiver checks."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that never step."""
        return time.monotonic()

    def today(self) -> date:
        """Return the civil date in the service's zone."""
        return self.now().astimezone(self.zone).date()


class ManualClock:
    """A clock that stands still until it is moved: simulation and tests."""

    shifted = False

    def __init__(self, now: datetime, zone: ZoneInfo = SHANGHAI) -> None:
        self.zone = zone
        self._now = now.astimezone(UTC)
        self._monotonic = 0.0

    def now(self) -> datetime:
        """Return the instant it was last moved to, in UTC."""
        return self._now

    def true_now(self) -> datetime:
        """Return the same: nobody outside is there to compare."""
        return self._now

    def monotonic(self) -> float:
        """Return the seconds it has been moved forward in all."""
        return self._monotonic

    def today(self) -> date:
        """Return the civil date in the service's zone."""
        return self._now.astimezone(self.zone).date()

    def move_to(self, now: datetime) -> None:
        """Let time pass until `now`; a step backwards leaves `monotonic` where it is."""
        self._monotonic += max(0.0, (now - self._now).total_seconds())
        self._now = now.astimezone(UTC)

    def set_to(self, now: datetime) -> None:
        """Set the wall clock as an operator would: no time passes."""
        self._now = now.astimezone(UTC)


class StepDetector:
    """Notices that the wall clock was moved against the monotonic one, by more than a minute."""

    THRESHOLD = 60.0

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wall, self._monotonic = clock.now(), clock.monotonic()

    def step(self) -> float:
        """Return the seconds by which the wall clock was moved since the last call, 0 where it was not."""
        wall, monotonic = self._clock.now(), self._clock.monotonic()
        moved = (wall - self._wall).total_seconds() - (monotonic - self._monotonic)
        self._wall, self._monotonic = wall, monotonic
        return moved if abs(moved) > self.THRESHOLD else 0.0


def parse_instant(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    """Return the UTC instant that `text` names; a date or a time without offset is read in `zone`.

    Raises:
        BadInstant: it is neither.
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise BadInstant(f"an instant is written like 2026-09-29T08:59:30+08:00 or 2026-09-29, got {text!r}") from None
    return (instant if instant.tzinfo else instant.replace(tzinfo=zone)).astimezone(UTC)
