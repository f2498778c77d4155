"""Trigger events (触发事件): how their names compare, and those that a notice dates by itself."""

from __future__ import annotations

import re
from datetime import date

from obligations.normal import normalise

_NOT_WORDS = re.compile(r"[\s\W_]+")
_LEADING = re.compile(r"^(?:自|从|于|在)")
_TRAILING = re.compile(r"(?:之日起?|之后|以后|之前|以前|之时|当日|当天|后|前|时|起)$")


def event_key(name: str) -> str:
    """Return the form in which two names of events are compared: 自险情排除之日起 and 险情 排除 are the same.

    Spelling, punctuation, a leading 自 and a trailing 之日, 后, 前 or 时 do not count. Nothing else is
    forgiven: 占用 and 占用期满 are different events, and a date counted from the wrong one is worse than none.
    """
    key = _NOT_WORDS.sub("", normalise(name))
    key = _LEADING.sub("", key)
    while shorter := _TRAILING.sub("", key):
        if shorter == key:
            break
        key = shorter
    return key


_ISSUING = ("印发", "下发", "发文", "签发")
_WORKS = "通知|公告|通告|办法|细则|意见|方案|规定|文件|函|决定|名单|清单|计划|指南"
_OWN = re.compile(rf"(?P<today>即日)?(?:[本该此](?:{_WORKS})?)?(?P<verb>印发|下发|发文|签发|发布|公布|公开)?")
_OWN_PUBLICITY = re.compile(r"(?P<this>[本该此])?公示(?:发布|公布|开始)?")
# 予以公示 alone is not enough: rules say it of publicities to come.
_IS_PUBLICITY = re.compile(
    r"(?:以上|上述|本|此|特此|现予|现予以)公示|现(?:将|就|对)[^。]{0,80}公示|公示如下[:。]|^\s*[^。]{0,80}的公示"
)


def date_of_own_event(name: str, text: str, *, published_on: date | None, issued_on: date | None) -> date | None:
    """Return the date of the event `name` where it is the notice's own issue or publication and that is known.

    本通知印发 happens on the signing date, 发布 on the day of publication, 即日 on either. 公示发布 is the notice's
    own publication where it is itself the publicity (对以上公示有异议), not where it regulates those to come.
    `text` is the notice's. Anything else is an event that somebody has to report: `None`.
    """
    key = event_key(name)
    if publicity := _OWN_PUBLICITY.fullmatch(key):
        return published_on if publicity["this"] or _IS_PUBLICITY.search(normalise(text)) else None
    own = _OWN.fullmatch(key) if key else None
    if own is None or not (own["today"] or own["verb"]):
        return None
    if own["verb"] in _ISSUING:
        return issued_on
    return published_on or (issued_on if own["today"] else None)
