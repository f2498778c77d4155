"""Is a time a deadline? Named reasons against, and what speaks for a bare date or window."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from obligations.deadline import Deadline, FixedDeadline, RecurringDeadline
from obligations.derivation.parties import own_party
from obligations.derivation.passage import Passage, clause_end
from obligations.derivation.years import Dating
from obligations.grammar.reading import Boundary, Count, Point, Stretch, TimeExpression
from obligations.roles.party import subject_at
from obligations.roles.words import ACT, DELIVER, DUTY_VERB

BARE_PERIODS = frozenset(("every-period", "every-so-often", "yearly-months-bare"))
"""Productions that name a period and no day in it."""

_FIELDS = ("lead", "tail", "before", "after", "words", "title", "document")
_KINDS: dict[type, str] = {Point: "point", Stretch: "window", RecurringDeadline: "rule", Count: "count"}

_FILING = (
    r"(?:截止|首报|续报|终报|报送|提交|上报|反馈|申报|报名|填报|完成|办结|整改|缴费|缴款|申请|递交|受理|征集|推荐|登记|注册|送达|上传|缴纳|办理|回复"
    r"|征求意见|接收|网报|预约|投稿|投递|认定|参保|报备|备案|初审|审核|复审|复核|审查|核查|自查|排查|自评|年审|年检|年报|征缴|缴存|换证"
    r"|汇算|汇缴|清缴|选报|填写|确认|签约|选课|录入|采集|更新)"
)
_LABEL_END = (
    r"(?:时间|日期|时限|期限|截止日|阶段|环节|期)?(?:截止|为|是|:|在|于|自|从|至|到|,|\(|定于)*"
    r"(?:[^,;。:]{0,8}(?:为|:))?$"
)
_DEADLINE_LABEL = re.compile(
    rf"{_FILING}(?:材料|资料|截止|申请|工作|意见|信息|报名|费用|的|及|和|、|{_FILING})*{_LABEL_END}"
)
_TIME_LABEL = re.compile(r"(?:时间|日期|时限|期限|截止)")
_TITLE_LABEL = re.compile(r"(?:时间|时限|期限|日期|进度|截止|安排|步骤|阶段)")
_MODAL = re.compile(
    r"(?=[应必务须要请可])(?:应当|(?<![响反供适相对效回])应(?![急收付对用])|必须|务必|须|(?<![主重需必])要(?![求素件])|请(?!示|求)|可(?=[以在于自]))"
)
# Some predicate, if not one of the known verbs: two characters at least and no 的 that would make a noun of it.
_ENDS_THERE = re.compile(r"\s*(?:\([^()]*\))?\)?\s*$")
_PREDICATE = re.compile(r"[\u4e00-\u9fff][^,;。:的]+$")
_ON_THAT_DAY = re.compile(r"(?:于|在|应|须|应当|后|的)$")
_MOVED_TO = re.compile(r"(?:延长|顺延|延期|推迟|调整|延至|展期|提前|改|变更)(?:为|至|到)?$")
# 第一批10月20日、第二批11月20日: dates of a filing in parts.
_IN_TURN = re.compile(r"第[一二三四五六1-6](?:批次?|次|轮|期|阶段)(?:为|是|:|于|在)?$")
_SAME_DAY = re.compile(r"[同当][日天]")
_FILES_AT_ONCE = re.compile(rf"(?:将|把|向)?[^,;。的]{{0,24}}?(?:{DELIVER})")
_DUTY = re.compile(DUTY_VERB)
_NAMES_FILING = re.compile(rf"{DUTY_VERB}|[日周旬月季年]报")
_REPORT = re.compile(rf"[^,;。]{{0,40}}?(?:{DELIVER})")
_ENUMERATES = re.compile(r"(?:至少|不少于|不低于|不得少于|[一二两三四五1-9] ?次)")
_ANCHORED = re.compile(r"(?:之日起|之时起|起|之?后|以后|提前|前|提前至少|前至少|后的|前的)$")


@dataclass(frozen=True, slots=True)
class Rejection:
    """A named reason why a time is no deadline, with the expressions that recognise it."""

    name: str
    meaning: str
    kinds: frozenset[str]
    tests: Mapping[str, re.Pattern[str]]
    example: str

    def holds(self, passage: Passage) -> bool:
        """Tell whether every expression of the rule matches the words around the time."""
        for field, pattern in self.tests.items():
            test = pattern.match if field in ("tail", "after") else pattern.search
            if test(getattr(passage, field)) is None:
                return False
        return True


@cache
def rejections() -> tuple[Rejection, ...]:
    """Return the rules of `rejections.toml` in their order."""
    source = resources.files("obligations.derivation").joinpath("rejections.toml").read_text(encoding="utf-8")
    return tuple(
        Rejection(
            rule["name"],
            rule["meaning"],
            frozenset(rule.get("kinds", ())),
            {field: re.compile(rule[field]) for field in _FIELDS if field in rule},
            rule["example"],
        )
        for rule in tomllib.loads(source)["rule"]
    )


@dataclass(frozen=True, slots=True)
class _Sieve:
    """The rules about one kind of reading; most look at the words behind the time, and one look tells if any fits."""

    rules: Sequence[Rejection]
    tails: re.Pattern[str]
    others: Sequence[Rejection]

    def first(self, passage: Passage) -> str | None:
        """Return the name of the first rule that holds."""
        rules = self.rules if self.tails.match(passage.tail) else self.others
        return next((rule.name for rule in rules if rule.holds(passage)), None)


@cache
def _sieve_of(kind: str) -> _Sieve:
    rules = [rule for rule in rejections() if not rule.kinds or kind in rule.kinds]
    tails = [f"(?:{rule.tests['tail'].pattern})" for rule in rules if "tail" in rule.tests]
    return _Sieve(rules, re.compile("|".join(tails)), [rule for rule in rules if "tail" not in rule.tests])


def judge(expression: TimeExpression, passage: Passage) -> str | None:
    """Return the name of the first reason why the time is no deadline, or `None` where it may be one."""
    if passage.before.rfind("《") > passage.before.rfind("》"):
        return "cited-title"
    kind = _KINDS[type(expression.reading)]
    reason = _sieve_of(kind).first(passage) or _CHECKS[kind](expression, passage)
    limits = expression.boundary is Boundary.BEFORE and _PREDICATE.match(passage.tail)
    if (
        reason is None
        and expression.boundary is not Boundary.NONE
        and kind != "window"
        and not (limits or acts(passage))
    ):
        return "no-act"
    return reason


def _point(expression: TimeExpression, passage: Passage) -> str | None:
    if expression.pattern == "same-day":
        event = _ON_THAT_DAY.search(passage.lead) and _DUTY.match(passage.tail)
        return None if event or _on_the_same_day(passage) else "bare-date"
    return "bare-date" if expression.boundary is Boundary.NONE and not _bare_date_counts(passage) else None


def _window(expression: TimeExpression, passage: Passage) -> str | None:
    reading = expression.reading
    if isinstance(reading, Stretch) and reading.end is None:
        return "start"
    return None if _window_counts(passage) else "bare-window"


def _rule(expression: TimeExpression, passage: Passage) -> str | None:
    if expression.pattern in BARE_PERIODS:
        counts = passage.words.startswith("每") and not _ENUMERATES.search(passage.tail)
        return None if counts and _REPORT.match(passage.tail) else "frequency"
    return "bare-rule" if expression.boundary is Boundary.NONE and not _bare_rule_counts(passage) else None


def _count(expression: TimeExpression, passage: Passage) -> str | None:
    if expression.pattern == "count" and not _ANCHORED.search(passage.before):
        return "duration"
    return None if acts(passage) else "no-act"


_CHECKS: Mapping[str, Callable[[TimeExpression, Passage], str | None]] = {
    "point": _point,
    "window": _window,
    "rule": _rule,
    "count": _count,
}


def past(expression: TimeExpression, deadline: Deadline, dating: Dating) -> str | None:
    """Return `past` for a window, or a day with a written year, that lies before the notice."""
    reading = expression.reading
    written = isinstance(reading, Stretch) or (isinstance(reading, Point) and reading.year is not None)
    last = deadline.date if isinstance(deadline, FixedDeadline) else getattr(deadline, "to", None)
    if not written or dating.published is None or not last or last.startswith("-"):
        return None
    return "past" if last < dating.published.isoformat() else None


def acts(passage: Passage) -> bool:
    """Tell whether the words around the time ask for an act: a verb behind it or before it, or a label above."""
    return bool(
        _DUTY.search(passage.after)
        or _DUTY.search(passage.before)
        or _MODAL.search(passage.lead[-30:])
        or own_party(passage)
        or _TITLE_LABEL.search(passage.title)
        or (passage.before.endswith((":", "(")) and passage.tail.strip(" )") == "")
        or (not passage.before and _NAMES_FILING.search(passage.title.rpartition("|")[2]))
    )


def _on_the_same_day(passage: Passage) -> bool:
    """Tell whether 同日 opens a clause that files: …前完成复核,同日将结果报市局."""
    opens = passage.before.endswith(",") and _SAME_DAY.fullmatch(passage.words)
    return bool(opens and _FILES_AT_ONCE.match(passage.tail))


def _bare_date_counts(passage: Passage) -> bool:
    before = passage.before[-60:]
    if _MOVED_TO.search(before):
        return re.search(_FILING, before) is not None
    if _IN_TURN.search(before) and _DUTY.search(passage.before + passage.after):
        return True
    label = _DEADLINE_LABEL.search(before)
    if label and (_TIME_LABEL.search(label[0]) or ":" in label[0]):
        return True
    if re.search(r"截止", before[-40:]) and not re.match(r"[^,;。]{0,12}的", passage.tail):
        return True
    heads = passage.title.rsplit("|", 1)[-1]
    return bool(re.search(r"截止|报送时[间限]|完成时[间限]", heads) and _ENDS_THERE.match(passage.tail))


def _party_goes_on(passage: Passage) -> bool:
    """Tell whether a comma, then a party with something to do follows: 每月最后一个工作日,各县局将…报市局."""
    if passage.tail.strip() or passage.lead.strip() or not passage.after.startswith(","):
        return False
    end = clause_end(passage.plain, passage.behind + 1, passage.end)
    party = subject_at(passage.plain, passage.behind + 1, end)
    return bool(party and party.span and _DUTY.search(passage.plain, party.span.end, end))


def _bare_rule_counts(passage: Passage) -> bool:
    if _party_goes_on(passage):
        return True
    label = _DEADLINE_LABEL.search(passage.before[-60:])
    if label and (_TIME_LABEL.search(label[0]) or ":" in label[0]):
        return True
    if _MODAL.search(passage.lead[-6:]) and _DUTY.search(passage.after[:30]):
        return True
    return _DUTY.match(passage.tail.lstrip(" ,由统一各")[:20]) is not None or bool(
        re.match(rf"[^,;。的]{{0,20}}?(?:{DELIVER})", passage.tail)
    )


def _window_counts(passage: Passage) -> bool:
    if _DEADLINE_LABEL.search(passage.before[-60:]) or _MOVED_TO.search(passage.before[-60:]):
        return True
    if _party_goes_on(passage):
        return True
    heads = passage.title.rsplit("|", 1)[-1]
    if not passage.lead.strip() and re.search(_FILING, heads) and _ENDS_THERE.match(passage.tail):
        return True
    if not passage.lead.strip() and not passage.tail and own_party(passage) and _DUTY.search(passage.after[:60]):
        return True  # 3月上旬至4月下旬,各单位开展自查
    return bool(re.match(rf"[^,;。]{{0,16}}?(?:{DELIVER}|{ACT})", passage.tail))
