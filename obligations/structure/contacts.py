"""Phones, e-mail addresses, postal addresses and platforms, and the lines that hold nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator

from obligations.notice import Span
from obligations.structure.parts import Contacts

_PHONE = re.compile(
    r"(?=[\d(])(?<![\d.@A-Za-z〔-])(?:\(0\d{2,3}\) ?|0\d{2,3}[- ]?)?"
    r"(?:1[3-9]\d{9}|[2-9]\d{6,7}|[48]00-?\d{3}-?\d{4})(?:-\d{1,5})?(?![\d.年元万号])"
)
_PHONE_CUE = re.compile(r"电话|热线|传真|手机|联系|咨询|支持|举报|[\u4e00-\u9fff]{2,4} ?$|[,、/]$")
_MAIL_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._%+-")
_ADDRESS = re.compile(r"(?:地址|地点)(?:为|是)?[: ] ?([^,;。)\n]{2,60})")
_ROOM = re.compile(r"\((?![^()]{0,12}令第)([^(),;。:\n〔《]{3,40}\d[^(),;。:\n〔《]{0,8}(?:室|号|楼|办公室|窗口))\)")
_PLATFORM = re.compile(
    r"(?:通过|登录|登陆|进入|使用)[“\"《]?([^,。;:、\"”》()的\n]{2,28}?(?:系统|平台|小程序|客户端|APP|服务网|门户网站))"
)
_SITE = re.compile(
    r"(?=[a-z0-9-])(?<![@\w.-])(?:https?://[\w./?=&%:#-]{4,120}"
    r"|(?:[a-z0-9-]{1,40}\.){1,4}(?:gov\.cn|org\.cn|com\.cn|cn|com|net|org)\b(?:/[\w./?=&%#-]{0,80})?)",
    re.ASCII,
)
_LABEL = (
    r"(?=[联电手热邮传地网举技政业咨])(?:联系(?:人|电话|方式|地址|单位)|电话|手机|热线|邮箱|邮件|邮编|邮政编码|传真|地址|网址|举报"
    r"|技术支持|(?:政策|业务)?咨询)"
)
# A label that opens the sentence, perhaps behind a unit's name, but not behind the words of a duty.
_CLOSING = re.compile(
    rf"[( ]{{0,3}}(?P<name>[^,;。:\n]{{0,24}}?){_LABEL}(?:(?:及|和|、|或)?{_LABEL})?"
    r"(?:\([^()]{1,16}\))?(?: ?: ?| ?(?=\d))"
)
_DUTY = re.compile(r"请|将|报送|报至|发送|发至|提交|寄|应当|必须|[日月]前|通过")


def find_contacts(plain: str) -> Contacts:
    """Return every contact in the normalised text."""
    emails = tuple(_emails(plain))
    sites = tuple(Span(*found.span()) for found in _SITE.finditer(plain))
    named = tuple(Span(*found.span(1)) for found in _PLATFORM.finditer(plain))
    rooms = [Span(*found.span(1)) for found in _ROOM.finditer(plain) if not _ADDRESS.match(plain, found.start(1))]
    addresses = [Span(*found.span(1)) for found in _ADDRESS.finditer(plain)]
    return Contacts(tuple(_phones(plain)), emails, tuple(sorted(addresses + rooms)), tuple(sorted(named + sites)))


def is_closing(plain: str, span: Span) -> bool:
    """Tell whether the sentence is a contact line: it opens with a label such as 联系电话 and its value."""
    found = _CLOSING.match(plain, span.start, span.end)
    return found is not None and _DUTY.search(found["name"]) is None


def _phones(plain: str) -> Iterator[Span]:
    for found in _PHONE.finditer(plain):
        if _PHONE_CUE.search(plain[max(0, found.start() - 12) : found.start()].rstrip(": ")):
            yield Span(*found.span())


def _emails(plain: str) -> Iterator[Span]:
    done = 0
    at = plain.find("@")
    while at >= 0:
        start, end = at, at + 1
        while start > max(done, at - 64) and plain[start - 1] in _MAIL_NAME:
            start -= 1
        while end < min(len(plain), at + 120) and plain[end] in _MAIL_NAME:
            end += 1
        while end > at + 1 and plain[end - 1] in ".-_%+":
            end -= 1
        if start < at and "." in plain[at + 1 : end]:
            yield Span(start, end)
            done = end
        at = plain.find("@", max(at + 1, end))
