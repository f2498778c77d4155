"""Calendar text: one occurrence as a VEVENT or VTODO fragment, and a feed as a join of fragments.

Values in, bytes out; equal values give equal bytes, on any day and after any restart. The
anatomy is the one that twenty calendar readers were measured to read alike: all-day entries
that block nobody's day, UTC instants, no METHOD, no calendar UID, no VTIMEZONE, a DTSTAMP
that says when the item changed and never when it was asked for.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache

from icalendar import Alarm, Calendar, Event, Todo, vDuration

PRODID = "-//duban//duban//ZH"
REFRESH = timedelta(hours=6)
TIMED_ENTRY = timedelta(minutes=30)  # an entry without length is skipped by some readers
FRAGMENTS_KEPT = 20_000  # 1 to 2 kB each
_END = b"END:VCALENDAR\r\n"
_BREAKS = {ord("\x85"): "\n", 0x2028: "\n", 0x2029: "\n"}


class Kind(StrEnum):
    """The two variants of a feed; never mixed, or readers that show both list every deadline twice."""

    EVENT = "event"
    TODO = "todo"


class Standing(StrEnum):
    """How an occurrence stands in a calendar: RFC 5545 has no "done" for events, so the title says it too."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a calendar shows of one occurrence.

    `id` never contains a date. `day` is the civil date to act on; `until` the instant of a
    deadline with a clock, given only where that clock belongs to `day`. `changed_at` is the
    last change that a reader can see. `alarms` are aware instants before the entry begins,
    written as distances from it; what is settled has none. `changed_at` is DTSTAMP and LAST-MODIFIED (with no METHOD,
    RFC 5545 3.8.7.2), and a reader may ignore a change that does not move it.
    """

    id: str
    title: str
    day: date
    until: datetime | None = None
    standing: Standing = Standing.OPEN
    moved: bool = False
    provisional: bool = False
    urgent: bool = False
    sequence: int
    created_at: datetime
    changed_at: datetime
    description: str
    url: str
    categories: tuple[str, ...] = ()
    alarms: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What a feed says about itself; `changed_at` is the last change of its content."""

    name: str
    description: str
    url: str
    changed_at: datetime


def uid(entry_id: str, kind: Kind, domain: str) -> str:
    """Return the UID: the same over every move, and different for the two variants, so one reader may take both."""
    return f"{entry_id}{'-todo' if kind is Kind.TODO else ''}@{domain}"


@lru_cache(maxsize=FRAGMENTS_KEPT)
def fragment(entry: Entry, kind: Kind, domain: str) -> bytes:
    """Return the lines of one component, CRLF ended, no line over 75 octets, no character cut.

    Kept for equal arguments: an unchanged item is serialised once per process.
    """
    component = Event() if kind is Kind.EVENT else Todo()
    component.add("uid", uid(entry.id, kind, domain))
    component.add("dtstamp", entry.changed_at.astimezone(UTC))
    component.add("last-modified", entry.changed_at.astimezone(UTC))
    component.add("created", entry.created_at.astimezone(UTC))
    component.add("sequence", entry.sequence)
    component.add("description", clean(entry.description))
    if entry.url.startswith("http"):
        component.add("url", entry.url)
    if entry.categories:
        component.add("categories", [one_line(category) for category in entry.categories])
    if entry.urgent:
        component.add("priority", 1)
    if isinstance(component, Event):
        _add_event(component, entry)
    else:
        _add_todo(component, entry)
    if entry.standing is Standing.OPEN:
        _add_alarms(component, entry)
    written: bytes = component.to_ical()
    return written


def calendar(heading: Heading, entries: Iterable[Entry], *, kind: Kind, domain: str) -> bytes:
    """Return a whole feed: the heading, and the fragments in the order of their UIDs."""
    by_uid = {uid(entry.id, kind, domain): entry for entry in entries}
    fragments = [fragment(by_uid[key], kind, domain) for key in sorted(by_uid)]
    changed = f"LAST-MODIFIED:{heading.changed_at.astimezone(UTC):%Y%m%dT%H%M%SZ}\r\n".encode()
    return b"".join([_head(heading.name, heading.description, heading.url), changed, *fragments, _END])


@lru_cache(maxsize=1000)
def _head(name: str, description: str, url: str) -> bytes:
    """Return the lines of the heading that stay when the content changes."""
    head = Calendar()
    head.add("version", "2.0")
    head.add("prodid", PRODID)
    head.add("calscale", "GREGORIAN")
    for key in ("name", "x-wr-calname"):
        head.add(key, one_line(name))
    for key in ("description", "x-wr-caldesc"):
        head.add(key, one_line(description))  # the library escapes no line break in X-WR-CALDESC
    head.add("x-wr-timezone", "Asia/Shanghai")  # only a label: every time in the feed is a date or UTC
    if url:
        head.add("url", url)
    head.add("color", "firebrick")
    head.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    head.add("x-published-ttl", vDuration(REFRESH))
    written: bytes = head.to_ical()
    return written.removesuffix(_END)


def clean(text: str) -> str:
    """Return `text` in NFC, every line break as a line feed, without control characters and lone surrogates."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").translate(_BREAKS)
    return "".join(c for c in text if c == "\n" or (c != "\ufeff" and unicodedata.category(c) not in ("Cc", "Cs")))


def one_line(text: str) -> str:
    """Return `text` cleaned, with every run of blank space as one space."""
    return " ".join(clean(text).split())


def _add_event(event: Event, entry: Entry) -> None:
    event.add("summary", _marks(entry) + one_line(entry.title))
    if entry.until:
        event.add("dtstart", entry.until.astimezone(UTC) - TIMED_ENTRY)
        event.add("dtend", entry.until.astimezone(UTC))
    else:
        event.add("dtstart", entry.day)
        event.add("dtend", entry.day + timedelta(days=1))
    event.add("status", "CANCELLED" if entry.standing is Standing.CANCELLED else "CONFIRMED")
    event.add("transp", "TRANSPARENT")  # a deadline must not block the day
    event.add("x-microsoft-cdo-busystatus", "FREE")


def _add_todo(todo: Todo, entry: Entry) -> None:
    mark = "【暂定】" if entry.provisional and entry.standing is Standing.OPEN else ""
    todo.add("summary", mark + one_line(entry.title))
    todo.add("due", entry.until.astimezone(UTC) if entry.until else entry.day)
    if entry.standing is Standing.DONE:
        todo.add("status", "COMPLETED")
        todo.add("completed", entry.changed_at.astimezone(UTC))
        todo.add("percent-complete", 100)
    else:
        todo.add("status", "CANCELLED" if entry.standing is Standing.CANCELLED else "NEEDS-ACTION")


def _add_alarms(component: Event | Todo, entry: Entry) -> None:
    """Add a DISPLAY alarm with a text for each instant: without one some readers refuse the whole feed."""
    for instant in entry.alarms:
        if entry.until:
            anchor = entry.until - (TIMED_ENTRY if isinstance(component, Event) else timedelta())
        else:  # an all-day entry begins with the reader's own day: that of the instant's zone
            anchor = datetime.combine(entry.day, time(), instant.tzinfo)
        if instant >= anchor:
            continue  # no program rings after the entry has begun
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", one_line(entry.title))
        related = {} if isinstance(component, Event) else {"RELATED": "END"}
        alarm.add("trigger", instant - anchor, parameters=related)
        component.add_component(alarm)


def _marks(entry: Entry) -> str:
    """Return what the title says first, for the readers that show no status."""
    if entry.standing is Standing.CANCELLED:
        return "【已取消】"
    if entry.standing is Standing.DONE:
        return "【已办】"
    return ("【改期】" if entry.moved else "【截止】") + ("【暂定】" if entry.provisional else "")
