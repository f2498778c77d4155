"""A notice as the domain sees it: a text with what is known about its publication."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple


class Span(NamedTuple):
    """A piece of a notice's text: `str` offsets, `end` exclusive."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """Return the words of `text` that the span covers."""
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notice: `text` exactly as received (offsets refer to it) and its metadata, `None` where unknown.

    `label` is what a listing page printed beside the notice (`2024-03`); it is never
    taken for a date of the notice. `published_on` is a civil date given by the source.
    `duplicate_of` is the id of the notice of the same run that has the same text and came first.
    """

    id: str
    text: str
    title: str | None = None
    issuer: str | None = None
    doc_number: str | None = None
    published_on: date | None = None
    label: str | None = None
    duplicate_of: str | None = None
