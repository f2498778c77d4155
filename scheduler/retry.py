"""When to try a delivery again: a pure schedule."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

WAITS = tuple(
    timedelta(seconds=seconds) for seconds in (5, 60, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
JITTER = 0.1
LONGEST = timedelta(days=1)


def wait_before_retry(attempt: int, *, key: str, retry_after: int | None = None) -> timedelta | None:
    """Return how long to wait after the `attempt`-th failed attempt (from 1), or `None` to give up.

    The first waits are 5 s, 1 min, 5 min, 30 min and 2 h, then 5, 10, 14, 20 and 24 h: eleven
    attempts in about three days, as Standard Webhooks 1.0 recommends. Each is up to 10 % longer
    or shorter, always by the same share for the same `key` and attempt, so that what failed
    together does not return together. A receiver that asks for more time (`retry_after`, in
    seconds) gets it, up to a day.

    Raises:
        ValueError: `attempt` is less than 1.
    """
    if attempt < 1:
        raise ValueError(f"attempts are counted from 1, got {attempt}")
    if attempt > len(WAITS):
        return None
    share = int.from_bytes(sha256(f"{key}/{attempt}".encode()).digest()[:4]) / 2**32
    wait = WAITS[attempt - 1] * (1 + JITTER * (2 * share - 1))
    asked = min(timedelta(seconds=retry_after or 0), LONGEST)
    return max(wait, asked)
