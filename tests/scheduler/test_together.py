"""Several planners and senders at once, on both databases, and the dispatcher's threads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier, Event, Lock

import pytest
from sqlmodel import func, select

from notifiers.errors import DeliveryFailed, Reason
from notifiers.message import Message, Receipt, Recipient
from scheduler.clock import SHANGHAI, ManualClock, SystemClock
from scheduler.composing import Composer
from scheduler.dispatch import Bundler, Dispatcher
from scheduler.ledger import Ledger
from scheduler.pace import Pace
from scheduler.planning import Planner
from scheduler.sending import Sender
from store import deliveries, reminders
from store.database import Store
from store.rows import DeliveryRow, RecipientRow, ReminderRow
from store.states import DeliveryState
from store.vault import Vault
from tests.scheduler.world import KEY, World, add_duty, add_occurrences, add_units, at, make_world

UNITS = [f"u{n:03}" for n in range(60)]
SOON = 20.0


def both_at_once(work: Callable[[int], int]) -> list[int]:
    """Run `work(0)` and `work(1)` in two threads that start together; return what each returned."""
    barrier = Barrier(2)

    def run(number: int) -> int:
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(run, range(2)))


def test_two_planners_at_once_make_each_reminder_once(store: Store) -> None:
    world = make_world(store, UNITS)
    planned = both_at_once(lambda _: Planner(store, world.policies, SHANGHAI).run(world.clock.now(), batch=7))
    with store.reading() as session:
        rows = session.exec(select(ReminderRow)).all()
        assert not reminders.planning_is_due(session, now=world.clock.now())
    keys = Counter((row.occurrence_id, row.version, row.step, row.recipient_id) for row in rows)
    assert len(keys) == len(UNITS) * 3
    assert set(keys.values()) == {1}
    assert sum(planned) == len(UNITS)


def test_two_bundlers_and_two_claimers_at_once_neither_split_nor_share_a_message(store: Store) -> None:
    world = make_world(store, UNITS)
    for period in ("a", "b"):
        add_occurrences(store, UNITS, period=period)
    now = world.clock.now()
    world.planner.run(now)
    both_at_once(lambda _: bool(Bundler(store, world.planner, lambda s: s.kind).collect(now, monotonic=0)))
    claimed: list[str] = []

    def claim(_: int) -> int:
        mine = 0
        while True:
            with store.writing() as session:
                claims = deliveries.claim_due(session, now=now, limit=7)
            if not claims:
                return mine
            claimed.extend(each.delivery_id for each in claims)
            mine += len(claims)

    both_at_once(claim)
    assert len(claimed) == len(set(claimed)) == len(UNITS)
    with store.reading() as session:
        sizes = session.exec(select(ReminderRow.delivery_id, func.count()).group_by(ReminderRow.delivery_id)).all()
    assert sorted(count for delivery_id, count in sizes if delivery_id) == [3] * len(UNITS)


class Receiver:
    """A channel that counts what arrives, and how many messages each server has on the wire at once."""

    channel = "webhook"

    def __init__(self, answer: Callable[[str], DeliveryFailed | None] = lambda _: None) -> None:
        self.answer = answer
        self.arrived: list[str] = []
        self.most_at_once: Counter[str] = Counter()
        self._now: Counter[str] = Counter()
        self._lock = Lock()
        self.hold: Event | None = None
        self.entered = Event()

    def send(self, message: Message, recipient: Recipient, *, now: datetime) -> Receipt:
        server = recipient.address.split("/")[2]
        with self._lock:
            self._now[server] += 1
            self.most_at_once[server] = max(self.most_at_once[server], self._now[server])
        self.entered.set()
        if self.hold:
            self.hold.wait(SOON)
        with self._lock:
            self._now[server] -= 1
        failure = self.answer(server)
        if failure:
            raise failure
        with self._lock:
            self.arrived.append(message.delivery_id)
        return Receipt()

    def close(self) -> None:
        pass


def dispatching(
    store: Store, clock: SystemClock | ManualClock, receiver: Receiver, senders: int = 4, pace: Pace | None = None
) -> Dispatcher:
    world = World(store, ManualClock(clock.now(), SHANGHAI))
    composer = Composer(Vault(KEY))
    bundler = Bundler(store, world.planner, composer.lane)
    ledger = Ledger(store, clock)
    return Dispatcher(
        bundler,
        clock,
        lambda: Sender(ledger, clock, composer, {"webhook": receiver}),
        senders=senders,
        pace=pace,
    )


def working_clock() -> SystemClock:
    """A clock that runs, on a working day in working hours."""
    return SystemClock(SHANGHAI, starting_at=at("2026-09-29T09:30"))


def run_until(dispatcher: Dispatcher, done: Callable[[], bool]) -> None:
    """Tick until `done`; the senders work in their own threads."""
    pause = Event()
    for _ in range(int(SOON / 0.02)):
        dispatcher.tick()
        if done():
            return
        pause.wait(0.02)
    raise AssertionError("not done in time")


def make_servers(store: Store, servers: int, units: int) -> None:
    """Give `units` units a webhook each, spread over so many servers, and a duty that is due."""
    vault = Vault(KEY)
    codes = [f"u{n:03}" for n in range(units)]
    add_duty(store)
    add_units(store, codes)
    add_occurrences(store, codes)
    with store.writing() as session:
        for n, row in enumerate(session.exec(select(RecipientRow).order_by(RecipientRow.id)).all()):
            row.address = vault.seal(f"https://server{n % servers}.example/{row.id}")
    World(store, ManualClock(at("2026-09-29T09:30"), SHANGHAI)).planner.run(at("2026-09-29T09:30"))


def test_each_server_gets_one_message_at_a_time_and_all_arrive_once(store: Store) -> None:
    make_servers(store, servers=3, units=30)
    receiver = Receiver()
    dispatcher = dispatching(store, working_clock(), receiver)
    run_until(dispatcher, lambda: len(receiver.arrived) == 30)
    assert dispatcher.stop(SOON)
    assert len(set(receiver.arrived)) == 30
    assert dict(receiver.most_at_once) == {f"server{n}.example": 1 for n in range(3)}


def test_what_planning_finishes_as_bundling_begins_goes_in_the_same_message(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(store, ("u",), now="2026-09-29T09:00:00.000")
    world.planner.run(world.clock.now())
    add_occurrences(store, ["u"], period="late")
    world.clock.move_to(at("2026-09-29T09:00:01"))

    def finish_planning(*_: object) -> bool:
        world.clock.move_to(at("2026-09-29T09:00:02"))
        world.planner.run(world.clock.now())
        return False

    receiver = Receiver()
    dispatcher = dispatching(store, world.clock, receiver)
    monkeypatch.setattr(Bundler, "is_waiting", finish_planning)
    run_until(dispatcher, lambda: bool(receiver.arrived))
    assert dispatcher.stop(SOON)
    assert len(world.deliveries()) == 1
    assert {state for state in world.reminders().values() if state != "collapsed"} == {"sent"}
    assert len([state for state in world.reminders().values() if state == "sent"]) == 2


def test_a_dead_server_keeps_nobody_elses_messages_waiting(store: Store) -> None:
    make_servers(store, servers=2, units=20)
    down = DeliveryFailed(Reason.UNREACHABLE, retryable=True)
    receiver = Receiver(lambda server: down if server == "server0.example" else None)
    dispatcher = dispatching(store, working_clock(), receiver, senders=1)
    run_until(dispatcher, lambda: len(receiver.arrived) == 10)
    assert dispatcher.stop(SOON)
    with store.reading() as session:
        waiting = session.exec(select(DeliveryRow).where(DeliveryRow.state == DeliveryState.PENDING)).all()
    assert len(waiting) == 10
    assert sum(row.attempts for row in waiting) == 1, "the others of that server were given back untried"


def test_stopping_finishes_what_is_on_the_wire_and_gives_the_rest_back(store: Store) -> None:
    make_servers(store, servers=1, units=10)
    receiver = Receiver()
    receiver.hold = Event()
    dispatcher = dispatching(store, working_clock(), receiver)
    dispatcher.tick()
    assert receiver.entered.wait(SOON)
    dispatcher.close()
    receiver.hold.set()
    assert dispatcher.stop(SOON)
    assert len(receiver.arrived) == 1
    with store.reading() as session:
        states = Counter(session.exec(select(DeliveryRow.state)).all())
    assert states == {DeliveryState.SENT: 1, DeliveryState.PENDING: 9}


def test_a_wall_clock_that_was_moved_freezes_one_tick(store: Store) -> None:
    make_servers(store, servers=1, units=5)
    clock = ManualClock(at("2026-09-29T09:30"), SHANGHAI)
    receiver = Receiver()
    dispatcher = dispatching(store, clock, receiver)
    clock.set_to(clock.now() + timedelta(hours=2))
    dispatcher.tick()
    assert dispatcher.idle()
    with store.reading() as session:
        assert session.exec(select(DeliveryRow)).all() == []
    run_until(dispatcher, lambda: len(receiver.arrived) == 5)
    assert dispatcher.stop(SOON)
