"""Rest-day rules that a notice states, and which of its deadlines each one covers."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace

from obligations.deadline import Deadline, Roll, Undated
from obligations.derivation.passage import Passage, clause_end
from obligations.notice import Span
from obligations.structure import Part, Sentence, Structure

_REST = r"(?:节假日|假日|假期|休息日|双休日|公休日|公休|周末|节日|长假|非工作日)"
# 遇节假日顺延, 逢双休日提前至前一个工作日, 截止日为法定休假日的顺延至节后首个工作日.
_RULE = re.compile(
    rf"(?:(?:遇|逢)(?:到|上)?|(?:日|天|时间)(?:为|是|属于?))(?P<days>[^。;()]{{0,40}}?(?:{_REST}|休假日))(?:期间)?(?:的|时)?[,、]?"
    r"(?P<what>[^。;()]{0,24}?)(?P<not>不再|不予|概不|无需|不)?(?P<move>顺延|推迟|延后|后延|延至|延期|提前|前移|提早)"
)
_MOVES = re.compile(
    r"顺延|推迟|延后|后延|延[至期]|提[前早]|前移|不[因受论]|无论"
)  # without such a word there is no rule
_KEPT = re.compile(rf"(?:不因|不受|无论|不论)[^。;,()]{{0,16}}{_REST}|(?:不|不予|不再|概不)顺延")
_LATER = frozenset(("顺延", "推迟", "延后", "后延", "延至", "延期"))
_ALL = re.compile(r"(?:上述|以上|各项|所有|本通知)[^。;]{0,16}(?:时间|期限|日期|时限|节点|报送|事项)")
_BACK = re.compile(r"(?:上述|以上)(?!各|所有|全部)")
_ITEMS = re.compile(r"\([一二三四五六七八九十\d]{1,3}\)|(?<![\d.])\d{1,2}(?=[、项和至])")
_PERIODIC = re.compile(r"(?:[月季周旬年]|半年)(?:度|报)")
_LONGEST_TOPIC = 40
_TIMED = re.compile(r"\d ?[日月]|每[日周月季年]|[日月底]前|[日月]内|工作日")
_IN_FORCE = re.compile(
    r"[自从][^,;。:]{2,14}?起(?:开始)?(?:执行|施行|实施|生效)"
)  # from when they hold is no time of its own
_RULES_LOOKED_AT = 8


@dataclass(frozen=True, slots=True)
class StatedRoll:
    """A rule as written: `roll` is `None` where the words say that nothing moves (不顺延)."""

    roll: Roll | None
    span: Span
    sentence: int


class StatedRolls:
    """The rest-day rules of a notice; ask `covering` for the one that a time is under."""

    def __init__(self, structure: Structure) -> None:
        self._structure = structure
        self._rules = [
            rule
            for number, sentence in enumerate(structure.sentences if _MOVES.search(structure.plain) else ())
            if sentence.part is Part.BODY and _MOVES.search(structure.plain, *sentence.span)
            for rule in _rules_in(structure.plain, sentence, number)
        ]
        self._starts = [rule.span.start for rule in self._rules]

    def holds(self, span: Span) -> bool:
        """Tell whether the words at `span` are part of a rest-day rule (顺延至节后首个工作日)."""
        at = bisect_right(self._starts, span.start)
        return at > 0 and span.start < self._rules[at - 1].span.end

    def covering(self, passage: Passage, recurs: bool) -> Roll | None:
        """Return the roll that the notice states for the time at `passage`, or `None`; `recurs` tells a rule.

        A rest-day rule in the same sentence wins, else the nearest later one that reaches back to the place.
        """
        number, at = passage.number, bisect_left(self._starts, passage.span.start)
        following = self._rules[at : at + _RULES_LOOKED_AT]
        here = [*following[:1], *(self._rules[at - 1 : at] if at else ())]
        near = next((rule for rule in here if rule.sentence == number), None)
        if near:
            return near.roll if self._speaks_of(near, passage, recurs) else None
        covers = (one for one in following if self._reaches(one, number) and self._speaks_of(one, passage, recurs))
        return next((rule.roll for rule in covers), None)

    def _speaks_of(self, rule: StatedRoll, passage: Passage, recurs: bool) -> bool:
        """Tell whether a rule about 月报 or 月度、季度报表及预算方案 is about this time; without a topic it is."""
        words = self._structure.plain[max(0, rule.span.start - _LONGEST_TOPIC) : rule.span.start]
        topic = re.split(r"[,;。:\n]", words)[-1]
        if recurs or not _PERIODIC.search(topic):
            return True
        around = passage.lead + passage.tail
        return any(len(name) > 2 and name in around for name in re.split(r"[、及和与]|的报送日?", topic))

    def _reaches(self, rule: StatedRoll, number: int) -> bool:
        """Tell whether a rule reaches back to sentence `number`.

        One that closes an item covers that item; one with an item to itself or that names 上述 dates
        covers everything before it under the same parent; one that lists items covers those.
        """
        ruled, timed = self._structure.sentences[rule.sentence], self._structure.sentences[number]
        words = self._structure.plain[max(ruled.span.start, rule.span.start - 60) : rule.span.end]
        if _TIMED.search(_IN_FORCE.sub("", words[: len(words) - (rule.span.end - rule.span.start)])):
            return False  # it stands beside a time of its own
        items = set(_ITEMS.findall(words))
        if items:
            return any(heading.number.rstrip("、.") in items for heading in timed.headings)
        if _BACK.search(words) and ruled.headings and not self._alone(rule.sentence):
            # On a line of its own it closes the list, not its last item.
            whole = ruled.headings[:-1] if self._opens_line(ruled) else ruled.headings
            return timed.headings[: len(whole)] == whole
        if _ALL.search(words) or not ruled.headings or ruled.headings == timed.headings:
            return True
        alone = self._alone(rule.sentence)
        parents = ruled.headings[:-1] if alone else ruled.headings
        inside = timed.headings[: len(parents)] == parents
        return inside and (alone or len(timed.headings) > len(ruled.headings))

    def _opens_line(self, sentence: Sentence) -> bool:
        return "\n" in self._structure.plain[max(0, sentence.span.start - 4) : sentence.span.start]

    def _alone(self, number: int) -> bool:
        """Tell whether the sentence opens its item, titles aside, so that the item is about the rule."""
        here = self._structure.sentences[number]
        before = self._structure.sentences[number - 1] if number else None
        return before is None or before.headings != here.headings or before.span.end <= here.headings[-1].title.end


def _rules_in(plain: str, sentence: Sentence, number: int) -> list[StatedRoll]:
    found: list[StatedRoll] = []
    start, end = sentence.span
    for match in _RULE.finditer(plain, start, end):
        roll = Roll.FOLLOWING if match["move"] in _LATER else Roll.PRECEDING
        found.append(
            StatedRoll(
                None if match["not"] else roll,
                Span(match.start(), clause_end(plain, match.end(), min(end, match.end() + 40))),
                number,
            )
        )
    taken = found[-1].span.start if found else end
    for match in _KEPT.finditer(plain, start, taken):
        found.append(StatedRoll(None, Span(*match.span()), number))
    return sorted(found, key=lambda rule: rule.span.start)


def with_roll(deadline: Deadline, roll: Roll | None) -> Deadline:
    """Return `deadline` with the stated roll; what has no due day stays as it is."""
    return deadline if roll is None or isinstance(deadline, Undated) else replace(deadline, roll=roll)
