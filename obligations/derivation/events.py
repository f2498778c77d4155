"""Binding a count to its event: 自受理之日起, 险情排除后, 期满前, or the condition a sentence opens with."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from obligations.deadline import Direction
from obligations.derivation.passage import Passage, clauses
from obligations.grammar.reading import Count
from obligations.notice import Span
from obligations.roles.party import subject_at
from obligations.roles.words import DUTY_VERB

_SINCE = re.compile(r"(?P<event>[^,;。:!?\n]{0,60}?)(?:之日|之时|当日|次日|之次日|的次日|当天)?起(?:算|计算)?,? ?的?$")
_AFTER = re.compile(
    r"(?P<event>[^,;。:!?\n]{1,60}?)(?:之后|以后|(?<!最)后)的?,? ?(?:(?:应当|应|须|必须|要|需)?(?:于|在)?)$"
)
_ON = re.compile(
    r"(?P<event>(?:收到|接到|取得|领取|受理|签订|作出|获得|公示|开工|竣工|批准|公布|发布|知道)[^,;。:!?\n后前]{0,20})$"
)
_BEFORE = re.compile(r"(?P<event>[^,;。:!?\n]{1,60}?)(?:之前|以前|前)的?(?:至少|不少于)? ?$")
_ADJACENT = re.compile(
    r"(?:后|前|起|算|至少|不少于)的?,? ?$|(?:收到|接到|取得|领取|受理|签订|作出|获得)[^,;。:后前]{0,20}$"
)
_MODAL_END = re.compile(r"(?:于|在|应|须|要|并)$")
_RECEIVED_IN = re.compile(r"(?P<event>(?:收到|接到|接报|发现|发生|受理)[^,;。:]{0,24}?)之?后")
_BORDER = re.compile(r"[,;。!?\n():](?<!\d:(?=\d\d))")
_AHEAD = re.compile(r"提前(?:至少|不少于)?$")
# What an event cannot reach across: the preposition or modal word that opens it.
_OPENS = re.compile(
    r"(?=[应必务须要需可请于在自从并由])(?:应当(?!场)|必须|务必|(?<![响反供适相对效回])应(?![急收付对知])|须|(?<![主重需必])要(?![求素件])|(?<!无)需(?![要求])|可以|(?<![申提聘邀恳报])请(?!示|求)|(?<![关由对终低高大小等])于|(?<![存所现正])在(?![建职册校线岗])"
    r"|自(?![然治行主查贸动愿])|从(?![业事])|并|由(?!于))"
)
_EVENT_CLAUSE = re.compile(r"(?P<event>[^,;。:]{2,60}?)(?:之后|以后|后|时|之日起|的|的时候)$")
_HAPPENS = re.compile(
    r"^(?P<event>(?:一旦|如|若|凡)?(?:发生|出现|发现|遇|遇有|遇到|接到|收到|需要|确需)[^,;。:]{2,40})$"
)
_HAPPENING = re.compile(
    r"(?P<event>(?:发生|出现|发现|遇到|接到|收到)[^,;。:]{2,30}?)(?:立即|(?<![响反供适相对效回])应|要|须|必须|并|,|及时|第一时间)"
)
_FIRST_ACT = re.compile(r"可以?(?P<event>先行[^,;。:]{2,8})$")
_LAST_ACT = re.compile(r"(?P<event>(?:办理|完成|报送|提交|申请|开展|作出|下达)[^,;。:]{2,20})$")
# An event is something done or happening; a bare noun is not.
_EVENTFUL = re.compile(
    rf"{DUTY_VERB}|施工|开工|修剪|占用|移交|代偿|竞得|接到|收到|同意|批准|期满|届满|遇到|投产|入学|上岗|出现|发生|进入|使用|经营|开业|运输|作业|出厂|销售|离任|变动|变化|到期|进场|出场|开展|砍伐|移植|征收|出让|供应|通过|接报"
)
_RECEIVES = re.compile(r"在?(?:收到|接到|接报|完成|受理|取得|发现|进行|核发|竞得|办理|开展|申请)")


# The character that closes the event, within so many characters before the time, its expression and direction.
_MARKED = (
    ("起", _SINCE, Direction.AFTER),
    ("后", _AFTER, Direction.AFTER),
    ("前", _BEFORE, Direction.BEFORE),
    ("", _ON, Direction.AFTER),
)
_MARK_REACH = 12


_LONGEST_EVENT = 45


@dataclass(frozen=True, slots=True)
class Bound:
    """A count bound to its event. `start` is where the words of the whole expression begin."""

    event: str
    direction: Direction
    start: int
    found: str  # beside, sentence, carried, none


def bind(count: Count, passage: Passage, carried: str | None) -> Bound:
    """Return the event that `count` runs from; `carried` is the event of an earlier time in the sentence."""
    lead = passage.before[-80:]
    if count.offset == 0 or count.event:
        event, start = _opened(lead, len(lead), passage) if count.offset == 0 else ("", 0)
        if event and _EVENTFUL.search(event) and not _MODAL_END.search(lead):
            return Bound(event, count.direction, start, "beside")
    if count.event:
        return Bound(count.event, count.direction, passage.span.start, "beside")
    if count.direction is Direction.BEFORE:
        event, start = _opened(lead, len(lead), passage)
        if event:
            return Bound(event, Direction.BEFORE, start, "beside")
    if not _AHEAD.search(lead):
        near = lead[-_MARK_REACH:]
        for mark, pattern, direction in _MARKED:
            found = pattern.search(lead) if mark in near else None
            if found is None:
                continue
            event, start = _opened(lead, found.end("event"), passage)
            if event and _ADJACENT.search(lead):
                return Bound(event, direction, start, "beside")
            if event:
                return Bound(event, direction, passage.span.start, "beside")
    ahead = _AHEAD.search(lead)
    bound = _from_sentence(passage, Direction.BEFORE if ahead else count.direction, carried)
    return replace(bound, start=passage.span.start - len(ahead[0])) if ahead else bound


def _border(lead: str, end: int) -> int:
    """Return where the clause that ends at `end` begins: behind the last mark outside brackets."""
    depth = 0
    for mark in reversed([*_BORDER.finditer(lead, 0, end)]):
        if mark[0] == ")":
            depth += 1
        elif mark[0] == "(" and depth:
            depth -= 1
        elif depth == 0:
            return mark.end()
    return 0


def _opened(lead: str, end: int, passage: Passage) -> tuple[str, int]:
    """Return the event that ends at `end` of `lead`, and the offset in the notice where its words begin."""
    begin = word_start = _border(lead, end)
    for opening in _OPENS.finditer(lead, begin, end):
        begin = opening.end()
        word_start = opening.start() if opening[0] in ("自", "从") else opening.end()
    event = lead[begin:end]
    at = passage.span.start - len(lead) + word_start
    own = subject_at(passage.plain, at, at + len(event) + 1) if _RECEIVES.search(event) else None
    if own and own.span and _RECEIVES.match(passage.plain, own.span.end):  # 教育厅收到数据后…反馈
        event, at = passage.plain[own.span.end : at + len(event)], own.span.end
    return event.strip(" 本该“”").removeprefix("经"), at


def _from_sentence(passage: Passage, direction: Direction, carried: str | None) -> Bound:
    start = passage.span.start
    earlier = clauses(passage.plain, passage.start, passage.clause.start)
    for clause in reversed(earlier):
        words = clause.of(passage.plain)
        found = (
            _FIRST_ACT.search(words)
            or _EVENT_CLAUSE.search(words)
            or _HAPPENS.search(words)
            or _RECEIVED_IN.search(words)
        )
        if found and carried and not words.endswith(("后", "时", "之日起")):
            return Bound(carried, direction, start, "carried")
        if found:
            return Bound(_without_subject(passage.plain, clause, found), direction, start, "sentence")
    if carried:
        return Bound(carried, direction, start, "carried")
    happening = _HAPPENING.search(passage.lead)
    if happening:
        return Bound(happening["event"], direction, start, "sentence")
    return Bound("", direction, start, "none")


def _without_subject(plain: str, clause: Span, found: re.Match[str]) -> str:
    """Return the event of a clause without the party that opens it: 报告单位发现病人时 → 发现病人."""
    party = subject_at(plain, clause.start, clause.end + 1)
    if party is None or party.span is None or found.start("event"):
        return found["event"]
    rest = plain[party.span.end : clause.start + found.end("event")]
    return rest if len(rest) > 3 and _EVENTFUL.search(rest[:4]) else found["event"]


def event_between(passage: Passage, end: int) -> tuple[str, int] | None:
    """Return the event whose words end at offset `end`, and where they begin; `None` if too short or too long."""
    lead = passage.plain[max(passage.start, end - 80) : end]
    shifted = Passage(passage.plain, passage.sentence, passage.number, Span(end, end))
    event, start = _opened(lead, len(lead), shifted)
    if not 2 <= len(event) <= _LONGEST_EVENT or event.count("、") > 1 or not _EVENTFUL.search(event):
        return None
    return event, start


def first_act(passage: Passage) -> str | None:
    """Return what a 同时 or 同步 goes with: the act or the condition named last before it."""
    for clause in reversed(clauses(passage.plain, passage.start, passage.clause.start)):
        words = clause.of(passage.plain)
        found = _FIRST_ACT.search(words) or _EVENT_CLAUSE.search(words) or _LAST_ACT.search(words)
        if found:
            return found["event"]
    return None
