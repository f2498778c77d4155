"""Calendar parsers that share no code with each other, each reduced to what a person would see."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import icalendar
import ics
import vobject
from ical.calendar_stream import IcsCalendarStream

Day = date | datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """One event or to-do as a reader shows it; `day` is its start, or the due day of a to-do."""

    title: str
    text: str
    day: Day
    status: str


def by_icalendar(data: bytes) -> dict[str, Seen]:
    """Read with the `icalendar` package."""
    found: Any = icalendar.Calendar.from_ical(data)
    return {
        str(one["UID"]): Seen(
            str(one["SUMMARY"]),
            str(one.get("DESCRIPTION", "")),
            one["DTSTART" if one.name == "VEVENT" else "DUE"].dt,
            str(one["STATUS"]),
        )
        for one in found.walk()
        if one.name in ("VEVENT", "VTODO")
    }


def by_ics(data: bytes) -> dict[str, Seen]:
    """Read with the `ics` package (a PEG grammar)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = ics.Calendar(data.decode())
    seen = {
        event.uid: Seen(
            event.name,
            event.description or "",
            event.begin.date() if event.all_day else event.begin.to("utc").datetime,
            event.status,
        )
        for event in found.events
    }
    for todo in found.todos:
        # The package keeps no all-day mark for to-dos: a day is its midnight.
        seen[todo.uid] = Seen(todo.name, todo.description or "", todo.due.to("utc").datetime, todo.status)
    return seen


def by_vobject(data: bytes) -> dict[str, Seen]:
    """Read with the `vobject` package."""
    found = vobject.readOne(data.decode())
    return {
        one.uid.value: Seen(
            one.summary.value,
            one.description.value if hasattr(one, "description") else "",
            _day(one.dtstart.value if one.name == "VEVENT" else one.due.value),
            one.status.value,
        )
        for one in found.components()
    }


def by_ical(data: bytes) -> dict[str, Seen]:
    """Read with the `ical` package, which Home Assistant uses (strict: one bad component loses the feed)."""
    found = IcsCalendarStream.calendar_from_ics(data.decode())
    items: list[Any] = [*found.events, *found.todos]
    return {
        one.uid: Seen(
            one.summary,
            one.description or "",
            _day(one.dtstart if hasattr(one, "transparency") else one.due),
            one.status.value,
        )
        for one in items
    }


def _day(value: Day) -> Day:
    return value.astimezone(UTC) if isinstance(value, datetime) else value


PARSERS: Mapping[str, Callable[[bytes], dict[str, Seen]]] = {
    "icalendar": by_icalendar,
    "ics": by_ics,
    "vobject": by_vobject,
    "ical": by_ical,
}
