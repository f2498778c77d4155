"""List numbers and headings: 第一章, 第三条, 一、, (一), 1., (1), in text with and without line breaks.

A mark is believed by where it stands and by its place in the running count: at the start of a line or after
a closing mark a list may begin; in the middle of run-on words only the next number of an open list counts, or
the first of a list below a bare heading (二、主要任务(一)建立健全管理体制1. 完善…).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from obligations.grammar.numerals import read_number
from obligations.notice import Span
from obligations.structure.parts import Heading

_HAN = "一二三四五六七八九十"
_MARK = re.compile(
    rf"(?=[第{_HAN}(\d①-⑳])(?:"  # the first characters of all that follows
    rf"第(?P<ordinal>[{_HAN}百零〇]{{1,6}}|\d{{1,3}})(?P<kind>[章节条])"
    rf"|(?P<han>[{_HAN}]{{1,3}})(?: ?、|\.(?!\d))"
    rf"|\( ?(?P<paren_han>[{_HAN}]{{1,3}}) ?\)"
    r"|\( ?(?P<paren_digit>\d{1,2}) ?\)"
    # A number glued to a date is a number all the same: 2.5月6日前.
    r"|(?<![\d.A-Za-z/-])(?P<digit>\d{1,2})[.、](?!\d(?!\d{0,1} ?月 ?[\d底上中下]|\d{3}年))"
    r"|(?<![\d(])(?P<digit_close>\d{1,2})\)"
    r"|(?P<circled>[①-⑳]))",
    re.ASCII,  # digits of other scripts number nothing
)
# Rank in the nesting, and the level a reader is told.
_RANKS = {
    "章": (1, 1),
    "节": (2, 1),
    "han": (3, 1),
    "条": (4, 2),
    "paren_han": (5, 2),
    "digit": (6, 3),
    "digit_close": (7, 3),
    "paren_digit": (8, 4),
    "circled": (9, 4),
}
# 第五条规定的, 第(一)、(二)项, 附件1.: references and labels, not the numbers of a list.
_ORDINAL_CITED = re.compile(r"[、和及或至与]|规定|所列|所称|的|第|款|项|中|之")
_ITEM_CITED = re.compile(r"[、项款]|规定的")
_CITED_BEFORE = re.compile(
    rf"(?:第|附件|附表|[表图其之至见款项、(-]|按照?|依照|根据|[和及或与]|第[{_HAN}百零]{{1,6}}条)$"
)
_ARTICLE = _RANKS["条"][0]
BARE_TITLE = 40
# The colon of a clock (17:30) ends no title.
_TITLE_STOP = re.compile(r"[。;,!?\n:](?<!\d:(?=\d\d))")
_TITLE_WORDS = (
    r"(?:要求|条件|流程|范围|内容|时间|方式|目标|任务|程序|材料|原则|措施|保障|安排|事项|权益|机制|标准|监管|导向|模式|办法|对象|职责"
    r"|步骤|重点|依据|期限|方法|分工|管理|监督|服务|责任|领导|意义|认识)"
)
_TITLE_ALONE = re.compile(rf"[^,;。:]{{0,12}}(?:{_TITLE_WORDS}|情况|问题|工作|阶段)。")
_TITLE_WORD = re.compile(
    rf"{_TITLE_WORDS}"
    r"(?=请|各[县市区级有单部地街乡镇相]|本[次通办市局省着]|为[了进做加切贯深全]|按照?|对于|由|凡|根据|依据|以《|参照|原则上|紧|围绕|坚持)"
)
_DUTY = re.compile(r"应[当于在按将每]|不得|不低于|不超过|必须|可以|请|[日月]底?前|[日月时]内|每[年月季周日半]")


@dataclass(frozen=True, slots=True)
class Mark:
    """A believed list number: its span, its nesting rank (1 outermost), the level and the number it counts."""

    span: Span
    rank: int
    level: int
    count: int


def find_marks(plain: str, start: int, end: int) -> list[Mark]:
    """Return the list numbers between `start` and `end`, in order."""
    count = _Count(plain, start, end)
    for found in _MARK.finditer(plain, start, end):
        mark = _read(found)
        if mark is not None and count.believes(mark, found):
            count.accept(mark)
    return count.marks


def _read(found: re.Match[str]) -> Mark | None:
    name = found.lastgroup or ""
    kind = found["kind"] if name == "kind" else name
    words = found["ordinal"] if name == "kind" else found[name]
    count = ord(words) - ord("①") + 1 if kind == "circled" else read_number(words)
    if not count:
        return None
    rank, level = _RANKS[kind]
    return Mark(Span(*found.span()), rank, level, count)


def next_mark(plain: str, start: int, end: int) -> str | None:
    """Return the mark that would continue the outermost list (一、二、…) between `start` and `end`."""
    counts = [
        mark.count for mark in find_marks(plain, start, end) if plain[mark.span.end - 1] == "、" and mark.rank == 3
    ]
    if not counts or counts[-1] >= 99:
        return None
    return in_han(counts[-1] + 1) + "、"


def in_han(number: int) -> str:
    """Return `number`, 1 to 99, in Chinese numerals: 十, 十二, 二十一; others in digits."""
    if not 1 <= number <= 99:
        return str(number)
    tens, ones = divmod(number, 10)
    return (_HAN[tens - 1] if tens > 1 else "") + ("十" if tens else "") + (_HAN[ones - 1] if ones else "")


class _Count:
    """The running count of all open lists between `start` and `end`."""

    def __init__(self, plain: str, start: int, end: int) -> None:
        self.marks: list[Mark] = []
        self._plain, self._start, self._end = plain, start, end
        self._last: dict[int, int] = {}  # rank → number of its last item

    def accept(self, mark: Mark) -> None:
        """Take `mark` for the current item; lists below it begin anew, but articles run through all chapters."""
        kept = {rank: last for rank, last in self._last.items() if rank < mark.rank or rank == _ARTICLE > mark.rank}
        self._last = kept | {mark.rank: mark.count}
        self.marks.append(mark)

    def believes(self, mark: Mark, found: re.Match[str]) -> bool:
        """Tell whether `mark`, which `found` matched, numbers an item and is no reference or label."""
        cited = {"kind": _ORDINAL_CITED, "paren_han": _ITEM_CITED}.get(found.lastgroup or "")
        if cited and cited.match(self._plain, mark.span.end, self._end):
            return False
        before = mark.span.start
        while before > self._start and self._plain[before - 1] == " ":
            before -= 1
        previous = self._plain[before - 1] if before > self._start else "\n"
        if previous == "\n":
            return True
        expected = self._last.get(mark.rank, 0) + 1
        if previous in "。;:!?":
            return mark.count in (1, expected) or (mark.rank <= _ARTICLE and mark.count > expected)
        return mark.count == expected and self._believes_run_on(mark, found, before)

    def _believes_run_on(self, mark: Mark, found: re.Match[str], before: int) -> bool:
        """Judge the next number of a list that follows plain words, at `before`, without any closing mark."""
        kind = found.lastgroup
        head = self._plain[max(self._start, before - 8) : before]
        if kind == "digit_close" or (head[-1].isascii() and head[-1].isalnum()) or _CITED_BEFORE.search(head):
            return False
        follows = self._plain[mark.span.end : mark.span.end + 1]
        if kind == "han" and (found[0].endswith(".") or _MARK.match(self._plain, mark.span.end, self._end)):
            return False  # 一、二、三级
        if kind == "digit" and found[0].endswith("、") and follows.isdigit():
            return False  # 每年5、11月25日前
        if self._below_bare_title(mark):
            return True
        return follows == " " if kind == "kind" else mark.count > 1

    def _below_bare_title(self, mark: Mark) -> bool:
        if not self.marks or self.marks[-1].rank >= mark.rank:
            return False
        since = self.marks[-1].span.end
        return 0 < mark.span.start - since <= BARE_TITLE and not _TITLE_STOP.search(self._plain, since, mark.span.start)


def title_end(plain: str, mark: Mark, limit: int, inside: bytearray) -> int:
    """Return where the title after `mark` ends; `mark.span.end` if the item has none.

    A title is a short run without a comma that the line, a colon, a full stop with more text behind it or behind a
    title word, or the next mark (at `limit`) ends; or, where the line break is lost, a title word before the start
    of a sentence.
    Articles have no titles. `inside` tells which characters stand in brackets.
    """
    start = mark.span.end
    if mark.rank == _ARTICLE:
        return start
    reach = min(limit, start + BARE_TITLE)
    stop = next((one for one in _TITLE_STOP.finditer(plain, start, reach) if not inside[one.start()]), None)
    if stop is None and limit <= start + BARE_TITLE:
        return limit
    if stop is not None and stop[0] == "\n":
        return stop.start()
    if stop is not None and stop[0] == ":":
        return stop.end()
    if stop is not None and stop[0] == "。" and not _DUTY.search(plain, start, stop.start()):
        line_end = plain.find("\n", stop.end(), limit)
        more = plain[stop.end() : limit if line_end < 0 else line_end].strip()
        if more or _TITLE_ALONE.fullmatch(plain, start, stop.end()):
            return stop.end()
    word = _TITLE_WORD.search(plain, start, min(stop.start() if stop else limit, start + 24))
    return word.end() if word else start


def nest(stack: list[tuple[int, Heading]], mark: Mark, heading: Heading) -> list[tuple[int, Heading]]:
    """Return the stack of open headings after `heading`, ranks outermost first."""
    return [*(entry for entry in stack if entry[0] < mark.rank), (mark.rank, heading)]
