"""Claims: what they take, in which order, and that they look at no more than that."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy.event import listen

from store import deliveries
from store.database import Store
from store.rows import DeliveryRow
from tests.scheduler.world import add_units, at

NOW = at("2026-09-29T09:30")


def add_deliveries(store: Store, count: int) -> None:
    """Add deliveries that are due, the first the longest."""
    add_units(store, ["u"])
    with store.writing() as session:
        session.add_all(
            DeliveryRow(
                id=f"d{number:05}",
                recipient_id="u-handler",
                lane="webhook:a" if number % 2 else "webhook:b",
                leads_on=date(2026, 9, 30),
                send_at=NOW - timedelta(seconds=count - number),
                created_at=NOW,
            )
            for number in range(count)
        )


def claim(store: Store, **given: object) -> list[str]:
    with store.writing() as session:
        return [each.delivery_id for each in deliveries.claim_due(session, now=NOW, **given)]  # type: ignore[arg-type]


def test_who_waits_longest_comes_first_then_the_earliest_safe_day(store: Store) -> None:
    add_deliveries(store, 10)
    with store.writing() as session:
        for name, leads_on in (("d00007", date(2026, 9, 29)), ("d00008", None), ("d00009", date(2026, 9, 28))):
            row = session.get_one(DeliveryRow, name)
            row.send_at, row.leads_on = NOW, leads_on
    assert claim(store, limit=3) == ["d00000", "d00001", "d00002"]
    assert claim(store, lane="webhook:a") == ["d00003", "d00005", "d00009", "d00007"]
    assert claim(store, busy=["webhook:b"]) == []
    assert claim(store) == ["d00004", "d00006", "d00008"], "no safe day: act now"
    assert claim(store) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_claim_costs_what_it_takes_and_not_what_waits(store: Store) -> None:
    steps = [0]

    def count(connection: object, _record: object) -> None:
        connection.set_progress_handler(lambda: steps.__setitem__(0, steps[0] + 1), 10)  # type: ignore[attr-defined]

    def costs(waiting: int) -> Iterator[int]:
        for _ in range(3):
            steps[0] = 0
            assert len(claim(store, limit=20)) == 20
            yield steps[0]

    add_deliveries(store, 4_000)
    listen(store.engine, "connect", count)
    store.engine.dispose()
    many = max(costs(4_000))
    with store.writing() as session:
        session.connection().exec_driver_sql("delete from delivery where id >= 'd00200'")
    few = max(costs(200))
    assert 0 < many < 2 * few
