"""签收 from the ledger's side: signing silences the requests to sign, and nothing else, on both databases."""

from __future__ import annotations

import pytest

from scheduler.clock import SHANGHAI, ManualClock
from store.database import Store
from store.errors import Refused
from store.occurrences import Move, move, sign
from store.states import ReminderState
from tests.scheduler.world import World, add_duty, add_occurrences, add_units, at

Q4 = "n1-o1.530113.2026Q4"
CLERK = "530113-handler"


@pytest.fixture
def world(store: Store) -> World:
    """One unsigned duty, safe until 30 September, on the evening before it is first asked to be signed for."""
    add_duty(store)
    add_units(store, ["530113"])
    add_occurrences(store, ["530113"], signed=False)
    return World(store, ManualClock(at("2026-09-08T20:00"), SHANGHAI))


def signed(world: World, by: str | None = "李会计") -> None:
    with world.store.writing() as session:
        sign(session, Q4, by=by, now=world.clock.now())


def steps(world: World, *moments: str) -> list[str]:
    return [item.step for moment in moments for sent in world.tick(moment) for item in sent.message.items]


def test_signing_stops_the_requests_and_the_reminders_of_the_date_go_on(world: World) -> None:
    assert steps(world, "2026-09-09T09:30") == ["S-15"]
    signed(world)
    later = ["2026-09-16T09:30", "2026-09-20T09:30", "2026-09-24T09:30", "2026-09-29T09:30", "2026-09-30T09:30"]
    assert steps(world, *later) == ["T-7", "T-3", "T-1", "T-0"]


def test_without_a_signature_the_request_comes_again_once_a_week(world: World) -> None:
    assert steps(world, "2026-09-09T09:30", "2026-09-10T09:30", "2026-09-16T09:30", "2026-09-18T09:30") == [
        "S-15",
        "S-10",
    ]


def test_a_request_that_waits_in_a_message_is_withdrawn_when_somebody_signs(world: World) -> None:
    world.clock.move_to(at("2026-09-09T09:00"))
    world.planner.run(world.clock.now())
    assert world.reminders() == {(Q4, "S-15", CLERK): ReminderState.PLANNED}
    world.clock.move_to(at("2026-09-09T09:30"))
    world.bundler.collect(world.clock.now(), monotonic=world.clock.monotonic())
    signed(world)
    assert world.tick("2026-09-09T09:31") == []
    assert world.reminders() == {(Q4, "S-15", CLERK): ReminderState.CANCELLED}


def test_one_signs_once_and_only_for_what_is_open(world: World) -> None:
    signed(world, None)
    with pytest.raises(Refused, match="单位530113 signed at"):
        signed(world)
    with world.store.writing() as session:
        move(session, Q4, Move.CLOSE, note="已报", now=world.clock.now(), today=world.clock.today())
    with pytest.raises(Refused, match="it is closed"):
        signed(world)
