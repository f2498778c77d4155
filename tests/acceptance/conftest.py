"""A slow receiver and daemons that may send to it, for the tests in which something breaks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.acceptance.morning import MORNING
from tests.acceptance.processes import Processes, Serving
from tests.acceptance.receiver import SlowReceiver


@pytest.fixture
def receiver(request: pytest.FixtureRequest) -> Iterator[SlowReceiver]:
    made = SlowReceiver(request.param)
    yield made
    made.close()


@pytest.fixture
def serve(processes: Processes, tmp_path: Path, database_url: str, receiver: SlowReceiver) -> Callable[..., Serving]:
    """Start a daemon on the store, which may send to the receiver."""
    environ = {"DUBAN_WEBHOOK_ALLOW": f"127.0.0.1/32:{receiver.port}"}
    if not database_url.startswith("sqlite"):
        environ["DUBAN_DATABASE_URL"] = database_url
    begun = time.monotonic()

    def start(module: str = "app.cli") -> Serving:
        now = MORNING + timedelta(seconds=time.monotonic() - begun)  # the clocks of all daemons agree
        return processes.serve(tmp_path, "--clock", now.isoformat(), module=module, **environ)

    return start
