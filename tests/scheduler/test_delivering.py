"""From a planned step to a message and its proof, in one thread on a manual clock, on both databases."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar
from sqlmodel import col, select

from notifiers.errors import DeliveryFailed, Reason
from notifiers.message import Message, Recipient
from obligations.policies import Role
from obligations.workdays.holiday_tables import HolidayNotice, Rest, YearTable
from scheduler.clock import SHANGHAI, ManualClock
from scheduler.composing import Composer
from scheduler.ledger import Begun, Ledger
from scheduler.recompute import import_table
from scheduler.sending import Sender
from store import attempts, deliveries
from store.attempts import Failure, Outcome
from store.database import Store
from store.occurrences import Move, move
from store.rows import AttemptRow, OccurrenceRow, RecipientRow, SubscriptionRow
from store.states import ChannelKind, DeliveryState, RecipientState, ReminderState
from store.vault import Vault
from tests.scheduler.world import (
    KEY,
    LONG_AGO,
    World,
    add_duty,
    add_occurrences,
    add_units,
    at,
    expand_duty,
    make_world,
)

Q4 = "n1-o1.530113.2026Q4"
CLERK = "530113-handler"


def failing(*reasons: DeliveryFailed | None) -> Faults:
    return Faults(list(reasons))


class Faults:
    """Fails the sends with these errors in turn (`None`: a success), then lets everything through."""

    def __init__(self, errors: list[DeliveryFailed | None]) -> None:
        self.errors = errors

    def __call__(self, message: Message, recipient: Recipient, now: datetime) -> DeliveryFailed | None:
        return self.errors.pop(0) if self.errors else None


UNAVAILABLE = DeliveryFailed(Reason.UNAVAILABLE, retryable=True, detail="HTTP 500")
GONE = DeliveryFailed(Reason.GONE, retryable=False, detail="HTTP 410")


def attempts_made(store: Store) -> list[tuple[str, str | None]]:
    with store.reading() as session:
        return [
            (row.outcome, row.reason) for row in session.exec(select(AttemptRow).order_by(col(AttemptRow.id))).all()
        ]


def test_a_step_becomes_one_message_with_what_a_reader_needs_and_proof(store: Store) -> None:
    world = make_world(store, now="2026-09-29T08:59")
    assert world.tick() == []
    (sent,) = world.tick("2026-09-29T09:01")
    (item,) = sent.message.items
    assert sent.recipient.address == "https://hooks.example/530113"
    assert (item.unit, item.title, item.step) == ("单位530113", "报送企业运行情况表", "T-1")
    assert (item.safe_on, item.due_on, item.days_left) == (date(2026, 9, 30), date(2026, 10, 8), 1)
    assert (item.light, item.status, item.source) == ("yellow", "open", "《运行监测通知》")
    assert "每季度首月3日前" in item.quote
    assert world.reminders()[Q4, "T-1", CLERK] == ReminderState.SENT
    assert attempts_made(store) == [("delivered", None)]
    assert world.tick("2026-09-29T17:00") == []


def test_a_mail_carries_the_entries_of_what_it_speaks_of_and_a_webhook_none(store: Store) -> None:
    world = make_world(store)
    add_units(store, ["530113"], kind=ChannelKind.EMAIL, role=Role.HEAD)
    sent = {one.recipient.address: one for one in world.tick("2026-10-09T09:30")}  # overdue: handler and head
    by_mail, by_webhook = sent["530113.head@example.org"], sent["https://hooks.example/530113"]
    assert by_webhook.message.calendar is None
    assert by_mail.message.calendar is not None
    found: Any = Calendar.from_ical(by_mail.message.calendar)
    (entry,) = found.walk("VEVENT")
    assert entry["UID"] == f"{Q4}@duban.local", "the same as in the feed, so a calendar knows it again"
    assert entry["DTSTART"].to_ical() == b"20260930"
    assert "每季度首月3日前" in entry["DESCRIPTION"]


def test_everything_due_for_one_recipient_is_one_message(store: Store) -> None:
    world = make_world(store, ("530113", "530181"))
    for period in ("a", "b", "c"):
        add_occurrences(store, ["530113"], period=period)
    add_units(store, ["530113"], kind=ChannelKind.EMAIL, role=Role.HEAD)
    sent = world.tick()
    assert sorted(len(each.message.items) for each in sent) == [1, 4]
    assert len({each.message.delivery_id for each in sent}) == 2


def test_a_retryable_failure_is_tried_again_under_the_same_id_and_both_attempts_are_on_record(store: Store) -> None:
    world = make_world(store)
    world.fault = failing(UNAVAILABLE)
    assert world.tick() == []
    (delivery,) = world.deliveries()
    assert delivery.state == DeliveryState.PENDING
    assert timedelta(seconds=4) < delivery.send_at - world.clock.now() < timedelta(seconds=6)
    (sent,) = world.tick("2026-09-29T09:31")
    assert sent.message.delivery_id == delivery.id
    assert attempts_made(store) == [("failed", "unavailable"), ("delivered", None)]


def test_a_receiver_that_asks_for_time_gets_it(store: Store) -> None:
    world = make_world(store)
    world.fault = failing(DeliveryFailed(Reason.THROTTLED, retryable=True, retry_after=600))
    assert world.tick() == []
    assert world.tick("2026-09-29T09:39") == []
    assert len(world.tick("2026-09-29T09:41")) == 1


def test_a_retry_that_would_fall_into_the_night_or_a_holiday_waits_for_the_office(store: Store) -> None:
    world = make_world(store, now="2026-09-24T17:59:58")
    world.fault = failing(UNAVAILABLE)
    assert world.tick() == []
    assert world.tick("2026-09-24T18:30") == []
    assert world.tick("2026-09-25T10:00") == []
    assert len(world.tick("2026-09-28T09:00")) == 1


def test_a_mailbox_that_is_gone_breaks_the_recipient_and_the_head_stands_in(store: Store) -> None:
    world = make_world(store)
    add_units(store, ["530113"], kind=ChannelKind.EMAIL, role=Role.HEAD)
    world.fault = failing(GONE)
    assert world.tick() == []
    with store.reading() as session:
        broken = session.get_one(RecipientRow, CLERK)
        assert (broken.state, broken.trouble) == (RecipientState.BROKEN, "gone: HTTP 410")
    assert world.reminders()[Q4, "T-1", CLERK] == ReminderState.FAILED
    (sent,) = world.tick("2026-09-29T09:31")
    assert sent.recipient.address == "530113.head@example.org"


def test_after_the_last_attempt_a_delivery_has_failed_for_good(store: Store) -> None:
    world = make_world(store)
    world.fault = lambda *_: UNAVAILABLE
    for _ in range(11):
        assert world.tick() == []
        (delivery,) = world.deliveries()
        world.clock.move_to(delivery.send_at)
        with store.writing() as session:  # the safe day's own step would speak for this one
            session.get_one(OccurrenceRow, Q4).next_at = None
    assert delivery.state == DeliveryState.FAILED
    assert delivery.attempts == 11
    assert world.reminders()[Q4, "T-1", CLERK] == ReminderState.FAILED
    with store.reading() as session:
        assert session.get_one(RecipientRow, CLERK).trouble == "unavailable: HTTP 500"


@pytest.mark.parametrize("how", [Move.CLOSE, Move.WAIVE])
def test_what_is_done_before_the_send_is_not_mentioned(store: Store, how: Move) -> None:
    world = make_world(store, ("530113", "530181"))
    world.fault = failing(UNAVAILABLE, UNAVAILABLE)
    assert world.tick() == []
    with store.writing() as session:
        move(session, Q4, how, note="已报送", now=world.clock.now(), today=date(2026, 9, 29))
    (sent,) = world.tick("2026-09-29T10:00")
    assert sent.recipient.address == "https://hooks.example/530181"
    states = {delivery.recipient_id: delivery.state for delivery in world.deliveries()}
    assert states == {CLERK: DeliveryState.CANCELLED, "530181-handler": DeliveryState.SENT}


def test_a_date_that_moved_cancels_what_was_not_sent_and_plans_anew(store: Store) -> None:
    world = make_world(store)
    world.fault = failing(UNAVAILABLE)
    assert world.tick() == []
    with store.writing() as session:
        row = session.get_one(OccurrenceRow, Q4)
        row.safe_on, row.version, row.next_at = date(2026, 9, 29), 2, world.clock.now()
    (sent,) = world.tick("2026-09-29T10:00")
    assert [(item.step, item.safe_on) for item in sent.message.items] == [("T-0", date(2026, 9, 29))]


def test_what_a_later_step_says_is_not_said_twice_when_a_channel_comes_back(store: Store) -> None:
    world = make_world(store)
    world.fault = lambda *_: UNAVAILABLE
    for moment in ("2026-09-29T09:30", "2026-09-29T09:31", "2026-09-29T12:00"):
        assert world.tick(moment) == []
    world.fault = None
    (sent,) = world.tick("2026-09-30T09:10")
    assert [item.step for item in sent.message.items] == ["T-0"]
    assert world.reminders()[Q4, "T-1", CLERK] == ReminderState.COLLAPSED


def test_after_downtime_one_message_speaks_for_all_that_was_missed(store: Store) -> None:
    world = make_world(store, now="2026-09-28T11:00")
    (sent,) = world.tick()
    assert [item.step for item in sent.message.items] == ["T-3"]
    states = {step: state for (_, step, _), state in world.reminders().items()}
    assert states == {"T-7": ReminderState.COLLAPSED, "T-3": ReminderState.SENT}


def test_nothing_goes_out_on_a_rest_day_but_what_is_urgent(store: Store) -> None:
    world = make_world(store, ("530113", "530181"), now="2026-10-01T10:00")
    assert world.tick() == []
    known = at("2026-10-02T22:00")
    add_occurrences(store, ["530113"], period="ev1", safe_on=None, act_now=True, known_at=known)
    (sent,) = world.tick(known)
    assert [(item.occurrence_id, item.step) for item in sent.message.items] == [("n1-o1.530113.ev1", "now")]
    held = world.tick("2026-10-08T09:30")
    assert [item.step for each in held for item in each.message.items] == ["T-0", "T-0"]


def test_a_first_start_on_an_old_archive_says_nothing_about_the_past(store: Store) -> None:
    add_duty(store)
    add_units(store, ["530113"])
    start = at("2026-09-28T11:00")
    add_occurrences(store, ["530113"], known_at=start)
    world = World(store, ManualClock(start, SHANGHAI))
    assert world.tick() == []
    assert world.reminders() == {}
    assert len(world.tick("2026-09-29T09:01")) == 1


def test_an_ended_subscription_hears_nothing_even_of_what_is_bundled(store: Store) -> None:
    world = make_world(store)
    world.fault = failing(UNAVAILABLE)
    assert world.tick() == []
    with store.writing() as session:
        session.get_one(SubscriptionRow, CLERK).ended_at = LONG_AGO
    assert world.tick("2026-09-29T10:00") == []
    assert [delivery.state for delivery in world.deliveries()] == [DeliveryState.CANCELLED]


def test_a_unit_without_a_channel_is_looked_at_again_and_reminded_once_it_has_one(store: Store) -> None:
    add_duty(store)
    add_units(store, ["530113"])
    with store.writing() as session:
        session.get_one(SubscriptionRow, CLERK).ended_at = LONG_AGO
    add_occurrences(store, ["530113"])
    world = World(store, ManualClock(at("2026-09-29T09:30"), SHANGHAI))
    assert world.tick() == []
    with store.writing() as session:
        session.get_one(SubscriptionRow, CLERK).ended_at = None
    (sent,) = world.tick("2026-09-30T09:30")
    assert [item.step for item in sent.message.items] == ["T-0"]


def test_a_sealed_address_under_another_key_is_a_failure_on_record_and_stops_nobody_else(store: Store) -> None:
    world = make_world(store, ("530113", "530181"))
    with store.writing() as session:
        session.get_one(RecipientRow, CLERK).address = "not-sealed-by-us"
    (sent,) = world.tick()
    assert sent.recipient.address == "https://hooks.example/530181"
    assert ("failed", "internal") in attempts_made(store)


def test_the_id_of_a_delivery_follows_from_what_it_carries(store: Store) -> None:
    """After a backup from before the sending is restored, the same digest gets the same id."""
    world = make_world(store)
    (sent,) = world.tick()
    with store.writing() as session:
        session.connection().exec_driver_sql("delete from attempt")
        session.connection().exec_driver_sql("delete from reminder")
        session.connection().exec_driver_sql("delete from delivery")
        session.get_one(OccurrenceRow, Q4).next_at = LONG_AGO
    (again,) = world.tick("2026-09-29T11:00")
    assert again.message.delivery_id == sent.message.delivery_id


def test_most_pressing_goes_first_after_downtime(store: Store) -> None:
    world = make_world(store, ("530113", "530181"), now="2026-09-28T11:00")
    add_units(store, ["530102"])
    add_occurrences(store, ["530102"], safe_on=date(2026, 9, 28))
    order = [each.message.items[0].safe_on for each in world.tick()]
    assert order == [date(2026, 9, 28), date(2026, 9, 30), date(2026, 9, 30)]


def test_a_claim_whose_sender_died_returns_when_its_lease_ends_and_is_then_sent(store: Store) -> None:
    world = make_world(store)
    world.planner.run(world.clock.now())
    world.bundler.collect(world.clock.now(), monotonic=0)
    (claims,) = world.bundler.claim(world.clock.now()).values()
    assert world.reclaim() == 0
    assert world.tick() == []
    world.clock.move_to(world.clock.now() + deliveries.LEASE + timedelta(seconds=1))
    assert world.reclaim() == 1
    assert len(world.tick()) == 1
    assert claims[0].fence == 1
    assert [delivery.fence for delivery in world.deliveries()] == [2]


def test_a_stale_fence_never_writes(store: Store) -> None:
    world = make_world(store)
    now = world.clock.now()
    world.planner.run(now)
    world.bundler.collect(now, monotonic=0)
    (claims,) = world.bundler.claim(now).values()
    ledger = Ledger(store, world.clock)
    (begun,) = ledger.turn(claims=claims)
    world.clock.move_to(now + deliveries.LEASE + timedelta(seconds=1))
    assert world.reclaim() == 1
    with store.writing() as session:
        (theirs,) = deliveries.claim_due(session, now=world.clock.now())
    late = world.clock.now()
    gone = Failure(reason="gone", breaks=True)
    with store.writing() as session:
        assert attempts.settle(session, [Outcome(work=begun.work, at=late)]) == set()
        assert attempts.settle(session, [Outcome(work=begun.work, at=late, failure=gone)]) == set()
    assert ledger.turn(claims=claims, returned=claims) == []
    (delivery,) = world.deliveries()
    assert (delivery.state, delivery.fence) == (DeliveryState.SENDING, theirs.fence)
    assert world.reminders()[Q4, "T-1", CLERK] == ReminderState.PLANNED
    with store.reading() as session:
        assert session.get_one(RecipientRow, CLERK).state == RecipientState.ACTIVE


def test_an_outcome_survives_a_database_that_does_not_answer_for_a_moment(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    world = make_world(store)

    class Stumbling(Ledger):
        stumbles = 0

        def turn(self, *given: Any) -> list[Begun]:
            if given[0] and not self.stumbles:  # there is an outcome to keep
                self.stumbles += 1
                raise OSError("disk full")
            return super().turn(*given)

    ledger = Stumbling(store, world.clock)
    world.sender = Sender(ledger, world.clock, Composer(Vault(KEY)), world.channels)
    assert len(world.tick()) == 1
    assert ledger.stumbles == 1
    assert "the ledger could not be written" in caplog.text
    assert [delivery.state for delivery in world.deliveries()] == [DeliveryState.SENT]


def test_an_outcome_that_is_written_late_still_counts_unless_somebody_else_has_begun(store: Store) -> None:
    """The database was away for longer than the lease; by now the delivery waits again, but nobody took it."""
    world = make_world(store)
    now = world.clock.now()
    world.planner.run(now)
    world.bundler.collect(now, monotonic=0)
    claims = [claim for lane in world.bundler.claim(now).values() for claim in lane]
    (begun,) = Ledger(store, world.clock).turn(claims=claims)
    world.clock.move_to(now + timedelta(seconds=60))
    assert world.reclaim() == 1
    with store.writing() as session:
        assert attempts.settle(session, [Outcome(work=begun.work, at=now)]) == {begun.work.claim.delivery_id}
    assert [delivery.state for delivery in world.deliveries()] == [DeliveryState.SENT]
    assert world.tick() == []


def test_a_clock_set_back_does_not_keep_a_claim_for_ever(store: Store) -> None:
    world = make_world(store, now="2026-09-29T15:00")
    world.planner.run(world.clock.now())
    world.bundler.collect(world.clock.now(), monotonic=0)
    assert world.bundler.claim(world.clock.now())
    world.clock.move_to(at("2026-09-29T14:00"))
    assert world.reclaim() == 1


def test_a_clock_set_back_sends_nothing_twice(store: Store) -> None:
    world = make_world(store, now="2026-09-30T09:10")
    assert len(world.tick()) == 1
    for moment in ("2026-09-29T09:10", "2026-09-24T09:10", "2026-09-30T09:10"):
        assert world.tick(moment) == []


def test_bundling_waits_while_planning_is_behind_but_not_for_ever(store: Store) -> None:
    world = make_world(store)
    now = world.clock.now()
    world.planner.run(now)
    add_occurrences(store, ["530113"], period="late", known_at=now)
    world.bundler.collect(now, monotonic=0.0)
    assert world.deliveries() == []
    world.bundler.collect(now, monotonic=119.0)
    assert world.deliveries() == []
    world.bundler.collect(now, monotonic=121.0)
    assert len(world.deliveries()) == 1


def test_a_new_rest_day_before_the_safe_day_is_reminded_of_before_it(store: Store) -> None:
    """The date stays where it was, but the day before it is off now: its reminder goes out on the last day left."""
    add_duty(store)
    add_units(store, ["530113"])
    expand_duty(store, ["530113"])
    world = World(store, ManualClock(at("2026-09-24T10:00"), SHANGHAI))
    assert [item.step for sent in world.tick() for item in sent.message.items] == ["T-3"]
    assert world.tick("2026-09-28T10:00") == []
    rest = Rest("放假", date(2026, 9, 29), date(2026, 9, 29))
    day_off = HolidayNotice(year=2026, issued_on=date(2026, 9, 28), rests=(rest,))
    with store.writing() as session:
        assert import_table(session, YearTable(2026, (day_off,)), now=world.clock.now()).moved == []
    assert [item.step for sent in world.tick("2026-09-28T10:30") for item in sent.message.items] == ["T-1"]
    assert world.tick("2026-09-29T10:00") == []
