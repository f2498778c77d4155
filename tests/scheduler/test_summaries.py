"""What is said besides reminders: to a unit what was past at first, to the operator what reached nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest

from notifiers.errors import DeliveryFailed, Reason
from notifiers.recording import Sent
from obligations.policies import Role
from scheduler.clock import SHANGHAI, ManualClock, parse_instant
from store import recipients, subscriptions
from store.database import Store
from store.recipients import Address
from store.states import ChannelKind
from store.vault import Vault
from tests.records import EMBEDDED, TABLE, duty, furnish, ingest, quarterly_table, reading
from tests.scheduler.world import KEY, LONG_AGO, World, add_duty, add_occurrences, add_units, at

VAULT = Vault(KEY)
OPERATOR = Address(ChannelKind.EMAIL, "ops@example.org")
DONGCHUAN, ANNING = "530113-gongxin", "530181-gongxin"
GONE = DeliveryFailed(Reason.GONE, retryable=False, detail="HTTP 410")


def told(sent: list[Sent]) -> list[tuple[str, list[tuple[str, tuple[str, ...]]]]]:
    """Return to whom each message went, and the kinds and units of its summaries."""
    return [(one.recipient.address, [(s.kind, s.units) for s in one.message.summaries]) for one in sent]


def watched(store: Store, *, now: str) -> World:
    """Return two units with a duty each, of which one has a channel, and an operator."""
    add_duty(store)
    add_units(store, ["530111", "530112"])
    add_occurrences(store, ["530111", "530112"])
    with store.writing() as session:
        subscriptions.end(session, "530112-handler", now=LONG_AGO)
        recipients.appoint_operator(session, OPERATOR, vault=VAULT, now=LONG_AGO)
    return World(store, ManualClock(at(now), SHANGHAI))


def test_the_operator_hears_once_a_morning_of_units_that_nobody_hears_for(store: Store) -> None:
    world = watched(store, now="2026-09-29T09:00")
    world.tick()
    for day in ("2026-09-29", "2026-09-30"):
        assert [address for address, _ in told(world.tick(f"{day}T09:05"))] == ["https://hooks.example/530111"]
        assert told(world.tick(f"{day}T09:20")) == [(OPERATOR.text, [("without-channel", ("单位530112",))])]
        assert world.tick(f"{day}T15:00") == []


def test_the_operator_hears_of_what_was_given_up_and_not_of_his_own_mailbox(store: Store) -> None:
    world = watched(store, now="2026-09-29T09:30")
    world.fault = lambda *_: GONE
    assert world.tick() == []
    assert world.tick("2026-09-30T09:20") == []  # the operator's own mailbox answers likewise
    world.fault = None
    with store.writing() as session:  # as at the next start of the service
        recipients.appoint_operator(session, OPERATOR, vault=VAULT, now=world.clock.now())
    world.tick("2026-10-09T09:00")
    (mail,) = world.tick("2026-10-09T09:20")
    assert told([mail]) == [
        (OPERATOR.text, [("without-channel", ("单位530111",)), ("without-channel", ("单位530112",))])
    ]


def test_a_message_that_was_given_up_is_named_with_its_units_and_its_reason(store: Store) -> None:
    world = watched(store, now="2026-09-29T09:30")
    world.fault = lambda _message, recipient, _now: GONE if "hooks" in recipient.address else None
    assert world.tick() == []
    (mail,) = world.tick("2026-09-30T09:20")
    failed = [s for s in mail.message.summaries if s.kind == "failed"]
    assert [(s.units, s.facts["channel"], s.facts["reason"], s.facts["detail"]) for s in failed] == [
        (("单位530111",), "webhook", "gone", "HTTP 410")
    ]


def test_without_an_operator_nobody_is_told_and_nothing_is_kept_for_him(store: Store) -> None:
    world = watched(store, now="2026-09-29T09:00")
    with store.writing() as session:
        recipients.appoint_operator(session, None, vault=VAULT, now=LONG_AGO)
    world.tick()
    assert [address for address, _ in told(world.tick("2026-09-29T09:20"))] == ["https://hooks.example/530111"]
    with store.writing() as session:
        recipients.appoint_operator(session, OPERATOR, vault=VAULT, now=world.clock.now())
    assert world.tick("2026-09-29T10:00") == []


def old_archive(store: Store, now: str) -> None:
    """Take in, on a day in 2026, a duty of two units whose only date is in 2024."""
    furnish(store, now)
    take_in_the_old(store, now)


def take_in_the_old(store: Store, now: str) -> None:
    words, deadline = "每季度首月3日前", {"kind": "fixed", "date": "2024-03-29"}
    ingest(store, TABLE, reading(duty(TABLE, words, deadline, who="东川区、安宁市")), now)


def subscribe(store: Store, unit: str, address: str, role: Role = Role.HANDLER, *, now: str) -> None:
    with store.writing() as session:
        subscriptions.add(
            session,
            Address(ChannelKind.EMAIL, address),
            unit_code=unit,
            role=role,
            vault=VAULT,
            now=parse_instant(now),
        )


@pytest.mark.parametrize("first", ["the archive", "the subscription"])
def test_a_first_start_on_an_old_archive_says_one_sentence_per_unit_and_nothing_else(store: Store, first: str) -> None:
    now = "2026-11-23T10:00:00+08:00"
    if first == "the archive":
        old_archive(store, now)
    else:
        furnish(store, now)
    subscribe(store, DONGCHUAN, "dc@example.org", now=now)
    subscribe(store, ANNING, "an@example.org", now=now)
    subscribe(store, ANNING, "head@example.org", Role.HEAD, now=now)
    subscribe(store, ANNING, "city@example.org", Role.REGULATOR, now=now)
    if first == "the subscription":
        take_in_the_old(store, now)
    world = World(store, ManualClock(parse_instant(now), SHANGHAI))
    sent = sorted(world.tick(), key=lambda one: one.recipient.address)
    assert [(one.recipient.address, one.message.items) for one in sent] == [
        ("an@example.org", ()),
        ("dc@example.org", ()),
    ]
    assert [dict(s.facts) for one in sent for s in one.message.summaries] == [{"past": 1, "open": 0}] * 2
    for days in range(1, 30):
        assert world.tick(parse_instant(now) + timedelta(days=days)) == []


def test_a_unit_with_nothing_past_is_told_nothing_at_first(store: Store) -> None:
    furnish(store, "2026-11-23")
    ingest(store, TABLE, quarterly_table(), "2026-11-23")
    subscribe(store, DONGCHUAN, "dc@example.org", now="2026-11-23")
    world = World(store, ManualClock(parse_instant("2026-11-23T10:00:00+08:00"), SHANGHAI))
    assert world.tick() == []
    (sent,) = world.tick("2026-12-31T09:05")
    assert sent.message.summaries == ()


@EMBEDDED
def test_a_head_hears_at_first_for_a_unit_without_a_handler(store: Store) -> None:
    now = "2026-11-23T10:00:00+08:00"
    old_archive(store, now)
    subscribe(store, DONGCHUAN, "head@example.org", Role.HEAD, now=now)
    world = World(store, ManualClock(parse_instant(now), SHANGHAI))
    assert [address for address, _ in told(world.tick())] == ["head@example.org"]


def test_a_summary_waits_for_the_office_and_goes_with_the_mornings_reminders(store: Store) -> None:
    evening = "2026-12-25T20:00:00+08:00"  # a Friday
    furnish(store, evening)
    take_in_the_old(store, evening)
    subscribe(store, DONGCHUAN, "dc@example.org", now=evening)
    world = World(store, ManualClock(parse_instant(evening), SHANGHAI))
    assert world.tick() == []
    assert world.tick("2026-12-27T10:00") == []
    assert len(world.tick("2026-12-28T09:01")) == 1
