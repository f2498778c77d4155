"""One message for each recipient and morning, however many units it hears of, and when it may be written to."""

from __future__ import annotations

from datetime import timedelta

import pytest

from notifiers.errors import DeliveryFailed, Reason
from notifiers.message import by_safe_day
from notifiers.recording import Sent
from obligations.policies import Role, parse_policies
from scheduler.clock import SHANGHAI, ManualClock
from scheduler.composing import Composer
from scheduler.housekeeping import Housekeeping
from store import recipients, subscriptions
from store.database import Store
from store.recipients import Address
from store.rows import RecipientRow
from store.states import ChannelKind, DeliveryState
from store.vault import Vault
from tests.records import EMBEDDED
from tests.scheduler.world import KEY, LONG_AGO, World, add_duty, add_occurrences, add_units, at

UNITS = ["530111", "530112", "530113"]
REGULATOR = Address(ChannelKind.EMAIL, "regulator@example.org")
CLERK = Address(ChannelKind.EMAIL, "clerk@example.org")


def make_county(store: Store, *, now: str = "2026-09-29T08:59") -> World:
    """Return three units with a duty each whose safe day is 2026-09-30, and nobody to tell."""
    add_duty(store)
    add_units(store, UNITS, kind=ChannelKind.EMAIL)
    with store.writing() as session:
        for code in UNITS:
            subscriptions.end(session, f"{code}-handler", now=LONG_AGO)
    add_occurrences(store, UNITS)
    return World(store, ManualClock(at(now), SHANGHAI))


def subscribe(store: Store, address: Address, units: list[str], role: Role = Role.HANDLER) -> str:
    """Subscribe the address to these units; return the recipient's id."""
    with store.writing() as session:
        for code in units:
            one = subscriptions.add(
                session, address, unit_code=code, role=role, vault=Vault(KEY), now=LONG_AGO, secret="whsec_x"
            )
        return one.recipient.id


def mornings(world: World, until: str) -> list[tuple[str, str, list[str]]]:
    """Tick once a minute from 09:00 to 09:30 of each day; return when, to whom and about which units messages went."""
    told = []
    while world.clock.now() < at(until):
        local = world.clock.now().astimezone(SHANGHAI)
        if local.hour == 9 and local.minute <= 30:
            for sent in world.tick():
                units = [item.unit for item in by_safe_day(sent.message.items)]
                told.append((f"{sent.at.astimezone(SHANGHAI):%m-%d}", sent.recipient.address, sorted(set(units))))
            world.clock.move_to(world.clock.now() + timedelta(minutes=1))
        else:
            day = local.date() if local.hour < 9 else local.date() + timedelta(days=1)
            world.clock.move_to(at(f"{day}T09:00"))
    return told


def test_an_address_that_hears_of_three_units_gets_one_message_a_morning(store: Store) -> None:
    world = make_county(store)
    subscribe(store, CLERK, UNITS)
    everything = [f"单位{code}" for code in UNITS]
    assert mornings(world, "2026-10-01T00:00") == [
        ("09-29", CLERK.text, everything),
        ("09-30", CLERK.text, everything),
    ]


def test_a_regulator_of_all_units_hears_of_all_that_is_overdue_at_once(store: Store) -> None:
    world = make_county(store, now="2026-10-09T08:59")
    subscribe(store, CLERK, UNITS[:1])
    subscribe(store, REGULATOR, UNITS, Role.REGULATOR)
    # Working days from 10-09 on: 9, 10 (a make-up Saturday), 12, 13, 14, 15 (+6) … 22 (+11).
    told = [entry for entry in mornings(world, "2026-10-24T00:00") if entry[1] == REGULATOR.text]
    assert told == [
        ("10-15", REGULATOR.text, [f"单位{code}" for code in UNITS]),
        ("10-22", REGULATOR.text, [f"单位{code}" for code in UNITS]),
    ]


def test_the_message_names_each_unit_and_leads_with_what_is_most_pressing(store: Store) -> None:
    world = make_county(store, now="2026-09-29T09:30")
    subscribe(store, CLERK, UNITS)
    (sent,) = world.tick()
    assert [item.unit for item in by_safe_day(sent.message.items)] == [f"单位{code}" for code in UNITS]
    assert {item.step for item in sent.message.items} == {"T-1"}


def test_one_who_unsubscribes_from_a_unit_hears_of_the_others_only_even_in_what_waits(store: Store) -> None:
    world = make_county(store, now="2026-09-29T09:30")
    subscribe(store, CLERK, UNITS)
    world.fault = lambda *_: DeliveryFailed(Reason.UNAVAILABLE, retryable=True)
    assert world.tick() == []
    world.fault = None
    with store.writing() as session:
        (mine,) = [one for one in subscriptions.of_unit(session, UNITS[1]) if one.works]
        subscriptions.end(session, mine.subscription.id, now=world.clock.now())
    (sent,) = world.tick("2026-09-29T09:40")
    assert [item.unit for item in by_safe_day(sent.message.items)] == [f"单位{UNITS[0]}", f"单位{UNITS[2]}"]


def test_a_broken_address_is_tried_again_once_somebody_subscribes_it_anew(store: Store) -> None:
    world = make_county(store, now="2026-09-29T09:30")
    subscribe(store, CLERK, UNITS)
    world.fault = lambda *_: DeliveryFailed(Reason.GONE, retryable=False)
    assert world.tick() == []
    world.fault = None
    assert world.tick("2026-09-30T09:30") == []
    subscribe(store, CLERK, UNITS[:1])
    (sent,) = world.tick("2026-09-30T09:40")
    assert [item.unit for item in by_safe_day(sent.message.items)] == [f"单位{code}" for code in UNITS]


@EMBEDDED
@pytest.mark.parametrize(
    ("zone", "quiet", "planned", "sent"),
    [
        pytest.param(None, None, "2026-09-29T09:00", "2026-09-29T09:00", id="the-services-hours"),
        pytest.param(None, "08:30-10:15", "2026-09-29T09:00", "2026-09-29T10:15", id="a-quiet-morning"),
        pytest.param("Asia/Urumqi", None, "2026-09-29T09:00", "2026-09-29T11:00", id="farther-west"),
    ],
)
def test_a_step_waits_for_the_recipients_own_hours(
    store: Store, zone: str | None, quiet: str | None, planned: str, sent: str
) -> None:
    world = make_county(store)
    clerk = subscribe(store, CLERK, UNITS[:1])
    with store.writing() as session:
        recipients.set_contact_hours(session, session.get_one(RecipientRow, clerk), zone=zone, quiet=quiet)
    told: list[Sent] = []
    world.clock.move_to(at(planned))
    while not told:
        told = world.tick()
        world.clock.move_to(world.clock.now() + timedelta(minutes=1))
    assert timedelta(0) <= told[0].at - at(sent) <= timedelta(minutes=2)


def test_a_retry_and_what_is_bundled_already_wait_for_quiet_hours_to_end(store: Store) -> None:
    world = make_county(store, now="2026-09-29T11:59:30")
    clerk = subscribe(store, CLERK, UNITS[:1])
    with store.writing() as session:
        recipients.set_contact_hours(session, session.get_one(RecipientRow, clerk), zone=None, quiet="12:00-14:30")
    world.fault = lambda *_: DeliveryFailed(Reason.UNAVAILABLE, retryable=True)
    assert world.tick() == []  # a minute or so later it would be tried again: in the quiet hours
    world.fault = None
    assert world.tick("2026-09-29T12:10") == []
    assert [row.state for row in world.deliveries()] == [DeliveryState.PENDING]
    assert len(world.tick("2026-09-29T14:30")) == 1


def test_a_subscription_may_have_a_policy_of_its_own(store: Store) -> None:
    add_duty(store)
    add_units(store, UNITS[:1], kind=ChannelKind.EMAIL)
    add_units(store, UNITS[:1], kind=ChannelKind.WEBHOOK, role=Role.HEAD)
    add_occurrences(store, UNITS[:1])
    policies = parse_policies(
        """{"hours": {"from": "09:00", "until": "18:00"}, "spread": {"seconds_each": 0, "minutes_at_most": 0},
            "policies": {
              "usual": {"at_once": ["handler"], "steps": [{"before_safe_day": 0, "audience": ["handler"]}]},
              "early": {"at_once": ["head"], "steps": [{"before_safe_day": 5, "audience": ["head"]},
                                                       {"before_safe_day": 0, "audience": ["handler"]}]}},
            "rules": [{"policy": "early", "subscription": "530111-head"}, {"policy": "usual"}]}"""
    )
    world = World(store, ManualClock(at("2026-09-20T09:00"), SHANGHAI), policies=policies)
    told = []
    while world.clock.now() < at("2026-10-01T09:00"):
        told += [(f"{sent.at:%m-%d}", sent.recipient.address.split("/")[-1]) for sent in world.tick()]
        world.clock.move_to(world.clock.now() + timedelta(days=1))
    # Five working days before 09-30: 29, 28, 24, 23, 22 (25 to 27 are Mid-Autumn).
    assert told == [("09-22", "530111"), ("09-30", "530111.handler@example.org")]


def test_while_a_secret_is_replaced_both_sign_and_then_only_the_new_one(store: Store) -> None:
    world = make_county(store, now="2026-09-29T09:30")
    hook = Address(ChannelKind.WEBHOOK, "https://hooks.example/all")
    clerk = subscribe(store, hook, UNITS)
    vault = Vault(KEY)
    with store.writing() as session:
        row = session.get_one(RecipientRow, clerk)
        recipients.replace_secret(session, row, "whsec_new", vault=vault, until=at("2026-09-30T09:00"))
    (both,) = world.tick()
    assert both.recipient.secrets == ("whsec_new", "whsec_x")
    Housekeeping(store, world.clock).run()
    with store.reading() as session:
        assert session.get_one(RecipientRow, clerk).former_secret
    world.clock.move_to(at("2026-09-30T09:00"))
    Housekeeping(store, world.clock).run()
    with store.reading() as session:
        addressed = session.get_one(RecipientRow, clerk)
    assert Composer(vault).recipient(addressed).secrets == ("whsec_new",)
