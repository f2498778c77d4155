"""From a notice to its structure: find the head and the tail, cut what lies between into sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from obligations.normal import normalise
from obligations.notice import Notice, Span
from obligations.structure import contacts, head, marks, tail
from obligations.structure.names import UNIT_END, distributed
from obligations.structure.parts import Contacts, Heading, Part, Sentence, Structure
from obligations.structure.quotes import quoted
from obligations.structure.validity import read_validity

_ENDS = re.compile(r"[。;!?]+[”』」)]?|\n")


@dataclass(frozen=True, slots=True)
class _Region:
    span: Span
    part: Part


def read_structure(notice: Notice) -> Structure:
    """Return the structure of `notice`; its own metadata win over what its text says. Linear in the text."""
    plain = normalise(notice.text)
    found = head.find_head(plain, normalise(notice.title) if notice.title else None)
    signature = tail.find_signature(plain, found.body)
    title = notice.title or (_joined(found.title.of(notice.text)) if found.title else None)
    enclosed = tail.enclosed_titles(plain, found.body, normalise(title) if title else None)
    regions = _regions(plain, found, signature, enclosed)
    sentences = tuple(_sentences(plain, regions))
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


def _title_of_enclosed(plain: str, regions: list[_Region], enclosed: list[str]) -> str | None:
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


def _regions(plain: str, found: head.Head, signature: tail.Signature | None, enclosed: list[str]) -> list[_Region]:
    """Cut the text at the borders of its parts; every character lies in exactly one region."""
    cuts: list[tuple[int, Part]] = [(0, Part.TITLE)]
    if found.addressees:
        cuts.append((found.addressees.start, Part.ADDRESSEES))
    cuts.append((found.body, Part.BODY))
    end = len(plain)
    first_end = signature.span.start if signature else end
    listed = tail.find_attachment(plain, found.body, first_end)
    if listed is not None:
        cuts.append((listed, Part.ATTACHMENT))
    if signature:
        cuts.append((signature.span.start, Part.SIGNATURE))
        cuts.extend(_after_signature(plain, signature.span.end, enclosed))
    table = tail.find_table(plain, found.body, end)
    regions = [
        _Region(Span(start, stop), part)
        for (start, part), (stop, _) in zip(cuts, [*cuts[1:], (end, Part.BODY)], strict=True)
        if stop > start
    ]
    return _with_table(regions, table) if table is not None else regions


def _after_signature(plain: str, start: int, enclosed: list[str]) -> list[tuple[int, Part]]:
    """Rules that the notice encloses go on with the body, whatever else follows is attached."""
    title = next((at for name in enclosed if 0 <= (at := plain.find(name, start)) < start + 300), None)
    name_length = next((len(name) for name in enclosed if title is not None and plain.startswith(name, title)), 0)
    cuts: list[tuple[int, Part]] = []
    if title is not None:
        cuts = [(start, Part.SIGNATURE), (title, Part.TITLE), (title + name_length, Part.BODY)]
        start = title + name_length
    elif re.compile(r"[^。;]{0,120}?第一[章条]").match(plain, start):
        cuts = [(start, Part.BODY)]
    attachment = tail.find_attachment(plain, start, len(plain), glued=True)
    if attachment is not None:
        cuts.append((attachment, Part.ATTACHMENT))
    return cuts


def _with_table(regions: list[_Region], table: int) -> list[_Region]:
    out: list[_Region] = []
    for region in regions:
        start, end = region.span
        if start <= table < end and region.part in (Part.BODY, Part.ATTACHMENT):
            out += [_Region(Span(start, table), region.part)] if table > start else []
            out.append(_Region(Span(table, end), Part.TABLE))
        else:
            out.append(region)
    return out


def _sentences(plain: str, regions: list[_Region]) -> Iterator[Sentence]:
    inside = quoted(plain)
    stack: list[tuple[int, Heading]] = []
    for region in regions:
        if region.part is not Part.BODY:
            part = region.part
            for span in _cut(plain, region.span.start, region.span.end, inside, whole=part is Part.ADDRESSEES):
                closing = part is Part.ATTACHMENT and contacts.is_closing(plain, span)
                yield Sentence(span, Part.CLOSING if closing else part)
            continue
        numbers = marks.find_marks(plain, *region.span)
        starts = [mark.span.start for mark in numbers]
        edges = [*starts, region.span.end]
        for span in _cut(plain, region.span.start, edges[0], inside):
            yield _sentence(plain, span, stack)
        for mark, limit in zip(numbers, edges[1:], strict=True):
            title = marks.title_end(plain, mark, limit, inside)
            heading = Heading(Span(mark.span.start, title), mark.level, mark.span.of(plain), Span(mark.span.end, title))
            stack = marks.nest(stack, mark, heading)
            for start, end in ((mark.span.end, title), (title, limit)):
                for span in _cut(plain, start, end, inside):
                    yield _sentence(plain, span, stack)


def _sentence(plain: str, span: Span, stack: list[tuple[int, Heading]]) -> Sentence:
    if contacts.is_closing(plain, span):
        return Sentence(span, Part.CLOSING)
    headings = tuple(heading for _, heading in stack)
    numbers = [one.number for one in headings if not one.number.endswith(("章", "节"))]
    return Sentence(span, Part.BODY, "".join(numbers).rstrip("、.") or None, headings)


def _cut(plain: str, start: int, end: int, inside: bytearray, *, whole: bool = False) -> Iterator[Span]:
    """Yield the sentences between `start` and `end`, without white space at their edges."""
    at = start
    if not whole:
        for found in _ENDS.finditer(plain, start, end):
            if inside[found.start()] and found[0] != "\n":
                continue
            yield from _trimmed(plain, at, found.end())
            at = found.end()
    yield from _trimmed(plain, at, end)


def _trimmed(plain: str, start: int, end: int) -> Iterator[Span]:
    while start < end and plain[start].isspace():
        start += 1
    while end > start and plain[end - 1].isspace():
        end -= 1
    if start < end:
        yield Span(start, end)
