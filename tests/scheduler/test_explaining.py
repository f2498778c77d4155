"""The record beside what is to come: what was sent, failed, withdrawn or moved, on both databases."""

from __future__ import annotations

from notifiers.errors import DeliveryFailed, Reason
from scheduler.clock import SHANGHAI, ManualClock
from scheduler.explaining import explain_reminders
from store.database import Store
from store.occurrences import Move, move, sign
from tests.scheduler.world import World, add_duty, add_occurrences, add_units, at

Q4 = "n1-o1.530113.2026Q4"


def make(store: Store) -> World:
    add_duty(store)
    add_units(store, ["530113"])
    add_occurrences(store, ["530113"], signed=False)
    return World(store, ManualClock(at("2026-09-08T20:00"), SHANGHAI))


def explained(world: World) -> dict[str, tuple[str, str]]:
    """Return the state and the reason of every step, the latest version's last."""
    with world.store.reading() as session:
        found = explain_reminders(
            session, Q4, policies=world.policies, timetable=world.planner.timetable(), now=world.clock.now()
        )
        return {line.step: (str(line.state), str(line.reason)) for line in found.lines}


def test_the_record_says_what_was_sent_and_the_decisions_what_comes(store: Store) -> None:
    world = make(store)
    world.tick("2026-09-09T09:30")
    with store.writing() as session:
        sign(session, Q4, by=None, now=world.clock.now())
    world.tick("2026-09-20T09:30")
    assert explained(world) == {
        "S-15": ("sent", "unsigned"),
        "S-10": ("silent", "signed"),
        "T-7": ("sent", "step"),
        "T-3": ("to-come", "step"),
        "T-1": ("to-come", "step"),
        "T-0": ("to-come", "step"),
        "+1": ("to-come", "overdue"),
        "+6": ("to-come", "overdue"),
    }


def test_what_did_not_arrive_and_what_was_withdrawn_are_told_apart(store: Store) -> None:
    world = make(store)
    world.fault = lambda *_: DeliveryFailed(Reason.GONE, retryable=False, detail="HTTP 410")
    world.tick("2026-09-09T09:30")
    found = explained(world)
    assert found["S-15"] == ("failed", "unsigned")
    assert {found[step] for step in ("S-10", "T-7", "T-0", "+1")} == {("silent", "no-channel")}


def test_a_withdrawn_request_names_the_signature_and_a_reopened_duty_its_new_version(store: Store) -> None:
    world = make(store)
    world.clock.move_to(at("2026-09-09T09:00"))
    world.planner.run(world.clock.now())
    assert explained(world)["S-15"] == ("planned", "unsigned")
    with store.writing() as session:
        sign(session, Q4, by=None, now=world.clock.now())
    assert explained(world)["S-15"] == ("cancelled", "signed")
    world.clock.move_to(at("2026-09-20T09:00"))
    world.planner.run(world.clock.now())
    with store.writing() as session:
        for how in (Move.CLOSE, Move.REOPEN):
            move(session, Q4, how, note="报错", now=world.clock.now(), today=world.clock.today())
    with store.reading() as session:
        timetable = world.planner.timetable()
        found = explain_reminders(session, Q4, policies=world.policies, timetable=timetable, now=world.clock.now())
        seen = [(str(line.state), str(line.reason)) for line in found.lines if line.step == "T-7"]
    assert seen == [("cancelled", "moved"), ("to-come", "step")]
