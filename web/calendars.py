"""A calendar as values: which occurrences it holds on a day, what each entry says, when it last changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

import arrow

from notifiers.entries import day_of, make_entry
from notifiers.ical import Entry, Heading, Kind, calendar
from obligations.dates.trace import day_text
from obligations.workdays.workcalendar import WorkCalendar
from store import feed_items, occurrences
from store.database import Store
from store.feed_items import FeedItem, Pulse, Scope
from store.feeds import GRACE, Feed
from store.states import FeedScope, OccurrenceState

MONTHS_AHEAD = 13
DAYS_KEPT = 60
ONE_DAY = timedelta(days=1)
MORNING = time(9)
RING_BEFORE = (3, 1)
"""Working days before the day of an entry on which a calendar rings, where its owner wants that."""


@dataclass(frozen=True, slots=True)
class Window:
    """What a calendar holds on the civil date `today`; its edges move at midnight in `zone`.

    All that is open up to 13 months ahead; what was settled, and rights that ended, for 60 days.
    """

    today: date
    zone: ZoneInfo

    @property
    def horizon(self) -> date:
        """The last day it shows."""
        return _months_on(self.today, MONTHS_AHEAD)

    @property
    def settled_since(self) -> datetime:
        """The first instant whose settled items it still shows."""
        return self.midnight(self.today - DAYS_KEPT * ONE_DAY)

    @property
    def ended_since(self) -> date:
        """The first day from which an ended right is still shown."""
        return self.today - DAYS_KEPT * ONE_DAY

    def midnight(self, day: date) -> datetime:
        """Return the instant at which `day` begins."""
        return datetime.combine(day, time(), self.zone)

    def entered_at(self, day: date) -> datetime:
        """Return the instant at which an entry on `day` came within the horizon."""
        entry = _months_on(day, -MONTHS_AHEAD)
        while _months_on(entry, MONTHS_AHEAD) < day:
            entry += ONE_DAY
        return self.midnight(entry)


@dataclass(frozen=True, slots=True)
class Content:
    """A calendar on one day: its entries, and the instant of the last change, which never goes back."""

    entries: tuple[Entry, ...]
    changed_at: datetime


def read_content(
    store: Store, feed: Feed, pulse: Pulse, window: Window, *, base_url: str, calendar: WorkCalendar
) -> Content:
    """Return what `feed` holds in `window`.

    The last change is the latest of: the address was made; any occurrence of its scope changed;
    the window's edge let one in or out. A replaced address holds one entry that says so.
    """
    if feed.replaced_at:
        return Content((_replaced(feed, feed.replaced_at, window.zone, base_url),), feed.replaced_at)
    with store.reading() as session:
        items = feed_items.list_items(
            session,
            feed.scope,
            horizon=window.horizon,
            settled_since=window.settled_since,
            ended_since=window.ended_since,
            done=feed.choices.done,
        )
        moved = any(item.version > 1 for item in items)
        former = feed_items.list_former_dates(session, feed.scope) if moved else {}
        settled_at, ended_on = feed_items.last_left(
            session, feed.scope, settled_since=window.settled_since, ended_since=window.ended_since
        )
    instants = [feed.created_at, *(window.entered_at(day_of(item)) for item in items)]
    if pulse.changed_at:
        instants.append(pulse.changed_at)
    if settled_at:
        instants.append(window.midnight(settled_at.astimezone(window.zone).date() + (DAYS_KEPT + 1) * ONE_DAY))
    if ended_on:
        instants.append(window.midnight(ended_on + (DAYS_KEPT + 1) * ONE_DAY))
    entries = [make_entry(item, former.get(item.id, {}), base_url=base_url, zone=window.zone) for item in items]
    if feed.choices.alarms:
        entries = [replace(entry, alarms=_mornings(entry.day, calendar, window.zone)) for entry in entries]
    if feed.choices.written:
        entries += [_on_written_day(entry, item) for entry, item in zip(entries, items, strict=True) if _differs(item)]
    return Content(tuple(entries), max(instants))


def read_one(store: Store, occurrence_id: str, *, base_url: str, zone: ZoneInfo) -> Entry:
    """Return the calendar entry of one occurrence, whatever its state and day.

    Raises:
        NotFound: there is no such occurrence.
    """
    with store.reading() as session:
        occurrences.get(session, occurrence_id)
        item = feed_items.find_items(session, [occurrence_id])[occurrence_id]
        former = (
            feed_items.list_former_dates(session, Scope(FeedScope.UNIT, item.unit_code)) if item.version > 1 else {}
        )
    return make_entry(item, former.get(item.id, {}), base_url=base_url, zone=zone)


def render(feed: Feed, content: Content, kind: Kind, *, base_url: str, domain: str) -> bytes:
    """Return the calendar of `feed` as iCalendar text."""
    unit = feed.scope.target if feed.scope.kind is FeedScope.UNIT else None
    heading = Heading(
        name=f"{feed.name} 督办期限",
        description=f"{feed.name}的待办期限，来自上级通知；日期以安全日为准，原文日期见各项说明。",
        url=f"{base_url}/units/{quote(unit, safe='')}" if unit else f"{base_url}/",
        changed_at=content.changed_at,
    )
    return calendar(heading, content.entries, kind=kind, domain=domain)


def _mornings(day: date, calendar: WorkCalendar, zone: ZoneInfo) -> tuple[datetime, ...]:
    """Return the mornings on which a calendar may ring: of working days only, three and one before `day`."""
    return tuple(datetime.combine(calendar.add_working_days(day, -n), MORNING, zone) for n in RING_BEFORE)


def _differs(item: FeedItem) -> bool:
    return item.written_on != day_of(item) and item.state == OccurrenceState.OPEN


def _on_written_day(entry: Entry, item: FeedItem) -> Entry:
    """Return a second entry, on the day that the notice names, beside that of the safe day."""
    return replace(
        entry, id=f"{entry.id}-written", title=f"原文日期：{entry.title}", day=item.written_on, until=None, alarms=()
    )


def _replaced(feed: Feed, at: datetime, zone: ZoneInfo, base_url: str) -> Entry:
    """Return what a replaced address says, so that its reader knows where to go before it ends."""
    ends = (at + GRACE).astimezone(zone).date()
    return Entry(
        id=f"replaced-{feed.id}",
        title="日历链接已更换，请改用新链接",
        day=at.astimezone(zone).date(),
        sequence=0,
        created_at=at,
        changed_at=at,
        description=f"本链接 {day_text(ends)} 起失效。新链接由本单位的管理员发放，设置与原链接相同。",
        url=f"{base_url}/",
    )


def _months_on(day: date, months: int) -> date:
    """Return the corresponding day `months` later, or that month's last day."""
    return arrow.get(day).shift(months=months).date()
