"""From a notice to its structure: find the head and the tail, cut what lies between into sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from obligations.normal import normalise
from obligations.notice import Notice, Span
from obligations.structure import contacts, head, marks, tail
from obligations.structure.names import UNIT_END, distributed
from obligations.structure.parts import Contacts, Heading, Part, Sentence, Structure
from obligations.structure.quotes import quoted
from obligations.structure.regions import Region, find_regions
from obligations.structure.validity import read_validity

_IMPRINT = re.compile(r"(?:抄送|抄报|主送|分送)[: ]|\(此[件文][^。]{0,16}")
_PRINTED = re.compile(r"[^,;。:\n]{0,40}\d{4}年\d{1,2}月\d{1,2}日印发$")
_ENDS = re.compile(r"(?=[。;!?\n(])(?:[。;!?]+[”』」)]?|\n|(?=\((?:联系人|联系电话|联系方式)))")

_CLOSED = (Part.BODY, Part.ATTACHMENT, Part.SIGNATURE)  # where contact lines may stand
CELL = 80  # a table's cells are on average no longer than this


def read_structure(notice: Notice) -> Structure:
    """Return the structure of `notice`; its own metadata win over what its text says. Linear in the text."""
    plain = normalise(notice.text)
    found = head.find_head(plain, normalise(notice.title) if notice.title else None)
    title = notice.title or (_joined(found.title.of(notice.text)) if found.title else None)
    enclosed = tail.enclosed_titles(plain, found.body, normalise(title) if title else None)
    regions, signature = find_regions(plain, found, enclosed)
    sentences = tuple(_sentences(notice.text, plain, regions))
    everything = contacts.find_contacts(plain)
    issued_on = signature.issued_on if signature else None
    effective_on, expires_on = read_validity(plain, sentences, issued_on or _iso(notice))
    return Structure(
        text=notice.text,
        plain=plain,
        title=title or _title_of_enclosed(plain, regions, enclosed),
        issuer=notice.issuer or _issuer(signature, found, notice.text),
        doc_number=notice.doc_number or (found.doc_number.of(notice.text) if found.doc_number else None),
        issued_on=issued_on,
        effective_on=effective_on,
        expires_on=expires_on,
        addressees=distributed(found.addressees.of(plain).rstrip(": \n").replace("\n", "")) if found.addressees else (),
        addressee_span=found.addressees,
        sentences=sentences,
        contacts=everything,
        closing=_closing(everything, sentences),
    )


def _iso(notice: Notice) -> str | None:
    return notice.published_on.isoformat() if notice.published_on else None


def _joined(words: str) -> str:
    """Return a title without the line breaks it was printed with."""
    return "".join(line.strip() for line in words.splitlines())


def _issuer(signature: tail.Signature | None, found: head.Head, text: str) -> str | None:
    if signature and signature.issuers:
        return "、".join(signature.issuers)
    if found.title is None:
        return None
    name, about, _ = _joined(found.title.of(text)).partition("关于")
    return "、".join(name.split()) if about and UNIT_END.search(name.strip()) else None


def _title_of_enclosed(plain: str, regions: list[Region], enclosed: list[str]) -> str | None:
    """A notice without a heading goes by the name of the rules that it encloses."""
    printed = [region.span.of(plain) for region in regions if region.part is Part.TITLE]
    return next((name for name in enclosed if any(name in words for words in printed)), None)


def _closing(everything: Contacts, sentences: tuple[Sentence, ...]) -> Contacts:
    lines = [everything.within(one.span) for one in sentences if one.part is Part.CLOSING]
    return Contacts(
        tuple(span for line in lines for span in line.phones),
        tuple(span for line in lines for span in line.emails),
        tuple(span for line in lines for span in line.addresses),
        tuple(span for line in lines for span in line.platforms),
    )


def _sentences(text: str, plain: str, regions: list[Region]) -> Iterator[Sentence]:
    inside = quoted(plain)
    rows = _table_rows(text)
    stack: list[tuple[int, Heading]] = []
    place = _place_of(stack)
    for region in regions:
        if region.part is not Part.BODY:
            for span in _cut(plain, *region.span, inside, whole=region.part is Part.ADDRESSEES):
                yield Sentence(span, _part_of(plain, span, region.part))
            continue
        numbers = marks.find_marks(plain, *region.span)
        edges = [*(mark.span.start for mark in numbers), region.span.end]
        for span in _cut(plain, region.span.start, edges[0], inside):
            yield _body_sentence(plain, span, place, rows)
        for mark, limit in zip(numbers, edges[1:], strict=True):
            title = marks.title_end(plain, mark, limit, inside)
            heading = Heading(Span(mark.span.start, title), mark.level, mark.span.of(plain), Span(mark.span.end, title))
            stack = marks.nest(stack, mark, heading)
            place = _place_of(stack)
            for start, end in ((mark.span.end, title), (title, limit)):
                for span in _cut(plain, start, end, inside):
                    yield _body_sentence(plain, span, place, rows)


def _place_of(stack: list[tuple[int, Heading]]) -> tuple[str | None, tuple[Heading, ...]]:
    """Return the article and the headings of every sentence below the open headings."""
    headings = tuple(heading for _, heading in stack)
    numbers = [one.number for one in headings if not one.number.endswith(("章", "节"))]
    return "".join(numbers).replace(" ", "").rstrip("、.") or None, headings


def _body_sentence(plain: str, span: Span, place: tuple[str | None, tuple[Heading, ...]], rows: bytearray) -> Sentence:
    part = Part.TABLE if rows[span.start] else _part_of(plain, span, Part.BODY)
    return Sentence(span, part, *place) if part is Part.BODY else Sentence(span, part)


def _part_of(plain: str, span: Span, part: Part) -> Part:
    """Return CLOSING for a contact line and SIGNATURE for 抄送:… and …印发 wherever they stand, else `part`."""
    if part in _CLOSED and contacts.is_closing(plain, span):
        return Part.CLOSING
    return Part.SIGNATURE if part is Part.BODY and _is_imprint(plain, span) else part


def _is_imprint(plain: str, span: Span) -> bool:
    printed = plain.endswith("印发", *span) and _PRINTED.match(plain, *span)
    return bool(printed or _IMPRINT.match(plain, *span))


def _table_rows(text: str) -> bytearray:
    """Return, per character, whether it stands in a table row: neighbouring lines with tabs between their words."""
    rows = bytearray(len(text) + 1)
    if "\t" not in text:
        return rows
    start = 0
    before: tuple[int, int] | None = None
    for line in text.splitlines(keepends=True):
        end = start + len(line)
        tabs = line.strip().count("\t")
        if tabs and len(line) <= CELL * (tabs + 1):
            if before or tabs > 1:
                rows[start:end] = b"\1" * len(line)
            if before:
                rows[before[0] : before[1]] = b"\1" * (before[1] - before[0])
            before = (start, end)
        elif line.strip():
            before = None
        start = end
    return rows


def _cut(plain: str, start: int, end: int, inside: bytearray, *, whole: bool = False) -> list[Span]:
    """Return the sentences between `start` and `end`, without white space at their edges."""
    edges = [start]
    if start < end and not whole:
        for found in _ENDS.finditer(plain, start, end):
            bracket = not found[0]  # …(联系人: begins a line of its own
            if not inside[found.start() - bracket] or found[0] == "\n":
                edges.append(found.end())
    edges.append(end)
    return [span for pair in pairwise(edges) if (span := _trimmed(plain, *pair))]


def _trimmed(plain: str, start: int, end: int) -> Span | None:
    while start < end and plain[start].isspace():
        start += 1
    while end > start and plain[end - 1].isspace():
        end -= 1
    return Span(start, end) if start < end else None
