"""Reading the values of command-line options: days and instants, each refused in one sentence."""

from __future__ import annotations

import re
from datetime import date, datetime

from obligations.errors import BadQuestion

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
