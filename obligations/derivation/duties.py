"""From a judged time to drafts: party, action, recipient, channel, mode, doubts, and the chain between drafts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from obligations.deadline import Deadline, Direction, RecurringDeadline, RelativeDeadline, Undated, WindowDeadline
from obligations.derivation.confidence import confidence
from obligations.derivation.finding import Finding
from obligations.derivation.parties import Parties, is_label, paired, paired_topic
from obligations.derivation.passage import REACH, Passage, clauses
from obligations.derivation.rolls import StatedRolls, with_roll
from obligations.derivation.standing import Standing
from obligations.draft import Doubt, Draft, Modality, Tier
from obligations.grammar.reading import Boundary, Point
from obligations.notice import Span
from obligations.roles import circumstances, predicate
from obligations.roles.channel import ContactBook
from obligations.roles.party import Party, Source
from obligations.roles.recipient import find_recipient
from obligations.roles.words import DELIVER
from obligations.structure import Structure, distributed

_SOFT_REASONS = {"phase": "phase", "frequency": "frequency"}
_FILES = re.compile(rf"{DELIVER}|交|寄|反映|咨询")
_PARTY_DOUBTS = {
    Source.SENTENCE: "party_inferred",
    Source.PARAGRAPH: "party_inferred",
    Source.HEADING: "party_from_heading",
    Source.ADDRESSEE: "party_from_addressees",
    Source.CLASS: "party_not_written",
    Source.NONE: "party_unknown",
}
_PLANS = re.compile(r"(?:将|拟|计划|预计)(?:于|在)?$")
_PLANS_AFTER = re.compile(
    r"^[, ]*(?:将|拟|计划)(?:组织|开展|对|派|抽查|通报|公布|适时|进行|会同|视情|召开|举办|发布|完成)"
)
_LATENESS = re.compile(r"[,;](?:逾期|过期|超期|未按(?:期|时|规定|要求)|过时)")
_CAUSES = re.compile(r"将|把")
_LEVEL_NAMES = re.compile(r"^(?:我|本|省|市|州|盟|区|县|旗|厅|局)?(?:局|厅|委|办|会|中心|总局|机关|单位)$")
_LEVEL = re.compile(r"(?:所在|属地|当地|本|各)?(?P<level>省|市|州|县|区|旗|乡|镇)")
_SENTENCES_OF_POSTING = 4
_LOOKED_BACK = 6


class Drafter:
    """Makes drafts of one notice's findings."""

    def __init__(self, structure: Structure, rolls: StatedRolls) -> None:
        self._structure = structure
        self._rolls = rolls
        self._parties = Parties(structure)
        self._contacts = ContactBook(structure)

    def drafts(self, finding: Finding) -> Iterator[Draft]:
        """Yield the drafts of `finding`: none where it is refused, two where one date governs two acts."""
        if finding.deadline is None:
            return
        if finding.reason == "publicity":
            yield from self._publicity(finding)
            return
        soft = _soft(finding)
        if finding.reason and soft is None:
            return
        passage = replace(finding.passage, span=finding.span)
        deadline = with_roll(finding.deadline, self._rolls.covering(passage.number, passage.span))
        place = finding.expression.place
        doubts = [*finding.doubts, *_reading_doubts(finding)]
        draft = self._draft(passage, deadline, finding.expression.pattern, doubts, soft=soft is not None, place=place)
        acts = predicate.splits(passage.after)
        if acts is None or draft.tier is not Tier.CORE:
            yield draft
            return
        first, second = acts
        issuer = self._structure.issuer
        yield replace(draft, action=_cut(first), deliverable=predicate.deliverable(first), recipient=None)
        yield replace(
            draft,
            action=_cut(second),
            deliverable=predicate.deliverable(second),
            recipient=find_recipient(second, issuer),
        )

    def _publicity(self, finding: Finding) -> Iterator[Draft]:
        """Yield the right to object while something is posted, if the notice grants it, else the posting itself."""
        passage, deadline = finding.passage, finding.deadline
        assert deadline is not None, "a posting has a length or dates"
        if isinstance(deadline, RelativeDeadline):
            deadline = replace(deadline, event="公示开始", direction=Direction.AFTER, span="duration")
        draft = self._draft(passage, deadline, finding.expression.pattern, finding.doubts, soft=True)
        sentences = self._structure.sentences[passage.number : passage.number + _SENTENCES_OF_POSTING]
        right = next((one for one in sentences if predicate.objects(one.span.of(passage.plain)[:200])), None)
        if right is None:
            yield draft
            return
        words = right.span.of(passage.plain)[:200]
        doubts = [Doubt(code) for code in finding.doubts] + [Doubt("party_not_written")]
        yield replace(
            draft,
            tier=Tier.CORE,
            modality=Modality.MAY,
            responsible="对公示有异议的单位和个人",
            responsible_units=(),
            action=predicate.action("", re.split(r"异议(?:的|者)?,", words)[-1], ""),
            recipient=find_recipient(words, self._structure.issuer) or self._structure.issuer,
            channel=self._contacts.channel(right.span, filing=True),
            doubts=tuple(doubts),
            confidence=confidence(doubts),
        )

    def standing(self, standing: Standing) -> Draft:
        """Return the draft of a duty without a number."""
        doubt = {"vague": "vague_time", "regular": "vague_time"}.get(standing.pattern, "event_without_number")
        if isinstance(standing.deadline, Undated) and standing.deadline.why == "set_elsewhere":
            doubt = "set_elsewhere"
        return self._draft(standing.passage, standing.deadline, standing.pattern, [doubt], soft=not standing.core)

    def _draft(
        self,
        passage: Passage,
        deadline: Deadline,
        pattern: str,
        doubts: Sequence[str],
        *,
        soft: bool,
        place: tuple[int, int] = (0, 1),
    ) -> Draft:
        structure = self._structure
        party = paired(self._parties.responsible(passage), passage.lead, place)
        tail = _behind(passage, party)
        mode = predicate.modality(passage.lead, tail, passage.before[-80:] + passage.after[:80], passage.title)
        plan = self._plans(passage, party, tail)
        lead = paired_topic(_lead(passage, party), place)
        act = self._labelled_act(passage) or predicate.action(lead, tail, _label(passage))
        words = lead + tail
        found = [Doubt(code) for code in doubts]
        if party.source in _PARTY_DOUBTS:
            found.append(Doubt(_PARTY_DOUBTS[party.source], party.words))
        found += [Doubt("issuer_plan")] if plan else []
        found += [Doubt("goal")] if mode is Modality.GOAL else []
        core = bool(party.words) and mode is not Modality.GOAL and not plan and not soft
        core = core and (mode is not Modality.MAY or predicate.objects(passage.before + passage.after))
        filing = bool(_FILES.search(words))
        return Draft(
            span=passage.span,
            text=passage.span.of(structure.text),
            tier=Tier.CORE if core else Tier.SOFT,
            modality=mode,
            responsible=party.words,
            responsible_units=() if party.source in (Source.NONE, Source.CLASS) else distributed(party.words),
            action=act,
            deadline=deadline,
            evidence=passage.sentence.span,
            pattern=pattern,
            deliverable=predicate.deliverable(_caused(lead, tail), lead),
            recipient=find_recipient(tail, structure.issuer) or find_recipient(lead, structure.issuer),
            channel=self._contacts.channel(Span(passage.start, passage.end), filing=filing),
            condition=circumstances.condition(
                [one.of(passage.plain) for one in clauses(passage.plain, passage.start, passage.clause.start)]
            ),
            consequence=self._consequence(passage),
            trigger_event=deadline.event
            if isinstance(deadline, RelativeDeadline)
            else circumstances.event_before(passage.lead),
            article=passage.sentence.article,
            doubts=tuple(found),
            confidence=confidence(found),
        )

    def _labelled_act(self, passage: Passage) -> str | None:
        """For a time that only fills a label or a title: what stands before its bracket, or the next sentence."""
        if not is_label(passage):
            return None
        if passage.bracketed:
            words = re.split(r"[,;。:]", passage.plain[passage.start : passage.clause.start - 1])[-1]
            if predicate.works(words) or not passage.sentence.headings:
                return words
        number = passage.number + 1
        sentences = self._structure.sentences
        if not passage.sentence.headings or number == len(sentences):
            return None
        following = sentences[number]
        if following.headings != passage.sentence.headings:
            return None
        words = following.span.of(passage.plain)[: predicate.LONGEST_ACTION + REACH]
        subject = self._parties.subject_of(number)
        start = subject.span.end - following.span.start if subject and subject.span else 0
        return predicate.action("", words[max(0, start) :], "") if predicate.works(words) else None

    def _plans(self, passage: Passage, party: Party, tail: str) -> bool:
        """Tell whether the issuer only announces what it means to do itself."""
        if not _is_issuer(party.words, self._structure.issuer):
            return False
        return bool(_PLANS.search(passage.lead) or _PLANS_AFTER.search(tail))

    def _consequence(self, passage: Passage) -> str | None:
        """Look for what lateness leads to, behind the time and in the next sentences of the same item."""
        found = circumstances.consequence(passage.after)
        sentences = self._structure.sentences
        for later in sentences[passage.number + 1 : passage.number + 3]:
            if found or later.headings != passage.sentence.headings:
                break
            found = circumstances.consequence(later.span.of(passage.plain)[:200])
        return found


def linked(drafts: Sequence[Draft]) -> tuple[Draft, ...]:
    """Add `depends_on`: a link waits for the one whose recipient it is, or that hands on to it (汇总后)."""
    out: list[Draft] = []
    for index, draft in enumerate(drafts):
        links = [
            earlier
            for earlier in range(max(0, index - _LOOKED_BACK), index)
            if draft.responsible_units
            and out[earlier].recipient
            and _same_unit(out[earlier].recipient or "", draft.responsible)
        ]
        out.append(replace(draft, depends_on=tuple(links[-1:])) if links else draft)
    return tuple(out)


def _same_unit(recipient: str, responsible: str) -> bool:
    """Tell whether a recipient and a party mean the same office, by the end of their names (所在县局 → 各县局)."""
    if not responsible or recipient == responsible:
        return recipient == responsible
    tail = recipient[-5:]
    if len(tail) < 4 or tail not in responsible:
        return False
    levels = [_LEVEL.match(words) for words in (recipient, responsible)]
    return not all(levels) or levels[0][0] == levels[1][0]  # type: ignore[index]  # all() has seen both


def _soft(finding: Finding) -> str | None:
    return _SOFT_REASONS.get(finding.reason or "")


def _reading_doubts(finding: Finding) -> Iterator[str]:
    expression, deadline = finding.expression, finding.deadline
    if isinstance(deadline, WindowDeadline) and "window" not in finding.doubts:
        yield "window"
    if isinstance(expression.reading, Point):
        yield "bare_date" if expression.boundary is Boundary.NONE else "inclusive_boundary_assumed"
    if isinstance(deadline, RecurringDeadline):
        if not (
            deadline.day
            or deadline.days
            or deadline.weekday
            or deadline.working_day
            or deadline.time
            or deadline.time_text
        ):
            yield "no_day_in_period"
        elif expression.boundary is Boundary.BEFORE:
            yield "inclusive_boundary_assumed"
    if not predicate.works(finding.passage.after[:60]) and not predicate.works(finding.passage.before[-30:]):
        yield "act_far_away"


def _behind(passage: Passage, party: Party) -> str:
    """Return the words behind the time, without a subject that follows it."""
    at = passage.behind
    if party.source is Source.OWN and party.span and party.span.start >= at:
        at = party.span.end
    return _LATENESS.split(passage.plain[at : passage.end], maxsplit=1)[0]


def _lead(passage: Passage, party: Party) -> str:
    at = passage.clause.start
    if party.source is Source.OWN and party.span and party.span.end <= passage.span.start:
        at = max(at, party.span.end)
    return passage.plain[at : passage.clause.start + len(passage.lead)]


def _label(passage: Passage) -> str:
    """Return what a label before the time speaks of: 报送时间:4月20日前."""
    head = passage.before.rpartition(":")[0]
    label = re.split(r"[,;。:\n]", head)[-1][-20:] if head else ""
    return label or passage.title.rpartition("|")[2].strip(" 。:")[:20]


def _is_issuer(words: str, issuer: str | None) -> bool:
    if not words:
        return False
    if words.startswith(("我", "本")) and len(words) <= 8:
        return True
    return bool(issuer) and (_LEVEL_NAMES.match(words) is not None or str(issuer).endswith(words))


def _caused(lead: str, tail: str) -> str:
    """Join what stands before the time with the predicate if it is its object (将汇总表于4月20日前报…)."""
    return lead + tail if _CAUSES.search(lead) or "《" in lead else tail


def _cut(words: str) -> str:
    return words.strip(" ,;。、")[: predicate.LONGEST_ACTION]
