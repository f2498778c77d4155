"""What the pages stand on: the parts that the composition root hands in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from flask import current_app

from obligations.workdays.workcalendar import WorkCalendar, load_calendar
from store.database import Store


class Clock(Protocol):
    """The service's time: an aware instant in UTC, and the civil date in its zone."""

    @property
    def zone(self) -> ZoneInfo: ...

    def now(self) -> datetime: ...

    def today(self) -> date: ...


def _nothing_to_check() -> Mapping[str, str | None]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The parts of one web application.

    `base_url` is what links in feeds and messages begin with, without a slash at the end.
    `domain` ends every calendar UID. With an `access_token` every page and every call of the
    API asks for it; without one only a loopback address is answered. `clock_shifted` puts
    the banner of a demonstration on every page. `checks` names what readiness depends on,
    each with what is wrong about it, or `None`; it may raise. `trouble` names in one word what
    keeps reminders from going out just now, for a banner on every page. `metrics` answers a
    monitoring system, in Prometheus' text form.
    """

    store: Store
    clock: Clock
    base_url: str
    domain: str
    access_token: str | None = None
    clock_shifted: bool = False
    checks: Callable[[], Mapping[str, str | None]] = _nothing_to_check
    trouble: Callable[[], str | None] = lambda: None
    metrics: Callable[[], bytes] = bytes
    calendar: Callable[[], WorkCalendar] = load_calendar


def site() -> Site:
    """Return the parts of the application that serves the present request."""
    parts: Site = current_app.extensions["duban"]
    return parts
