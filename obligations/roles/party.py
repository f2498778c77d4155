"""The responsible party: the words that name who must act, at the head of a clause."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from obligations.notice import Span
from obligations.roles.words import (
    ACT,
    AGENT,
    DELIVER,
    DUTY_VERB,
    FOLLOW,
    MODAL,
    NOT_SUBJECT,
    PREPOSITION,
    UNIT,
    openings,
)

REACH = 90
"""How far into a clause its subject may stretch."""

_TIME_BEGINS = (
    r"\d|[一二三四五六七八九十]{1,3}[月个日]|[一二两三四五六七八九十]{1,3}小时|半[小天个日]"
    r"|次[月日年]|当[月日]|[今明]年|[本下]季度"
)
_AFTER_SUBJECT = rf"(?:{MODAL}|{PREPOSITION}|{DUTY_VERB}|{FOLLOW}|{_TIME_BEGINS}|[,:。;]|$)"
_BRACKETED = r"\([^()]{1,14}\)"
_END = re.compile(rf"(?=[{openings('unit')}(])(?:{UNIT}(?:{_BRACKETED})?|{_BRACKETED})(?={_AFTER_SUBJECT})")
# Words that cannot stand inside the name of one unit: if none of them follows, a longer name may.
_BREAK = (
    r"[于在将对向按把本各的所全其请须要依不未每]|应(?!急)|负责|牵头|会同|完成|报送|上报|提交|登录|开展|收到|根据|委托|聘请|邀请"
    r"|组织(?![部处科])"
)
_LONGER_END = r"(?:局|委|办|厅|部|部门|中心|站|处|科|室|队|院|公司|政府|管委会|银行|学校|医院|机构|小组|办公室)"
_LONGER = re.compile(rf"(?:(?!{_BREAK})[^,;:。!?\s\d]){{1,9}}?{_LONGER_END}(?={_AFTER_SUBJECT})")
# 水库管理单位应当: a verb and a noun that go on behind what could be a name, up to the duty.
_COMPOUND = re.compile(
    rf"{AGENT}{{1,2}}(?:单位|机构|部门|主体|人员|人|者)(?={_BRACKETED}|{MODAL}|{PREPOSITION}|{_TIME_BEGINS})"
)
# 省级核查时间为…, 主体完工: a level that qualifies a step, a part of a building.
_QUALIFIES = re.compile(r"[^,;。:应须于在由]{2,8}(?:时间|日期|时限|期限|阶段|环节)")
_LEVEL = re.compile(r"(?:国家|[省市县区州乡镇村校院])级")
_LEAD_IN = re.compile(
    r"(?:[ \n“”]|自[^,;。:]{1,10}?起|[^,;。:()\d]{1,6}期间(?=各|[^,;。:()]{0,8}[局委厅])|或者?|并且?|同时|其中"
    r"|此外|另外?|最后|首先|其次|且|而且|而|但是?|则|然后|之后|随后|原则上|一般"
    r"|(?:汛|防火|防汛|采暖|供暖|禁渔)期(?:\([^()]{0,24}\))?(?:内|期间)?|要求|要(?!素)|即|对此|届时|凡是?|特别是|具体|[-·●◆■])+"
)
_NOT_SUBJECT = re.compile(rf"{PREPOSITION}|{MODAL}|{DELIVER}|{NOT_SUBJECT}")
_SHORT_AGENT = re.compile(
    rf"(?:被?{AGENT}{{1,3}}|被{DUTY_VERB})(?:通过|合格|成功|入选|期满)?"
    r"(?:单位|企业|人员?|员|部门|机构|主体|者|方|户|地|银行|学校|公司|医院|个人|机关|中心|站|队|组)"
)
# 年度报表由各县市…, 全年总结请各乡镇…: the party is who acts, not what is made.
_BY = re.compile(r"[^,;。:应须]{0,24}?(?:由(?!于)|(?<![申提聘邀恳报])请(?![示求假于在务以按]))")
# 公示无异议后县级主管部门…: what happened first.
_ONCE = re.compile(
    r"[^,;。:应须由]{2,16}?(?<![最然今此随以之])后"
    r"(?=[各县市省区乡镇州旗盟所属]|[^,;。:应须由的]{1,8}?(?:[局委厅]|部门|中心|银行|单位|企业|机构|机关|公司|政府)[应须于在将\d])"
)
# 不合格的单位, 在关区注册登记的企业: a clause with 的 that makes a name of its noun, whatever word it opens with.
_SUCH_AS = re.compile(
    r"(?:不|未|无|逾期|需要?|经|在|列入|按|对|以|符合|存在)[^,;。:应须请]{1,24}?的"
    r"(?:[^,;。:的于在应须]{0,8}?)(?:单位|企业|机构|个人|公司|学校|人员|户|持有人|项目部|门店|医院)"
    rf"(?=应|须|必须|要(?!求)|请|,应|,须|,?$|{_TIME_BEGINS})"
)
# A verb of sending inside: a sentence, not a name.
_NO_NAME = re.compile(r"一式|(?<![申填举直预日晚上汇呈])报(?=[省市县区州厅局至所])|[后件料表]送|围绕|[^参]加盖|发生")
_VERB = re.compile(rf"{ACT}|确定|明确|指定|安排|收集|梳理|抽调|决定")
# 参加培训的人员: a verb may open a name that closes with 的 and a noun.
_RELATIVE = re.compile(r"的[^的]{1,10}$")
_LABEL_WORD = re.compile(r"(?:责任|牵头|配合|承办|主办|完成|落实|实施|申报|报送|参加|联系)(?:单位|部门|主体|人|人员)")
# 正式行文报市级支行: what follows a verb of sending is who receives.
_SENT_TO = re.compile(r"[^各]{2}(?:报|送)(?:至|给)?(?=[省市县区州盟旗乡镇所属当我])")
_DATED = re.compile(r"\d ?[年月日]")
_MANY = re.compile(
    r"(?:各|全体|所有|凡|有关|相关)[^,;。:《》\d的将把于在应须]{0,24}?"
    r"(?:单位|企业|机构|公司|部门|学校|医院|银行|街道办事处|街道|乡镇|局|政府|管委会|人员|委员会)"
    rf"(?:{_BRACKETED})?(?![、和及或与(的])"
)
# A name ends where the duty begins, and holds no number of days.
_STOP = re.compile(
    r"(?=[,;:。!?\n《》应必务不速上报提告\d])"
    r"(?:[,;:。!?\n《》]|应当|应该|必须|务必|不得|应[于在自按]|\d+ ?[个小天日月时分]|速报|上报|报送|提交|告知)"
)


class Source(StrEnum):
    """Where the party was found; everything but OWN and LABEL leaves a doubt."""

    OWN = "own_clause"
    LABEL = "label"
    SENTENCE = "earlier_clause"
    PARAGRAPH = "earlier_sentence"
    NEARBY = "other_item"
    HEADING = "heading"
    ADDRESSEE = "addressee"
    ONE_OF_ADDRESSEES = "one_of_addressees"
    CLASS = "class_of_actor"
    NONE = "not_written"


@dataclass(frozen=True, slots=True)
class Party:
    """A responsible party: its words (as written or as resolved), where they stand, how they were found."""

    words: str
    source: Source
    span: Span | None = None
    agent: bool = False  # introduced by 由: holds for its own clause only


def subject_at(plain: str, start: int, end: int) -> Party | None:
    """Return the party that opens the clause between the offsets, or `None`."""
    lead = _LEAD_IN.match(plain, start, end)
    at = lead.end() if lead else start
    if plain.startswith("请", at):
        at += 1
    such = _SUCH_AS.match(plain, at, min(end, at + REACH))
    if such:
        return Party(such[0], Source.OWN, Span(*such.span()))
    by = _BY.match(plain, at, end)
    if by:
        name = _name_at(plain, by.end(), min(end, by.end() + REACH))
        if name:
            return Party(name.of(plain), Source.OWN, name, agent=True)
    once = _ONCE.match(plain, at, end)
    name = _name_at(plain, once.end(), min(end, once.end() + REACH)) if once else None
    name = name or _name_at(plain, at, min(end, at + REACH))
    return Party(name.of(plain), Source.OWN, name) if name else None


def _name_at(plain: str, at: int, end: int) -> Span | None:
    stop = _STOP.search(plain, at, end)
    limit = stop.start() if stop else end
    if _NOT_SUBJECT.match(plain, at, limit) and not _SHORT_AGENT.match(plain, at, limit):
        return None
    verbal = _VERB.match(plain, at, limit) and not _SHORT_AGENT.match(plain, at, limit)
    for found in _END.finditer(plain, at, min(len(plain), limit + 4)):
        words = plain[at : found.end()]
        if found.end() > limit or words.count("(") != words.count(")"):
            continue
        if _LONGER.match(plain, found.end(), limit + 1) or _COMPOUND.match(plain, found.end(), limit + 1):
            continue
        if (
            _NO_NAME.search(words)
            or _SENT_TO.search(words)
            or _DATED.search(words)
            or _only_qualifies(plain, at, found)
        ):
            return None
        if verbal and not _RELATIVE.search(words):
            return None
        if found[0].startswith("(") and not words[: -len(found[0])].endswith(
            ("县", "市", "区", "旗", "州", "部门", "单位", "企业")
        ):
            continue
        return Span(at, found.end())
    return _of_many(plain, at, limit)


def _only_qualifies(plain: str, at: int, found: re.Match[str]) -> bool:
    """Tell whether what looks like a name is a label or qualifies a step: 责任单位:, 省级核查时间, 主体完工."""
    words = plain[at : found.end()]
    if _LEVEL.fullmatch(words):
        return _QUALIFIES.match(plain, found.end()) is not None
    return words == "主体" or (_LABEL_WORD.fullmatch(words) is not None and plain.startswith(":", found.end()))


def _of_many(plain: str, at: int, limit: int) -> Span | None:
    """Return a name that opens with 各 or the like, whatever follows it (各医疗机构防护物资储备…)."""
    found = _MANY.match(plain, at, limit)
    if found is None or found[0].count("(") != found[0].count(")"):
        return None
    return Span(at, found.end())
