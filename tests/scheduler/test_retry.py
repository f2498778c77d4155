"""The schedule of retries: its documented values, its bounds, and that it does what it is asked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.retry import WAITS, wait_before_retry

HOUR = 3600


def test_the_first_waits_and_the_last_are_the_documented_ones() -> None:
    documented = [5, 60, 300, 1800, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR]
    waits = [wait_before_retry(attempt, key="dlv_1") for attempt in range(1, 11)]
    assert all(wait is not None for wait in waits)
    for wait, seconds in zip(waits, documented, strict=True):
        assert wait is not None
        assert abs(wait.total_seconds() - seconds) <= seconds * 0.1
    assert wait_before_retry(11, key="dlv_1") is None
    assert timedelta(days=2.5) < sum((wait for wait in waits if wait), timedelta()) < timedelta(days=4)


@given(attempt=st.integers(1, len(WAITS)), key=st.text(max_size=20))
def test_a_wait_is_always_the_same_and_stays_within_a_tenth(attempt: int, key: str) -> None:
    wait = wait_before_retry(attempt, key=key)
    assert wait == wait_before_retry(attempt, key=key)
    assert wait is not None
    assert WAITS[attempt - 1] * 0.9 <= wait <= WAITS[attempt - 1] * 1.1


def test_what_failed_together_does_not_come_back_together() -> None:
    assert len({wait_before_retry(3, key=f"dlv_{n}") for n in range(100)}) > 90


@given(attempt=st.integers(1, 10), asked=st.integers(0, 10**9))
def test_a_receiver_gets_the_time_it_asks_for_up_to_a_day(attempt: int, asked: int) -> None:
    wait = wait_before_retry(attempt, key="dlv_1", retry_after=asked)
    assert wait is not None
    assert wait >= min(timedelta(seconds=asked), timedelta(days=1))
    assert wait <= timedelta(days=1) * 1.1


def test_attempts_are_counted_from_one() -> None:
    with pytest.raises(ValueError, match="counted from 1"):
        wait_before_retry(0, key="dlv_1")
