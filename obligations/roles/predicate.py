"""What kind of predicate a time belongs to: its mode, whether it works or objects, whether it holds two acts."""

from __future__ import annotations

import re

from obligations.draft import Modality
from obligations.roles.words import DUTY_VERB

_HAS_VERB = re.compile(DUTY_VERB)
_MAY = re.compile(r"(?<![不无许认])可以?(?![行靠能持视操量研信])|有权|自愿|允许")
_MUST_NOT = re.compile(r"[,]?(?:不得|严禁|禁止|不准|不允许)")
_GOAL = re.compile(r"力争|争取|力求|努力|原则上|有望|预计|规划到|确保到")
_GOAL_TITLE = re.compile(r"(?:工作|总体|主要|发展|目标|阶段性?|年度|建设|行动)目标|目标(?:任务|要求)|总体要求")
_CONSULTED = re.compile(r"(?:征求|征集)意见|意见(?:征集|征求|反馈)(?:期|时间|期限|截止)")
_OBJECTION = re.compile(r"(?=[异不申行提听])(?:(?<!无)异议|不服|申诉|行政复议|提起诉讼|行政诉讼|听证)")
_ANSWERED = re.compile(r"(?:异议|申诉|不服)[^,;。]{0,6}的?,(?:应当?)?由")
_OBJECTING = re.compile(r"反映|提出|提起|申请|申诉|投诉|举报|书面|实名|向|可|来电|来函|联系|要求")


def modality(lead: str, tail: str, sentence: str, title: str) -> Modality:
    """Return the mode of the predicate that a time belongs to.

    `lead` and `tail` are the words of its clause, `sentence` those around it, `title` the headings above.
    """
    duty = re.search(r"应当|必须|应(?=[自于在])", lead) or _ANSWERED.search(sentence)
    if _OBJECTION.search(sentence) and _OBJECTING.search(tail) and not duty:
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
