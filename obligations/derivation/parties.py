"""Who is responsible for what a time limits: own clause, label, earlier clause or sentence, heading, addressee."""

from __future__ import annotations

import re
from collections.abc import Sequence

from obligations.derivation.passage import Passage, clauses
from obligations.notice import Span
from obligations.roles.party import Party, Source, subject_at
from obligations.structure import Part, Sentence, Structure

_LABEL = re.compile(
    r"(?:责任|牵头|承办|主办|完成|落实|申报|报送|实施)(?:单位|部门|主体)(?:为|是)?: ?([^,;。()\n]{2,60})"
)
_LEADS = re.compile(r"[(,;。:]([^,;。:()]{2,50}?)(?:牵头|负责)(?:[,;。)]|$)")
_CONDITION = re.compile(r"^(?P<who>[^,;。]{2,60}?)的[,，]")
_ITEMS_BACK = 12
"""How many earlier sentences of the same item are asked for a subject."""


def responsible_party(passage: Passage, structure: Structure) -> Party:
    """Return the party that the duty at `passage` binds, with how it was found."""
    return (
        _own(passage)
        or _labelled(passage)
        or _earlier_clause(passage)
        or _class_of_actor(passage)
        or _earlier_sentence(passage, structure)
        or _addressees(structure)
        or Party("", Source.NONE)
    )


def _own(passage: Passage) -> Party | None:
    party = subject_at(passage.plain, passage.clause.start, passage.span.start)
    if party:
        return party
    at = passage.span.end
    while at < passage.end and passage.plain[at] in ", ":
        at += 1
    return subject_at(passage.plain, at, passage.end)


def _labelled(passage: Passage) -> Party | None:
    words = passage.plain[passage.start : passage.end]
    found = _LABEL.search(words) or (_LEADS.search(words) if passage.bracketed else None)
    if found is None:
        return None
    return Party(found[1], Source.LABEL, Span(passage.start + found.start(1), passage.start + found.end(1)))


def _earlier_clause(passage: Passage) -> Party | None:
    agent: Party | None = None
    for clause in reversed(clauses(passage.plain, passage.start, passage.clause.start)):
        party = subject_at(passage.plain, clause.start, clause.end + 1)
        if party and not party.agent:
            return Party(party.words, Source.SENTENCE, party.span)
        agent = agent or party
    if agent and not _CONDITION.match(passage.sentence.span.of(passage.plain)[:80]):
        return Party(agent.words, Source.SENTENCE, agent.span)
    return None


def _class_of_actor(passage: Passage) -> Party | None:
    """因抢险救灾紧急占用的,…应当…: whoever does so, a class and no written party."""
    found = _CONDITION.match(passage.sentence.span.of(passage.plain)[:80])
    if found is None or not found["who"].startswith(("因", "需", "确需", "申请", "从事", "对")):
        return None
    return Party(f"{found['who']}的单位和个人", Source.CLASS)


def _earlier_sentence(passage: Passage, structure: Structure) -> Party | None:
    sentences = structure.sentences
    here = passage.sentence.headings
    for number in range(passage.number - 1, max(-1, passage.number - 1 - _ITEMS_BACK), -1):
        sentence = sentences[number]
        if sentence.part is not Part.BODY or not _encloses(sentence, here):
            continue
        party = _subject_of(passage.plain, sentence)
        if party:
            same = sentence.headings == here
            return Party(party.words, Source.PARAGRAPH if same else Source.HEADING, party.span)
    return None


def _encloses(sentence: Sentence, headings: Sequence[object]) -> bool:
    """Tell whether a sentence stands in the same item or in one that contains it."""
    depth = len(sentence.headings)
    return 0 < depth <= len(headings) and tuple(headings[:depth]) == sentence.headings


def _subject_of(plain: str, sentence: Sentence) -> Party | None:
    end = min(sentence.span.end, sentence.span.start + 300)
    for clause in clauses(plain, sentence.span.start, end):
        party = subject_at(plain, clause.start, clause.end + 1)
        if party and not party.agent:
            return _with_parallel(plain, party, clause)
    return None


def _with_parallel(plain: str, party: Party, clause: Span) -> Party:
    """请甲区加强对…、乙市加强对…: the parties of parallel predicates belong together."""
    assert party.span is not None, "a party of a clause has a place"
    verb = plain[party.span.end : party.span.end + 2]
    names = [party.words]
    at = plain.find(verb, party.span.end + 2, clause.end) if verb.strip() else -1
    while at > 0 and len(names) < 8:
        mark = plain.rfind("、", party.span.end, at)
        name = plain[mark + 1 : at]
        if mark < 0 or not 1 < len(name) < 20 or subject_at(plain, mark + 1, at + 2) is None:
            break
        names.append(name)
        at = plain.find(verb, at + 2, clause.end)
    return Party("、".join(names), party.source, party.span)


def _addressees(structure: Structure) -> Party | None:
    span = structure.addressee_span
    if span is None:
        return None
    words = span.of(structure.plain).rstrip(": \n")
    return Party("".join(words.split()), Source.ADDRESSEE, Span(span.start, span.start + len(words)))
