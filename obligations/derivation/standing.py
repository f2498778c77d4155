"""Duties without a number: tied to an event (开工前), to a vague word (及时), or to another document (另行通知)."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from obligations.deadline import Deadline, Direction, Freq, RecurringDeadline, RelativeDeadline, Undated
from obligations.derivation.events import event_between, first_act
from obligations.derivation.parties import own_party
from obligations.derivation.passage import Passage, clause_end, clauses
from obligations.notice import Span
from obligations.roles.party import subject_at
from obligations.roles.words import DUTY_VERB
from obligations.structure import Part, Structure

_MARKS = re.compile(
    r"(?=[之以前后时同责要通限另及尽立第马适定不])(?:"  # the first characters of all that follows
    r"(?P<before>(?<![目当日月年天事提空眼跟面支生赛会午之以史先])(?:之|以)?前"
    r"(?!提(?![交供出请报])|[期款述往置身景列沿三两一二四五\d]))"
    r"|(?P<after>(?<![最然今此随日月年天事课战空超眼跟面支落背幕之以前期分滞延先])(?:之|以)?后"
    r"(?![续期勤备果台方退者面来的盾\d]))"
    r"|(?P<at>(?<![及同实按临届平随定小限暂有费准学课计耗延适何])时(?![间期段候限效刻任代长常而\d]))"
    r"|(?P<with>(?<=[位门关人局委司构者险情业])同[步时](?=告知|报告|对|将|向|抄送|通报|报送|办理|申请|开展|落实|下达))"
    r"|(?P<order>(?:责令|责成|通知其|要求其)?限期(?P<cure>恢复|改正|整改|拆除|补办|治理|缴纳|清理|迁移|完成|办理|改造))"
    r"|(?P<notice>另行(?:通知|公告|公布|发布|发文|确定|安排|部署))"
    r"|(?P<vague>(?<![不])及时(?!性|有效|[、准足])|尽快|立即|第一时间|马上|适时)"
    r"|(?P<regular>(?<!一)定期(?!限|存|间|限)|不定期))"
)
_FIRST = re.compile(r"[前后时之以同责通要限另及尽立第马适定不]")
_MODAL = re.compile(
    r"(?=[应必务须要需不负由请])(?:应当|(?<![响反供适相对效回])应(?![急收付对用])|必须|务必|须|(?<![主重需必])要(?![求素件])|(?<!无)需(?![要求])|不得|负责|由(?!于)|请)"
)
_MAY = re.compile(r"可以?(?![行靠能持])|有权|享受|鼓励|支持")
_ACTS = re.compile(DUTY_VERB)
_LISTS = re.compile(r"包[含括]|.*以及|[\d:)]")  # what a document holds, or the rest of a time
_DIRECTIONS = {"before": Direction.BEFORE, "after": Direction.AFTER, "at": Direction.AT}
_REACH = 90
_SAID_ALREADY = 30
_NEXT_TO = 3  # 汇总后于4月15日前: the date limits, the event only opens the way


@dataclass(frozen=True, slots=True)
class Standing:
    """A duty without a number, its words and what it waits for; `core` where a party and an event are named."""

    passage: Passage
    deadline: Deadline
    pattern: str
    core: bool


def find_standing(
    structure: Structure, starts: Sequence[int], taken: Sequence[Span], events: Container[tuple[int, str]]
) -> Iterator[Standing]:
    """Yield the duties without a number of the body.

    Places in `taken` (sorted) already hold a time; `events`, as (sentence, words), already have a number.
    """
    begins = [span.start for span in taken]
    last: tuple[int, int] | None = None  # sentence and end of the last event
    for mark in _marks(structure.plain):
        number = bisect_left(starts, mark.end()) - 1
        if number < 0:
            continue
        sentence = structure.sentences[number]
        if sentence.part is not Part.BODY or mark.end() > sentence.span.end:
            continue
        near = bisect_left(begins, mark.end())
        if near and taken[near - 1].end > mark.start():
            continue
        if near < len(taken) and taken[near].start <= mark.end() + _NEXT_TO:
            continue
        timed = bool(near) and bisect_left(starts, begins[near - 1] + 1) - 1 == number
        passage = Passage(structure.plain, sentence, number, Span(*mark.span()))
        if passage.bracketed or passage.before.count("《") > passage.before.count("》"):
            continue
        kind = mark.lastgroup if mark.lastgroup != "cure" else "order"
        if timed and kind in ("before", "after", "at", "vague", "regular") and _follows_time(passage, begins[near - 1]):
            continue
        if kind in ("before", "after", "at") and _only_conditions(passage, taken, near):
            continue
        found = _READERS[str(kind)](passage, mark)
        if found is None or (number, getattr(found.deadline, "event", None)) in events:
            continue
        if kind == "vague" and last and last[0] == number and mark.start() - last[1] < _SAID_ALREADY:
            continue  # 收到指派后,应尽快组织…: the event says when
        if isinstance(found.deadline, RelativeDeadline):
            last = number, mark.end()
        yield found


def _marks(plain: str) -> Iterator[re.Match[str]]:
    """Yield the marks in order; only places that hold the first character of one are looked at closely."""
    done = 0
    for place in _FIRST.finditer(plain):
        mark = _MARKS.match(plain, place.start()) if place.start() >= done else None
        if mark:
            done = mark.end()
            yield mark


def _follows_time(passage: Passage, start: int) -> bool:
    """Tell whether the words only go on with the duty of the time at `start`, without party or modal word."""
    lead = passage.plain[passage.clause.start : passage.span.start]
    return start < passage.span.start and not _MODAL.search(lead) and own_party(passage) is None


def _only_conditions(passage: Passage, taken: Sequence[Span], near: int) -> bool:
    """Tell whether an event is but the condition of a duty that has a time: 接报后会同…审核后于15日前报….

    The time stands later in the clause, in the next one if that names no party, or before the event in its clause.
    """
    if near and taken[near - 1].end > passage.clause.start:
        return True
    if near and passage.lead.startswith("由") and taken[near - 1].end > passage.start:
        return True
    if near == len(taken):
        return False
    following = taken[near].start
    if following < passage.clause.end:
        return True
    start = passage.clause.end + 1
    end = clause_end(passage.plain, start, passage.end) if start < passage.end else start
    if not start <= following < end:
        return False
    party = subject_at(passage.plain, start, end)
    return party is None


def _event(passage: Passage, mark: re.Match[str]) -> Standing | None:
    event = event_between(passage, mark.start())
    if event is None:
        return None
    words, start = event
    if _LISTS.match(words) or words.count("(") != words.count(")"):
        return None
    rest = passage.after.lstrip(", ")[:_REACH]
    next_clause = passage.plain[passage.span.end : passage.end].lstrip(",")[:_REACH].split(",")[0]
    lead = passage.plain[passage.clause.start : start]
    bound = bool(_MODAL.search(lead) or _MODAL.search(rest)) or _bound(passage)
    party = own_party(Passage(passage.plain, passage.sentence, passage.number, Span(start, mark.end())))
    if not bound and party is None:
        return None
    if (
        not _ACTS.search(rest)
        or _MAY.search(lead)
        or _MAY.match(next_clause.lstrip("也均都还"))
        or "可" in next_clause[:12]
        or next_clause.endswith("时")
    ):
        return None
    direction = _DIRECTIONS[str(mark.lastgroup)]
    widened = Passage(passage.plain, passage.sentence, passage.number, Span(start, mark.end()))
    return Standing(
        widened,
        RelativeDeadline(event=words, direction=direction),
        f"event-{direction}",
        core=bound or party is not None,
    )


def _with(passage: Passage, mark: re.Match[str]) -> Standing | None:
    event = first_act(passage)
    if event is None:
        return None
    return Standing(passage, RelativeDeadline(event=event, direction=Direction.AT), "event-with", core=True)


def _order(passage: Passage, mark: re.Match[str]) -> Standing | None:
    party = own_party(passage)
    deadline = Undated(why="set_elsewhere", where=f"责令限期{mark['cure']}决定", set_by=party.words if party else None)
    return Standing(passage, deadline, "order-sets-limit", core=False)


def _notice(passage: Passage, mark: re.Match[str]) -> Standing | None:
    if not re.search(r"时间|日期|期限|安排|事项|地点|办法|名单|结果|要求", passage.lead):
        return None
    return Standing(passage, Undated(why="set_elsewhere", where=mark[0]), "notice-sets-limit", core=False)


def _vague(passage: Passage, mark: re.Match[str]) -> Standing | None:
    if not _ACTS.search(passage.tail[:16]) or not _bound(passage):
        return None
    return Standing(passage, Undated(why="vague", word=mark[0]), "vague", core=False)


def _regular(passage: Passage, mark: re.Match[str]) -> Standing | None:
    if not _ACTS.search(passage.tail[:30]) or not _bound(passage):
        return None
    return Standing(passage, RecurringDeadline(freq=Freq.UNSPECIFIED), "regular", core=False)


def _bound(passage: Passage) -> bool:
    """Tell whether the clause belongs to a duty and not to a purpose (为及时…)."""
    if re.match(r"[^,]{0,4}(?:为|以便|有利于|便于|为了)", passage.lead):
        return False
    earlier = clauses(passage.plain, passage.start, passage.clause.end)
    return any(_MODAL.search(clause.of(passage.plain)) for clause in earlier) or own_party(passage) is not None


_READERS = {
    "before": _event,
    "after": _event,
    "at": _event,
    "with": _with,
    "order": _order,
    "notice": _notice,
    "vague": _vague,
    "regular": _regular,
}
