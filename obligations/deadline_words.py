"""Deadlines read back as words, Chinese or English: the reading that derivation gave to a phrase of a notice."""

from __future__ import annotations

from datetime import date

from obligations.dates.trace import WEEKDAYS, day_text
from obligations.deadline import (
    Deadline,
    Direction,
    FixedDeadline,
    Freq,
    RecurringDeadline,
    RelativeDeadline,
    Roll,
    Undated,
    Unit,
    WindowDeadline,
)

_FREQ = {
    Freq.DAILY: ("每日", "every day"),
    Freq.WEEKLY: ("每周", "every week"),
    Freq.MONTHLY: ("每月", "every month"),
    Freq.QUARTERLY: ("每季度", "every quarter"),
    Freq.HALF_YEARLY: ("每半年", "every half-year"),
    Freq.YEARLY: ("每年", "every year"),
    Freq.UNSPECIFIED: ("定期", "regularly"),
}
_UNIT = {
    Unit.MINUTE: ("分钟", "minutes"),
    Unit.HOUR: ("小时", "hours"),
    Unit.DAY: ("日", "days"),
    Unit.WORKING_DAY: ("个工作日", "working days"),
    Unit.MONTH: ("个月", "months"),
    Unit.YEAR: ("年", "years"),
}
_DIRECTION = {
    Direction.AFTER: ("{event}后", "after {event}"),
    Direction.BEFORE: ("{event}前", "before {event}"),
    Direction.AT: ("{event}时", "at {event}"),
    Direction.DURING: ("{event}期间", "during {event}"),
    Direction.UNTIL: ("至{event}", "until {event}"),
}
_COUNTED = {
    Direction.AFTER: ("{event}后{n}{unit}内", "within {n} {unit} after {event}"),
    Direction.BEFORE: ("{event}前{n}{unit}", "{n} {unit} before {event}"),
}
_ROLL = {
    Roll.UNADJUSTED: ("", ""),
    Roll.FOLLOWING: ("遇休息日顺延", "moved on from days off"),
    Roll.PRECEDING: ("遇休息日提前", "moved back from days off"),
    Roll.MODIFIED_FOLLOWING: ("遇休息日顺延，不跨月", "moved on from days off within the month"),
    Roll.MODIFIED_PRECEDING: ("遇休息日提前，不跨月", "moved back from days off within the month"),
    Roll.FOLLOWING_HOLIDAY_ONLY: ("遇法定节假日顺延", "moved on from statutory holidays"),
}
_UNDATED = {
    "vague": ("未写明时间", "no time stated"),
    "unspecified": ("未规定时间", "no time set"),
    "set_elsewhere": ("另行规定", "set elsewhere"),
    "duration": ("时长", "a length of time"),
    "validity": ("有效期", "a period of force"),
}


def deadline_words(deadline: Deadline, lang: str = "zh") -> str:
    """Return what `deadline` means in `lang` (`zh` or `en`): `每季度第1个月3日`, `2024-03-29 周五 17:00`."""
    if isinstance(deadline, FixedDeadline):
        words = _joined(_day(deadline.date, lang), deadline.time, deadline.time_text)
    elif isinstance(deadline, WindowDeadline):
        words = _window(deadline, lang)
    elif isinstance(deadline, RecurringDeadline):
        words = _recurring(deadline, lang)
    elif isinstance(deadline, RelativeDeadline):
        words = _relative(deadline, lang)
    else:
        return _undated(deadline, lang)
    rolled = _say(_ROLL[deadline.roll], lang) if deadline.roll else ""
    return f"{words}{_pause(lang)}{rolled}" if rolled else words


def _say(pair: tuple[str, str], lang: str) -> str:
    return pair[1 if lang == "en" else 0]


def _pause(lang: str) -> str:
    return ", " if lang == "en" else "，"


def _joined(*parts: str | None) -> str:
    return " ".join(part for part in parts if part)


def _day(words: str, lang: str) -> str:
    if not words.startswith("--"):
        return day_text(date.fromisoformat(words), lang)
    month, day = int(words[2:4]), int(words[5:7])
    return f"{month:02}-{day:02} (year not stated)" if lang == "en" else f"{month}月{day}日（年份未写明）"


def _window(deadline: WindowDeadline, lang: str) -> str:
    begin = _joined(_day(deadline.from_, lang), deadline.from_time) if deadline.from_ else ""
    end = _joined(_day(deadline.to, lang), deadline.to_time, deadline.time_text) if deadline.to else ""
    if not begin and not end:
        return deadline.event or deadline.period or _say(_UNDATED["unspecified"], lang)
    return f"{begin} – {end}".strip() if lang == "en" else f"{begin} 至 {end}".strip()


def _recurring(deadline: RecurringDeadline, lang: str) -> str:
    freq = _say(_FREQ[deadline.freq], lang)
    if deadline.freq is Freq.WEEKLY and deadline.weekday and lang != "en":
        freq = "每"  # 每周三, not 每周周三
    if deadline.interval and deadline.interval > 1:
        freq += f" (every {deadline.interval})" if lang == "en" else f"（每{deadline.interval}期）"
    day = (freq, _month(deadline, lang), _days(deadline, lang))
    words = _joined(_joined(*day) if lang == "en" else "".join(day), deadline.time, deadline.time_text)
    if deadline.from_ or deadline.until:
        bound = f"{deadline.from_ or '…'} – {deadline.until or '…'}"
        words += f" ({bound})" if lang == "en" else f"（{bound}）"
    if deadline.reports_on == "previous":
        words += ", for the period before" if lang == "en" else "，报上一期"
    return words


def _month(deadline: RecurringDeadline, lang: str) -> str:
    month = deadline.month_of_period
    if month is None or deadline.freq is Freq.MONTHLY:
        return ""
    if deadline.freq is Freq.YEARLY:
        return f"month {month}" if lang == "en" else f"{month}月"
    return f"in month {month} of it" if lang == "en" else f"第{month}个月"


def _days(deadline: RecurringDeadline, lang: str) -> str:
    english = lang == "en"
    if deadline.weekday:
        return WEEKDAYS["en" if english else "zh"][deadline.weekday - 1]
    if deadline.working_day:
        number = deadline.working_day
        if number < 0:
            back = "" if number == -1 else f" {-number}"
            return f"working day{back} from the end" if english else f"倒数第{-number}个工作日"
        return f"working day {number}" if english else f"第{number}个工作日"
    days = deadline.days or ((deadline.day,) if deadline.day else ())
    if english:
        return " and ".join("last day" if day < 0 else f"day {day}" for day in days)
    return "、".join("最后一日" if day < 0 else f"{day}日" for day in days)


def _relative(deadline: RelativeDeadline, lang: str) -> str:
    if deadline.offset is None or deadline.unit is None or deadline.direction not in _COUNTED:
        words = _say(_DIRECTION[deadline.direction], lang).format(event=deadline.event)
    else:
        unit = _say(_UNIT[deadline.unit], lang)
        form = _say(_COUNTED[deadline.direction], lang)
        words = form.format(event=deadline.event, n=deadline.offset, unit=unit)
    return _joined(words, deadline.urgency, deadline.time, deadline.time_text)


def _undated(deadline: Undated, lang: str) -> str:
    what = _say(_UNDATED[deadline.why], lang)
    about = deadline.word or deadline.event or deadline.where
    if deadline.value is not None and deadline.unit:
        about = f"{deadline.value}{' ' if lang == 'en' else ''}{_say(_UNIT[deadline.unit], lang)}"
    label = "undated" if lang == "en" else "待定"
    return f"{label}: {_joined(what, about and f'({about})')}" if lang == "en" else f"{label}：{_joined(what, about)}"
