"""What has to be done: the action, what is delivered, to whom, in which mode."""

from __future__ import annotations

import re

from obligations.draft import Modality
from obligations.roles.words import DELIVER

_LONGEST_ACTION = 160
_TITLES = re.compile(r"《[^《》]{1,80}》(?:\([^()]{1,12}\))?")
_ORG = r"[^,;。:!?()\n《》]{1,40}?(?:局|委|厅|办|部|政府|中心|办公室|处|科|室|单位|部门|机构|委员会|领导小组|联席会议|会议|银行|支行|公司|学校|站|所|院|法院|大队|支队|分局|管委会|专班|窗口|大厅|平台|系统|我局|我委|我厅|市局|省厅|州局|区局|县局)"
_TO = re.compile(
    rf"(?:报送|上报|呈报|反馈|提交|递交|报告|汇报|推送|抄送|寄送|寄|送|移送|移交|转报|推荐|报备|备案|发送|上交|交|报请|报经|报|告知|通知)(?:至|到|给|于|送)?(?P<unit>{_ORG})(?:\([^()]{{1,40}}\))?(?=[,;。()]|$|审核|审批|备案|审议|批准|汇总|同意|验收|进行|填报|研究|核准|存档|处理|处置)"
)
_TOWARDS = re.compile(
    rf"(?:向|到|至|送)(?P<unit>{_ORG})(?:\([^()]{{1,40}}\))?(?=(?:申请|提出|报告|报送|报备|备案|反映|提交|申报|办理|补办|反馈|报|征求|通报|书面|登记|缴纳|说明|备)|[,;。]|$)"
)
_OBJECT = re.compile(
    rf"(?:将|把)(?P<thing>[^,;。]{{2,80}}?)(?=(?:以|通过|按|经|纸质|电子|正式|一并|及时|统一|同步|分别|汇总后|盖章后)?[^,;。]{{0,20}}?(?:{DELIVER}|发|送|交|报))"
)
_AFTER_VERB = re.compile(
    rf"(?:{DELIVER}|完成|填写|出具|编制|制定|办理|补办|缴纳|作出)(?P<thing>[^,;。()至到向]{{2,40}})"
)

_MAY = re.compile(r"(?<![不无])可以?(?!行|靠|能|持|视|操|量|研)|有权|自愿|鼓励|允许")
_MUST_NOT = re.compile(r"不得|严禁|禁止|不准|不允许")
_GOAL = re.compile(r"力争|争取|力求|努力|确保到|目标|原则上|预计|有望|规划")


def modality(lead: str, tail: str, heading: str) -> Modality:
    """Return the mode of the predicate that a time belongs to, from the words of its clause and the heading above."""
    near = lead[-40:]
    if _GOAL.search(near) or re.search(r"工作目标|总体目标|主要目标|发展目标|目标要求", heading):
        return Modality.GOAL
    if _MUST_NOT.match(tail.lstrip(",")):
        return Modality.MUST_NOT
    if _MAY.search(near[-16:]) or _MAY.match(tail.lstrip(", ")):
        return Modality.MAY
    return Modality.MUST


def recipient(words: str) -> str | None:
    """Return the unit that something is sent to, as written, or `None`."""
    found = _TO.search(words) or _TOWARDS.search(words)
    return found["unit"].strip() if found else None


def deliverable(words: str) -> str | None:
    """Return what has to be handed over, as written, or `None`."""
    thing = _OBJECT.search(words)
    if thing:
        return thing["thing"].strip()
    titles = _TITLES.findall(words)
    if titles:
        return "、".join(dict.fromkeys(titles))
    plain = _AFTER_VERB.search(words)
    return plain["thing"].strip() if plain else None


def action(tail: str) -> str:
    """Return the predicate behind a time in its own words, cut to a readable length."""
    words = tail.strip(" ,;。:)\n")
    return words[:_LONGEST_ACTION]
