"""The parts of a document in order: head, body, attachment list, signature, and what follows the signature.

Enclosed rules and forwarded notices follow the signature with a head of their own and go on with the body;
whatever else is attached is set apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from obligations.notice import Span
from obligations.structure.head import Head, find_head
from obligations.structure.marks import next_mark
from obligations.structure.parts import Part
from obligations.structure.tail import Signature, attachment_at, find_attachment, find_signature, find_table

_HAN_MARK = re.compile("[一二三四五六七八九十]、")
ENCLOSED_REACH = 300  # the title of enclosed rules stands within so many characters behind the signature


class Region(NamedTuple):
    """A run of text that lies in one part of the document."""

    span: Span
    part: Part


def find_regions(plain: str, head: Head, enclosed: list[str]) -> tuple[list[Region], Signature | None]:
    """Cut the text at the borders of its parts and return the notice's own signature with them.

    Every character lies in exactly one region. `enclosed` names the rules that the notice encloses.
    """
    cuts = _head_cuts(0, head)
    at = head.body
    first: Signature | None = None
    while True:
        signature = find_signature(plain, at)
        end = signature.span.start if signature else len(plain)
        attached = attachment_at(plain, at) if first else None
        if attached is None:
            attached = find_attachment(plain, at, end)
        if attached is not None:
            cuts.append((attached, Part.ATTACHMENT))
        if signature is None or (attached is not None and first is not None):
            break
        first = first or signature
        cuts.append((signature.span.start, Part.SIGNATURE))
        at, behind = _behind_signature(plain, signature.span.end, enclosed)
        cuts.extend(behind)
    return _cut(plain, cuts), first


def _head_cuts(start: int, head: Head) -> list[tuple[int, Part]]:
    cuts = [(start, Part.TITLE)]
    if head.addressees:
        cuts.append((head.addressees.start, Part.ADDRESSEES))
    return [*cuts, (head.body, Part.BODY)]


def _behind_signature(plain: str, start: int, enclosed: list[str]) -> tuple[int, list[tuple[int, Part]]]:
    """Return where the next body begins, and the borders up to there."""
    for name in enclosed:
        at = plain.find(name, start, start + ENCLOSED_REACH)
        if at >= 0:
            return at + len(name), [(at, Part.TITLE), (at + len(name), Part.BODY)]
    if attachment_at(plain, start) is None:
        head = find_head(plain, None, start)
        if head.title:
            return head.body, _head_cuts(start, head)
    return start, [(start, Part.BODY)]


def _cut(plain: str, cuts: list[tuple[int, Part]]) -> list[Region]:
    edges = [*(start for start, _ in cuts[1:]), len(plain)]
    out: list[Region] = []
    signed = False
    for (start, part), end in zip(cuts, edges, strict=True):
        signed = signed or part is Part.SIGNATURE
        out.extend(_with_tables(plain, Region(Span(start, end), part), out[-1] if out else None, signed=signed))
    return [region for region in out if region.span.start < region.span.end]


def _with_tables(plain: str, region: Region, before: Region | None, *, signed: bool) -> Iterator[Region]:
    """Yield `region` with its tables set apart, and the body where its count goes on behind table or attachments."""
    start, end = region.span
    part = region.part
    while start < end:
        table = find_table(plain, start, end) if part in (Part.BODY, Part.ATTACHMENT) else None
        stop = end if table is None else table
        body = Region(Span(start, stop), part) if part is Part.BODY else before
        again = None
        if part is Part.ATTACHMENT and not signed:
            again = _resumed(plain, start, end, body)
            stop = stop if again is None else min(stop, again)
        yield Region(Span(start, stop), part)
        if table is not None and (again is None or table < again):
            again = _resumed(plain, table, end, body) if again is None else again
            yield Region(Span(table, end if again is None else again), Part.TABLE)
        start, part = (end if again is None else again), Part.BODY


def _resumed(plain: str, start: int, end: int, body: Region | None) -> int | None:
    """Return where between `start` and `end` the outermost count of `body` (一、二、…) goes on."""
    counted = body is not None and body.part is Part.BODY and _HAN_MARK.search(plain, start, end)
    mark = next_mark(plain, *body.span) if body and counted else None
    if mark is None:
        return None
    at = plain.find(mark, start, end)
    while at > start and plain[at - 1] in "第一二三四五六七八九十、":
        at = plain.find(mark, at + 1, end)
    if at < 0 or plain.find("一、", start, at) >= 0:  # what is attached has a list of its own
        return None
    return at
