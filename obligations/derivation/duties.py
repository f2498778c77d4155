"""From a judged time to drafts: party, action, recipient, channel, mode, doubts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from obligations.deadline import Deadline, Direction, RecurringDeadline, RelativeDeadline, Undated, WindowDeadline
from obligations.derivation.confidence import confidence, doubts_of_party, doubts_of_reading
from obligations.derivation.finding import Finding
from obligations.derivation.parties import Parties, paired
from obligations.derivation.passage import Passage, clauses
from obligations.derivation.rolls import StatedRolls, with_roll
from obligations.derivation.standing import Standing
from obligations.derivation.wording import Wording
from obligations.draft import Doubt, Draft, Modality, Tier
from obligations.notice import Span
from obligations.roles import circumstances, predicate
from obligations.roles.act import action
from obligations.roles.channel import ContactBook
from obligations.roles.deliverable import deliverable
from obligations.roles.party import Party, Source
from obligations.roles.recipient import find_recipient
from obligations.roles.words import DELIVER
from obligations.structure import Structure, distributed

_SOFT = frozenset(("phase", "frequency"))
"""Reasons against a deadline that leave a soft duty standing."""

_UNSURE_PARTY = frozenset(("party_from_addressees", "party_among_addressees", "party_from_other_item"))
"""Doubts that make a duty without a number too weak to be core."""

_FILES = re.compile(rf"{DELIVER}|交|寄|反映|咨询")
_PLANS = re.compile(r"(?:将|拟|计划|预计)(?:于|在)?$")
_ANNOUNCED = re.compile(r"(?:将|拟)(?:于|在)$")
_PLANS_AFTER = re.compile(
    r"^[, ]*(?:将|拟|计划)(?:组织|开展|对|派|抽查|通报|公布|适时|进行|会同|视情|召开|举办|发布|完成)"
)
_LEVEL_NAMES = re.compile(r"^(?:我|本|省|市|州|盟|区|县|旗|厅|局)?(?:局|厅|委|办|会|中心|总局|机关|单位)$")
# A filing to these is none to the office whose contacts close the notice.
_ELSEWHERE = re.compile(r"所在|属地|当地|县级|区级|乡|镇|村|原|上级|辖区|同级|本级|对应|主管|旗县|街道|学校|企业|单位")
_TOGETHER = re.compile(r"会同|联合|商(?=[省市县区州])")
_OBJECTORS = "对公示有异议的单位和个人"
_SENTENCES_OF_POSTING = 8
_SENTENCE_REACH = 200


class Drafter:
    """Makes drafts of one notice's findings."""

    def __init__(self, structure: Structure, rolls: StatedRolls, parties: Parties) -> None:
        self._structure = structure
        self._rolls = rolls
        self._parties = parties
        self._contacts = ContactBook(structure)

    def drafts(self, finding: Finding) -> Iterator[Draft]:
        """Yield the drafts of `finding`: none where it is refused, two where one date governs two acts."""
        if finding.deadline is None:
            return
        if finding.reason == "publicity":
            yield self._publicity(finding, finding.deadline)
        elif finding.reason is None or finding.reason in _SOFT:
            passage = (
                finding.passage if finding.passage.span == finding.span else replace(finding.passage, span=finding.span)
            )
            deadline = with_roll(
                finding.deadline, self._rolls.covering(passage, isinstance(finding.deadline, RecurringDeadline))
            )
            doubts = tuple(doubts_of_reading(finding))
            place = finding.expression.place
            draft = self._draft(passage, deadline, finding.expression.pattern, doubts, place=place)
            draft = draft if finding.reason is None else replace(draft, tier=Tier.SOFT)
            yield from self._split(draft, passage.after)

    def standing(self, standing: Standing) -> Draft:
        """Return the draft of a duty without a number."""
        doubt = "vague_time" if standing.pattern in ("vague", "regular") else "event_without_number"
        if isinstance(standing.deadline, Undated) and standing.deadline.why == "set_elsewhere":
            doubt = "set_elsewhere"
        draft = self._draft(standing.passage, standing.deadline, standing.pattern, (Doubt(doubt),))
        certain = not _UNSURE_PARTY & {one.code for one in draft.doubts}
        return draft if standing.core and certain else replace(draft, tier=Tier.SOFT)

    def _split(self, draft: Draft, words: str) -> Iterator[Draft]:
        acts = predicate.splits(words) if draft.tier is Tier.CORE else None
        if acts is None:
            yield draft
            return
        for act, recipient in ((acts[0], None), (acts[1], find_recipient(acts[1], self._structure.issuer))):
            yield replace(draft, action=action("", act, ""), deliverable=deliverable(act), recipient=recipient)

    def _publicity(self, finding: Finding, deadline: Deadline) -> Draft:
        """Return the right to object while something is posted, if the notice grants it, else the posting itself."""
        passage = finding.passage
        if isinstance(deadline, RelativeDeadline):
            deadline = replace(deadline, event="公示开始", direction=Direction.AFTER, span="duration")
        doubts = tuple(Doubt(code) for code in finding.doubts)
        draft = self._draft(passage, deadline, finding.expression.pattern, doubts)
        sentences = self._structure.sentences[passage.number : passage.number + _SENTENCES_OF_POSTING]
        spans = (Span(one.span.start, min(one.span.end, one.span.start + _SENTENCE_REACH)) for one in sentences)
        right = next((one for one in spans if predicate.objects(one.of(passage.plain))), None)
        if right is None:
            return replace(draft, tier=Tier.SOFT)
        words = right.of(passage.plain)
        doubts = (*doubts, *doubts_of_party(Party(_OBJECTORS, Source.CLASS)))
        return replace(
            draft,
            tier=Tier.CORE,
            modality=Modality.MAY,
            responsible=_OBJECTORS,
            responsible_units=(),
            action=action("", re.split(r"异议(?:的|者)?,", words)[-1], ""),
            recipient=find_recipient(words, self._structure.issuer) or self._structure.issuer,
            channel=self._contacts.channel(right, filing=True),
            doubts=doubts,
            confidence=confidence(doubts),
        )

    def _draft(
        self,
        passage: Passage,
        deadline: Deadline,
        pattern: str,
        doubts: Sequence[Doubt],
        *,
        place: tuple[int, int] = (0, 1),
    ) -> Draft:
        party, topic = paired(self._parties.responsible(passage), passage.lead, place)
        wording = Wording(passage, party, topic)
        lead, tail, issuer = wording.lead, wording.tail, self._structure.issuer
        mode = predicate.modality(passage.lead, tail, passage.before[-80:] + passage.tail[:80], passage.title)
        plans = _plans(passage, party, tail, issuer) or (
            isinstance(deadline, WindowDeadline) and _is_issuer(party.words, issuer)
        )
        recipient = find_recipient(tail, issuer) or find_recipient(lead, issuer)
        found = [*doubts, *doubts_of_party(party)]
        found += [Doubt("issuer_plan")] if plans else []
        found += [Doubt("goal")] if mode is Modality.GOAL else []
        return Draft(
            span=passage.span,
            text=passage.span.of(self._structure.text),
            tier=Tier.CORE if party.words and not plans and _binds(mode, passage) else Tier.SOFT,
            modality=mode,
            responsible=party.words,
            responsible_units=() if party.source in (Source.NONE, Source.CLASS) else distributed(party.words),
            action=wording.act(self._structure, self._parties),
            deadline=deadline,
            evidence=passage.sentence.span,
            pattern=pattern,
            deliverable=wording.deliverable,
            recipient=recipient,
            channel=self._contacts.channel(
                Span(passage.start, passage.end),
                filing=_FILES.search(lead + tail) is not None and not _ELSEWHERE.match(recipient or ""),
            ),
            condition=circumstances.condition(_clauses_before(passage)) or _opens_the_way(deadline, passage),
            consequence=self._consequence(passage),
            trigger_event=deadline.event if isinstance(deadline, RelativeDeadline) else None,
            article=passage.sentence.article,
            doubts=tuple(found),
            confidence=confidence(found),
        )

    def _consequence(self, passage: Passage) -> str | None:
        """Look for what lateness leads to, behind the time and in the next sentences of the same item."""
        found = circumstances.consequence(passage.after)
        for later in self._structure.sentences[passage.number + 1 : passage.number + 3]:
            if found or later.headings != passage.sentence.headings:
                break
            found = circumstances.consequence(later.span.of(passage.plain)[:_SENTENCE_REACH])
        return found


def _binds(mode: Modality, passage: Passage) -> bool:
    """Tell whether a mode makes a duty or an objection right: goals and mere permissions are soft."""
    if mode is Modality.MAY:
        return predicate.objects(passage.before + passage.after)
    return mode is not Modality.GOAL


def _opens_the_way(deadline: Deadline, passage: Passage) -> str | None:
    """Return what has to happen before a fixed day's duty begins (公示无异议后于9月18日前): it starts no count."""
    return None if isinstance(deadline, RelativeDeadline) else circumstances.event_before(passage.lead)


def _clauses_before(passage: Passage) -> list[str]:
    return [one.of(passage.plain) for one in clauses(passage.plain, passage.start, passage.clause.start)]


def _plans(passage: Passage, party: Party, tail: str, issuer: str | None) -> bool:
    """Tell whether the issuer only announces: it acts itself, or 将于 stands without a party of its own."""
    if _is_issuer(party.words, issuer):
        return bool(_PLANS.search(passage.lead) or _PLANS_AFTER.search(tail))
    own = party.source in (Source.OWN, Source.LABEL)
    return not own and _ANNOUNCED.search(passage.lead) is not None


def _is_issuer(words: str, issuer: str | None) -> bool:
    words = _TOGETHER.split(words, maxsplit=1)[0]
    if not words:
        return False
    if words.startswith(("我", "本")) and len(words) <= 8:
        return True
    if issuer is None:
        return False
    return _LEVEL_NAMES.match(words) is not None or issuer.endswith(words) or _shortens(words, issuer)


def _shortens(words: str, name: str) -> bool:
    """Tell whether `words` is a short form of one name: 市教体局 of 某市教育体育局."""
    letters = iter(name)
    return len(words) > 3 and words[-1] == name[-1] and all(letter in letters for letter in words)
