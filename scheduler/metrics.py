"""What a monitoring system reads: counted here as it happens, measured when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from store.errors import Unavailable

Measure = Callable[[], Mapping[str, float]]


class Metrics:
    """The numbers of one process, in Prometheus' text form; counters begin at 0 with the process.

    Args:
        measure: returns by name what is true now (`duban_due_deliveries`, `duban_oldest_unsent_seconds`).
        tick_ages: returns seconds since each tick last finished well.
    """

    def __init__(self, measure: Measure, tick_ages: Measure) -> None:
        self._registry = CollectorRegistry()
        self._sent = Counter("duban_sent", "Deliveries that arrived", ["channel"], registry=self._registry)
        meaning = "Attempts that failed, by reason (docs/channels.md)"
        self._failed = Counter("duban_failed", meaning, ["channel", "reason"], registry=self._registry)
        self._registry.register(_Now(measure, tick_ages))

    def sent(self, channel: str) -> None:
        """Count a delivery that arrived."""
        self._sent.labels(channel).inc()

    def failed(self, channel: str, reason: str) -> None:
        """Count an attempt that failed."""
        self._failed.labels(channel, reason).inc()

    def text(self) -> bytes:
        """Return everything as Prometheus reads it."""
        return generate_latest(self._registry)


class _Now(Collector):
    """Measures at the moment of the question, and only what an index answers; without a database, what it can."""

    HELP: Mapping[str, str] = {
        "duban_due_deliveries": "Deliveries whose moment has come and that are not sent",
        "duban_oldest_unsent_seconds": "For how long the oldest of them has been waiting; 0 where none is",
    }

    def __init__(self, measure: Measure, tick_ages: Measure) -> None:
        self._measure = measure
        self._tick_ages = tick_ages

    def collect(self) -> Iterable[Metric]:
        try:
            values = self._measure()
        except Unavailable:
            values = {}
        yield GaugeMetricFamily("duban_database_up", "1 where the database answers, else 0", value=bool(values))
        for name, value in values.items():
            yield GaugeMetricFamily(name, self.HELP[name], value=value)
        ages = GaugeMetricFamily("duban_tick_age_seconds", "Since the tick last finished well", labels=["tick"])
        for name, age in self._tick_ages().items():
            ages.add_metric([name], age)
        yield ages

    def describe(self) -> Iterable[Metric]:
        """Name nothing beforehand: registering must not ask the database."""
        return ()
