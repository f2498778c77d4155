"""When messages may go out: office hours on working days, in the recipient's zone, outside its quiet hours."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from obligations.errors import DomainError
from obligations.policies import OfficeHours
from obligations.workdays.workcalendar import WorkCalendar

ONE_DAY = timedelta(days=1)

_QUIET = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d)")


class BadContactHours(DomainError):
    """The zone or the quiet hours of a recipient cannot be used."""


@dataclass(frozen=True, slots=True)
class ContactHours:
    """What a recipient asks for: a `zone` of its own, and `quiet` hours from one local time to another, over
    midnight where the second is the earlier. `None`: that of the service; no quiet hours."""

    zone: tzinfo | None = None
    quiet: tuple[time, time] | None = None


ANY_TIME = ContactHours()


@lru_cache(maxsize=256)
def parse_contact_hours(zone: str | None, quiet: str | None) -> ContactHours:
    """Return the contact hours that are written `Asia/Urumqi` and `12:00-14:30`.

    Raises:
        BadContactHours: one of them does not have that form.
    """
    try:
        own = ZoneInfo(zone) if zone else None
    except (ZoneInfoNotFoundError, ValueError):
        raise BadContactHours(f"a zone is named as Asia/Shanghai, got {zone!r}") from None
    return ContactHours(own, _quiet(quiet) if quiet else None)


def _quiet(text: str) -> tuple[time, time]:
    match = _QUIET.fullmatch(text)
    try:
        begin, end = map(time.fromisoformat, match.groups() if match else ("", ""))
    except ValueError:
        raise BadContactHours(f"quiet hours are written as 12:00-14:30, got {text!r}") from None
    if begin == end:
        raise BadContactHours(f"quiet hours must begin and end at different times, got {text!r}")
    return begin, end


@dataclass(frozen=True, slots=True)
class Timetable:
    """Office hours on a calendar in a zone, without what is quiet: turns working days into instants."""

    hours: OfficeHours
    calendar: WorkCalendar
    zone: tzinfo
    quiet: tuple[time, time] | None = None

    def within(self, contact_hours: ContactHours) -> Timetable:
        """Return the timetable of a recipient with these contact hours."""
        if contact_hours == ANY_TIME:
            return self
        return replace(self, zone=contact_hours.zone or self.zone, quiet=contact_hours.quiet)

    def opening(self, day: date) -> datetime:
        """Return the instant at which the office opens on `day`."""
        return _instant(day, self.hours.opens, self.zone)

    def day(self, at: datetime) -> date:
        """Return the civil date of `at`."""
        return at.astimezone(self.zone).date()

    def is_open(self, at: datetime) -> bool:
        """Whether messages may go out at `at`."""
        return self.next_opening(at) == at

    def next_opening(self, at: datetime) -> datetime:
        """Return `at` if messages may go out then, else the next instant at which they may."""
        local = at.astimezone(self.zone)
        day, now = local.date(), local.time()
        spans = _loud(self.hours, self.quiet)
        if not self.calendar.is_working(day):
            day, now = self._morning_after(day)
        for begin, end in spans:
            if begin <= now < end:
                return at if (day, now) == (local.date(), local.time()) else _instant(day, now, self.zone)
            if now < begin:
                return _instant(day, begin, self.zone)
        day, _ = self._morning_after(day)
        return _instant(day, spans[0][0], self.zone)

    def briefing(self, at: datetime) -> datetime:
        """Return when the operator is next told what went wrong: once a working day, after the morning's messages."""
        day = self.calendar.next_working(self.day(at))
        told = self.opening(day) + self.hours.spread_at_most
        if told < at:
            told = self.opening(self.calendar.next_working(day + ONE_DAY)) + self.hours.spread_at_most
        return told

    def _morning_after(self, day: date) -> tuple[date, time]:
        return self.calendar.next_working(day + ONE_DAY), time(0)


def check_contact_hours(zone: str | None, quiet: str | None, hours: OfficeHours) -> ContactHours:
    """Return the contact hours that are written so, if it leaves something of `hours`.

    Raises:
        BadContactHours: it does not, or is not written so.
    """
    contact_hours = parse_contact_hours(zone, quiet)
    if contact_hours.quiet is not None and not _loud(hours, contact_hours.quiet):
        raise BadContactHours(
            f"quiet hours must leave something of {hours.opens:%H:%M}-{hours.closes:%H:%M}, got {quiet!r}"
        )
    return contact_hours


def _loud(hours: OfficeHours, quiet: tuple[time, time] | None) -> list[tuple[time, time]]:
    """Return what of the office hours is not quiet, in order."""
    if quiet is None:
        return [(hours.opens, hours.closes)]
    begin, end = quiet
    loud = [(time(0), begin), (end, time.max)] if begin < end else [(end, begin)]
    parts = [(max(first, hours.opens), min(last, hours.closes)) for first, last in loud]
    return [(first, last) for first, last in parts if first < last]


@lru_cache(maxsize=4096)
def _instant(day: date, at: time, zone: tzinfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)
