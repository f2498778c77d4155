"""Options that several commands share, and reading their values: each is refused in one sentence."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from obligations.errors import BadQuestion

DataDir = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="Folder of the embedded store; DUBAN_DATA otherwise.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="Why; kept in the history.")]

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def day(option: str, value: str | None) -> date | None:
    """Return the civil date `value` of `option`; `None` where it was not given."""
    if value is None:
        return None
    try:
        if not _DAY.fullmatch(value):
            raise ValueError
        return date.fromisoformat(value)
    except ValueError:
        raise BadQuestion(f"{option} must be a real date as YYYY-MM-DD, got {value!r}") from None


def day_or_instant(option: str, value: str | None) -> date | datetime | None:
    """Return the civil date or the aware instant `value` of `option`; an instant without offset is refused."""
    if value is None or _DAY.fullmatch(value):
        return day(option, value)
    try:
        instant = datetime.fromisoformat(value) if _DAY.match(value) else None
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise BadQuestion(
            f"{option} must be a date as YYYY-MM-DD or an instant with its offset as "
            f"2026-09-29T14:30:00+08:00, got {value!r}"
        )
    return instant


def one_of(option: str, value: str, choices: tuple[str, ...]) -> str:
    """Return `value` of `option` if it is one of `choices`."""
    if value not in choices:
        raise BadQuestion(f"{option} must be one of {', '.join(choices)}, got {value!r}")
    return value


def said(note: str) -> str:
    """Return the text of --note, which must say something."""
    if not note.strip():
        raise BadQuestion(f"--note must say why in a few words, got {note!r}")
    return note.strip()
