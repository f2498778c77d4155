"""From the rows of a delivery to the message that a channel sends."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Protocol
from urllib.parse import quote
from zoneinfo import ZoneInfo

from notifiers.entries import day_of, make_entry
from notifiers.errors import BadRecipient
from notifiers.ical import Heading, Kind, calendar
from notifiers.message import Item, Light, Message, Recipient, Summary
from notifiers.webhook import parse_url
from obligations.status import light_of, status_of
from obligations.workdays.workcalendar import WorkCalendar
from scheduler.clock import SHANGHAI
from scheduler.ledger import Begun
from store.states import ChannelKind
from store.subjects import Subject
from store.vault import BadKey, Vault

MOST_ENTRIES = 50
"""Calendar entries that one mail carries; a feed holds them all."""

CALENDAR_NAME = "督办期限"


class Addressed(Protocol):
    """A recipient, or what of it says where messages go; webhooks' addresses and secrets are sealed."""

    @property
    def kind(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def secret(self) -> str | None: ...
    @property
    def former_secret(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Composer:
    """Writes messages and addresses them.

    `public_url` begins every link, without a slash at its end; `domain` ends the UID of every
    calendar entry, and `zone` is that of its days: the same as in the feeds, so that a
    calendar program knows an entry again.
    """

    vault: Vault
    public_url: str | None = None
    domain: str = "duban.local"
    zone: ZoneInfo = SHANGHAI

    def message(self, begun: Begun, *, today: date, calendar: WorkCalendar) -> Message:
        """Return the message of one delivery as it reads on the civil date `today`."""
        work = begun.work
        steps = work.steps
        items = tuple(self._item(each, steps[each.occurrence_id], today, calendar) for each in begun.subjects)
        summaries = tuple(Summary(kind=str(s.kind), units=s.units, facts=s.facts) for s in begun.summaries)
        page = self._page({each.unit_code for each in begun.subjects})
        return Message(
            delivery_id=work.claim.delivery_id,
            items=items,
            summaries=summaries,
            link=page,
            calendar=self._calendar(begun, page),
        )

    def _page(self, units: Set[str]) -> str | None:
        """Return the page of the unit, or the board where a message is about several or none."""
        if self.public_url is None:
            return None
        return f"{self.public_url}/units/{quote(next(iter(units)))}" if len(units) == 1 else f"{self.public_url}/"

    def _calendar(self, begun: Begun, page: str | None) -> bytes | None:
        """Return the entries of a mail as one calendar, the most pressing where there are many."""
        if not begun.entries:
            return None
        pressing = sorted(begun.entries, key=lambda item: (day_of(item), item.id))[:MOST_ENTRIES]
        entries = [make_entry(item, {}, base_url=self.public_url or "", zone=self.zone) for item in pressing]
        changed_at = max(entry.changed_at for entry in entries)
        heading = Heading(name=CALENDAR_NAME, description=CALENDAR_NAME, url=page or "", changed_at=changed_at)
        return calendar(heading, entries, kind=Kind.EVENT, domain=self.domain)

    def recipient(self, addressed: Addressed) -> Recipient:
        """Return where the message goes, with the secrets opened.

        Raises:
            BadKey: they were sealed with another key.
        """
        if addressed.kind != ChannelKind.WEBHOOK:
            return Recipient(address=addressed.address)
        sealed = filter(None, (addressed.secret, addressed.former_secret))
        return Recipient(
            address=self.vault.open(addressed.address), secrets=tuple(self.vault.open(each) for each in sealed)
        )

    def lane(self, addressed: Addressed) -> str:
        """Name the server that receives a recipient's messages: the mail server, or a webhook's origin, hashed."""
        if addressed.kind != ChannelKind.WEBHOOK:
            return addressed.kind
        try:
            url = parse_url(self.vault.open(addressed.address)).url
        except (BadKey, BadRecipient):
            return addressed.kind  # sending will say what is wrong with it
        origin = b"%b://%b:%d" % (url.scheme, url.host, url.port or 0)
        return f"{addressed.kind}:{sha256(origin).hexdigest()[:16]}"

    def _item(self, subject: Subject, step: str, today: date, calendar: WorkCalendar) -> Item:
        facts = subject.facts
        left = calendar.working_days_between(today, facts.safe_on) if facts.safe_on else None
        light = light_of(facts, today, left or 0)
        source = " ".join(filter(None, [subject.notice_title and f"《{subject.notice_title}》", subject.doc_number]))
        return Item(
            occurrence_id=subject.occurrence_id,
            unit=subject.unit_name,
            title=subject.action or subject.deliverable or subject.quote[:80],
            step=step,
            light=Light(light.colour) if light.colour in list(Light) else Light.GREY,
            status=status_of(facts, today),
            written_on=subject.written_on,
            due_on=subject.due_on,
            safe_on=facts.safe_on,
            due_time=subject.deadline.get("time"),
            days_left=left,
            provisional=subject.provisional,
            quote=subject.quote,
            source=source,
            recipient=subject.recipient,
            link=f"{self.public_url}/occurrences/{quote(subject.occurrence_id)}" if self.public_url else None,
        )
