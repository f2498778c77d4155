"""From a notice to drafts: read its structure and times, judge them, complete them, find the roles."""

from __future__ import annotations

import re
from bisect import bisect_right
from datetime import date

from obligations.deadline import RecurringDeadline, RelativeDeadline
from obligations.derivation.completing import Memory, complete
from obligations.derivation.duties import Drafter
from obligations.derivation.finding import Finding
from obligations.derivation.frames import with_bounds, with_named_dates, with_phases, with_stops, without_bare_periods
from obligations.derivation.judging import judge, past
from obligations.derivation.links import linked
from obligations.derivation.parties import Parties
from obligations.derivation.passage import Passage
from obligations.derivation.rolls import StatedRolls
from obligations.derivation.standing import find_standing
from obligations.derivation.years import Dating
from obligations.draft import Derivation, Draft
from obligations.grammar.productions import find_times
from obligations.grammar.reading import TimeExpression
from obligations.notice import Notice, Span
from obligations.relations import relations_of
from obligations.structure import Part, Structure, read_structure

_YEAR = re.compile(r"(20\d\d) ?年|〔(20\d\d)〕")


def derive(notice: Notice) -> Derivation:
    """Return everything that `notice` asks for, as drafts in the order of its text. Pure; linear in the text."""
    structure = read_structure(notice)
    return Derivation(
        title=structure.title,
        issuer=structure.issuer,
        doc_number=structure.doc_number,
        issued_on=structure.issued_on,
        effective_on=structure.effective_on,
        expires_on=structure.expires_on,
        addressees=structure.addressees,
        drafts=linked(_drafts(notice, structure)),
        relations=relations_of(structure),
    )


def read_findings(notice: Notice, structure: Structure) -> list[Finding]:
    """Return every time of the body with its deadline, or with the reason why it is none."""
    return _findings(notice, structure, StatedRolls(structure), Parties(structure))


def _findings(notice: Notice, structure: Structure, rolls: StatedRolls, parties: Parties) -> list[Finding]:
    findings = _judged(structure, dating_of(notice, structure), rolls)
    findings = with_bounds(without_bare_periods(with_named_dates(findings)))
    return with_phases(findings, structure, parties)


def dating_of(notice: Notice, structure: Structure) -> Dating:
    """Return what completes the dates of a notice: its publication, else its signature, else title or number."""
    signed = date.fromisoformat(structure.issued_on) if structure.issued_on else None
    published = notice.published_on or signed
    named = _YEAR.search(structure.title or "")
    number = _YEAR.search(structure.doc_number or "") if published is None and named is None else None
    year = named or number
    return Dating(
        published=min(published, signed) if published and signed else published,
        source="published_on" if notice.published_on else "issued_on",
        title_year=int(year[1] or year[2]) if year else None,
        title_source="doc_number" if number else "title",
    )


def _judged(structure: Structure, dating: Dating, rolls: StatedRolls) -> list[Finding]:
    memory = Memory(dating)
    starts = [sentence.span.start for sentence in structure.sentences]
    findings: list[Finding] = []
    for expression in find_times(structure.plain):
        # A label such as 截止时间: may belong to the title before the sentence that holds the date.
        number = bisect_right(starts, expression.span.end - 1) - 1
        if number < 0 or structure.sentences[number].part is not Part.BODY:
            continue
        passage = passage_at(structure, number, expression)
        if passage is None:
            continue
        memory.enter(passage)
        reason = "roll-rule" if rolls.holds(expression.span) else judge(expression, passage)
        completed = complete(expression, passage, memory)
        if completed is None:
            continue
        memory.note(expression, completed.deadline, refused=reason is not None)
        reason = reason or past(expression, completed.deadline, dating)
        findings.append(Finding(expression, passage, completed.deadline, completed.span, completed.doubts, reason))
    return findings


def passage_at(structure: Structure, number: int, expression: TimeExpression) -> Passage | None:
    """Return the surroundings of `expression` in sentence `number`, or `None` if it crosses the border."""
    sentence = structure.sentences[number]
    if not sentence.span.start <= expression.span.start < expression.span.end <= sentence.span.end:
        return None
    whole = Span(max(expression.whole.start, sentence.span.start), expression.whole.end)
    return Passage(structure.plain, sentence, number, expression.span, structure.title or "", whole=whole)


def _drafts(notice: Notice, structure: Structure) -> list[Draft]:
    rolls, parties = StatedRolls(structure), Parties(structure)
    findings = _findings(notice, structure, rolls, parties)
    drafter = Drafter(structure, rolls, parties)
    drafts = [draft for finding in with_stops(findings) for draft in drafter.drafts(finding)]
    taken = sorted(
        {
            finding.span
            for finding in findings
            if not isinstance(finding.deadline, RecurringDeadline) or not finding.reason
        }
    )
    starts = [sentence.span.start for sentence in structure.sentences]
    events = {
        (finding.passage.number, finding.deadline.event)
        for finding in findings
        if finding.reason is None and isinstance(finding.deadline, RelativeDeadline)
    }
    for standing in find_standing(structure, starts, taken, events):
        drafts.append(drafter.standing(standing))
    return sorted(drafts, key=lambda draft: draft.span)
