"""Notices as JSON: a list of `{id,title,issuer,doc_number,published_on,text}`; only `text` is required."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from obligations.notice import Notice
from scheduler.intake.errors import BadSource

_FIELDS = ("id", "title", "issuer", "doc_number", "published_on", "text")
FIRST_YEAR, LAST_YEAR = 1949, 2199  # of publication; other years are slips of the pen
FORM = f"give a JSON list of {{{','.join(_FIELDS)}}}"


def read_records(text: str, path: Path) -> list[Notice]:
    """Return the notices in the JSON `text`, their texts untouched; a notice without id has the id `""`.

    Raises:
        BadSource: `text` is no JSON, no list of such objects, or a field has a wrong type; the message names it.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadSource(path, f"it is no valid JSON ({_first_line(error)}); {FORM}") from None
    if not isinstance(data, list):
        raise BadSource(path, f"its JSON is no list; {FORM}")
    return [_notice(item, position, path) for position, item in enumerate(data, start=1)]


def _first_line(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} in line {error.lineno}"
    return "nested too deeply" if isinstance(error, RecursionError) else str(error).partition("\n")[0][:80]


def _notice(item: Any, position: int, path: Path) -> Notice:
    if not isinstance(item, dict):
        raise BadSource(path, f"entry {position} is no object; {FORM}")
    unknown = sorted(set(item) - set(_FIELDS))
    if unknown:
        raise BadSource(path, f"entry {position} has the unknown field {unknown[0]!r}; {FORM}")
    values = {name: _words(item.get(name), name, position, path) for name in _FIELDS}
    text = values["text"]
    if text is None or not text.strip():
        raise BadSource(path, f"entry {position} has no text; every notice needs the field 'text'")
    return Notice(
        id=values["id"] or "",
        text=text,
        title=values["title"],
        issuer=values["issuer"],
        doc_number=values["doc_number"],
        published_on=_day(values["published_on"], position, path),
    )


def _words(value: Any, name: str, position: int, path: Path) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise BadSource(path, f"{name} of entry {position} must be text or null, got {str(value)[:40]!r}")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadSource(path, f"{name} of entry {position} holds half a character (a lone surrogate)") from None
    return value if name == "text" else value.strip() or None


def _day(value: str | None, position: int, path: Path) -> date | None:
    if value is None:
        return None
    try:
        if len(value) != 10:
            raise ValueError
        day = date.fromisoformat(value)
    except ValueError:
        raise BadSource(path, f"published_on of entry {position} must be YYYY-MM-DD, got {value[:40]!r}") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        years = f"from {FIRST_YEAR} to {LAST_YEAR}"
        raise BadSource(path, f"published_on of entry {position} must lie in the years {years}, got {value}")
    return day
