"""What a notice says of its own force: 自…起施行, 自印发之日起实施, 有效期至…, 至…失效."""

from __future__ import annotations

import re

from obligations.structure.dates import full_dates
from obligations.structure.parts import Part, Sentence

_IN_FORCE = re.compile(r"施行|实施|执行|生效")
_OWN = re.compile(
    r"本(?:通知|办法|细则|实施细则|意见|实施意见|规定|方案|规则|规程|决定|公告|通告|条例|制度|措施|指南|标准|规范|预案|《[^》]{2,40}》)"
    r"|^ ?自|[,。;]自"
)
_FROM_ISSUE = re.compile(r"自(?:印发|发布|公布|下发|发文|颁布|签发)之日起(?!\d|[一二三四五六七八九十]{1,3}[日个])")
_UNTIL_BEFORE = re.compile(r"(?:至|到|截至|截止|为)(?:于)? ?$")
_FROM_BEFORE = re.compile(r"(?:自|从|于) ?$")
_START_AFTER = re.compile(r" ?(?:起|开始|至|-|到)")
_LAPSE = re.compile(r"有效期|失效|废止|止|执行至|施行至|试行期")
_FORCE = re.compile(f"{_IN_FORCE.pattern}|{_LAPSE.pattern}")


def read_validity(plain: str, sentences: tuple[Sentence, ...], issued_on: str | None) -> tuple[str | None, str | None]:
    """Return the first and the last day of force as `YYYY-MM-DD`; `None` where the text gives no calendar day.

    A length alone (有效期5年) is not turned into a date: whether the anniversary itself is included is not settled.
    """
    effective: str | None = None
    expires: str | None = None
    for sentence in sentences:
        if sentence.part is not Part.BODY:
            continue
        words = sentence.span.of(plain)
        if not _FORCE.search(words) or not _OWN.search(words):
            continue
        for span, iso in full_dates(plain, *sentence.span):
            before = plain[max(sentence.span.start, span.start - 6) : span.start]
            after = plain[span.end : min(sentence.span.end, span.end + 30)]
            if (
                effective is None
                and _FROM_BEFORE.search(before)
                and _START_AFTER.match(after)
                and _IN_FORCE.search(words)
            ):
                effective = iso
            elif expires is None and _UNTIL_BEFORE.search(before) and _LAPSE.search(words):
                expires = iso
        if effective is None and _FROM_ISSUE.search(words) and _IN_FORCE.search(words):
            effective = issued_on
    return effective, expires
