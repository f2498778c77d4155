"""The parts of a document in order: head, body, attachment list, signature, and what follows the signature.

Enclosed rules and forwarded notices follow the signature with a head of their own and go on with the body;
whatever else is attached is set apart.
"""

from __future__ import annotations

from dataclasses import dataclass

from obligations.notice import Span
from obligations.structure.head import Head, find_head
from obligations.structure.parts import Part
from obligations.structure.tail import Signature, attachment_at, find_attachment, find_signature, find_table

ENCLOSED_REACH = 300  # the title of enclosed rules stands within so many characters behind the signature


@dataclass(frozen=True, slots=True)
class Region:
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
    regions = [Region(Span(start, end), part) for (start, part), end in zip(cuts, edges, strict=True) if start < end]
    out: list[Region] = []
    for region in regions:
        table = None
        if region.part in (Part.BODY, Part.ATTACHMENT):
            table = find_table(plain, *region.span)
        if table is None:
            out.append(region)
            continue
        if table > region.span.start:
            out.append(Region(Span(region.span.start, table), region.part))
        out.append(Region(Span(table, region.span.end), Part.TABLE))
    return out
