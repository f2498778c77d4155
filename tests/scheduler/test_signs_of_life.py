"""The operator's address hears of the process once a minute, and nothing while a tick ails."""

from __future__ import annotations

from datetime import timedelta

from scheduler.clock import SHANGHAI, ManualClock
from scheduler.signs_of_life import SignsOfLife
from scheduler.ticker import Tick, Ticker
from tests.scheduler.world import at


def test_once_a_minute_while_all_is_well_and_never_otherwise() -> None:
    clock = ManualClock(at("2026-09-29T09:00"), SHANGHAI)
    trouble: list[Exception] = []

    def work(_beat: object) -> None:
        if trouble:
            raise trouble[0]

    ticker = Ticker([Tick("plan", 2, work)], clock, lambda _: None)
    heard: list[str] = []
    signs = SignsOfLife(clock, lambda: heard.append(f"{clock.now().astimezone(SHANGHAI):%H:%M:%S}"))

    def later(seconds: int) -> list[str]:
        clock.move_to(clock.now() + timedelta(seconds=seconds))
        ticker.run_once(ticker.ticks[0])
        signs.show(ticker)
        return heard

    assert later(0) == ["09:00:00"]
    assert later(59) == ["09:00:00"]
    assert later(1) == ["09:00:00", "09:01:00"]
    trouble.append(RuntimeError("the database is locked"))
    assert later(60) == ["09:00:00", "09:01:00", "09:02:00"], "a tick may fail once"
    assert later(60) == ["09:00:00", "09:01:00", "09:02:00"], "for two minutes it has not finished well"
    trouble.clear()
    assert later(1)[-1] == "09:03:01"
