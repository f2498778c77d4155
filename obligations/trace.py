"""The steps behind a date, as data and as sentences in Chinese and English."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from obligations.citations import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step on the way to a date; `rule` says what kind of step, the rest what it is about."""

    rule: str
    source: Source
    on: date | None = None
    to: date | None = None
    n: int | None = None
    name: str | None = None
    reading: str | None = None
