"""Daemons killed while they send to a slow receiver, and started again: nothing is lost, and little is sent twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from store.database import Store
from tests.acceptance.morning import assert_delivered_once_in_effect, make_reminders, wait_for_the_ledger
from tests.acceptance.processes import Serving
from tests.acceptance.receiver import SlowReceiver


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
