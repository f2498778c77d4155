"""The steps behind a date, as data and as sentences in Chinese and English."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from obligations.dates.citations import TO_BE_CONFIRMED, Source

WEEKDAYS = {
    "zh": ["周一", "周二", "周三", "周四", "周五", "周六", "周日"],
    "en": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
}

_HOLIDAYS_EN = {
    "元旦": "New Year's Day",
    "春节": "Spring Festival",
    "清明节": "Qingming",
    "劳动节": "Labour Day",
    "端午节": "Dragon Boat Festival",
    "中秋节": "Mid-Autumn Festival",
    "国庆节": "National Day",
    "补假": " (given back)",
    "（延长）": " (extended)",
    "中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日": "70th Victory Day",
    "、": ", ",
    "双休日": "weekend",
    "调休上班": "make-up working day",
    "小时": "hour(s)",
    "分钟": "minute(s)",
}
_SPOKEN_BY_US = {"skipped", "passed", "rest", "stays", "tax_rest", "counted_make_up", "clock"}  # not the notice's words

# rule: (Chinese, English). {on} and {to} are days with their weekday, {n} is a number without its sign,
# {months} the number with its sign in words.
_TEMPLATES = {
    "named": ("原文写明的日期：{on}", "the notice names {on}"),
    "recurs": ("{name} 的日期：{on}", "the day in {name} is {on}"),
    "counted_in_period": ("从 {on} 起按工作日计第 {n} 个", "working day number {n} counted from {on}"),
    "window": ("期间为 {on} 至 {to}，以末日为期限", "the window runs from {on} to {to} and ends on its last day"),
    "window_end": ("期间截止于 {on}", "the window ends on {on}"),
    "event_out": ("起算：{name}，{on}，当日不计入", "counts from: {name}, {on}; that day is not counted"),
    "event_in": ("起算：{name}，{on}，当日计入", "counts from: {name}, {on}; that day is counted"),
    "event_day": ("与事件同日：{name}，{on}", "on the day of: {name}, {on}"),
    "before_event": ("须在事件之前：{name}；最后一日 {on}", "before: {name}; the last day is {on}"),
    "instant": ("起算时刻：{name}，{at}", "counts from the instant of: {name}, {at}"),
    "clock": ("连续计时 {n} {name}，夜间和休息日不扣除", "{n} {name} on the clock, through nights and days off"),
    "counted": ("第 {n} 日：{on}", "day {n}: {on}"),
    "counted_working": ("第 {n} 个工作日：{on}", "working day {n}: {on}"),
    "counted_make_up": ("第 {n} 个工作日：{on}（{name}）", "working day {n}: {on} ({name})"),
    "counted_run": ("逐日计至第 {n} 日：{on} 至 {to}", "day by day to day {n}: {on} to {to}"),
    "skipped": ("不计：{on}（{name}）", "not counted: {on} ({name})"),
    "corresponding": ("{months}的对应日：{on}", "the corresponding day {months}: {on}"),
    "month_end": ("{months}没有对应日，取整为 {on}", "the month {months} lacks the day; rounded to {on}"),
    "month_sum": ("起算日为月末，{months}亦为月末：{on}", "from month's end to month's end, {months}: {on}"),
    "start_counted": ("起算日计入，提前一日：{on}", "the opening day counts, so one day less: {on}"),
    "rest": ("{on} 是休息日（{name}）", "{on} is a day off ({name})"),
    "passed": ("越过：{on}（{name}）", "passed over: {on} ({name})"),
    "turned": ("{on} 跨月，回转", "{on} lies in another month: turn back"),
    "rolled": ("移至：{on}", "moves to: {on}"),
    "stays": ("{on} 为双休日，不因此移动", "{on} is a weekend day, which does not move it"),
    "tax_rest": ("期内休假第 {n} 天：{on}（{name}）", "day off {n} inside the period: {on} ({name})"),
    "tax_extended": (
        "期内连续休假共 {n} 天，自 {on} 顺延 {n} 个工作日",
        "{n} days off in a row; {n} working days after {on}",
    ),
    "chosen": (
        "口径由监管单位或责任单位选定：{at}（{name}）",
        "convention chosen by the unit or its regulator: {at} ({name})",
    ),
    "due": ("到期日：{on}", "due: {on}"),
    "ends": ("截止：{on} {name}（{at} 之前）", "ends: {on} {name} (before {at})"),
    "clock_unstated": (
        "原文“{name}”未写钟点，按当日 24:00",
        'the notice says "{name}" and no clock time: end of the day',
    ),
    "before_included": ("“X日前”按惯例含当日", '"by day X" includes the day by usage'),
    "before_excluded": ("若“X日前”不含当日：{on}", 'if "by day X" excludes the day: {on}'),
    "letter": ("按原文字面为 {on}", "by the letter of the notice: {on}"),
    "reading": ("另一解读（{name}）：{on}", "another reading ({name}): {on}"),
    "safe": ("安全日：{on}", "safe day: {on}"),
    "safe_early": ("安全日早于起始日 {on}，请提前备好", "the safe day lies before the opening on {on}: prepare ahead"),
    "act_now": ("最早解读之前已没有工作日：请立即办理", "no working day is left before the earliest reading: act now"),
    "act_at_once": ("按小时、分钟计的期限：请立即办理", "counted in hours or minutes: act now"),
    "provisional": (
        "暂定：国务院尚未公布 {n} 年放假安排，{on} 至 {to} 的计算可能变动",
        "provisional: the holidays of {n} are not announced yet; the count from {on} to {to} may change",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step on the way to a date.

    `rule` is a stable code, a key of the sentences above; `on`, `to`, `n`, `name` and `at`
    are what it is about; `reading` is the convention whose date it leads to.
    """

    rule: str
    source: Source
    on: date | None = None
    to: date | None = None
    n: int | None = None
    name: str | None = None
    at: str | None = None
    reading: str | None = None

    def text(self, lang: str = "zh") -> str:
        """Return the step as a sentence in `lang`, `zh` or `en`, without its source."""
        template = _TEMPLATES[self.rule][1 if lang == "en" else 0]
        translated = lang == "en" and self.name and self.rule in _SPOKEN_BY_US
        name = english(self.name or "") if translated else self.name
        on = day_text(self.on, lang) if self.on else ""
        to = day_text(self.to, lang) if self.to else ""
        n = abs(self.n or 0)
        return template.format(on=on, to=to, n=n, months=_months(self.n or 0, lang), name=name, at=self.at)

    def to_json(self) -> dict[str, Any]:
        """Return the step as data, with its sentence and source in both languages; empty fields are left out."""
        values = {
            "rule": self.rule,
            "on": self.on and self.on.isoformat(),
            "to": self.to and self.to.isoformat(),
            "n": self.n,
            "name": self.name,
            "at": self.at,
            "reading": self.reading,
        }
        return {key: value for key, value in values.items() if value is not None} | {
            "zh": self.text("zh"),
            "en": self.text("en"),
            "source": {"key": self.source.key, "zh": self.source.zh, "en": self.source.en},
        }


def _months(n: int, lang: str) -> str:
    if lang == "en":
        return f"{abs(n)} month{'s' if abs(n) != 1 else ''} {'before' if n < 0 else 'on'}"
    return f"{abs(n)} 个月{'前' if n < 0 else '后'}"


def day_text(day: date, lang: str = "zh") -> str:
    """Return `day` with its weekday: `2026-10-03 周六` or `Sat 2026-10-03`."""
    weekday = WEEKDAYS["en" if lang == "en" else "zh"][day.weekday()]
    return f"{weekday} {day}" if lang == "en" else f"{day} {weekday}"


def english(name: str) -> str:
    """Return a holiday's name in English as far as it is known; other names stay as they are."""
    for chinese, words in _HOLIDAYS_EN.items():
        name = name.replace(chinese, words)
    return name


def trace_text(steps: Iterable[Step], lang: str = "zh") -> str:
    """Return the steps as numbered lines, each source named where it changes, with the caveat about citations."""
    lines = []
    cited = ""
    for number, step in enumerate(steps, 1):
        source = step.source.text(lang)
        lines.append(f"{number:>3}. {step.text(lang)}" + (f"  [{source}]" if source != cited else ""))
        cited = source
    caveat = TO_BE_CONFIRMED["en" if lang == "en" else "zh"]
    return "\n".join([*lines, f"     ({caveat})" if lang == "en" else f"     （{caveat}）"])
