"""The words of messages in both languages, and the first line that says it all."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from notifiers.message import Item, Lang, Light, Message, Summary

_SIGNS = {Light.GREEN: "●", Light.YELLOW: "▲", Light.RED: "■", Light.GREY: "○"}
_STEP = re.compile(r"T-(?P<before>\d{1,4})|\+(?P<overdue>\d{1,4})|S-(?P<sign>\d{1,4})")
_UNIT = 7
_HEADING_LIMIT = 78
_MOST_NAMES = 20
_MOST_FAILURES = 20
_WORD = re.compile(r"=(?=\?)")

_WAYS = {
    "email": ("邮箱", "e-mail"),
    "phone": ("电话", "phone"),
    "platform": ("平台", "platform"),
    "address": ("地址", "address"),
    "contact": ("联系人", "contact"),
    "paper_copies": ("纸质份数", "paper copies"),
    "electronic_copies": ("电子版份数", "electronic copies"),
    "form": ("形式", "form"),
    "paper_form": ("纸质形式", "paper form"),
    "electronic_form": ("电子版形式", "electronic form"),
}


def ways_to_send(channel: Mapping[str, object], lang: Lang) -> list[tuple[str, str]]:
    """Return how a notice wants something sent, as pairs of a word and what the notice says, in a fixed order."""
    return [(words[lang == "en"], str(channel[key])) for key, words in _WAYS.items() if channel.get(key)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One language: labels as the templates print them, and phrases with a count `n`.

    `headline` is how many characters a list of mails or a chat preview surely shows: 30
    Han characters take the room of 60 Latin ones.
    """

    headline: int
    html_lang: str
    lights: dict[Light, str]
    weekdays: tuple[str, ...]
    today: str
    left: str
    past: str
    more: str
    act_now: str
    provisional: str
    section: str
    parentheses: str
    before_safe_day: str
    on_safe_day: str
    overdue: str
    at_once: str
    please_sign: str
    quote: str
    comma: str
    safe_on: str
    written_on: str
    due_on: str
    recipient: str
    basis: str
    details: str
    all_items: str
    automatic: str
    list_comma: str
    overview: str
    overviews: str
    without_channel: str
    failed: str
    troubles: str

    def light(self, item: Item) -> str:
        """Return shape and word, so that colour never stands alone: `▲临近`."""
        word = cut(flat(item.light_word), self.headline // 3) or self.lights[item.light]
        return f"{_SIGNS[item.light]}{word}"

    def step(self, code: str) -> str:
        """Return the words for a step's code; a code of another form stands for itself."""
        match = _STEP.fullmatch(code)
        if match is None:
            return self.at_once if code == "now" else flat(code)
        if match["sign"]:
            return self.please_sign
        days = int(match["before"] or match["overdue"])
        if match["overdue"]:
            return self.overdue.format(n=days)
        return self.before_safe_day.format(n=days) if days else self.on_safe_day

    def day(self, value: date) -> str:
        """Return a civil date as `2026-10-03 周六`."""
        return f"{value.isoformat()} {self.weekdays[value.weekday()]}"

    def safe_day(self, item: Item) -> str:
        """Return the safe day of `item`, or that it is time to act now."""
        return self.day(item.safe_on) if item.safe_on else self.act_now

    def told(self, summaries: Sequence[Summary]) -> list[str]:
        """Return the sentences that say `summaries`; units that nobody hears for share one."""
        overviews = [s for s in summaries if s.kind == "overview"]
        silent = [name for s in summaries if s.kind == "without-channel" for name in s.units]
        failed = [s for s in summaries if s.kind == "failed"]
        lines = [self.overview.format(unit=self._names(s.units), **s.facts) for s in overviews]
        lines += [self.without_channel.format(n=len(silent), units=self._names(silent))] if silent else []
        for s in failed[:_MOST_FAILURES]:
            why = " ".join(filter(None, [str(s.facts.get("reason", "")), str(s.facts.get("detail", ""))]))
            lines.append(self.failed.format(units=self._names(s.units), channel=s.facts.get("channel", ""), why=why))
        left_out = len(failed) - _MOST_FAILURES
        return [flat(line) for line in lines] + ([self.more.format(n=left_out)] if left_out > 0 else [])

    def summed_up(self, summaries: Sequence[Summary]) -> str:
        """Return in one line what `summaries` are about."""
        overviews = [name for s in summaries if s.kind == "overview" for name in s.units]
        if overviews:
            return self.overviews.format(unit=self._names(overviews, 1))
        silent = sum(len(s.units) for s in summaries if s.kind == "without-channel")
        return self.troubles.format(silent=silent, failed=sum(s.kind == "failed" for s in summaries))

    def _names(self, names: Sequence[str], most: int = _MOST_NAMES) -> str:
        more = f" {self.more.format(n=len(names) - most)}" if len(names) > most else ""
        return self.list_comma.join(names[:most]) + more

    def distance(self, days: int) -> str:
        """Return how far the safe day is, in working days."""
        if days == 0:
            return self.today
        return (self.left if days > 0 else self.past).format(n=abs(days))


WORDINGS: dict[Lang, Wording] = {
    "zh": Wording(
        headline=30,
        html_lang="zh-CN",
        lights={Light.GREEN: "正常", Light.YELLOW: "临近", Light.RED: "逾期", Light.GREY: "待定"},
        weekdays=("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
        today="就是今天",
        left="还剩 {n} 个工作日",
        past="已过 {n} 个工作日",
        more="另有 {n} 项",
        act_now="立即办理",
        provisional="（暂定）",
        section="【{name}】",
        parentheses="（{text}）",
        before_safe_day="安全日前{n}个工作日",
        on_safe_day="安全日当天",
        overdue="逾期第{n}个工作日",
        at_once="即时提醒",
        please_sign="请签收",
        quote="“{quote}”",
        comma="，",
        safe_on="安全日：",
        written_on="原文日期：",
        due_on="到期日：",
        recipient="报送：",
        basis="依据：",
        details="详情：",
        all_items="全部事项：",
        automatic="本邮件由督办自动发出，请勿回复。",
        list_comma="、",
        overview="{unit}：登记时已经过期的有 {past} 项，不再提醒；未办结的有 {open} 项，到期前逐项提醒。",
        overviews="督办登记情况：{unit}",
        without_channel="有 {n} 个单位没有可用的渠道，到期的提醒无人收到：{units}。请为它们登记订阅。",
        failed="没有送达：{units}（{channel}：{why}）",
        troubles="督办运行情况：{silent} 个单位无人收到提醒，{failed} 条消息没有送达",
    ),
    "en": Wording(
        headline=60,
        html_lang="en",
        lights={Light.GREEN: "on time", Light.YELLOW: "near", Light.RED: "overdue", Light.GREY: "undated"},
        weekdays=("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
        today="today",
        left="working days left: {n}",
        past="working days past: {n}",
        more="{n} more",
        act_now="act now",
        provisional=" (provisional)",
        section="[{name}]",
        parentheses=" ({text})",
        before_safe_day="working days before the safe day: {n}",
        on_safe_day="on the safe day",
        overdue="working days overdue: {n}",
        at_once="at once",
        please_sign="please sign",
        quote=" “{quote}”",
        comma=", ",
        safe_on="Safe day: ",
        written_on="Written date: ",
        due_on="Due date: ",
        recipient="File with: ",
        basis="Basis: ",
        details="Details: ",
        all_items="All items: ",
        automatic="Sent automatically by duban; please do not reply.",
        list_comma=", ",
        overview="{unit}: past already when entered, no reminders: {past}; open, each reminded of in time: {open}.",
        overviews="On record: {unit}",
        without_channel="Units that nobody hears for, with something due: {n} ({units}). Subscribe somebody.",
        failed="Not delivered: {units} ({channel}: {why})",
        troubles="duban: units nobody hears for: {silent}; messages not delivered: {failed}",
    ),
}


def flat(text: str) -> str:
    """Return `text` on one line without control, formatting and half characters, which a notice may well contain.

    What would read as an encoded word in a mail header (`=?`) is broken up.
    """
    visible = text
    if not text.isprintable():  # most are, and need no look at each character
        visible = "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") else c for c in text)
    return _WORD.sub("= ", " ".join(visible.split()))


def cut(text: str, limit: int) -> str:
    """Return `text` in at most `limit` characters; a cut shows."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)] + "…"


def _tail(text: str, limit: int) -> str:
    """Return the end of `text`: a Chinese title ends with what is to be handed in."""
    return text if len(text) <= limit else "…" + text[len(text) - limit + 1 :]


def headline(message: Message, first: Item | None) -> str:
    """Return the subject: light, unit, item and safe day of `first` within the preview, then how many more.

    Without items it says what the summaries are about.
    """
    words = WORDINGS[message.lang]
    if first is None:
        return cut(flat(words.summed_up(message.summaries)), _HEADING_LIMIT)
    begin, when = words.light(first), words.safe_day(first)
    room = words.headline - len(begin) - len(when) - 3
    unit, title = flat(first.unit), flat(first.title)
    unit = cut(unit, max(min(_UNIT, room // 2 + 1), room - len(title)))
    line = f"{begin} {unit} {_tail(title, room - len(unit))} {when}"
    others = len(message.items) - 1
    return f"{line} · {words.more.format(n=others)}" if others else line
