"""The words of one duty: what stands between its party and its time, what behind, and the act they make."""

from __future__ import annotations

import re
from dataclasses import dataclass

from obligations.derivation.once import once
from obligations.derivation.parties import Parties, is_label
from obligations.derivation.passage import REACH, Passage
from obligations.roles import predicate
from obligations.roles.act import action, topic
from obligations.roles.deliverable import deliverable
from obligations.roles.party import Party, Source
from obligations.structure import Structure

_LATENESS = re.compile(r"[,;](?:逾期|过期|超期|未按(?:期|时|规定|要求)|过时)")
_BARE_LABEL = re.compile(r"(?:完成|办理|整改|报送|要求|工作)?(?:时限|期限|时间|日期)(?:要求)?")
_ACT_LABEL = re.compile(r"(?:^|[,;。:])(?P<act>[^,;。:]{2,24}?)(?:的|截止)*(?:时间|日期|期限|时限):$")
_PARTS = re.compile(r"[,;。:\n]")
_BY = re.compile(r"(?:由|请|并|,)+$")
_OBJECT_FIRST = re.compile(r"将|把|《")
_LONGEST_LABEL = 20


@dataclass(frozen=True)
class Wording:
    """The words of the duty at `passage`, whose party is `party`.

    `topic` is the part of the words before the time that 分别 gives to this time of a list.
    """

    passage: Passage
    party: Party
    topic: str | None = None

    @once
    def lead(self) -> str:
        """The words between the party, if it stands before the time in its clause, and the time."""
        if self.topic is not None:
            return self.topic
        passage, span = self.passage, self.party.span
        at = passage.clause.start
        if self.party.source is Source.OWN and span and span.end <= passage.span.start:
            at = max(at, span.end)
        return passage.plain[at : passage.clause.start + len(passage.lead)]

    @once
    def tail(self) -> str:
        """The words behind the time, without a party that follows it and without what lateness leads to."""
        passage, span = self.passage, self.party.span
        at = passage.behind
        if self.party.source is Source.OWN and span and span.start >= at:
            at = span.end
        return _LATENESS.split(passage.plain[at : passage.end], maxsplit=1)[0]

    @once
    def deliverable(self) -> str | None:
        """What has to be handed over or brought about."""
        object_first = _OBJECT_FIRST.search(self.lead) is not None
        return deliverable(self.lead + self.tail if object_first else self.tail, topic(self.lead))

    def act(self, structure: Structure, parties: Parties) -> str:
        """Return what has to be done, in the words of the notice."""
        if self._names_the_act:
            return action("", "", self._label)
        return self._labelled(structure, parties) or action(self.lead, self.tail, self._label)

    @once
    def _names_the_act(self) -> bool:
        """Whether a label directly before the time names the act: 网上填报时间:4月20日前."""
        found = _ACT_LABEL.search(self.passage.before) if self.passage.before.endswith(":") else None
        return found is not None and predicate.works(found["act"])

    @once
    def _label(self) -> str:
        """What is spoken of: before the party (年报由…), in a label (报送时间:4月20日前), else in the title."""
        passage, span = self.passage, self.party.span
        if self.party.source is Source.OWN and span and passage.clause.start < span.start <= passage.span.start:
            return _BY.sub("", passage.plain[passage.clause.start : span.start]) or self._heading
        return self._heading.removeprefix(self.party.words)

    @once
    def _heading(self) -> str:
        head = self.passage.before.rpartition(":")[0]
        label = _PARTS.split(head)[-1][-_LONGEST_LABEL:] if head else ""
        title = self.passage.title.rpartition("|")[2].strip(" 。:")[:_LONGEST_LABEL]
        return label if label and not _BARE_LABEL.fullmatch(label) else title or label

    def _labelled(self, structure: Structure, parties: Parties) -> str | None:
        """For a time that only fills a label or a title: what stands before its bracket, or the next sentence."""
        passage = self.passage
        if not is_label(passage):
            return None
        headings = passage.sentence.headings
        if passage.bracket is not None:
            words = _PARTS.split(passage.plain[passage.start : passage.bracket - 1])[-1]
            if predicate.works(words) or not headings:
                return action("", words, "")
        number = passage.number + 1
        if not headings or number == len(structure.sentences) or structure.sentences[number].headings != headings:
            return None
        span = structure.sentences[number].span
        subject = parties.subject_of(number)
        start = max(span.start, subject.span.end) if subject and subject.span else span.start
        words = passage.plain[start : min(span.end, start + REACH)]
        return action("", words, "") if predicate.works(words) else None
