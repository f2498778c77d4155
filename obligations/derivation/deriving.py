"""From a notice to drafts: read its structure and times, judge them, complete them, find the roles."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from obligations.deadline import Deadline, Direction, FixedDeadline, RecurringDeadline, RelativeDeadline, Unit
from obligations.derivation.events import bind
from obligations.derivation.judging import reason_against
from obligations.derivation.parties import responsible_party
from obligations.derivation.passage import Passage
from obligations.derivation.years import Dating, fixed_deadline, window_deadline
from obligations.draft import Derivation, Draft, Modality, Tier
from obligations.grammar.productions import find_times
from obligations.grammar.reading import Count, Point, Stretch, TimeExpression
from obligations.notice import Notice, Span
from obligations.roles import predicate
from obligations.roles.party import Source
from obligations.structure import Part, Structure, distributed, read_structure

_TITLE_YEAR = re.compile(r"(20\d\d) ?年")


def derive(notice: Notice) -> Derivation:
    """Return everything that `notice` asks for, as drafts in the order of its text. Pure; linear in the text."""
    structure = read_structure(notice)
    drafts = tuple(_drafts(notice, structure))
    return Derivation(
        title=structure.title,
        issuer=structure.issuer,
        doc_number=structure.doc_number,
        issued_on=structure.issued_on,
        effective_on=structure.effective_on,
        expires_on=structure.expires_on,
        addressees=structure.addressees,
        drafts=drafts,
        relations=(),
    )


def _drafts(notice: Notice, structure: Structure) -> Iterator[Draft]:
    dating = _dating(notice, structure)
    starts = [sentence.span.start for sentence in structure.sentences]
    event: str | None = None
    last = -1
    for expression in find_times(structure.plain):
        number = bisect_right(starts, expression.span.start) - 1
        if number < 0:
            continue
        sentence = structure.sentences[number]
        if sentence.part is not Part.BODY or expression.span.end > sentence.span.end:
            continue
        passage = Passage(structure.plain, sentence, number, expression.span)
        if number != last:
            event, last = None, number
        if reason_against(expression, passage):
            continue
        bound = _deadline(expression, passage, dating, event)
        if bound is None:
            continue
        deadline, span, event = bound
        if _past(deadline, dating):
            continue
        yield _draft(
            expression, replace(passage, span=span) if span != expression.span else passage, deadline, structure
        )


def _dating(notice: Notice, structure: Structure) -> Dating:
    title_year = _TITLE_YEAR.search(structure.title or "")
    signed = date.fromisoformat(structure.issued_on) if structure.issued_on else None
    return Dating(
        published=notice.published_on or signed,
        published_by="published_on" if notice.published_on else "issued_on",
        title_year=int(title_year[1]) if title_year else None,
    )


def _past(deadline: Deadline, dating: Dating) -> bool:
    return (
        isinstance(deadline, FixedDeadline)
        and dating.published is not None
        and deadline.date[0] != "-"
        and deadline.date < dating.published.isoformat()
    )


def _deadline(
    expression: TimeExpression, passage: Passage, dating: Dating, carried: str | None
) -> tuple[Deadline, Span, str | None] | None:
    reading = expression.reading
    if isinstance(reading, Point):
        if reading.day_word and reading.day_word[0] in "次翌第当同":
            step = 0 if reading.day_word[0] in "当同" else 1
            reading = Count(offset=step, unit=Unit.DAY, time=reading.time, time_text=reading.time_text)
        else:
            fixed = fixed_deadline(reading, expression.boundary, dating)
            return (fixed, expression.span, carried) if fixed else None
    if isinstance(reading, Stretch):
        window = window_deadline(reading, dating)
        return (window, expression.span, carried) if window else None
    if isinstance(reading, RecurringDeadline):
        return reading, expression.span, carried
    bound = bind(reading, passage, carried)
    deadline = RelativeDeadline(
        event=bound.event or "本通知印发",
        offset=reading.offset,
        unit=reading.unit,
        direction=bound.direction,
        time=reading.time,
        time_text=reading.time_text,
    )
    return deadline, Span(bound.start, expression.span.end), bound.event or carried


def _draft(expression: TimeExpression, passage: Passage, deadline: Deadline, structure: Structure) -> Draft:
    party = responsible_party(passage, structure)
    mode = predicate.modality(passage.lead, passage.tail, passage.title)
    around = passage.lead + passage.after
    tier = Tier.CORE if mode in (Modality.MUST, Modality.MUST_NOT) and party.words else Tier.SOFT
    return Draft(
        span=passage.span,
        text=passage.span.of(structure.text),
        tier=tier,
        modality=mode,
        responsible=party.words,
        responsible_units=distributed(party.words) if party.source not in (Source.NONE, Source.CLASS) else (),
        action=predicate.action(passage.after),
        deadline=deadline,
        evidence=passage.sentence.span,
        pattern=expression.pattern,
        deliverable=predicate.deliverable(around),
        recipient=predicate.recipient(passage.after),
        trigger_event=deadline.event if isinstance(deadline, RelativeDeadline) else None,
        article=passage.sentence.article,
    )
