"""Running `duban` on a data folder of its own, at a time that the test sets."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app import wiring
from scheduler.clock import ManualClock, parse_instant
from store.database import open_store, sqlite_url
from tests.app.command import Ran, run
from tests.records import contents

SAMPLES = Path(__file__).resolve().parents[2] / "app" / "samples"


class Duban:
    """The command with its data folder and its clock."""

    def __init__(self, data: Path, clock: ManualClock, command: Callable[..., Ran]) -> None:
        self.data = data
        self.clock = clock
        self._command = command

    def __call__(self, *arguments: str) -> Ran:
        """Run it; the data folder is the test's."""
        return self._command(*arguments)

    def json(self, *arguments: str) -> Any:
        """Run it with --json and return the document; it must succeed."""
        ran = self(*arguments, "--json")
        assert ran.status == 0, ran.err
        return ran.json()

    def at(self, now: str) -> None:
        """Set the clock."""
        self.clock.move_to(parse_instant(now))

    def contents(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return every stored row."""
        store = open_store(sqlite_url(self.data))
        try:
            return contents(store)
        finally:
            store.close()

    def refuses(self, *arguments: str) -> str:
        """Run what must be refused: status 2, one sentence, the records as before. Return the sentence."""
        before = self.contents()
        assert before["unit"], "there are records that could have changed"
        ran = self(*arguments)
        assert (ran.status, ran.out) == (2, "")
        assert ran.err.startswith("duban: ")
        assert ran.err.count("\n") == 1
        assert self.contents() == before
        return ran.err.strip()


@pytest.fixture(scope="session")
def fresh_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as the first command leaves it; copying it is quicker than making it for every test."""
    folder = tmp_path_factory.mktemp("fresh") / "data"
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DUBAN_DATABASE_URL", raising=False)
        wiring.build(data=folder, clock=ManualClock(parse_instant("2026-09-01"))).store.close()
    return folder


@pytest.fixture
def duban(
    fresh_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Duban:
    """`duban` on a fresh data folder, on 1 September 2026."""
    data = tmp_path / "data"
    shutil.copytree(fresh_data, data)
    clock = ManualClock(parse_instant("2026-09-01T09:00:00+08:00"))
    monkeypatch.setattr(wiring, "SystemClock", lambda _zone: clock)
    monkeypatch.delenv("DUBAN_DATABASE_URL", raising=False)
    monkeypatch.setenv("DUBAN_DATA", str(data))
    return Duban(data, clock, lambda *arguments: run(capsys, monkeypatch, *arguments))
