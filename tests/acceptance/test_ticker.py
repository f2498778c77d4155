"""A ticker that dies and a wall clock that is moved, in a real daemon."""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from queue import SimpleQueue
from typing import NoReturn

import httpx
import pytest
from apscheduler.jobstores.memory import MemoryJobStore

from app import wiring
from app.daemon import DEAD, Daemon
from app.settings import read_settings
from scheduler import ticker
from scheduler.clock import SHANGHAI, SystemClock
from store.database import Store
from store.vault import open_vault
from tests.acceptance.morning import POLL, assert_delivered_once_in_effect, make_reminders, wait_for_the_ledger
from tests.acceptance.processes import Serving
from tests.acceptance.receiver import SlowReceiver
from tests.scheduler.world import add_units, at, expand_duty
from web.server import listen

pytestmark = pytest.mark.faults

SOON = 30.0
SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
QUICK = pytest.mark.parametrize("receiver", [0.02], indirect=True)


@contextmanager
def daemon_on(
    data: Path, url: str, clock: SystemClock, receiver: SlowReceiver | None = None
) -> Iterator[tuple[Daemon, SimpleQueue[int]]]:
    """Run a daemon in this process; yield it with the exit statuses by which it wanted to end."""
    environ = {"DUBAN_WEBHOOK_ALLOW": f"127.0.0.1/32:{receiver.port}" if receiver else ""}
    if not url.startswith("sqlite"):
        environ["DUBAN_DATABASE_URL"] = url
    ended: SimpleQueue[int] = SimpleQueue()
    services = wiring.build(clock=clock, settings=read_settings(environ, data=data))
    daemon = Daemon(services, listen("127.0.0.1", 0), end=ended.put)
    daemon.start()
    try:
        yield daemon, ended
    finally:
        daemon.stop()


@SQLITE
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_scheduler_thread_that_dies_silently_turns_the_service_red_and_ends_it(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ticker, "LEAST_TO_LIVE", 1.0)

    def broken(_store: MemoryJobStore, _job: object) -> NoReturn:
        raise RuntimeError("the job store broke")

    with daemon_on(tmp_path, database_url, SystemClock(SHANGHAI)) as (daemon, ended):
        assert httpx.get(f"{daemon.address}/readyz").status_code == 200
        monkeypatch.setattr(MemoryJobStore, "update_job", broken)
        assert ended.get(timeout=SOON) == DEAD
        assert not [thread for thread in threading.enumerate() if thread.name == "APScheduler"]
        ready = httpx.get(f"{daemon.address}/readyz")
        assert (ready.status_code, ready.json()["checks"]["send"]) == (503, "has stopped")
        assert "提醒程序已停" in httpx.get(daemon.address).text
        assert httpx.get(f"{daemon.address}/healthz").status_code == 200
    assert "this process can no longer do its work and ends" in caplog.text


@SQLITE
@QUICK
def test_a_daemon_whose_ticker_died_ends_for_its_supervisor_and_the_next_one_loses_nothing(
    tmp_path: Path, store: Store, receiver: SlowReceiver, serve: Callable[..., Serving]
) -> None:
    count = 40
    make_reminders(store, receiver, tmp_path, count)
    first = serve(module="tests.acceptance.dying")
    receiver.wait_for(5)
    assert first.wait() == DEAD
    assert "ticks have stopped" in first.log.read_text()
    make_more(store, receiver, tmp_path)
    second = serve()
    receiver.wait_for_different(count + 1)
    wait_for_the_ledger(store, receiver)
    assert second.terminate() == 0
    assert_delivered_once_in_effect(store, receiver, count + 1)
    assert receiver.duplicates() <= 1


def make_more(store: Store, receiver: SlowReceiver, data: Path) -> None:
    """Let the duty fall on one more unit."""
    add_units(store, ["late"], server=receiver.url, vault=open_vault(data, None))
    expand_duty(store, ["late"])


@SQLITE
@QUICK
def test_a_wall_clock_that_is_moved_sends_what_is_due_then_and_nothing_twice(
    tmp_path: Path, store: Store, database_url: str, receiver: SlowReceiver, caplog: pytest.LogCaptureFixture
) -> None:
    count = 5
    make_reminders(store, receiver, tmp_path, count)
    clock = SystemClock(SHANGHAI, starting_at=at("2026-09-28T20:00"))
    with caplog.at_level(logging.WARNING), daemon_on(tmp_path, database_url, clock, receiver) as (daemon, ended):
        wait_for_ticks(daemon, receiver)
        assert receiver.arrived == []
        for hours in (14, -38, 38, -14):  # ten on Tuesday morning; Sunday evening; Tuesday again; back to the evening
            clock.shift += timedelta(hours=hours)
            wait_for_ticks(daemon, receiver)
            receiver.wait_for(count)
        assert caplog.text.count("the wall clock was moved") == 4
        ready = httpx.get(f"{daemon.address}/readyz")
        assert (ready.status_code, ended.empty()) == (200, True), json.dumps(ready.json())
    assert_delivered_once_in_effect(store, receiver, count)
    assert receiver.duplicates() == 0


def wait_for_ticks(daemon: Daemon, receiver: SlowReceiver) -> None:
    """Return once planning and sending have run well from now on, twice: the first run after a step sits it out."""
    begun = time.monotonic()
    for _ in range(2):
        while any(age > time.monotonic() - begun for age in ages(daemon)):
            assert time.monotonic() - begun < SOON, "the ticks do not run"
            receiver.wait(POLL)
        begun = time.monotonic()


def ages(daemon: Daemon) -> list[float]:
    """Return the seconds since planning and since sending last finished well."""
    text = httpx.get(f"{daemon.address}/metrics").text
    found = re.findall(r'duban_tick_age_seconds\{tick="(?:plan|send)"\} (\S+)', text)
    assert len(found) == 2
    return [float(age) for age in found]
