"""What a notice consists of, as values: parts, headings, sentences, contacts, each with its exact span."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from obligations.notice import Span


class Part(StrEnum):
    """The place of a sentence in the document; duties stand in BODY only."""

    TITLE = "title"
    ADDRESSEES = "addressees"
    BODY = "body"
    CLOSING = "closing"  # contact lines: phone, e-mail, address, copies
    SIGNATURE = "signature"  # issuer, date, 此件公开发布
    ATTACHMENT = "attachment"
    TABLE = "table"


class Heading(NamedTuple):
    """A numbered heading. `number` is the mark as printed (第十九条, 二、, (一), 1.).

    `span` covers mark and title; `title` is empty (start = end) where the item has none.
    Levels: 1 第X章 / 一、; 2 第X条 / (一); 3 1.; 4 (1).
    """

    span: Span
    level: int
    number: str
    title: Span


class Sentence(NamedTuple):
    """A sentence with its closing mark and without its list number; `headings` outermost first.

    Semicolons, line breaks and list numbers end a sentence too; the title of a heading is a sentence
    of its own. `article` is the place as one would cite it: 第十九条, 第八条(一), 二、(一); chapters are left out.
    """

    span: Span
    part: Part
    article: str | None = None
    headings: tuple[Heading, ...] = ()


@dataclass(frozen=True, slots=True)
class Contacts:
    """Where to reach somebody, each span covering the bare value (the number, the address, the name)."""

    phones: tuple[Span, ...] = ()
    emails: tuple[Span, ...] = ()
    addresses: tuple[Span, ...] = ()
    platforms: tuple[Span, ...] = ()

    def within(self, span: Span) -> Contacts:
        """Return the contacts that lie wholly inside `span`."""

        def kept(found: tuple[Span, ...]) -> tuple[Span, ...]:
            return tuple(one for one in found if span.start <= one.start and one.end <= span.end)

        return Contacts(kept(self.phones), kept(self.emails), kept(self.addresses), kept(self.platforms))


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """A notice taken apart. All spans refer to `text` and, as both have the same length, to `plain`.

    `text` is the original, `plain` the same with variant characters folded: match on `plain`, cut from `text`.
    `issued_on` is the date of the signature, `effective_on` and `expires_on` what the text says of its own force,
    each `YYYY-MM-DD` or `None`. `contacts` holds every contact of the notice, `closing` those of its contact lines.
    """

    text: str
    plain: str
    title: str | None
    issuer: str | None
    doc_number: str | None
    issued_on: str | None
    effective_on: str | None
    expires_on: str | None
    addressees: tuple[str, ...]
    addressee_span: Span | None
    sentences: tuple[Sentence, ...]
    contacts: Contacts
    closing: Contacts
