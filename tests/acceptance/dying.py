"""`duban serve` whose APScheduler loses its thread to an error in its own job store, which it tells nobody of."""

from __future__ import annotations

from itertools import count
from typing import Any

from apscheduler.jobstores.memory import MemoryJobStore

from app.cli import main
from scheduler import ticker

RUNS = 20
"""Ticks that go well before the error comes: some seconds."""


def break_store_after(runs: int) -> None:
    """Let the store raise once it has been written to so often."""
    well, calls = MemoryJobStore.update_job, count()

    def update_job(store: MemoryJobStore, job: Any) -> None:
        if next(calls) >= runs:
            raise RuntimeError("the job store broke")
        well(store, job)

    MemoryJobStore.update_job = update_job


if __name__ == "__main__":
    ticker.LEAST_TO_LIVE = 2.0
    break_store_after(RUNS)
    main()
