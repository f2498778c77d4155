"""Ties between notices: what a notice forwards, cites and ends, and which notices are the same, or nearly.

Read from words: 将《…》转发给你们 forwards; 《…》同时废止, 代替《…》 and rules that give way to the notice
(以本办法为准, 从新) are superseded; 《…》停止执行, 失效, 予以废止 lapse; any other document in 《…》 or named by
its number is cited. Forms and tables (《…表》, 《…清单》) are no documents.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from obligations.draft import Relation
from obligations.normal import normalise
from obligations.notice import Notice, Span
from obligations.structure import Part, Sentence, Structure
from obligations.structure.quotes import cited_titles

_NUMBER = re.compile(r"(?P<code>[\u4e00-\u9fff]{1,16})[〔\[【] ?(?:19|20)\d{2} ?[〕\]】] ?第?\d{1,5} ?号")
_NUMBER_BEHIND = re.compile(r" ?\( ?(?P<number>[^()]{0,16}[〔\[【(] ?(?:19|20)\d{2} ?[〕\]】)] ?第?\d{1,5} ?号) ?\)")
# Words before a document number that are not part of its code: 根据昆政办〔2019〕8号.
_NOT_CODE = re.compile(
    r".*(?:根据|按照|依据|依照|关于|文件|通知|贯彻|落实|执行|转发|废止|参照|[和及与以见对由将的原、])"
)
_BRACKETS = re.compile(r"\([^()]{0,80}\)")
_JOINS = frozenset({"", "、", "和", "及", "以及", "与", "和原", "、原"})
_ENDED_BEHIND = re.compile(
    r"[^。;《]{0,12}?(?:(?P<replaced>同时废止|同时失效|即行废止|即行失效)|(?P<lapsed>废止|失效|停止执行|不再执行))"
)
_ENDED_BEFORE = re.compile(r"(?:(?P<replaced>代替|取代|替代)|(?P<lapsed>废止|停止执行))(?:了|原)?$")
_FORWARDED = re.compile(r"[^。;《,]{0,6}?(?:转发给?你|予以转发|现?转发)|[^。;《]{0,20}?转发(?:给你们|你们)")
_FORWARDING = re.compile(r"转发[^。;,《]{0,30}$")
_DOCUMENT = re.compile(
    r"(?:法|条例|办法|细则|规定|通知|意见|方案|规划|计划|标准|规范|规程|规则|决定|公告|通告|公报|批复|函|要点|纲要|指南|预案|准则|制度|通报|令|指引|措施)"
    r"(?:\([^()]{1,20}\)|[-—]?\d{0,4}(?:版|年版)?|\d{4})?$"
)
_ISSUES = re.compile(r".{0,80}?(?:现(?:予|予以)?(?:印发|公布|发布)|印发给你们|予以(?:印发|公布|发布))")
_PREVAILS = re.compile(r"以本[^,。;]{1,12}为准|从新|按本[^,。;]{1,12}执行")
_CONFLICT = re.compile(r"不一致|不符|冲突|抵触|重复")
_OTHER_RULES = re.compile(
    r"(?P<target>[^,。;与]{0,40}(?:其他|其它|现行|此前|以前|以往|原有|发布的)[^,。;与]{0,40}(?:规定|政策|文件|办法|制度))"
)
# Without one of these a sentence names no document and no rules that give way.
_CUE = re.compile(r"《|号|从新|为准|执行")
PREVAILS_REACH = 160  # how far before 以本办法为准 the rules that give way are named


@dataclass(frozen=True, slots=True)
class _Reference:
    """A document named in the text: the span from 《 to the end of its number, the title's words and the number."""

    span: Span
    title: str | None
    number: str | None


def relations_of(structure: Structure) -> tuple[Relation, ...]:
    """Return the ties that the words of a notice make, each document once per kind and number."""
    own = {_key(words) for words in (structure.title, structure.doc_number) if words}
    unique: dict[tuple[str, str], list[Relation]] = {}
    sentences = [one for one in structure.sentences if one.part is Part.BODY]
    for relation in [*_from_title(structure), *(found for one in sentences for found in _in_sentence(structure, one))]:
        if _key(relation.target) in own:
            continue
        same = unique.setdefault((relation.kind, _key(relation.target)), [])
        if same and relation.number and same[0].number is None:
            same[0] = relation  # the title of the notice names no number
        elif not same or relation.number not in (None, *(one.number for one in same)):
            same.append(relation)
    ended = {key for kind, key in unique if kind != "cites"}
    return tuple(one for (kind, key), same in unique.items() if kind != "cites" or key not in ended for one in same)


def _key(target: str) -> str:
    return "".join(normalise(target).split())


def _in_sentence(structure: Structure, sentence: Sentence) -> Iterator[Relation]:
    plain, text, span = structure.plain, structure.text, sentence.span
    if not _CUE.search(plain, *span):
        return
    references = list(_references(plain, span))
    kinds = _kinds(plain, span, references)
    for reference, kind in zip(references, kinds, strict=True):
        title = reference.title
        if kind is None or (kind == "cites" and title is not None and not _is_document(title)):
            continue
        words = _title_span(reference).of(text) if title is not None else reference.number or ""
        yield Relation(kind, words, reference.span, reference.number if title is not None else None)
    for cue in _PREVAILS.finditer(plain, *span):
        begin = max(span.start, cue.start() - PREVAILS_REACH)
        other = _OTHER_RULES.search(plain, begin, cue.start())
        if other and _CONFLICT.search(plain, other.end(), cue.start()):
            target = Span(*other.span("target"))
            yield Relation("supersedes", target.of(text), target)


def _is_document(title: str) -> bool:
    """Tell a document from a form, a table, and from the short name that a notice gives itself (本《意见》)."""
    return len(title) > 3 and _DOCUMENT.search(title) is not None


def _title_span(reference: _Reference) -> Span:
    start = reference.span.start + 1
    return Span(start, start + len(reference.title or ""))


def _references(plain: str, span: Span) -> Iterator[_Reference]:
    done = span.start
    for title in cited_titles(plain, *span):
        yield from _bare_numbers(plain, done, title.start - 1)
        behind = _NUMBER_BEHIND.match(plain, title.end + 1, span.end)
        done = behind.end() if behind else title.end + 1
        number = behind["number"].replace(" ", "") if behind else None
        yield _Reference(Span(title.start - 1, done), title.of(plain), number)
    yield from _bare_numbers(plain, done, span.end)


def _bare_numbers(plain: str, start: int, end: int) -> Iterator[_Reference]:
    if plain.find("号", start, end) < 0:
        return
    for found in _NUMBER.finditer(plain, start, end):
        other = _NOT_CODE.match(found["code"])
        begin = found.start() + (other.end() if other else 0)
        if begin < found.end("code"):
            yield _Reference(Span(begin, found.end()), None, plain[begin : found.end()].replace(" ", ""))


def _kinds(plain: str, span: Span, references: list[_Reference]) -> list[str | None]:
    """Return the kind of each reference; what is said of the last of a list holds for the whole list."""
    kinds: list[str | None] = []
    for index in range(len(references) - 1, -1, -1):
        reference = references[index]
        limit = references[index + 1].span.start if index + 1 < len(references) else span.end
        kind = _kind_alone(plain, span.start, reference.span, limit)
        if kind == "cites" and kinds:
            between = _BRACKETS.sub("", plain[reference.span.end : references[index + 1].span.start][:120])
            if between.strip() in _JOINS and kinds[-1] != "cites":
                kind = kinds[-1]
        kinds.append(kind)
    return kinds[::-1]


def _kind_alone(plain: str, start: int, span: Span, limit: int) -> str | None:
    before = plain[max(start, span.start - 40) : span.start]
    behind = _BRACKETS.sub("", plain[span.end : min(limit, span.end + 120)])
    ended = _ENDED_BEHIND.match(behind) or _ENDED_BEFORE.search(before)
    if ended:
        return "supersedes" if ended["replaced"] else "lapses"
    if _FORWARDED.match(behind) or _FORWARDING.search(before):
        return "forwards"
    return None if _ISSUES.match(behind) else "cites"


def _from_title(structure: Structure) -> Iterator[Relation]:
    """Read 关于转发《…》的通知, with or without 《》."""
    title = structure.title or ""
    found = re.search(r"转发(?P<target>[^。]{4,160})的(?:通知|函)$", normalise(title))
    if found:
        target = title[found.start("target") : found.end("target")]
        inner = next(cited_titles(normalise(target)), None)
        yield Relation("forwards", inner.of(target) if inner else target)


def same_text(text: str) -> str:
    """Return a fingerprint of `text` that white space does not change."""
    return hashlib.sha256("".join(text.split()).encode("utf-8", "surrogatepass")).hexdigest()


def duplicates(notices: Sequence[Notice]) -> list[int | None]:
    """Return, per notice, the position of the first notice with the same text, `None` for the first itself."""
    first: dict[str, int] = {}
    out: list[int | None] = []
    for index, notice in enumerate(notices):
        found = first.setdefault(same_text(notice.text), index)
        out.append(found if found != index else None)
    return out


SHINGLE = 8  # characters, punctuation and white space left out
NEAR = 0.85  # share of the shorter text's shingles found in the longer one
NEAR_DATES = 0.9  # share of the shorter text's dates found in the longer one: last year's edition has others
BOILERPLATE = 50  # notices; a shingle in more of them tells them apart no longer
FEWEST = 60  # shingles; below, boilerplate alone would make two short notices alike
_WORD = re.compile(r"[\u4e00-\u9fffA-Za-z0-9]+")
_DATE = re.compile(r"\d{4}年|\d{1,2}月\d{1,2}日|\d{1,2}月底")


@dataclass(frozen=True, slots=True)
class NearDuplicate:
    """Two notices that are the same but for their wrapper: positions, and the share of the shorter in the longer."""

    first: int
    second: int
    share: float


def near_duplicates(notices: Sequence[Notice]) -> list[NearDuplicate]:
    """Return, for each notice that holds an earlier one or is held by it, the pair: a text published in a new frame.

    Compared by shingles of `SHINGLE` characters; a pair counts from a share of `NEAR`, if its dates agree too (the
    same call of another year differs in little else). Equal texts are `duplicates` and not listed here.
    """
    equal = duplicates(notices)
    holders: dict[int, list[int]] = defaultdict(list)
    sketches: dict[int, _Sketch] = {}
    pairs: list[NearDuplicate] = []
    for second, notice in enumerate(notices):
        sketch = _sketch(notice.text)
        if equal[second] is not None or len(sketch.shingles) < FEWEST:
            continue
        shared = Counter(first for shingle in sketch.shingles for first in holders.get(shingle, ()))
        near = [
            NearDuplicate(first, second, round(share, 3))
            for first, count in sorted(shared.items())
            if (share := count / min(len(sketches[first].shingles), len(sketch.shingles))) >= NEAR
            and _same_dates(sketches[first], sketch)
        ]
        pairs.extend(near)
        if not near:  # a third edition is compared with the first, not with the second too
            sketches[second] = sketch
            for shingle in sketch.shingles:
                if len(holders[shingle]) < BOILERPLATE:
                    holders[shingle].append(second)
    return pairs


def ties_between(notices: Sequence[Notice]) -> dict[str, list[Relation]]:
    """Return, by notice id, its ties to the others: near duplicates point from the later notice to the earlier."""
    ties: dict[str, list[Relation]] = {notice.id: [] for notice in notices}
    if len(notices) < 2:
        return ties
    for pair in near_duplicates(notices):
        ties[notices[pair.second].id].append(Relation("near_duplicate", notices[pair.first].id))
    return ties


@dataclass(frozen=True, slots=True)
class _Sketch:
    shingles: frozenset[int]
    dates: Counter[str]


def _sketch(text: str) -> _Sketch:
    plain = normalise(text)
    words = "".join(_WORD.findall(plain))
    hashes = frozenset(hash(words[at : at + SHINGLE]) for at in range(len(words) - SHINGLE + 1))
    return _Sketch(hashes, Counter(_DATE.findall("".join(plain.split()))))


def _same_dates(one: _Sketch, other: _Sketch) -> bool:
    fewer, more = sorted((one.dates, other.dates), key=lambda dates: dates.total())
    return (fewer & more).total() >= NEAR_DATES * fewer.total()
