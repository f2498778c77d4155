"""Completing a reading to a deadline, with what the notice has said up to there."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from obligations.deadline import (
    Deadline,
    FixedDeadline,
    Freq,
    RecurringDeadline,
    RelativeDeadline,
    Unit,
    WindowDeadline,
)
from obligations.derivation.events import bind
from obligations.derivation.passage import Passage
from obligations.derivation.years import Dating, fixed_deadline, window_deadline
from obligations.grammar.reading import Count, Point, Stretch, TimeExpression
from obligations.notice import Span
from obligations.structure import Heading

_NEXT = "次翌第"
_EVERY_YEAR = re.compile(r"每年|年度|全年|年报|上一?年|常态|长期")
_MONTHLY = re.compile(r"每个?月|按月|逐月|月度|月报|当月|本月|上月|[0-9一二三四五六七八九十]月")
_QUARTERLY = re.compile(r"每个?季|按季|季度|季报|逐季")
_ONE_YEAR = re.compile(r"20\d\d ?年")
_LEADS_EVENT = re.compile(r"[^,;。:于在应须要请将前]{2}$")
UNBOUND_EVENT = "本通知印发"
"""What a count without any event runs from."""


class Completed(NamedTuple):
    """A deadline with the span of all its words and what is doubtful about it (codes of `doubts.toml`)."""

    deadline: Deadline
    span: Span
    doubts: tuple[str, ...] = ()


@dataclass(slots=True)
class Memory:
    """What the notice has said so far: read and updated from one time to the next."""

    dating: Dating
    section: Heading | None = None
    sentence: int = -1
    event: str | None = None
    rule: RecurringDeadline | None = None
    timed: int = -1  # the sentence of the last deadline

    def enter(self, passage: Passage) -> None:
        """Forget what does not reach beyond its section or sentence."""
        headings = passage.sentence.headings
        section = headings[0] if headings else None
        if section != self.section:
            self.section, self.rule = section, None
            self.dating = replace(self.dating, section_year=None, last_date=None)
        if passage.number != self.sentence:
            self.sentence, self.event = passage.number, None

    def note(self, expression: TimeExpression, deadline: Deadline, *, refused: bool) -> None:
        """Remember a written year, and of what is a deadline the last day, event or rule."""
        reading = expression.reading
        points = (reading.start, reading.end) if isinstance(reading, Stretch) else (reading,)
        years = [point.year for point in points if isinstance(point, Point) and point.year and point.month]
        if years:
            self.dating = replace(self.dating, section_year=max(years))
        if isinstance(deadline, RecurringDeadline) and (
            deadline.day or deadline.working_day or deadline.month_of_period
        ):
            self.rule, self.timed = deadline, self.sentence
        if refused:
            return
        self.timed = self.sentence
        named = deadline.date if isinstance(deadline, FixedDeadline) else None
        named = deadline.to if isinstance(deadline, WindowDeadline) else named
        if named and named[0] != "-":
            self.dating = replace(self.dating, last_date=date.fromisoformat(named))
        if isinstance(deadline, RelativeDeadline) and deadline.event != UNBOUND_EVENT:
            self.event = deadline.event


def complete(expression: TimeExpression, passage: Passage, memory: Memory) -> Completed | None:
    """Return what `expression` limits to, or `None` where it names no day that exists."""
    reading = expression.reading
    if isinstance(reading, Point):
        return _point(reading, expression, passage, memory)
    if isinstance(reading, Stretch):
        window = window_deadline(reading, memory.dating)
        return (
            Completed(window, expression.span, _year_doubts(window.year_inherited_from, window.to)) if window else None
        )
    if isinstance(reading, RecurringDeadline):
        return Completed(*_in_its_period(reading, expression, passage)) if _comes_round(reading) else None
    if expression.pattern == "count-before" and reading.unit is Unit.DAY:
        day = _day_of_month(reading, expression, passage, memory)
        if day:
            return day
    return _counted(reading, expression.span, passage, memory)


def _day_of_month(count: Count, expression: TimeExpression, passage: Passage, memory: Memory) -> Completed | None:
    """Read a bare 15日前 as a day of the month that the sentence speaks of, if nothing before it is an event."""
    if not 1 <= count.offset <= 31 or _LEADS_EVENT.search(passage.lead) or memory.timed != passage.number:
        return None
    if memory.rule and memory.rule.freq is not Freq.DAILY:
        rule = replace(memory.rule, day=count.offset, days=None, working_day=None, weekday=None, time=None)
        return Completed(rule, expression.span, ("period_inferred",))
    if memory.dating.last_date is None:
        return None
    fixed = fixed_deadline(Point(day=count.offset), expression.boundary, memory.dating)
    return Completed(fixed, expression.span, ("period_inferred",)) if fixed else None


def _point(point: Point, expression: TimeExpression, passage: Passage, memory: Memory) -> Completed | None:
    named = memory.dating.last_date if memory.timed == passage.number and passage.before.endswith(",") else None
    if named and point.day_word == "同日":  # 5月12日前完成复核,同日报…
        same = FixedDeadline(date=named.isoformat(), time=point.time, time_text=point.time_text)
        return Completed(same, expression.span, ("year_inherited",))
    if point.day_word and point.day_word[0] in "次翌第当同":
        offset = 1 if point.day_word[0] in _NEXT else 0
        count = Count(offset=offset, unit=Unit.DAY, time=point.time, time_text=point.time_text)
        return _counted(count, expression.span, passage, memory)
    rule = _rule_in_context(point, passage, memory)
    if rule:
        return Completed(rule, expression.span, ("period_inferred",))
    fixed = fixed_deadline(point, expression.boundary, memory.dating)
    if fixed is None:
        return None
    doubts = _year_doubts(fixed.year_inherited_from, fixed.date)
    published = memory.dating.published
    if doubts and published and fixed.date[0] != "-" and fixed.date < published.isoformat():
        doubts += ("before_publication",)
    if fixed.precision == "month" and point.day is None:
        doubts += ("whole_month",)
    return Completed(fixed, expression.span, doubts)


def _comes_round(rule: RecurringDeadline) -> bool:
    """Tell whether the day of a yearly rule exists in some year: 2月30日 does not."""
    months = {Freq.YEARLY: 12, Freq.HALF_YEARLY: 6, Freq.QUARTERLY: 3}.get(rule.freq)
    if months is None or rule.month_of_period is None or rule.day is None:
        return True
    same = range(rule.month_of_period, 13, months)
    return all(rule.day <= calendar.monthrange(2000, month)[1] for month in same) or len(same) > 1


def _in_its_period(
    rule: RecurringDeadline, expression: TimeExpression, passage: Passage
) -> tuple[RecurringDeadline, Span, tuple[str, ...]]:
    """Read 次月10日前 by the period it follows: the month, unless the sentence speaks of quarters."""
    if not expression.pattern.startswith("next-month") or _MONTHLY.search(
        passage.before + passage.span.of(passage.plain)
    ):
        return rule, expression.span, ()
    if _QUARTERLY.search(passage.before):
        return replace(rule, freq=Freq.QUARTERLY, month_of_period=1), expression.span, ("period_inferred",)
    return rule, expression.span, ("period_inferred",)


def _year_doubts(source: str | None, iso: str | None) -> tuple[str, ...]:
    if iso and iso.startswith("-"):
        return ("year_unknown",)
    return ("year_inherited",) if source else ()


def _rule_in_context(point: Point, passage: Passage, memory: Memory) -> RecurringDeadline | None:
    """Read 当月20日 behind a rule as a rule, and 次年1月20日 as a yearly one where no single year is spoken of."""
    if point.month_word:
        rule = _rule_of_month_word(point.month_word[0], point.day, passage, memory.rule)
    elif point.year_word and point.year is None and point.month is not None:
        rule = _rule_of_year_word(point.year_word[0], point.month, point.day or -1, passage, memory)
    else:
        rule = None
    return replace(rule, time=point.time, time_text=point.time_text) if rule else None


def _rule_of_month_word(
    word: str, day: int | None, passage: Passage, rule: RecurringDeadline | None
) -> RecurringDeadline | None:
    if word == "下" and day and _MONTHLY.search(passage.before):
        return RecurringDeadline(freq=Freq.MONTHLY, day=day, reports_on="previous")
    if word in "当同" and rule and rule.freq is not Freq.DAILY:
        return RecurringDeadline(
            freq=rule.freq, month_of_period=rule.month_of_period, day=day, reports_on=rule.reports_on
        )
    return None


def _rule_of_year_word(word: str, month: int, day: int, passage: Passage, memory: Memory) -> RecurringDeadline | None:
    rule = memory.rule
    if word in "当同" and rule and rule.freq is Freq.YEARLY and memory.timed == passage.number:
        return replace(rule, month_of_period=month, day=day, working_day=None)
    if word not in "次翌下" or memory.dating.section_year or memory.dating.title_year:
        return None
    if _ONE_YEAR.search(passage.lead) or not (rule or _EVERY_YEAR.search(passage.before)):
        return None
    return RecurringDeadline(freq=Freq.YEARLY, month_of_period=month, day=day, reports_on="previous")


def _counted(count: Count, span: Span, passage: Passage, memory: Memory) -> Completed:
    bound = bind(count, passage, memory.event)
    doubts: tuple[str, ...] = ()
    if bound.found == "none":
        doubts = ("event_not_written",)
    elif bound.found in ("sentence", "carried"):
        doubts = ("event_inferred",)
    if count.unit is Unit.DAY and count.offset:
        doubts += ("day_unit_not_stated",)
    deadline = RelativeDeadline(
        event=bound.event or UNBOUND_EVENT,
        offset=count.offset,
        unit=count.unit,
        direction=bound.direction,
        time=count.time,
        time_text=count.time_text,
    )
    return Completed(deadline, Span(bound.start, span.end), doubts)
