"""No receiving server is written to faster than it is agreed, and what is most pressing goes first."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from scheduler.pace import Pace
from store.database import Store
from tests.scheduler.test_together import Receiver, dispatching, make_servers, run_until, working_clock


@given(per_minute=st.integers(1, 600), gaps=st.lists(st.floats(0, 30), max_size=200))
def test_no_more_goes_in_any_time_than_a_minutes_worth_and_what_has_come_since(
    per_minute: int, gaps: list[float]
) -> None:
    pace, now, taken = Pace(per_minute), 100.0, 0
    for gap in gaps:
        now += gap
        while pace.take("a", now) is None:
            taken += 1
        assert taken <= per_minute * (1 + (now - 100.0) / 60) + 1


@given(per_minute=st.integers(1, 600))
def test_who_waits_as_told_may_go_on(per_minute: int) -> None:
    pace, now = Pace(per_minute), 0.0
    for _ in range(per_minute):
        assert pace.take("a", now) is None
    wait = pace.take("a", now)
    assert wait is not None
    assert timedelta(0) < wait <= timedelta(seconds=60)
    assert pace.take("a", now + wait.total_seconds() + 1e-6) is None


def test_one_server_does_not_use_up_what_another_may_have() -> None:
    pace = Pace(1)
    assert pace.take("a", 0.0) is None
    assert pace.take("b", 0.0) is None
    assert pace.take("a", 1.0) == timedelta(seconds=59)
    assert pace.take("b", 60.0) is None


def test_without_a_limit_nothing_waits() -> None:
    pace = Pace(None)
    assert all(pace.take("a", 0.0) is None for _ in range(10_000))


def test_a_lane_that_has_used_up_its_minute_rests_and_keeps_the_others_going(store: Store) -> None:
    make_servers(store, servers=2, units=10)
    receiver = Receiver()
    dispatcher = dispatching(store, working_clock(), receiver, pace=Pace(3))
    run_until(dispatcher, lambda: len(receiver.arrived) == 6 and dispatcher.idle())
    assert dispatcher.stop(20)
    assert dict(receiver.most_at_once) == {"server0.example": 1, "server1.example": 1}
