"""A city over a quarter, and over three years: what the service promises about reminders, held against a simulation."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import date
from itertools import product

import pytest
from sqlmodel import select

from obligations.policies import default_policies
from scheduler.clock import SHANGHAI, parse_instant
from scheduler.simulation import Failing, Rehearsal, Simulation, Stretch
from store.database import Store
from store.rows import ObligationRow
from store.vault import Vault
from tests.acceptance import city
from tests.acceptance.promises import (
    CALENDAR,
    Promises,
    assert_nothing_lost,
    assert_nothing_twice,
    assert_on_working_mornings_only,
    assert_one_message_a_morning,
    assert_told_before,
    assert_told_exactly,
)
from tests.records import EMBEDDED
from tests.scheduler.world import KEY
from tests.shared_files import shared

BEGIN = date(2024, 1, 1)
DISTRICTS = 21


def days(first: str, last: str) -> Stretch:
    return Stretch.of_days(date.fromisoformat(first), date.fromisoformat(last), SHANGHAI)


def hours(first: str, last: str) -> Stretch:
    return Stretch(parse_instant(first), parse_instant(last))


def play(
    store: Store,
    last: date,
    *,
    failing: Iterable[Failing] = (),
    down: Iterable[Stretch] = (),
    closing: bool = True,
) -> tuple[Promises, Rehearsal]:
    """Simulate from the first day of 2024 on; return what may be expected, and what happened."""
    with store.reading() as session:
        freq = {row.id: row.deadline.get("freq") for row in session.exec(select(ObligationRow)).all()}
    promised = Promises(BEGIN, last, freq)
    shown = Simulation(
        store=store,
        policies=default_policies(),
        vault=Vault(KEY),
        zone=SHANGHAI,
        failing=tuple(failing),
        down=tuple(down),
        closing=promised.closing if closing else promised.leave_open,
    ).run(Stretch.of_days(BEGIN, last, SHANGHAI))
    return promised, shown


def assert_every_return_is_known(promised: Promises, notice_ids: Iterable[str]) -> int:
    """Every date that the invented notices write became an occurrence of every unit; return how many that are."""
    since = CALENDAR.add_working_days(BEGIN, 1)
    by_obligation: dict[str, set[date]] = {}
    units: dict[str, set[str]] = {}
    for duty in promised.duties:
        by_obligation.setdefault(duty.occurrence_id.split(".")[0], set()).add(duty.written_on)
        units.setdefault(duty.occurrence_id.split(".")[0], set()).add(duty.unit_code)
    known = {(duty.occurrence_id.split(".")[0], duty.unit_code, duty.written_on) for duty in promised.duties}
    expected = {
        (f"{notice_id}-o{place + 1}", unit, day)
        for number, notice_id in enumerate(notice_ids)
        for place, asked in enumerate(city.returns_of(number))
        for unit, day in product(units[f"{notice_id}-o{place + 1}"], asked.dates(since, promised.last))
    }
    assert expected
    assert expected - known == set()
    return len(expected)


@EMBEDDED
def test_a_quarter_of_one_bureau(store: Store) -> None:
    city.build(store, [city.notice_of(3)])
    promised, shown = play(store, date(2024, 3, 31))
    assert len(shown.messages) > 500
    assert shown.undelivered == []
    assert_on_working_mornings_only(shown)
    assert_one_message_a_morning(shown)
    assert_nothing_twice(shown)
    steps, escalations = assert_told_exactly(promised, shown)
    assert steps > 250
    assert escalations > 0
    assert assert_told_before(promised, shown) == 2 * DISTRICTS, "the tables of February and March"


@EMBEDDED
def test_a_quarter_in_which_servers_fail_and_the_service_is_down(store: Store) -> None:
    city.build(store, [city.notice_of(3)])
    failing = [
        Failing("email", days("2024-03-05", "2024-03-06")),
        Failing("webhook", days("2024-02-22", "2024-02-23")),
    ]
    down = [days("2024-01-24", "2024-01-26"), hours("2024-03-07T08:30", "2024-03-07T14:20")]
    promised, shown = play(store, date(2024, 3, 31), failing=failing, down=down)
    assert len(shown.messages) > 400
    assert shown.undelivered == []
    assert_on_working_mornings_only(shown)
    assert_nothing_twice(shown)
    due, collapsed, _ = assert_nothing_lost(promised, shown, [each.stretch for each in failing] + down)
    assert due > 300
    assert collapsed > 10
    assert assert_told_before(promised, shown) == 2 * DISTRICTS, "the tables of February and March"


@pytest.mark.soak
@EMBEDDED
@pytest.mark.parametrize("troubled", [False, True], ids=["all well", "failures and downtime"])
def test_three_years_of_a_city(store: Store, *, troubled: bool) -> None:
    (page,) = shared("seeds").glob("*.txt")
    invented = [city.notice_of(number) for number in range(len(city.functions()))]
    stored = city.build(store, [*invented, *city.listing_page(page)])
    failing = [
        Failing("email", days("2024-04-02", "2024-04-03")),
        Failing("webhook", days("2025-01-06", "2025-01-07")),
        Failing("email", hours("2026-09-29T08:00", "2026-09-29T16:00")),
    ]
    down = [
        days("2024-06-24", "2024-06-26"),
        hours("2025-04-01T08:30", "2025-04-01T14:20"),
        days("2026-01-01", "2026-01-08"),
    ]
    begun = time.perf_counter()
    promised, shown = play(store, date(2026, 12, 31), failing=failing * troubled, down=down * troubled)
    seconds = time.perf_counter() - begun

    units = len({duty.unit_code for duty in promised.duties})
    assert units >= 500
    assert len(shown.messages) > 30_000
    assert shown.undelivered == []
    known = assert_every_return_is_known(promised, stored[: len(invented)])
    urgent = assert_on_working_mornings_only(shown)
    assert_nothing_twice(shown)
    if troubled:
        due, collapsed, moot = assert_nothing_lost(promised, shown, [each.stretch for each in failing] + down)
        # What comes weekly has one step before its safe day, which may have been missed.
        early = assert_told_before(promised, shown, apart_from=frozenset({"weekly"}))
        figures = f"{due} steps due: none lost, {collapsed} left to a later one, {moot} closed before they could arrive"
    else:
        recipients = assert_one_message_a_morning(shown)
        steps, escalations = assert_told_exactly(promised, shown)
        early = assert_told_before(promised, shown)
        assert escalations > 100
        figures = f"{recipients} recipients, {steps} steps each on its day, {escalations} escalations to regulators"
    assert urgent >= DISTRICTS, "1 January is a rest day, and its safe day was over when the duty became known"
    assert early > 10_000
    print(  # noqa: T201 - figures of a long run
        f"\n{seconds:.0f} s, {len(shown.messages)} messages ({urgent} at once), {len(promised.duties)} occurrences "
        f"({known} worked out by hand) of {units} units; {early} known early and told before; {figures}"
    )


@pytest.mark.soak
@EMBEDDED
@pytest.mark.parametrize("closing", [True, False], ids=["most are closed in time", "nobody closes anything"])
def test_a_quarter_of_ten_thousand_occurrences(store: Store, *, closing: bool) -> None:
    bureaus = [[asked.words for asked in city.busy_returns_of(number)] for number in range(len(city.functions()))]
    city.build(store, [city.notice_asking(number, words) for number, words in enumerate(bureaus)])
    last = date(2024, 3, 31)
    wall, begun = time.perf_counter(), time.process_time()
    promised, shown = play(store, last, closing=closing)
    wall, seconds = time.perf_counter() - wall, time.process_time() - begun
    due = sum(BEGIN <= duty.written_on <= last for duty in promised.duties)
    print(  # noqa: T201 - figures of a long run
        f"\n{due} occurrences, {len(shown.messages)} messages: {wall:.0f} s, {seconds:.0f} s of one processor"
    )
    assert due >= 10_000
    assert len(shown.messages) > 20_000
    assert seconds < (60 if closing else 120)  # what nobody closes is told of for ever
