"""How far a long command has come: one line on stderr that replaces itself, and nothing where nobody is watching."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from scheduler.clock import SystemClock

PATIENCE = 2.0
"""Seconds that a command may take without a word."""

EVERY = 0.2
"""Least seconds between two lines."""


class Progress:
    """Told how far the work is, shows it once it has lasted longer than `PATIENCE`. Only a terminal is written to."""

    def __init__(self) -> None:
        self._monotonic = SystemClock().monotonic
        self._next = self._monotonic() + PATIENCE
        self._shown = False

    def __call__(self, done: int, total: int) -> None:
        """Show that `done` of `total` pieces are done."""
        now = self._monotonic()
        if now < self._next or not sys.stderr.isatty():
            return
        self._next, self._shown = now + EVERY, True
        typer.echo(f"\r\033[K{done}/{total} ({done * 100 // max(total, 1)} %)", nl=False, err=True)

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            typer.echo("\r\033[K", nl=False, err=True)
            self._shown = False


@contextmanager
def showing() -> Iterator[Progress]:
    """Yield what shows progress; its line is gone at the end."""
    progress = Progress()
    try:
        yield progress
    finally:
        progress.clear()
