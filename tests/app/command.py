"""Running `duban` inside the test process: exit status, standard output and standard error."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest

from app import cli


class Ran(NamedTuple):
    """What one run of the command left behind."""

    status: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Ran:
    """Run `duban` with `arguments` as the console script does."""
    monkeypatch.setattr("sys.argv", ["duban", *arguments])
    status = 0
    try:
        cli.main()
    except SystemExit as stopped:
        status = stopped.code if isinstance(stopped.code, int) else 1
    captured = capsys.readouterr()
    return Ran(status, captured.out, captured.err)
