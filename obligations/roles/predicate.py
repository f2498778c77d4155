"""What has to be done: the action in the words of the notice, and its mode."""

from __future__ import annotations

import re

from obligations.draft import Modality
from obligations.roles.words import DELIVER, DUTY_VERB

LONGEST_ACTION = 160
LONGEST_OBJECT = 30

_MODALS = (
    r"(?:应当(?!场)|应该|(?<![响反供适相对效回])应(?!急|当场)|必须|须|需要|需|要|请|务必|可以|可|均|都|统一|分别|并且?|且|再|即|自|于|在|最迟|最晚|至迟|各|方可|原则上"
    r"|一般|力争|争取)"
)
_TRAILING = re.compile(rf"(?:{_MODALS}|的?(?:截止)?(?:时间|日期|期限|时限)(?:为|是)?|[,;:(。 ])+$")
_LEADING = re.compile(
    r"^(?:自[^,;。]{1,10}起|[,;:、。) ]|但(?!是)|但是|且|由(?=$|将)"
    r"|(?:应当(?!场)|应该|应(?!急|当场)|必须|须|需要|需(?!要|求)|(?<!主)要(?!求|素|件)|请|务必|均|并))+"
)
_AND_BY = re.compile(r"[,、]?并?(?:于|在)?$")
_HAS_VERB = re.compile(DUTY_VERB)
_OBJECT_BEFORE = re.compile(r"(?:将|把|向|对|会同|通过|以|按)|《")

_ONLY_DONE = re.compile(r"(?:全面|全部)?(?:完成|办结|落实|到位)")
_MAY = re.compile(r"(?<![不无许认])可以?(?![行靠能持视操量研信])|有权|自愿|允许")
_MUST_NOT = re.compile(r"[,]?(?:不得|严禁|禁止|不准|不允许)")
_GOAL = re.compile(r"力争|争取|力求|努力|原则上|有望|预计|规划到|确保到")
_GOAL_TITLE = re.compile(r"(?:工作|总体|主要|发展|目标|阶段性?|年度|建设|行动)目标|目标(?:任务|要求)|总体要求")
_CONSULTED = re.compile(r"(?:征求|征集)意见|意见(?:征集|征求|反馈)(?:期|时间|期限|截止)")
_OBJECTION = re.compile(r"(?<!无)异议|不服|申诉|行政复议|提起诉讼|行政诉讼|听证")
_OBJECTING = re.compile(r"反映|提出|提起|申请|申诉|投诉|举报|书面|实名|向|可|来电|来函|联系|要求")


def modality(lead: str, tail: str, sentence: str, title: str) -> Modality:
    """Return the mode of the predicate that a time belongs to.

    `lead` and `tail` are the words of its clause, `sentence` those around it, `title` the headings above.
    """
    if _OBJECTION.search(sentence) and _OBJECTING.search(tail) and not re.search(r"应当|必须|应(?=[自于在])", lead):
        return Modality.MAY
    near = lead[-30:]
    if _CONSULTED.search(near):
        return Modality.MAY
    if _GOAL.search(near) or _GOAL_TITLE.search(title) or re.search(r"(?:^|[^\d])到$", near):
        return Modality.GOAL
    if _MUST_NOT.match(tail):
        return Modality.MUST_NOT
    if _MAY.search(near[-14:]) or _MAY.search(tail[:5]):
        return Modality.MAY
    return Modality.MUST


def objects(words: str) -> bool:
    """Tell whether `words` speak of an objection or a remedy, which somebody may raise within a time."""
    return _OBJECTION.search(words) is not None


def action(lead: str, tail: str, label: str) -> str:
    """Return the act in the words of the notice.

    `lead` holds the words between the subject and the time, `tail` those behind the time and behind a subject
    that follows it; `label` serves where neither holds a verb (报送时间:4月20日前).
    """
    before = _LEADING.sub("", _TRAILING.sub("", lead))
    after = _AND_BY.sub("", _LEADING.sub("", tail).rstrip(" ,;。:、\n"))
    after = after[: after.rfind(")")] if after.endswith(")") and "(" not in after else after
    if before and (len(before) <= LONGEST_OBJECT or _OBJECT_BEFORE.search(before) or not _HAS_VERB.search(after)):
        after = f"{before}{after}"
    if not _HAS_VERB.search(after) and label:
        after = f"{label}:{after}" if after else label
    elif _ONLY_DONE.fullmatch(after) and label:
        after = f"{after}{label}"
    return " ".join(after.split())[:LONGEST_ACTION]


_TITLES = re.compile(r"《[^《》]{1,80}》(?:\([^()]{1,12}\))?")
_CAUSED = re.compile(r"(?:将|把)(?P<rest>(?!于|在|对|会同|组织|按|根据|通过|适时)[^,;。]{3,120})")
# A verb of sending; what follows tells it from the same word inside a noun (自查报告, 推荐资料).
_SENT = re.compile(
    r"(?:报送|上报|呈报|填报|报告|汇报|报备|备案|提交|递交|提供|反馈|报请|报经|推送|抄送|寄送|送达|邮寄|发送|发至|上传|上交|送交|移送"
    r"|移交|转报|推荐|下达|拨付|划至|分解|录入|告知|通知|通报|报(?![表名刊账销警废告])|送|交(?![通流易])|寄|发(?![展票放现生]))"
    r"(?![和及、的与表单书函材料意名者]|[^,;。]{0,4}(?:材料|资料|情况|信息|数据|名单|方案|总结))"
)
_ADVERBIAL = re.compile(
    r"(?:以|通过|经|按|按照|一并|及时|统一|同步|分别|正式|逐级|(?:盖章|汇总|签字|审核|装订|扫描|整理|确认)后?|一式[^,;。]{1,3}份"
    r"|各?[\d一二两三四五六]{1,2}份|书面|纸质版?|电子版?)[^,;。()、]{0,16}$"
)
_THING = re.compile(
    rf"(?:{DELIVER}|完成|填写|出具|编制|制定|办理|补办|缴纳|作出|签订|提出|开展|更新|更新公布|组织|落实|缴清)"
    r"(?!系统|平台|栏|网|期)(?P<thing>(?![至到给])[^,;。()]{2,40})"
)
_TO_WHOM = re.compile(r"^(?:至|到|给|于)?[^,;。()]{0,30}?(?:局|委|厅|办|政府|中心|处|科|室|单位|部门|机构|会|邮箱)$")


def deliverable(words: str, topic: str = "") -> str | None:
    """Return what has to be handed over or brought about, as written, or `None`.

    `topic` holds the words before the time: what is spoken of, where the verb has no object (自评报告请于…前报送).
    """
    caused = _CAUSED.search(words)
    if caused:
        for verb in reversed(list(_SENT.finditer(caused["rest"], 2))):
            thing = _ADVERBIAL.sub("", caused["rest"][: verb.start()]).strip()
            if len(thing) > 1:
                return thing
    titles = _TITLES.findall(words)
    if titles:
        return "、".join(dict.fromkeys(titles))
    for found in _THING.finditer(words):
        if not _TO_WHOM.match(found["thing"]):
            return found["thing"].strip(" :")
    spoken_of = _LEADING.sub("", _TRAILING.sub("", topic))
    return spoken_of if 1 < len(spoken_of) <= LONGEST_OBJECT and not _OBJECT_BEFORE.match(spoken_of) else None


_TWO_ACTS = re.compile(
    r"[,、]?(?P<first>(?:完成|开展|组织|做好|落实|办结)[^;。]{2,80}?),并"
    r"(?P<second>[^;。]{0,80}?(?:报送|上报|呈报|反馈|提交|递交|报备|报(?![表名刊账销警废告]))[^;。]{2,60})"
)


def splits(words: str) -> tuple[str, str] | None:
    """Return the two acts of 完成…,并…报…: work to finish and a filing to make, or `None` for one act."""
    found = _TWO_ACTS.match(words)
    return (found["first"], found["second"]) if found else None


def works(words: str) -> bool:
    """Tell whether `words` hold a verb of doing."""
    return _HAS_VERB.search(words) is not None
