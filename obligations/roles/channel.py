"""How something is sent: platform, mailbox, phone, address, copies, form."""

from __future__ import annotations

import re
from bisect import bisect_left

from obligations.grammar.numerals import HAN_NUMBER, read_number
from obligations.notice import Span
from obligations.structure import Structure

Channel = dict[str, str | int]

_COPIES = re.compile(rf"(?:各|一式|共|等)*(?P<number>\d{{1,2}}|{HAN_NUMBER}) ?份(?!额|内)")
_COPIES_REACH = 24
_ELECTRONIC = re.compile(r"电子|扫描|光盘|U盘|PDF|WORD|可编辑", re.IGNORECASE)
_ELECTRONIC_FORM = re.compile(r"电子(?:版|文档|档|件|文本|稿)|扫描件")
_FORM = re.compile(
    r"(?=[正以通红公书联口行])(?:正式(?:文件|行文|公文|函件|发文|来文)(?:形式)?|(?:以|通过)?(?:红头文件|公函|公文)形式|书面(?:形式|报告|材料)?|联文|口头|行文)"
)
_NAMED = re.compile(
    r"公文交换(?:系统|平台)?|OA(?:系统|平台)?|办公自动化系统|协同办公(?:系统|平台)|电子公文(?:系统|平台)|微信群|钉钉|邮寄|现场递交"
)
_EITHER = re.compile(r"或者?(?:电子)?(?:邮箱|邮件|系统|平台|传真)")
_CONTACT = re.compile(
    r"联系人(?:及电话|及联系电话|及联系方式)?: ?"
    r"(?P<name>[\u4e00-\u9fff]{2,3}|[\u4e00-\u9fff]某[某\u4e00-\u9fff]?)(?![\u4e00-\u9fff])"
)


class ContactBook:
    """The contacts of a notice, found by place; and those that close it, used where a filing names none."""

    def __init__(self, structure: Structure) -> None:
        contacts = structure.contacts
        self._text, self._plain = structure.text, structure.plain
        self._kinds = (
            ("email", contacts.emails),
            ("phone", contacts.phones),
            ("address", contacts.addresses),
            ("platform", contacts.platforms),
        )
        self._starts = {kind: [span.start for span in spans] for kind, spans in self._kinds}
        self._closing = _only_values(structure)

    def channel(self, zone: Span, *, filing: bool) -> Channel:
        """Return the channel named within `zone`; a `filing` that names no way takes the closing lines."""
        words = self._plain[zone.start : zone.end]
        found: Channel = dict(self._within(zone))
        if "platform" not in found:
            named = _NAMED.search(words)
            if named:
                found["platform"] = named[0]
        found |= _copies(words)
        form = _FORM.search(words)
        if form:
            found["form"] = form[0]
        if _EITHER.search(words) and "email" in found and "platform" in found:
            found["choice"] = "either"
        if filing:
            for kind, value in self._closing.items():
                found.setdefault(kind, value)
        return found

    def _within(self, zone: Span) -> Channel:
        out: Channel = {}
        for kind, spans in self._kinds:
            at = bisect_left(self._starts[kind], zone.start)
            if at < len(spans) and spans[at].end <= zone.end:
                out[kind] = spans[at].of(self._text)
        return out


def _only_values(structure: Structure) -> Channel:
    """Return the closing contacts that leave no choice: one phone, one mailbox, one address."""
    closing = structure.closing
    out: Channel = {}
    for kind, spans in (("phone", closing.phones), ("email", closing.emails), ("address", closing.addresses)):
        values = {span.of(structure.text) for span in spans}
        if len(values) == 1:
            out[kind] = values.pop()
    name = _CONTACT.search(structure.plain)
    if name and "phone" in out:
        out["contact"] = name["name"]
    return out


def _copies(words: str) -> Channel:
    """Return how many copies are asked for; what stands directly before the number tells paper from file."""
    out: Channel = {}
    at = words.find("份")
    if at >= 0:
        for found in _COPIES.finditer(words):
            before = re.split(r"[,;。份]", words[max(0, found.start() - _COPIES_REACH) : found.start()])[-1]
            electronic = _ELECTRONIC.search(before)
            out.setdefault("electronic_copies" if electronic else "paper_copies", read_number(found["number"]))
    if "electronic_copies" not in out:
        electronic = _ELECTRONIC_FORM.search(words)
        if electronic:
            out["electronic"] = electronic[0]
    return out
