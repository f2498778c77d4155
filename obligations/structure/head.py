"""The head of a notice: title, document number, and the line of addressees that ends in the first colon."""

from __future__ import annotations

import re
from dataclasses import dataclass

from obligations.notice import Span
from obligations.structure.names import UNIT_END, split_top

HEAD_REACH = 1500  # the head lies within so many characters
_DOC_NUMBER = re.compile(
    r"[\u4e00-\u9fff]{1,16}[〔\[(【] ?(?:19|20)\d{2} ?[〕\])】] ?第?\d{1,5} ?号|(?:19|20)\d{2}年第\d{1,4}号"
)
_KIND_END = re.compile(
    r"(?:通知|通告|公告|公示|意见|办法|细则|规定|方案|决定|通报|函|条例|规则|规程|规范|指南|预案|计划|要点|措施|批复|报告|命令|令|启事)"
    r"(?:\([^()\n]{1,12}\))?(?: ?的(?:通知|通告|公告|公示|意见|决定|通报|函))*"
)
_KIND_LAST = re.compile(_KIND_END.pattern + r"$")
_BODY_BEGINS = re.compile(r"[。;]|^ {0,8}(?:[一二三]、|\([一二三]\)|第一[章条]|1[.、])", re.MULTILINE)
_TITLE_FOLLOWED = re.compile(
    r"\s*(?:$|各|有关|全[市县区省州]|[市县区州省]|机关|为[了进深贯全加切做认规]|根据|按照|依据|现|经|《|第一[章条]|一、|\(一\)"
    r"|[\u4e00-\u9fff]{2,20}?(?:[区县市局委办厅院校]|政府|公司|单位|中心)[、,:]|[\u4e00-\u9fff]{2,10}[〔\[])"
)
# What sites print above a notice: 索引号:… 发布日期:…
_SITE_LINE = re.compile(
    r"(?:索引号|信息|发布|发文|成文|生成|公开|主题|分类|文件|标题|名称|来源|时间|日期|文号|有效性|浏览|字号|字体|作者|编辑|责任编辑)"
    r"[^\n。:]{0,12}:[^\n]{0,120}\n\s*"
)
_COLON = re.compile(r"(?<!\d):|:(?!\d\d)")  # not that of a clock
_SENTENCE_END = re.compile(r"[。;:!?]")
_NOT_ADDRESSED = re.compile(
    r"如下|现将|现就|根据|按照|依据|为了|关于|联系|电话|地址|时间|附件|主要指|包括|内容|^为|^按|^现|^一、|[《。!?]"
)
_ADDRESSED_START = re.compile(r"各|有关|全[市县区省州]|[市省区县州]直|[市省区县州](?:属|级)")


@dataclass(frozen=True, slots=True)
class Head:
    """Spans of the head; `body` is the offset at which the text proper begins."""

    title: Span | None
    doc_number: Span | None
    addressees: Span | None
    body: int


def find_head(plain: str, known_title: str | None, start: int = 0) -> Head:
    """Return the head that begins at `start`; `known_title` (normalised) helps where the line break is lost."""
    while start < len(plain) and plain[start].isspace():
        start += 1
    title = _known(plain, start, known_title) or _title(plain, start)
    after = title.end if title else start
    addressees = _addressees(plain, after)
    body = addressees.end if addressees else after
    number = _doc_number(plain, start, body if addressees else min(len(plain), body + 80), title)
    if number and number.end > body:
        body = number.end
    if number and addressees and number.start <= addressees.start < number.end:
        addressees = Span(number.end, addressees.end)
    return Head(title, number, _stripped(plain, addressees), body)


def _known(plain: str, start: int, known: str | None) -> Span | None:
    """Find a title that the source gave, spaces and line breaks aside, at the start or below a red head."""
    wanted = "".join((known or "").split())
    if not wanted:
        return None
    at = start
    for _ in range(6):
        end = _matches(plain, at, wanted)
        if end:
            return Span(at, end)
        newline = plain.find("\n", at, start + HEAD_REACH)
        if newline < 0:
            return None
        at = newline + 1
        while at < len(plain) and plain[at] in " \n":
            at += 1
    return None


def _matches(plain: str, at: int, wanted: str) -> int:
    done = 0
    for index in range(at, min(len(plain), at + 2 * len(wanted) + 20)):
        if plain[index].isspace():
            continue
        if plain[index] != wanted[done]:
            return 0
        done += 1
        if done == len(wanted):
            return index + 1
    return 0


def _title(plain: str, start: int) -> Span | None:
    """Find a title in the text: lines of their own before the first sentence, or run-on words up to 的通知."""
    for _ in range(12):
        site = _SITE_LINE.match(plain, start)
        if site is None:
            break
        start = site.end()
    reach = min(len(plain), start + 400)
    stop = _SENTENCE_END.search(plain, start, reach)
    limit = stop.start() if stop else reach
    lines = _title_lines(plain, start, limit)
    if lines:
        return lines
    about = plain.find("关于", start, min(limit, start + 90))
    issuer = plain[start:about].strip() if about >= 0 else ""
    if about < 0 or (issuer and not UNIT_END.search(issuer)):
        return None
    return _run_on_title(plain, start, about, limit)


def _run_on_title(plain: str, start: int, about: int, limit: int) -> Span | None:
    """Find the end of a title that no line break ends: 的通知 before an address line, a number or a first sentence."""
    ends = [
        found
        for found in _KIND_END.finditer(plain, about, limit)
        if plain.count("《", about, found.end()) <= plain.count("》", about, found.end())
    ]
    named = [found for found in ends if "的" in plain[found.start() - 1 : found.end()]]
    followed = [found for found in [*named, *ends] if _TITLE_FOLLOWED.match(plain, found.end())]
    end = next(iter([*followed, *named]), None)
    return Span(start, end.end()) if end else None


def _title_lines(plain: str, start: int, limit: int) -> Span | None:
    at = start
    begin: int | None = None
    for _ in range(8):
        newline = plain.find("\n", at, limit)
        if newline < 0:
            return None
        line = plain[at:newline].strip()
        if begin is None and "关于" in line:
            begin = at + plain[at:newline].index(line[0])
        ends = line and _ends_in_kind(line)
        if ends and (begin is not None or at == start):
            return Span(start if begin is None else begin, newline)
        at = newline + 1
    return None


def _ends_in_kind(line: str) -> bool:
    return _KIND_LAST.search("".join(line.split())) is not None


def _addressees(plain: str, start: int) -> Span | None:
    """Find the address line: the words up to the first colon of their line, if every piece names a unit.

    Lines such as 发布时间:… may stand above it; behind the first sentence or list number there is none.
    """
    reach = min(len(plain), start + HEAD_REACH)
    begin = start
    while begin < reach:
        end = _line_end(plain, begin, reach)
        colon = _COLON.search(plain, begin, end)
        if colon:
            found = _address_line(plain, begin, colon.start())
            if found:
                return found
        if _BODY_BEGINS.search(plain, begin, end):
            return None
        begin = end + 1
    return None


def _line_end(plain: str, begin: int, reach: int) -> int:
    """Return the end of the line at `begin`; a line that ends in a comma goes on with the next."""
    at = begin
    while at < reach:
        newline = plain.find("\n", at, reach)
        if newline < 0:
            return reach
        if plain[begin:newline].rstrip(" ")[-1:] not in (",", "、"):
            return newline
        at = newline + 1
    return reach


def _address_line(plain: str, begin: int, colon: int) -> Span | None:
    words = plain[begin:colon].strip()
    number = _DOC_NUMBER.match(words)
    if number:
        words = words[number.end() :].lstrip()
        begin = plain.index(words, begin, colon) if words else colon
    if not words or _NOT_ADDRESSED.search(words):
        return None
    pieces = split_top(words.replace("\n", ""), ",;")
    if all(UNIT_END.search(piece) or _ADDRESSED_START.match(piece) for piece in pieces):
        return Span(begin, colon + 1)
    return None


def _doc_number(plain: str, start: int, end: int, title: Span | None) -> Span | None:
    """Find the notice's own number above or behind the title: outside brackets and quotes, at an edge of its line."""
    zones = [(start, title.start), (title.end, end)] if title else [(start, end)]
    for begin, stop in zones:
        for found in _DOC_NUMBER.finditer(plain, begin, stop):
            before = plain[begin : found.start()].rstrip(" ")
            if not before or before.endswith("\n") or plain[found.end() : found.end() + 1] == "\n":
                return Span(*found.span())
    return None


def _stripped(plain: str, span: Span | None) -> Span | None:
    if span is None:
        return None
    words = span.of(plain)
    return Span(span.start + len(words) - len(words.lstrip()), span.end)
