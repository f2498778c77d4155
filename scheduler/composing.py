"""From the rows of a delivery to the message that a channel sends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from notifiers.message import Item, Light, Message, Recipient
from obligations.status import light_of, status_of
from obligations.workcalendar import WorkCalendar
from store.deliveries import Work
from store.rows import ChannelKind
from store.subjects import Subject
from store.vault import Vault


@dataclass(frozen=True, slots=True)
class Composer:
    """Writes messages and addresses them. `public_url` begins every link, without a slash at its end."""

    vault: Vault
    public_url: str | None = None

    def message(self, work: Work, subjects: list[Subject], *, today: date, calendar: WorkCalendar) -> Message:
        """Return the message of one delivery as it reads on the civil date `today`."""
        items = tuple(self._item(each, work.steps[each.occurrence_id], today, calendar) for each in subjects)
        board = f"{self.public_url}/?unit={quote(work.subscription.unit_code)}" if self.public_url else None
        return Message(delivery_id=work.claim.delivery_id, items=items, link=board)

    def recipient(self, work: Work) -> Recipient:
        """Return where the message goes, with the secrets opened.

        Raises:
            BadKey: they were sealed with another key.
        """
        subscription = work.subscription
        if subscription.kind != ChannelKind.WEBHOOK:
            return Recipient(address=subscription.address)
        secrets = (self.vault.open(subscription.secret),) if subscription.secret else ()
        return Recipient(address=self.vault.open(subscription.address), secrets=secrets)

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
