"""A long command tells a terminal how far it is, after two seconds; it tells nobody else."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from app import progress
from tests.app.conftest import SAMPLES, Duban


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every look at the clock find a second gone."""
    seconds: Iterator[float] = iter(range(1_000_000))

    class Slow:
        def monotonic(self) -> float:
            return float(next(seconds))

    monkeypatch.setattr(progress, "SystemClock", Slow)


@pytest.mark.usefixtures("slow")
@pytest.mark.parametrize("command", ["derive", "ingest"])
def test_a_terminal_is_told_and_the_line_is_gone_at_the_end(
    duban: Duban, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet = duban(command, str(SAMPLES), "--json")
    assert (quiet.status, quiet.err) == (0, ""), "a file or a pipe is told nothing"
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    ran = duban(command, str(SAMPLES), "--json")
    assert ran.status == 0
    assert "/6 (" in ran.err
    assert ran.err.endswith("\r\033[K")
    assert ran.json()["notices"]


def test_a_quick_command_says_nothing(duban: Duban, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert duban("derive", str(SAMPLES), "--json").err == ""
