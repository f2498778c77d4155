"""What a deadline lacks before it can have a date: the reasons behind every 待定."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from obligations.errors import DomainError


class Missing(StrEnum):
    """One thing that is missing; the value is stable, `text` says it to a person."""

    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    WEEKDAY = "weekday"
    FREQUENCY = "frequency"
    ANCHOR = "anchor"
    EVENT = "event"
    EVENT_TIME = "event_time"
    NUMBER = "number"
    END = "end"
    SET_ELSEWHERE = "set_elsewhere"
    VAGUE = "vague"
    UNSPECIFIED = "unspecified"
    DURATION = "duration"
    VALIDITY = "validity"
    CALENDAR = "calendar"

    def text(self, lang: str = "zh", about: str = "") -> str:
        """Say what is missing in `lang` (`zh` or `en`); `about` adds the words of the notice it concerns."""
        words = _TEXTS[self][1 if lang == "en" else 0]
        if not about:
            return words
        return f"{words} ({about})" if lang == "en" else f"{words}（{about}）"


_TEXTS = {
    Missing.YEAR: ("缺少年份", "the year is not stated"),
    Missing.MONTH: ("未写明在哪个月", "the month within the period is not stated"),
    Missing.DAY: ("未写明具体日期", "the day is not stated"),
    Missing.WEEKDAY: ("未写明星期几", "the day of the week is not stated"),
    Missing.FREQUENCY: ("未写明周期", "how often is not stated"),
    Missing.ANCHOR: ("隔期重复，缺少首次日期", "repeats with gaps, and the first date is not stated"),
    Missing.EVENT: ("起算日待确认：触发事件的日期未知", "the date of the event it counts from is not known"),
    Missing.EVENT_TIME: ("起算时刻待确认：需要事件的具体时间", "counts in hours and needs the instant of the event"),
    Missing.NUMBER: ("只写明事件，未写明期限天数", "names an event but no number of days"),
    Missing.END: ("未写明截止日期", "the last day is not stated"),
    Missing.SET_ELSEWHERE: ("日期由其他文件规定", "the date is set by another document"),
    Missing.VAGUE: ("用语未含确定日期", "the wording names no date"),
    Missing.UNSPECIFIED: ("未规定时间", "no time is stated"),
    Missing.DURATION: ("只是时长，不是到期日", "a length of time, not a due date"),
    Missing.VALIDITY: ("只是有效期，不是义务期限", "a period of validity, not a duty's date"),
    Missing.CALENDAR: ("日期超出工作日历的年份", "the date leaves the years of the working-day calendar"),
}


class CannotDate(DomainError):
    """The deadline has no date yet (待定); `missing` says why, and who asks may supply it and try again."""

    def __init__(self, missing: Iterable[Missing], about: str = "") -> None:
        self.missing = tuple(missing)
        self.about = about
        super().__init__("the deadline cannot be dated: " + "; ".join(m.text("en", about) for m in self.missing))
