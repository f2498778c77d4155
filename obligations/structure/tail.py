"""What follows the body: signature, attachments, flattened tables, and enclosed rules that go on with the body."""

from __future__ import annotations

import re
from dataclasses import dataclass

from obligations.notice import Span
from obligations.structure.dates import full_dates
from obligations.structure.names import UNIT_END
from obligations.structure.quotes import cited_titles

_AFTER_SIGNATURE = re.compile(r" {0,20}(?:\n|$|\( ?(?:此|联系|公开|主动|依申请|信息|不予)|附件|附[:：]|抄送)")
_RELEASE = re.compile(r"[\s]{0,20}\((?:此件|此文|此文件|公开|主动公开|依申请|信息公开|不予公开)[^()]{0,20}\)")
# Rules that begin right behind the date without a line break: …2024年2月18日某某办法第一条.
_RULES_FOLLOW = re.compile(r"[^。;,:\n]{2,60}?第一[章条]")
_SEAL = re.compile(r"\((?:印章|盖章|公章|章|代章)\)$")
_BOUNDARY = '。;:!?)"”》,\n'
_ISSUED_HEREBY = re.compile(r"现(?:予|予以)?(?:印发|公布|发布|颁布)|(?:印发|转发)给你们|予以(?:印发|公布|发布)")
_ENCLOSED_TITLE = re.compile(r"(?:印发|公布|发布)《?([^《》。\n]{2,80}?)》?的(?:通知|公告|通告|决定)")
# 附件:…, 附件1.…, 附件 on a line of its own; but 附件1、附件2由… is a sentence.
_ATTACHMENT = re.compile(
    r"附 ?(?:件|表|录)? {0,3}\d{0,2} {0,3}(?::|\.(?!\d))|附 ?件 {0,3}[\d一二三四五六七八九十]{0,2} ?(?=\n|$)"
)
_ATTACHMENT_HERE = re.compile(r"\s{0,40}附件")
_TABLE_HEAD = re.compile(r"序 ?号[^。;\n]{4,120}?1(?=[^\d.,。;、)年月日个家])")
_COLUMN = re.compile(
    r"名称|单位|内容|备注|时间|时限|类型|区县|地址|电话|姓名|项目|指标|数量|金额|任务|责任|地区|要求|规模|所属"
)


@dataclass(frozen=True, slots=True)
class Signature:
    """Issuer and date under the text; `issuers` as printed, joined by 、; `issued_on` is `YYYY-MM-DD`."""

    span: Span
    issuers: tuple[str, ...]
    issued_on: str


def find_signature(plain: str, start: int) -> Signature | None:
    """Return the first place after `start` where a date closes the text, with the units named before it."""
    for span, iso in full_dates(plain, start):
        if not _AFTER_SIGNATURE.match(plain, span.end) and not _RULES_FOLLOW.match(plain, span.end):
            continue
        begin, issuers = _issuers_before(plain, span.start, start)
        if begin is None:
            continue
        release = _RELEASE.match(plain, span.end)
        return Signature(Span(begin, release.end() if release else span.end), issuers, iso)
    return None


def _issuers_before(plain: str, date_start: int, start: int) -> tuple[int | None, tuple[str, ...]]:
    lines: list[str] = []
    at = date_start
    begin: int | None = None
    for _ in range(10):
        edge = at
        while edge > start and at - edge < 100 and plain[edge - 1] not in _BOUNDARY and not plain[edge - 1].isdigit():
            edge -= 1
        names = _unit_names(plain[edge:at])
        if names is None:
            break
        words, offset = names
        if words:
            begin = edge + offset
            lines[:0] = words
        elif begin is None and not lines and (edge == start or plain[edge - 1] in "。!?)\n"):
            begin = date_start
        if edge == start or plain[edge - 1] != "\n" or offset:
            break
        at = edge - 1
    if begin == date_start and not lines and not _closed_before(plain, date_start, start):
        return None, ()
    return begin, tuple(lines)


def _closed_before(plain: str, at: int, start: int) -> bool:
    before = plain[max(start, at - 60) : at].rstrip()[-1:]
    return before in ("", "。", "!", ")", ";")


def _unit_names(run: str) -> tuple[list[str], int] | None:
    """Return the trailing unit names in `run` and where they begin; `None` if it ends in other words."""
    tokens = [(found[0], found.start()) for found in re.finditer(r"\S+", run)]
    if len(tokens) > 2 and all(len(word) == 1 for word, _ in tokens):  # 临 澜 市 水 务 局
        tokens = [("".join(word for word, _ in tokens), tokens[0][1])]
    names: list[str] = []
    offset = 0
    for word, at in reversed(tokens):
        if not UNIT_END.search(word) or len(word) > 60:
            break
        names[:0] = split_glued(_SEAL.sub("", word))
        offset = at
    if tokens and not names:
        return None
    whole = bool(tokens) and offset == tokens[0][1]
    return names, 0 if whole or not tokens else offset


def split_glued(name: str) -> list[str]:
    """Split run-on issuers where the shared place name starts again: 昆明市财政局昆明市水务局."""
    place = name[:3]
    pieces: list[str] = []
    start = 0
    at = name.find(place, 3)
    while at > 0:
        if UNIT_END.search(name[start:at]):
            pieces.append(name[start:at])
            start = at
        at = name.find(place, at + 3)
    return [*pieces, name[start:]]


def enclosed_titles(plain: str, body: int, title: str | None) -> list[str]:
    """Return the names of the rules that the notice encloses, from its title and its first words."""
    reach = min(len(plain), body + 1500)
    titles = list(cited_titles(plain, body, reach))
    found: list[str] = []
    for cue in _ISSUED_HEREBY.finditer(plain, body, reach):
        before = [title for title in titles if 0 < cue.start() - title.end <= 120]
        # 《甲》《乙》已经同意,现印发: the last title and those that stand directly before it.
        for title_span, next_span in zip(reversed(before), [None, *reversed(before)], strict=False):
            if next_span is not None and next_span.start - title_span.end > 4:
                break
            found.append(title_span.of(plain))
    if title:
        found += [match[1] for match in _ENCLOSED_TITLE.finditer(title)]
    return list(dict.fromkeys(name.strip() for name in found))


def find_attachment(plain: str, start: int, end: int) -> int | None:
    """Return where attachments begin between `start` and `end`: 附件: at a line start or behind a closing mark."""
    for found in _ATTACHMENT.finditer(plain, start, end):
        before = plain[max(start, found.start() - 60) : found.start()].rstrip(" ")[-1:]
        if before in ("", "\n", "。", ";", ")") or (before.isdigit() and found[0].endswith(":")):
            return found.start()
    return None


def attachment_at(plain: str, start: int) -> int | None:
    """Return where 附件 begins if, white space aside, it stands at `start`."""
    found = _ATTACHMENT_HERE.match(plain, start)
    return found.end() - 2 if found else None


def find_table(plain: str, start: int, end: int) -> int | None:
    """Return where a flattened table begins: 序号, column names, then row 1 glued to its first cell."""
    for found in _TABLE_HEAD.finditer(plain, start, end):
        if len(_COLUMN.findall(found[0])) >= 2 and re.search(r"2[^\d.]", plain[found.end() : found.end() + 400]):
            return found.start()
    return None
