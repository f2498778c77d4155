"""The act of a duty as a short title, verb and object: 报送汇总表, 补办审批手续, 完成现场核查."""

from __future__ import annotations

import re

from obligations.roles.deliverable import SENT, brought_about, handed, thing_of, without_manner
from obligations.roles.words import DUTY_VERB, PREPOSITION

LONGEST = 40
LONGEST_OBJECT = 30
_LONGEST_PAIR = 26  # of an act and the one that 并 adds to it

_MODALS = (
    r"(?:应当(?!场)|应该|(?<![响反供适相对效回])应(?!急|当场)|必须|须|需要|需|要|(?<![申提聘邀恳报])请|务必|可以|可|均|都|统一|分别|并且?|且|再|即|自|于|在|最迟|最晚|至迟|各|方可|原则上"
    r"|一般|力争|争取|务|同时|首先|逐级|不晚|不迟)"
)
_TRAILING = re.compile(rf"(?:{_MODALS}|的?(?:截止)?(?:时间|日期|期限|时限)(?:为|是)?|[,;:(。 、])+$")
_LEADING = re.compile(
    r"^(?:自[^,;。]{1,10}起|[,;:、。) ]"
    r"|(?:应当(?!场)|应该|应(?!急|当场)|必须|须|需要|需(?!要|求)|(?<!主)要(?!求|素|件)|请|务必|务|均|并且?|但|而|且|还|也|再|即|同时(?!对)|将(?=于|在)"
    r"|由(?=[^,;。]{2,16}?(?:完成|报送|提交|组织))[^,;。]{2,16}?(?=完成|报送|提交|组织)))+"
)
_AND_BY = re.compile(r"[,、]?(?:并|且)?(?:于|在)?$")
_ASIDE = re.compile(r"\((?P<words>[^()]*)\)")
_OF_NAME = re.compile(r"(?:[市县区旗州镇乡省盟街道办事处居社村委自治林场度假开发合作经济技术、]|园区){1,14}")
_OPEN_ASIDE = re.compile(r"\([^()]*$")
_LONE_CLOSER = re.compile(r"[^()]*\)")
_COPIES = re.compile(r"(?:各|一式|共)+[\d一二三四五六两]{1,2}份|(?<=[件版表书])[\d一二三四五六两]{1,2}份")
_MAILBOX = re.compile(r"[\w.+-]+@[\w.-]+", re.ASCII)
_TIMES = re.compile(
    r"(?:(?:20\d\d|[今明次]) ?年)?\d{1,2} ?月(?:\d{1,2} ?日|底|[上中下]旬末?)(?:\d{1,2}[:时点]\d{0,2}分?)?(?:之|以)?前"
    r"|(?:20\d\d ?年)?\d{1,2} ?月底?前"
)
_TURN = re.compile(r"(?P<turn>第[一二三四五六1-6]批次?)[为是:于在]*$")
_TURNS = re.compile(r"^(?:[、,]?第[一二三四五六1-6]批次?[为是:于在]*\d[\d年月日底时:]*(?:之|以)?前?)+")
_BEFORE_ALL = re.compile(
    r"^(?:(?:中午|下午|当天)?下班(?:之|以)?前|[^,;。]{0,12}?分别(?=完成|报送|提交|开展|组织|办理))"
)
_ONCE = re.compile(r"^[^,;。]{2,24}后$")
_ONLY_SENDS = re.compile(
    r"(?:[^,;。]{2,10}后)?(?:汇总|统一|补|按时|书面|逐级)*(?P<verb>报送|上报|提交|反馈|报|上传|公开|公布|发至|发送|更新|送|交)(?:至|到|给)?"
    r"(?:[^,;。]{0,30}?(?:局|委|厅|办|政府|中心|处|科|室|股|学籍办|邮箱|部门|大队|系统|平台))?"
)
_STOP = re.compile(r"[,;。:\n]")
_ALSO = re.compile(r"(?:并|抄送|同步)")
_OBJECT_BEFORE = re.compile(r"(?:将|把|向|对|会同|通过|以|按)|《")
_HAS_VERB = re.compile(rf"{DUTY_VERB}|提出|核办|补录|补交|缴|办|报|送|交|发|传|寄")
_ONLY_DONE = re.compile(r"(?:全面|全部)?(?:完成|办结|落实|到位)")
_WITH = re.compile(rf"(?:{PREPOSITION}|登录|登陆|利用|汇总后|连同|如实|及时|统一|逐级|确认|首次)")
_OBJECTIVE = re.compile(r"[对将把]")
_NOUN_END = re.compile(
    r"(?:报告|表|册|情况|总结|材料|资料|方案|意见|结果|清单|名单|台账|书|函|申请|数据|信息|预算|决算|进度|案例|回执)(?:等|》)?$"
)
_TRANSITIVE = re.compile(
    r"完成|填写|编制|制定|制订|提出|办理|组织|开展|落实|建立|出具|签订|征求|会同|核实|修订|做好|加强|确定|汇总(?!表|情况|材料|数据|结果)|审核|进行"
)
_LABEL_VERB = re.compile(r"(?:报送|提交|上报|反馈|填报)$")
_WHITHER = re.compile(r"[^,;。]*?(?P<purpose>审核|备案|检验|审查|审批|审定|批准|存档|鉴定)$")
_WRITTEN = {"报": "报送", "送": "报送", "寄": "寄送", "发": "发送", "发至": "发送", "交": "提交"}
_KEEPS_PLACE = frozenset(("录入", "划至", "分解", "拨付", "下达", "告知", "通知", "移送", "移交"))


def action(lead: str, tail: str, label: str) -> str:
    """Return the act, short enough for the title of a reminder.

    `lead` holds the words between the subject and the time, `tail` those behind the time and behind a subject
    that follows it; `label` serves where neither holds a verb (报送时间:4月20日前).
    """
    turn = _TURN.search(lead)
    before = topic(lead)
    after = _first_act(_bare(_BEFORE_ALL.sub("", _bare(_TURNS.sub("", tail)))))
    sends = _ONLY_SENDS.fullmatch(before + after) if not turn and after else None
    thing = thing_of(_LABEL_VERB.sub("", _bare(_TRAILING.sub("", label)))) if sends else None
    if sends and thing and _NOUN_END.search(thing) and not _TRANSITIVE.match(thing):
        return _cut(_sent(sends["verb"], thing, ""))
    if turn:
        after = _in_turn(after, turn["turn"], label)
    if before and not (len(before) <= LONGEST_OBJECT or _OBJECT_BEFORE.search(before) or not _HAS_VERB.search(after)):
        before = ""
    if _ONCE.match(before):
        before = ""
    if not before + after:
        after = _bare(_TRAILING.sub("", label))
        return _cut(_short("", after) or after)
    if _ONLY_DONE.fullmatch(before + after) and label:
        return _cut(before + after + _bare(label))
    return _cut(_short(before, after) or before + after)


def topic(lead: str) -> str:
    """Return what the words before a time speak of, without modal words: 自评报告请于 → 自评报告."""
    return "" if _TURN.search(lead) else _bare(_LEADING.sub("", _TRAILING.sub("", _bare(lead))))


def _bare(words: str) -> str:
    """Return `words` without asides, copies, mailboxes and other times."""
    if "(" in words:
        words = _ASIDE.sub(_kept_in_title, words)
        words = _OPEN_ASIDE.sub("", words)
    for sign, pattern in (("份", _COPIES), ("@", _MAILBOX), ("月", _TIMES)):
        if sign in words:
            words = pattern.sub("", words)
    return " ".join(words.split()).strip(" ,;。:、")


def _kept_in_title(aside: re.Match[str]) -> str:
    """Keep brackets that are part of a name or a cited title: 各县(市)区, 《审批表(汇总)》."""
    if _OF_NAME.fullmatch(aside["words"]):
        return aside[0]
    before = aside.string[: aside.start()]
    return aside[0] if before.rfind("《") > before.rfind("》") else ""


def _first_act(words: str) -> str:
    """Return the first clause that works, with a short one that 并 adds; a lone ) closes nothing."""
    raw = _STOP.split(words)
    clauses = [_LEADING.sub("", one[:-1] if _LONE_CLOSER.fullmatch(one) else one) for one in raw]
    for index, clause in enumerate(clauses):
        if not clause:
            continue
        if not _HAS_VERB.search(clause) and any(_HAS_VERB.search(later) for later in clauses[index + 1 : index + 2]):
            if clause.startswith(("对", "将", "把", "向")):
                return f"{clause}{clauses[index + 1]}"
            continue
        following = raw[index + 1] if index + 1 < len(raw) else ""
        if _ALSO.match(following) and len(clause) + len(following) < _LONGEST_PAIR:
            return f"{clause},{following}"
        return _AND_BY.sub("", clause)
    return ""


def _in_turn(after: str, turn: str, label: str) -> str:
    """Return the act for one of several parts: 报送第一批核查结果."""
    brought = brought_about(after) or brought_about(_TRAILING.sub("", label))
    if brought:
        return f"{brought[0]}{turn}{brought[1]}"
    sends = _ONLY_SENDS.fullmatch(after)
    if sends:
        return f"{_WRITTEN.get(sends['verb'], sends['verb'])}{turn}"
    return f"{after}{turn}" if after else f"{label}{turn}"


def _short(before: str, after: str) -> str | None:
    """Return verb and object, where the words hold both and nothing else matters; else `None`."""
    words = before + after
    if "," in words:
        return None
    given = handed(words)
    if given and "并" in words[: words.find(given[1])] and len(words) < _LONGEST_PAIR:
        return None
    if given:
        return _sent(given[0], given[1], given[2])
    for verb in reversed(list(SENT.finditer(words, 2))):
        thing = thing_of(without_manner(words[: verb.start()]))
        topic = before and verb.start() >= len(before) and not _TRANSITIVE.match(thing or "")
        if verb[0] == "备案" and SENT.search(words, 2, verb.start()):
            continue
        noun = thing and not _TRANSITIVE.match(thing) and _NOUN_END.search(thing) and not _WITH.match(words)
        if thing and (topic or noun):
            return _sent(verb[0], thing, words[verb.end() :])
    brought = brought_about(words)
    if brought and (brought[2] == 0 or (_WITH.match(words) and not _OBJECTIVE.search(words[: brought[2]]))):
        return f"{brought[0]}{brought[1]}"
    return None


def _sent(verb: str, thing: str, rest: str) -> str:
    """Return 报送 + thing, or 将 + thing + 报…审核 where the purpose or the place is the point."""
    if verb in _KEEPS_PLACE or (_WHITHER.match(rest) and len(thing) + len(rest) < LONGEST_OBJECT):
        return f"将{thing}{verb}{rest}"
    return f"{_WRITTEN.get(verb, verb)}{thing}"


def _cut(words: str) -> str:
    """Return at most `LONGEST` characters, cut where a part ends if one does."""
    words = words.strip(" ,;。、:")
    if len(words) <= LONGEST:
        return words
    at = max(words.rfind(mark, 0, LONGEST) for mark in ",、")
    return words[:at] if at >= LONGEST // 2 else words[:LONGEST]
