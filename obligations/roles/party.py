"""The responsible party: the words that name who must act, at the head of a clause."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from obligations.notice import Span
from obligations.roles.words import ACT, DELIVER, MODAL, PREPOSITION, UNIT_WORD

REACH = 90
"""How far into a clause its subject may stretch."""

_MORE_VERBS = (
    "负责(?!人)|牵头|承担|督促|指导|监督|加强|强化|做好|抓好|收到|接到|接报|发现|使用|进行|统筹|协调|参与|协助|切实|及时|定期|分别|同步|统一|逐级|逐户|自行|主动|严格|认真"
    "|积极|全面|每|不|未|无|如|若|均|也|还|则|再|先|已|拟|仍|应于|主要|具体|依法|提出|采取|新建|发生|出现|逾期|超过|拒不|修改|撰写|形成|准备|选择|自主|自愿|竞得|取得"
    "|违反|存在|属于|凡|时|后|前|派|设|持|携|赴|查|改|停|填|签|领|缴|购|核发|本级|网上|在线|线上|登陆|现场|申报时|尽快|立即|随时|只|就|逐"
)
# A one-character preposition is often the first half of a name: 经济, 应急, 自然资源, 交通.
_PREPOSITION = (
    rf"(?!经[济贸信开营办]|应急|自[然治贸来]|从业|因公|同级|以[上下内外]|为[民农]|向阳|至少)(?:{PREPOSITION})"
)
_FOLLOW = rf"(?:(?!应急|要素|须知|需求)(?:{MODAL})|{_PREPOSITION}|{ACT}|{DELIVER}|{_MORE_VERBS}|\d|[一二三四五六七八九十]{{1,3}}[月个日]|次[月日年]|当[月日]|[今明]年|[本下]季度|[,:。;]|$)"
_END = re.compile(rf"(?:{UNIT_WORD})(?:\([^()]{{1,14}}\))?(?={_FOLLOW})|\([^()]{{1,14}}\)(?={_FOLLOW})")
# Words that cannot stand inside the name of one unit: if none of them follows, a longer name may.
_BREAK = "于|在|将|对|向|按|把|本|各|的|所|全|其|请|应(?!急)|须|要|负责|牵头|会同|完成|报送|上报|提交|登录|开展|收到|根据|依|不|未|每"
_LONGER = re.compile(
    rf"(?:(?!{_BREAK})[^,;:。!?\s\d]){{1,9}}?(?:局|委|办|厅|部|部门|中心|站|处|科|室|队|院|公司|政府|管委会|银行|学校|医院|机构|小组|办公室)(?={_FOLLOW})"
)
_LEAD_IN = re.compile(
    r"(?:[ \n“”]|并且?|同时|其中|此外|另外?|最后|首先|其次|且|而且|而|但是?|则|然后|之后|随后|原则上|一般|要求|要(?!素)|即|对此|届时|凡是?|特别是|具体|[-·●◆■])+"
)
_NOT_SUBJECT = re.compile(
    rf"(?:{_PREPOSITION}|{MODAL}|{DELIVER}|完成|开展|组织(?!单位)|做好|加强|督促|指导(?!单位|教师)|要求|协调|帮助|推动|填写|落实|建立|制定|提出|推进|确保|保证|鼓励|支持|引导|如|若|没有|不|未|无|逾期|其他|每|上述|以上|有下列|对|切实|认真|通知|书面|口头|电话|连同|随同|包括|附|已|其中)"
)
_SHORT_AGENT = re.compile(
    r"(?:报送|填报|申报|申请|报名|报告|推荐|提交|使用|用人|建设|主管|负责|经营|管理|生产|运营|养护|监理|设计|施工|承包|承建|占用|委托|代理|受托|牵头|责任|参赛|参会|参评|参保|投保|获奖|持证"
    r"|在建|检测|检验|监测|评审|评估|验收|培训|登记|注册|购买|维修|维护|组织|中标|投标|招标|采购|供应|招生|招聘|录取|考试|统计|公示|发布|审批|审核|审查|编制|修复|整改|排污|取水|用水|用电|纳税|缴费"
    r"|缴存|扣缴|执行|实施|承办|主办|协办|服务|物业|使用|开发|出租|承租|租赁|流转|收购|销售|储存|运输|处置|产废|复工|认定|拟认定|监督|调查|汇总|救助|征收|执法|结算|清算|鉴定|公证|交易|治疗|接种){1,3}(?:通过|合格|成功|入选|期满)?(?:单位|企业|人员?|部门|机构|主体|者|方|户|地|银行|学校|公司|医院|个人|机关|中心|站)"
)
_VERB = re.compile(rf"(?:{ACT}|确定|明确|指定|安排|收集|梳理|抽调|决定)")
# 参加培训的人员: a verb may open a name that closes with 的 and a noun.
_RELATIVE = re.compile(r"的[^的]{1,10}$")
_DATED = re.compile(r"\d ?[年月日]")
_MANY = re.compile(
    r"(?:各|全体|所有|凡|有关|相关)[^,;。:《》\d的将把于在应须]{0,24}?(?:单位|企业|机构|公司|部门|学校|医院|银行|街道办事处|街道|乡镇|局|政府|管委会|人员|委员会)(?:\([^()]{1,14}\))?(?![、和及或与(的])"
)
# A name ends where the duty begins, and holds no number of days.
_STOP = re.compile(
    r"[,;:。!?\n《》]|应当|应该|必须|务必|不得|应[于在自按]|\d+ ?[个小天日月时分]|速报|上报|报送|提交|告知"
)


class Source(StrEnum):
    """Where the party was found; everything but OWN and LABEL leaves a doubt."""

    OWN = "own_clause"
    LABEL = "label"
    SENTENCE = "earlier_clause"
    PARAGRAPH = "earlier_sentence"
    HEADING = "heading"
    ADDRESSEE = "addressee"
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
    agent = plain.startswith("由", at)
    if agent:
        at += 1
    name = _name_at(plain, at, min(end, at + REACH))
    if name is None:
        return None
    by = plain.find("由", name.start, name.end)
    if by > 0 and not agent:  # 年度报表由各县市…: the party is who acts, not what is made
        name, agent = Span(by + 1, name.end), True
    return Party(name.of(plain), Source.OWN, name, agent)


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
        if _LONGER.match(plain, found.end(), limit + 1):
            continue
        if _DATED.search(words) or (verbal and not _RELATIVE.search(words)):
            return None
        if found[0].startswith("(") and not words[: -len(found[0])].endswith(
            ("县", "市", "区", "旗", "州", "部门", "单位", "企业")
        ):
            continue
        return Span(at, found.end())
    return _of_many(plain, at, limit)


def _of_many(plain: str, at: int, limit: int) -> Span | None:
    """Return a name that opens with 各 or the like, whatever follows it (各医疗机构防护物资储备…)."""
    found = _MANY.match(plain, at, limit)
    if found is None or found[0].count("(") != found[0].count(")"):
        return None
    return Span(at, found.end())
