"""What a channel is given to send: values without behaviour of their own, the same for every channel."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Literal

Lang = Literal["zh", "en"]

_DELIVERY_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Light(StrEnum):
    """How urgent an item is: 正常, 临近, 逾期; GREY (待定) stands outside the three."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    GREY = "grey"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One reminder of one occurrence, ready to be read. Dates are civil dates of the service's zone.

    `title` says what is to be done (action and deliverable), `quote` in which words of
    which `source` (title and document number) it stands, `recipient` to whom it is
    filed. `step` is the code of the reminder's step (`S-15`, `T-3`, `+1`, `now`); texts say it in
    words. `light_word` replaces the light's own word (已过安全日), in the message's
    language. `safe_on` is `None` where no
    working day is left: then the advice is to act now. `due_time` is `HH:MM` on the
    written date. `days_left` counts working days from the day of sending to the safe
    day: 0 on that day, negative after it. `status` is the code that `duban list` prints.
    """

    occurrence_id: str
    unit: str
    title: str
    step: str
    light: Light
    status: str
    written_on: date
    due_on: date
    safe_on: date | None
    light_word: str = ""
    due_time: str | None = None
    days_left: int | None = None
    provisional: bool = False
    quote: str = ""
    source: str = ""
    recipient: str | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """The items of one unit within a message, by safe day."""

    unit: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a message says besides items, by `kind`; `units` are names.

    `overview`: a unit's record as a recipient first hears of it: `facts` holds `past` (occurrences that
    were past when they became known) and `open`. For the operator: `without-channel`, something was due
    for units that nobody hears for; `failed`, a delivery was given up, with its `channel`, `reason` and `detail`.
    """

    kind: str
    units: tuple[str, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Everything that one delivery says to one recipient.

    `delivery_id` stays the same over retries; receivers de-duplicate by it. `summaries`
    come before the items. `link` shows all of them. `calendar` is an iCalendar object to
    attach where the channel can.

    Raises:
        ValueError: the id is not 1 to 64 of letters, digits, `_` and `-`, or nothing is said.
    """

    delivery_id: str
    items: tuple[Item, ...] = ()
    summaries: tuple[Summary, ...] = ()
    link: str | None = None
    lang: Lang = "zh"
    calendar: bytes | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not _DELIVERY_ID.fullmatch(self.delivery_id):
            raise ValueError(f"a delivery id is 1 to 64 letters, digits, _ and -, got {self.delivery_id!r}")
        if not self.items and not self.summaries:
            raise ValueError("a message needs at least one item or summary")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Where a message goes: a mailbox or a webhook's URL.

    A URL may hold a token, so neither it nor `secrets` is ever shown. `secrets` are the
    live signing secrets of a webhook, newest first: two while one replaces the other.
    """

    address: str = field(repr=False)
    name: str = ""
    secrets: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The receiver has taken the message: the name it gave it, if any, and its answer in one line."""

    remote_id: str | None = None
    detail: str = ""


def by_safe_day(items: Sequence[Item]) -> list[Item]:
    """Return `items` in the order in which they must be done: act-now first, then by safe day."""
    return sorted(items, key=lambda item: (item.safe_on or date.min, item.written_on, item.unit, item.title))


def sections(items: Sequence[Item]) -> tuple[Section, ...]:
    """Return `items`, already in order, grouped by unit; the unit that must act first leads."""
    by_unit: dict[str, list[Item]] = {}
    for item in items:
        by_unit.setdefault(item.unit, []).append(item)
    return tuple(Section(unit, tuple(mine)) for unit, mine in by_unit.items())
