"""A morning on which many units must be reminded, and what must be true at its end whatever happened meanwhile."""

from __future__ import annotations

from math import ceil
from pathlib import Path

import pytest
from sqlmodel import col, select

from store.database import Store
from store.deliveries import LEASE
from store.rows import DeliveryRow, ReminderRow
from store.states import DeliveryState, ReminderState
from store.vault import open_vault
from tests.acceptance.receiver import SlowReceiver
from tests.scheduler.world import add_duty, add_units, at, expand_duty

POLL = 0.1  # seconds
MORNING = at("2026-09-29T10:00")


def make_reminders(store: Store, receiver: SlowReceiver, data: Path, count: int) -> None:
    """Give `count` units a webhook at the receiver and a duty of which they must be reminded."""
    codes = [f"u{n:04}" for n in range(count)]
    add_duty(store)
    add_units(store, codes, server=receiver.url, vault=open_vault(data, None))
    expand_duty(store, codes)


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
