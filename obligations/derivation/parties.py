"""Who is responsible for what a time limits: own clause, label, earlier clause or sentence, heading, addressee."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from obligations.derivation.passage import Passage, clauses
from obligations.notice import Span
from obligations.roles.party import Party, Source, subject_at
from obligations.structure import Part, Sentence, Structure
from obligations.structure.names import split_top

_LABEL = re.compile(
    r"(?:责任|牵头|承办|主办|完成|落实|申报|报送|实施)(?:单位|部门|主体|处室|科室)(?:为|是)?: ?"
    r"(?P<who>[^,;。()\n]{2,60})"
)
_LEADS = re.compile(r"(?:^|[(,;。:])(?P<who>[^,;。:()]{2,50}?)(?:牵头|负责)(?=[,;。)]|$)")
_CLASSES = (
    re.compile(
        r"^(?P<who>(?:因(?![^,;。]{0,20}(?:不能|无法|未能|难以)(?:按|如期|及时))|需|确需|申请|从事|对|符合|变更|新建|改建|拟|不服|未)[^,;。]{1,60}?)的,"
    ),
    re.compile(
        r"(?:^|[,。;])(?:如|若|凡)?(?P<who>对[^,;。]{1,40}?有(?:不同)?(?:异议|意见))(?:的|者)?(?P<noun>[^,;。]{0,8}),"
    ),
    re.compile(
        r"(?:^|[,。;])(?:如|若|凡)?(?P<who>(?:对[^,;。]{1,40}?)?不服[^,;。]{0,20}?)(?:的|者)?(?P<noun>[^,;。]{0,8}),"
    ),
    re.compile(r"(?:^|[,。;])(?:如|若|凡)?(?P<who>有异议)(?:的|者)?,"),
)
_UPWARD = re.compile(r"申请|提出|补办|报告|缴纳|报送|提交|备案|上传")
_APPLIES = re.compile(r"申请|提起[^,;。]{0,4}诉讼|补办|办理[^,;。]{0,12}手续")
# 报名时间:…: a public call that names nobody is for those who answer it.
_ANSWERS = (
    (re.compile(r"报名|报考|准考证"), "报名人员"),
    (re.compile(r"投标|响应文件|竞价"), "投标人"),
    (re.compile(r"(?<!组织)申报|申请|申领"), "申请人"),
    (re.compile(r"缴费|缴款"), "缴费人"),
)
_PERSONS = re.compile(r"(?:人员|[人者员生]|申报单位|申请单位|企业)$")
_CALL_REACH = 30
_AUTHORITY = re.compile(r"(?:局|委|厅|政府|机关|部门|管委会|委员会|中心)$")
_YOU = re.compile(r"(?:你|贵)(?:们|局|委|厅|办|部|市|县|区|省|单位|公司|校|院|行|中心|街道|镇|乡)(?:\([^()]*\))?")
_LABELS_AROUND = 2
_RESPECTIVELY = re.compile(r"(?:应当?|须|要|请)?分别(?:应|须|要)?(?:于|在)?$")
_CONDITIONED = re.compile(
    r"(?P<who>[^,;。:因需对从拟有无未不经按在]{0,8}?(?:单位|企业|机构|公司|人员|学校|医院|银行|机关|部门|主体|对象"
    r"|(?<![法个])人(?![员民工口数才事])|(?<!个)个人|者|户(?!籍)))[\u4e00-\u9fff]"
)
_SENTENCES_BACK = 12
"""How many earlier sentences are asked for a subject."""


class Parties:
    """Finds the responsible party of each place in one notice."""

    def __init__(self, structure: Structure) -> None:
        self._structure = structure
        self._addressees = _addressees(structure)
        self._subjects: dict[int, Party | None] = {}

    def responsible(self, passage: Passage) -> Party:
        """Return the party that the duty at `passage` binds, with how it was found."""
        party = self._found(passage)
        if _YOU.fullmatch(party.words) and self._addressees:
            return self._addressees
        return party

    def _found(self, passage: Passage) -> Party:
        rules = (passage.sentence.article or "").startswith("第")
        return (
            own_party(passage)
            or _labelled(passage)
            or (self._label_of_item(passage) or self._beside_label(passage) if is_label(passage) else None)
            or _earlier_clause(passage)
            or self._label_of_item(passage)
            or (class_of_actor(passage) if rules or not self._addressees or _applies(passage) else None)
            or self._earlier_sentence(passage)
            or (None if rules else self._of_addressees(passage))
            or class_of_actor(passage)
            or self._before(passage, bool)
            or self._who_answers(passage)
            or Party("", Source.NONE)
        )

    def subject_of(self, number: int) -> Party | None:
        """Return the first party that sentence `number` names as a subject."""
        if number not in self._subjects:
            self._subjects[number] = _subject_of(self._structure.plain, self._structure.sentences[number])
        return self._subjects[number]

    def _label_of_item(self, passage: Passage) -> Party | None:
        """Return the party that a label beside this sentence names (责任单位:…;完成时限:…)."""
        headings = passage.sentence.headings
        sentences = self._structure.sentences
        for number in range(max(0, passage.number - _LABELS_AROUND), passage.number + _LABELS_AROUND + 1):
            if not headings or number >= len(sentences) or sentences[number].headings != headings:
                continue
            words = sentences[number].span.of(passage.plain)[:120]
            found = _LABEL.match(words)
            if found:
                return Party(found["who"], Source.LABEL)
        return None

    def _beside_label(self, passage: Passage) -> Party | None:
        """For a time in a title or behind a label: the party in the title, or in the next sentence of the item."""
        sentences = self._structure.sentences
        headings = passage.sentence.headings
        for number in (passage.number - 1, passage.number + 1, passage.number + 2):
            if not headings or not 0 <= number < len(sentences) or sentences[number].headings != headings:
                continue
            titled = sentences[number].span.end <= headings[-1].title.end
            if sentences[number].part is Part.BODY and (titled or number > passage.number):
                party = _agent_of(self._structure.plain, sentences[number]) or self.subject_of(number)
                if party:
                    return Party(party.words, Source.PARAGRAPH, party.span)
        return None

    def _earlier_sentence(self, passage: Passage) -> Party | None:
        here = passage.sentence.headings
        for number in range(passage.number - 1, max(-1, passage.number - 1 - _SENTENCES_BACK), -1):
            sentence = self._structure.sentences[number]
            if sentence.part is not Part.BODY or not _encloses(sentence, here):
                continue
            if not here and "\n" in passage.plain[sentence.span.end : passage.sentence.span.start]:
                break  # without list numbers a line is an item
            party = self.subject_of(number)
            if party:
                same = sentence.headings == here
                return Party(party.words, Source.PARAGRAPH if same else Source.HEADING, party.span)
        return None

    def _of_addressees(self, passage: Passage) -> Party | None:
        """Return the addressees; of several kinds the one that the items before speak of, if they do."""
        whole = self._addressees
        kinds = _several_kinds(whole.words) if whole else []
        if len(kinds) < 2:
            return whole
        assert whole is not None, "there are kinds of addressees"
        party = self._before(passage, lambda found: _kind_of(found, kinds) is not None)
        return party or replace(whole, source=Source.ONE_OF_ADDRESSEES)

    def _issued_by(self, party: Party) -> bool:
        return bool(self._structure.issuer) and str(self._structure.issuer).endswith(party.words)

    def _before(self, passage: Passage, wanted: Callable[[Party], bool]) -> Party | None:
        """Return the nearest earlier subject that is `wanted`; who applies or reports is no authority."""
        upward = _UPWARD.search(passage.after[:40])
        for number in range(passage.number - 1, max(-1, passage.number - 1 - _SENTENCES_BACK), -1):
            if self._structure.sentences[number].part is not Part.BODY:
                continue
            party = self.subject_of(number)
            if party is None or not wanted(party) or (upward and _AUTHORITY.search(party.words)):
                continue
            if not self._issued_by(party):
                return Party(party.words, Source.NEARBY, party.span)
        return None

    def _who_answers(self, passage: Passage) -> Party | None:
        """Return whom a public call is for: who a later item names and is no authority, else their class."""
        words = passage.title.rpartition("|")[2] + passage.before[-_CALL_REACH:] + passage.after[:_CALL_REACH]
        answer = next((name for verb, name in _ANSWERS if verb.search(words)), None)
        if answer is None:
            return None
        later = range(passage.number + 1, min(len(self._structure.sentences), passage.number + 1 + _SENTENCES_BACK))
        for number in later:
            party = self.subject_of(number) if self._structure.sentences[number].part is Part.BODY else None
            if party and _PERSONS.search(party.words):
                return Party(party.words, Source.NEARBY, party.span)
        return Party(answer, Source.CLASS)


def _applies(passage: Passage) -> bool:
    return _APPLIES.search(passage.after[:60]) is not None


def is_label(passage: Passage) -> bool:
    """Tell whether a time only fills a label or a title: nothing to do stands behind it in its sentence."""
    return not passage.after.strip(" )。;,:") and not subject_at(
        passage.plain, passage.clause.start, passage.span.start
    )


def _several_kinds(words: str) -> list[str]:
    return split_top(words, ",、;")


def _kind_of(party: Party, kinds: Sequence[str]) -> str | None:
    """Return the addressee whose last words are also the party's (各二次供水单位, 二次供水单位)."""
    tail = party.words[-4:]
    return next((kind for kind in kinds if tail in kind or kind[-4:] in party.words), None)


def own_party(passage: Passage) -> Party | None:
    """Return the party named in the clause of the time, before it or directly behind it."""
    party = subject_at(passage.plain, passage.clause.start, passage.span.start)
    if party:
        return party
    at = passage.behind
    while at < passage.end and passage.plain[at] in ", ":
        at += 1
    return subject_at(passage.plain, at, passage.end)


def _labelled(passage: Passage) -> Party | None:
    words = passage.plain[passage.start : passage.end]
    found = _LABEL.search(words)
    if found is None and passage.bracketed:
        found = _LEADS.search(words)
    if found is None:
        return None
    return Party(found["who"], Source.LABEL, Span(passage.start + found.start("who"), passage.start + found.end("who")))


def _earlier_clause(passage: Passage) -> Party | None:
    agent: Party | None = None
    for clause in reversed(clauses(passage.plain, passage.start, passage.clause.start)):
        party = subject_at(passage.plain, clause.start, clause.end + 1) or _of_condition(passage.plain, clause)
        if party and not party.agent:
            return Party(party.words, Source.SENTENCE, party.span)
        agent = agent or party
    if agent and class_of_actor(passage) is None:
        return Party(agent.words, Source.SENTENCE, agent.span)
    return None


def _of_condition(plain: str, clause: Span) -> Party | None:
    """Return the party that a condition speaks of, whatever its verb (企业名称改变的,应当…)."""
    found = _CONDITIONED.match(plain, clause.start, clause.end) if plain[clause.end - 1] == "的" else None
    return Party(found["who"], Source.OWN, Span(*found.span("who"))) if found else None


def class_of_actor(passage: Passage) -> Party | None:
    """因抢险救灾紧急占用的,…应当…: whoever does so, a class and no written party."""
    words = passage.before[-160:] + passage.span.of(passage.plain)[:20]
    if passage.start + 160 < passage.span.start:
        words = passage.before[:80] + words
    for pattern in _CLASSES:
        found = pattern.search(words)
        if found:
            noun = found.groupdict().get("noun") or "单位和个人"
            return Party(f"{found['who']}的{noun}", Source.CLASS)
    return None


def _encloses(sentence: Sentence, headings: Sequence[object]) -> bool:
    """Tell whether a sentence stands in the same item or in one that contains it."""
    depth = len(sentence.headings)
    if depth == 0 or not headings:
        return depth == len(headings)
    return depth <= len(headings) and tuple(headings[:depth]) == sentence.headings


def _subject_of(plain: str, sentence: Sentence) -> Party | None:
    """Return the first subject; of 申请人提出申请的,受理机关应当… the one that must act."""
    of_condition: Party | None = None
    for clause in _first_clauses(plain, sentence):
        party = subject_at(plain, clause.start, clause.end + 1)
        if party is None or party.agent:
            continue
        if plain[clause.end - 1] != "的":
            return _with_parallel(plain, party, clause)
        of_condition = of_condition or party
    return of_condition


def _agent_of(plain: str, sentence: Sentence) -> Party | None:
    """Return the first party if 由 names it (由村委会组织申请)."""
    found = (subject_at(plain, clause.start, clause.end + 1) for clause in _first_clauses(plain, sentence))
    first = next((party for party in found if party), None)
    return first if first and first.agent else None


def _first_clauses(plain: str, sentence: Sentence) -> list[Span]:
    return clauses(plain, sentence.span.start, min(sentence.span.end, sentence.span.start + 300))


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


def paired(party: Party, lead: str, place: tuple[int, int]) -> tuple[Party, str | None]:
    """Return the party and the thing that 分别 gives to this time of a list, where it pairs them.

    甲局、乙局分别于4月1日、5月1日前 pairs parties; 县级自查、市级复查分别于… parties and what they do;
    纸质材料和电子材料分别于… things only.
    """
    found = _RESPECTIVELY.search(lead)
    names = _listed(lead[: found.start()]) if found and place[1] > 1 else []
    if len(names) != place[1] or place[1] < 2:
        return party, None
    name = names[place[0]]
    own = subject_at(name, 0, len(name))
    if own is None or own.span is None:
        return party, name
    return replace(party, words=own.words), name[own.span.end :]


def _listed(words: str) -> list[str]:
    return split_top(re.sub(r"以及|[和及与]", "、", words), "、")
