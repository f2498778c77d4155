"""A simulation in which channels fail, the service is down or duties are closed: the real engine, foretold.

One duty with the safe day 30 September 2026. Its steps: please sign on 9 and 16 September; T-7 on the 20th (a
Sunday that is worked), T-3 on the 24th, T-1 on the 29th, T-0 on the 30th; +1 on 9 October, +6 on the 15th. The 25th
to the 27th and 1 to 7 October are days off.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from obligations.policies import Role, default_policies
from scheduler.clock import SHANGHAI
from scheduler.simulation import Failing, Rehearsal, Simulation, Stretch, closed_in_time
from store.database import Store
from store.rehearsal import Rehearsed
from store.states import ChannelKind
from store.vault import Vault
from tests.records import EMBEDDED, contents
from tests.scheduler.world import KEY, SECRET, add_duty, add_units, at, expand_duty

UNIT, OTHER = "530113", "530181"
HANDLER = f"{UNIT}.handler@example.org"


@pytest.fixture
def county(store: Store) -> Store:
    """One unit whose handler and head are reminded by e-mail of the quarterly duty."""
    add_duty(store)
    for role in (Role.HANDLER, Role.HEAD):
        add_units(store, [UNIT], kind=ChannelKind.EMAIL, role=role)
    expand_duty(store, [UNIT])
    return store


def days(first: str, last: str) -> Stretch:
    return Stretch.of_days(date.fromisoformat(first), date.fromisoformat(last), SHANGHAI)


def simulate(
    store: Store, *, failing: tuple[Failing, ...] = (), down: tuple[Stretch, ...] = (), closed: int = 0
) -> Rehearsal:
    """Rehearse September and the first half of October."""
    return Simulation(
        store=store,
        policies=default_policies(),
        vault=Vault(KEY),
        zone=SHANGHAI,
        failing=failing,
        down=down,
        closing=closed_in_time(closed) if closed else None,
    ).run(days("2026-09-01", "2026-10-15"))


def told(messages: Sequence[Rehearsed], role: str = Role.HANDLER) -> list[tuple[str, str]]:
    """Return step and local time of what one role was told of the duty of October."""
    return [
        (each.step, message.at.astimezone(SHANGHAI).strftime("%m-%d %H:%M"))
        for message in messages
        for each in message.carries
        if each.role == role and each.occurrence_id.endswith("2026Q4")
    ]


ON_TIME = [
    ("S-15", "09-09 09:01"),
    ("S-10", "09-16 09:01"),
    ("T-7", "09-20 09:01"),
    ("T-3", "09-24 09:01"),
    ("T-1", "09-29 09:01"),
    ("T-0", "09-30 09:01"),
    ("+1", "10-09 09:01"),
]


def test_a_copy_of_either_database_tells_the_same_and_the_store_stays_as_it_was(county: Store) -> None:
    before = contents(county)
    shown = simulate(county)
    assert told(shown.messages) == ON_TIME
    assert told(shown.messages, Role.HEAD) == [("+1", "10-09 09:01"), ("+6", "10-15 09:01")]
    assert shown.undelivered == []
    assert contents(county) == before


@EMBEDDED
def test_what_fails_on_a_day_arrives_on_the_next_working_morning(county: Store) -> None:
    shown = simulate(county, failing=(Failing("email", days("2026-09-24", "2026-09-24")),))
    late = [("T-3", "09-28 09:00") if step == "T-3" else (step, when) for step, when in ON_TIME]
    assert told(shown.messages) == late
    assert shown.undelivered == []


@EMBEDDED
def test_after_long_failure_only_the_latest_step_arrives(county: Store) -> None:
    shown = simulate(county, failing=(Failing("email", days("2026-09-24", "2026-10-07")),))
    steps = [step for step, _ in told(shown.messages)]
    assert steps == ["S-15", "S-10", "T-7", "T-0", "+1"]
    assert dict(told(shown.messages))["T-0"] == "10-08 09:00"
    assert shown.undelivered == []


@EMBEDDED
def test_what_has_not_arrived_at_the_end_is_shown_with_its_reason(county: Store) -> None:
    shown = simulate(county, failing=(Failing("email", days("2026-10-09", "2026-10-15")),))
    assert told(shown.messages) == ON_TIME[:-1]
    assert {
        (each.carries[0].role, *told([each], each.carries[0].role)[0], each.trouble) for each in shown.undelivered
    } == {
        ("handler", "+1", "10-09 09:01", "unreachable"),
        ("head", "+1", "10-09 09:01", "unreachable"),
        ("head", "+6", "10-15 09:01", "unreachable"),
    }
    assert all(each.attempts >= 1 for each in shown.undelivered)


@EMBEDDED
def test_one_address_that_fails_keeps_nobody_else_waiting(county: Store) -> None:
    add_units(county, [OTHER], kind=ChannelKind.EMAIL)
    shown = simulate(county, failing=(Failing(HANDLER, days("2026-09-29", "2026-10-15")),))
    assert told(shown.messages, Role.HEAD) == [("+1", "10-09 09:01"), ("+6", "10-15 09:01")]
    assert told(shown.messages) == ON_TIME[:4]
    assert {(each.address, each.trouble) for each in shown.undelivered} == {(HANDLER, "unavailable")}


@EMBEDDED
def test_the_other_channel_of_a_unit_is_not_failed_with_it(county: Store) -> None:
    add_units(county, [UNIT], kind=ChannelKind.WEBHOOK, role=Role.REGULATOR)
    shown = simulate(county, failing=(Failing("webhook", days("2026-09-01", "2026-10-15")),))
    assert told(shown.messages) == ON_TIME
    assert [(each.kind, each.trouble) for each in shown.undelivered] == [("webhook", "unreachable")]
    assert told(shown.undelivered, Role.REGULATOR) == [("+6", "10-15 09:01")]
    assert SECRET not in repr(shown)


@EMBEDDED
def test_after_downtime_the_latest_missed_step_goes_out_at_once_or_when_the_office_opens(county: Store) -> None:
    two_days = days("2026-09-23", "2026-09-24")
    a_morning = Stretch(at("2026-09-29T08:00"), at("2026-09-29T14:20"))
    overlapping = Stretch(at("2026-09-24T12:00"), at("2026-09-27T15:00"))
    shown = simulate(county, down=(two_days, a_morning, overlapping))
    assert told(shown.messages) == [
        *ON_TIME[:3],
        ("T-3", "09-28 09:01"),
        ("T-1", "09-29 14:20"),
        *ON_TIME[5:],
    ]
    shown = simulate(county, down=(days("2026-09-20", "2026-09-29"),))
    assert [step for step, _ in told(shown.messages)] == ["S-15", "S-10", "T-0", "+1"]


@EMBEDDED
def test_what_is_closed_on_its_safe_day_is_never_overdue(county: Store) -> None:
    shown = simulate(county, closed=100)
    assert told(shown.messages) == ON_TIME[:-1]
    assert told(shown.messages, Role.HEAD) == []


@EMBEDDED
def test_progress_is_told_in_days_and_ends_at_the_whole(county: Store) -> None:
    seen: list[tuple[int, int]] = []
    Simulation(
        store=county,
        policies=default_policies(),
        vault=Vault(KEY),
        zone=SHANGHAI,
        progress=lambda done, of: seen.append((done, of)),
    ).run(days("2026-09-01", "2026-09-30"))
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == ((0, 30), (30, 30))
