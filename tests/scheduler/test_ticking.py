"""Ticks, the watchdog over them, and a wall clock that is moved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Event

import pytest

from scheduler.clock import SHANGHAI, ManualClock, StepDetector, SystemClock
from scheduler.ticker import Stopping, Tick, Ticker
from scheduler.watchdog import Watchdog
from tests.scheduler.world import at

Beat = Callable[[], None]
SOON = 10.0  # seconds that a busy machine may take for what should be immediate


def ignore(_: object) -> None:
    pass


def test_a_tick_that_fails_is_logged_and_runs_again(caplog: pytest.LogCaptureFixture) -> None:
    clock = ManualClock(at("2026-09-29T09:00"), SHANGHAI)
    outcomes = [RuntimeError("the database is locked"), None]

    def work(_beat: Beat) -> None:
        outcome = outcomes.pop(0)
        if outcome:
            raise outcome

    ticker = Ticker([Tick("plan", 5, work)], clock, ignore)
    (tick,) = ticker.ticks
    ticker.run_once(tick)
    assert ticker.ok_at() == {}
    assert "a tick failed" in caplog.text
    clock.move_to(clock.now() + timedelta(seconds=tick.limit + 1))
    assert ticker.ailing() == {"plan": "has not finished well for 61 s: the log has the details"}
    ticker.run_once(tick)
    assert ticker.ok_at() == {"plan": clock.now()}
    assert ticker.ailing() == {"plan": None}


def test_ticks_run_at_once_and_again_when_nudged_however_long_their_period() -> None:
    """APScheduler sleeps through the hour by which a clock was set back; a nudge wakes it."""
    runs: list[Event] = [Event(), Event()]
    seen = iter(runs)
    ticker = Ticker([Tick("plan", 3600, lambda _: next(seen).set())], SystemClock(), ignore)
    ticker.start()
    assert runs[0].wait(SOON)
    assert not runs[1].is_set()
    ticker.nudge()
    assert runs[1].wait(SOON)
    ticker.stop()


def test_a_long_tick_stops_between_two_steps_when_the_process_ends() -> None:
    started, steps = Event(), []

    def work(beat: Beat) -> None:
        while True:
            steps.append(1)
            started.set()
            beat()

    ticker = Ticker([Tick("plan", 3600, work)], SystemClock(), ignore)
    ticker.start()
    assert started.wait(SOON)
    ticker.stop()
    done = len(steps)
    assert done >= 1
    assert ticker.ok_at() == {}
    with pytest.raises(Stopping):
        raise Stopping


class Watched:
    """A watchdog on a manual clock, and what it reported."""

    def __init__(self) -> None:
        self.clock = ManualClock(at("2026-09-29T09:00"), SHANGHAI)
        self.dead: list[list[str]] = []
        self.steps: list[float] = []
        limits = {"plan": 60.0, "send": 60.0}
        self.dog = Watchdog(self.clock, limits, on_dead=self.dead.append, on_step=self.steps.append)

    def pass_seconds(self, seconds: float) -> None:
        self.clock.move_to(self.clock.now() + timedelta(seconds=seconds))


def test_the_watchdog_names_the_tick_that_has_stopped() -> None:
    watched = Watched()
    for _ in range(5):
        watched.pass_seconds(20)
        watched.dog.beat("send")
        watched.dog.check()
    assert watched.dead[0] == ["plan"]
    assert watched.dog.late() == ["plan"]


def test_the_watchdog_is_quiet_while_all_ticks_move() -> None:
    watched = Watched()
    checks = 0
    for _ in range(50):
        watched.pass_seconds(30)
        watched.dog.beat("send")
        watched.dog.beat("plan")
        checks += watched.dog.check()
    assert checks == 50
    assert watched.dead == []
    assert watched.steps == []


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_wall_clock_that_was_moved_is_no_sign_of_death(hours: int) -> None:
    watched = Watched()
    watched.clock.set_to(watched.clock.now() + timedelta(hours=hours))
    assert watched.dog.check()
    assert watched.steps == [3600.0 * hours]
    assert watched.dead == []


def test_a_thread_of_its_own_ends_the_process_when_a_tick_hangs() -> None:
    ended = Event()
    dog = Watchdog(SystemClock(), {"send": 0.05}, on_dead=lambda _: ended.set(), every=0.01)
    dog.start()
    assert ended.wait(SOON)
    dog.stop()


def test_a_minute_is_not_yet_a_step() -> None:
    clock = ManualClock(at("2026-09-29T09:00"), SHANGHAI)
    steps = StepDetector(clock)
    clock.move_to(clock.now() + timedelta(days=3))
    assert steps.step() == 0
    clock.set_to(clock.now() + timedelta(seconds=59))
    assert steps.step() == 0
    clock.set_to(clock.now() - timedelta(seconds=61))
    assert steps.step() == -61
    assert steps.step() == 0
