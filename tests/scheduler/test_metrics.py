"""What a monitoring system sees of planning and sending."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from notifiers.errors import DeliveryFailed, Reason
from obligations.policies import default_policies
from scheduler.clock import SHANGHAI, ManualClock
from scheduler.composing import Composer
from scheduler.engine import Engine
from scheduler.ledger import Ledger
from scheduler.sending import Sender
from store.database import Store
from store.vault import Vault
from tests.scheduler.world import KEY, at, make_world


def samples(text: bytes) -> dict[tuple[str, ...], float]:
    """Return every number by its name and labels."""
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


def test_due_sent_failed_and_ages_are_told(store: Store) -> None:
    clock = ManualClock(at("2026-09-29T09:30"), SHANGHAI)
    world = make_world(store, ["530113", "530181"])
    engine = Engine(store, clock, default_policies(), Composer(Vault(KEY)), dict, end=lambda names: None)
    world.clock = clock
    world.sender = Sender(Ledger(store, clock), clock, Composer(Vault(KEY)), world.channels, metrics=engine.metrics)
    busy = DeliveryFailed(Reason.UNAVAILABLE, retryable=True, detail="HTTP 503")
    world.fault = lambda _message, recipient, _now: busy if recipient.address.endswith("530181") else None
    world.planner.run(clock.now())
    world.bundler.collect(clock.now(), monotonic=clock.monotonic())
    waiting = samples(engine.metrics.text())
    assert waiting["duban_due_deliveries",] == 2
    world.tick()
    told = samples(engine.metrics.text())
    assert told["duban_sent_total", "webhook"] == 1
    assert told["duban_failed_total", "unavailable", "webhook"] == 1
    assert told["duban_due_deliveries",] == 0, "the one that failed waits for its retry"
    clock.move_to(at("2026-09-29T09:40"))
    later = samples(engine.metrics.text())
    assert later["duban_due_deliveries",] == 1
    assert 500 < later["duban_oldest_unsent_seconds",] <= 600
    assert {key[1] for key in later if key[0] == "duban_tick_age_seconds"} == {
        "plan", "send", "reclaim", "housekeeping", "heartbeat",
    }  # fmt: skip
