"""Daemons killed while they send to a slow receiver, and started again: nothing is lost, and little is sent twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from math import ceil
from pathlib import Path

import pytest
from sqlmodel import col, select

from store.database import Store
from store.deliveries import LEASE
from store.rows import DeliveryRow, ReminderRow
from store.states import DeliveryState, ReminderState
from store.vault import open_vault
from tests.acceptance.processes import Processes, Serving
from tests.acceptance.receiver import SlowReceiver
from tests.scheduler.world import add_duty, add_units, at, expand_duty

POLL = 0.1  # seconds
MORNING = at("2026-09-29T10:00")


@pytest.fixture
def receiver(request: pytest.FixtureRequest) -> Iterator[SlowReceiver]:
    made = SlowReceiver(request.param)
    yield made
    made.close()


def make_reminders(store: Store, receiver: SlowReceiver, data: Path, count: int) -> None:
    """Give `count` units a webhook at the receiver and a duty of which they must be reminded."""
    codes = [f"u{n:04}" for n in range(count)]
    add_duty(store)
    add_units(store, codes, server=receiver.url, vault=open_vault(data, None))
    expand_duty(store, codes)


@pytest.fixture
def serve(processes: Processes, tmp_path: Path, database_url: str, receiver: SlowReceiver) -> Callable[[], Serving]:
    """Start a daemon on the store, which may send to the receiver."""
    environ = {"DUBAN_WEBHOOK_ALLOW": f"127.0.0.1/32:{receiver.port}"}
    if not database_url.startswith("sqlite"):
        environ["DUBAN_DATABASE_URL"] = database_url
    begun = time.monotonic()

    def start() -> Serving:
        now = MORNING + timedelta(seconds=time.monotonic() - begun)  # the clocks of all daemons agree
        return processes.serve(tmp_path, "--clock", now.isoformat(), **environ)

    return start


def wait_for_the_ledger(store: Store, receiver: SlowReceiver) -> None:
    """Return once no delivery is open: what was on the wire at a kill is taken up again when its lease ends."""

    def is_open() -> bool:
        with store.reading() as session:
            states = (DeliveryState.PENDING, DeliveryState.SENDING)
            return session.exec(select(DeliveryRow.id).where(col(DeliveryRow.state).in_(states))).first() is not None

    for _ in range(ceil(LEASE.total_seconds() * 3 / POLL)):
        if not is_open():
            return
        receiver.wait(POLL)
    pytest.fail("a delivery stays open beyond its lease")


def assert_delivered_once_in_effect(store: Store, receiver: SlowReceiver, count: int) -> None:
    """Every unit got one message under one id, and the ledger says so."""
    arrived = set(receiver.arrived)
    assert len(arrived) == count
    assert len({path for path, _ in arrived}) == count, "a unit's message came under two ids"
    with store.reading() as session:
        sent = session.exec(select(DeliveryRow.id).where(DeliveryRow.state == DeliveryState.SENT)).all()
        reminded = session.exec(select(ReminderRow.occurrence_id).where(ReminderRow.state == ReminderState.SENT)).all()
    assert set(sent) == {delivery_id for _, delivery_id in arrived}
    assert len(reminded) == count


@pytest.mark.parametrize("receiver", [0.02], indirect=True)
def test_a_daemon_killed_while_it_sends_loses_nothing_and_repeats_only_what_was_on_the_wire(
    tmp_path: Path, store: Store, receiver: SlowReceiver, serve: Callable[[], Serving]
) -> None:
    count, kills = 120, 3
    make_reminders(store, receiver, tmp_path, count)
    for _ in range(kills):
        before = len(receiver.arrived)
        daemon = serve()
        receiver.wait_for(before + 20)
        daemon.kill()
    daemon = serve()
    receiver.wait_for_different(count)
    wait_for_the_ledger(store, receiver)
    assert daemon.terminate() == 0
    assert_delivered_once_in_effect(store, receiver, count)
    assert receiver.duplicates() <= kills, "one message at a time is on the wire to one server"


@pytest.mark.soak
@pytest.mark.parametrize("receiver", [0.1], indirect=True)
def test_two_daemons_and_many_kills(
    tmp_path: Path, store: Store, receiver: SlowReceiver, serve: Callable[[], Serving]
) -> None:
    count, kills = 1500, 14
    make_reminders(store, receiver, tmp_path, count)
    daemons = [serve() for _ in range(2)]
    for number in range(kills):
        receiver.wait_for(len(receiver.arrived) + 20)
        daemons.pop(0).kill() if number % 2 else daemons.pop().kill()
        daemons.append(serve())
    receiver.wait_for_different(count)
    wait_for_the_ledger(store, receiver)
    assert [daemon.terminate() for daemon in daemons] == [0, 0]
    assert_delivered_once_in_effect(store, receiver, count)
    print(f"{kills} kills, {count} reminders, {receiver.duplicates()} sent twice")  # noqa: T201 - figures of a long run
    assert receiver.duplicates() <= kills
