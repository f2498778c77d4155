"""Readings: the lawful ways to come from a deadline's words to a date, the chosen one first.

Source of the list: `cn.plain` names no rule of its own, so every rule that a reader could
invoke is shown beside it; a rule that the notice states, or that somebody chose, settles
its question.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from obligations.dates import citations as cite
from obligations.dates.citations import Source
from obligations.dates.conventions import CONVENTIONS, PLAIN, Convention
from obligations.dates.counting import count_days, extended_tax_day, roll_day
from obligations.deadline import (
    Direction,
    FixedDeadline,
    MonthEnd,
    RecurringDeadline,
    RelativeDeadline,
    Roll,
    Unit,
    WindowDeadline,
)
from obligations.workdays.holiday_tables import ONE_DAY
from obligations.workdays.workcalendar import WorkCalendar

Dated = FixedDeadline | RecurringDeadline | RelativeDeadline | WindowDeadline
SHORT_COUNT = range(2, 11)  # days; the numbers that one law or another reads as working days


QUESTIONS = {
    "roll": ("通知未说明遇休息日是否移动", "the notice does not say whether a day of rest moves the date"),
    "day_kind": ("通知未说明“日”是自然日还是工作日", "the notice does not say whether days are working days"),
    "month_end": ("短月如何取整，通知未说明", "the notice does not say how a short month rounds"),
    "before": ("“X日前”是否含当日，有不同口径", '"by day X" may or may not include day X'),
}
"""The open questions behind several readings, as a sentence in Chinese and in English."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One lawful interpretation: its date, the convention it follows, and what it rests on."""

    date: date
    convention: str
    basis: str
    basis_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """All that is needed to turn a written day, or an event, into one reading's date.

    `unit` is `None` for named days. `question` is the open point that makes this rule an
    alternative, a key of `QUESTIONS`. `convention` is the name under which `due_dates` gives
    this rule's date as the due day, so that a person can fix it.
    """

    convention: str
    basis: Source
    roll: Roll
    unit: Unit | None = None
    month_end: MonthEnd = MonthEnd.DOWN
    count_start: bool = False
    extends: bool = False
    shift: int = 0
    question: str = ""

    def date_after(self, event: date, offset: int, calendar: WorkCalendar) -> date:
        """Return the date that lies `offset` units from `event` (before it where negative), rolled."""
        assert self.unit is not None
        end = count_days(event, offset, self.unit, self.month_end, calendar, count_start=self.count_start)
        return self.adjust(end, calendar)

    def adjust(self, day: date, calendar: WorkCalendar) -> date:
        """Return the date that the rule makes of the written `day`; a tax period begins on the month's 1st."""
        if self.shift:
            return day + self.shift * ONE_DAY
        if self.extends:
            return extended_tax_day(day.replace(day=1), day, calendar)
        return roll_day(day, self.roll, calendar)

    def counts_like(self, other: Rule) -> bool:
        """Whether both rules count to the same day before they adjust it."""
        mine = (self.unit, self.month_end, self.count_start)
        return mine == (other.unit, other.month_end, other.count_start)

    def reading(self, day: date) -> Reading:
        return Reading(day, self.convention, self.basis.zh, self.basis.en)


def written_rule(deadline: Dated) -> Rule:
    """Return the rule of the text alone: what it states of counting, and no roll."""
    return Rule(
        convention=PLAIN.name,
        basis=cite.NOTICE,
        roll=Roll.UNADJUSTED,
        unit=deadline.unit if isinstance(deadline, RelativeDeadline) else None,
        month_end=deadline.month_end or MonthEnd.DOWN,
        count_start=bool(deadline.count_start),
    )


def rules_for(deadline: Dated, convention: Convention, *, before_exclusive: bool = False) -> tuple[Rule, ...]:
    """Return the rules that apply to `deadline` under `convention`: first the chosen one, then the alternatives.

    Words of the notice (`roll`, `count_start`, `month_end`) win over the convention.
    """
    chosen = _chosen(deadline, convention)
    if chosen.shift:
        return (chosen,)
    others = []
    if convention.lists_readings and deadline.roll is None and _may_roll(deadline):
        basis = CONVENTIONS["cn.civil"].source
        others.append(replace(chosen, convention="cn.civil", basis=basis, roll=Roll.FOLLOWING, question="roll"))
    if chosen.roll is Roll.PRECEDING and deadline.roll is None:
        others.append(replace(chosen, basis=cite.NOTICE, convention=PLAIN.name, roll=Roll.UNADJUSTED, question="roll"))
    if convention.lists_readings and isinstance(deadline, RelativeDeadline) and _short(deadline):
        basis = cite.PENALTY_85 if deadline.offset in (2, 3, 5, 7) else cite.COERCION_69
        others.append(
            replace(chosen, convention="cn.workdays", basis=basis, unit=Unit.WORKING_DAY, question="day_kind")
        )
    if _rounds_backwards(deadline) and deadline.month_end is None and convention.month_end_before is None:
        up = replace(chosen, convention="cn.plain(up)", basis=cite.ROUNDING_UNSTATED, month_end=MonthEnd.UP)
        others.append(replace(up, question="month_end"))
    if before_exclusive and names_a_day_before(deadline):
        day_less = replace(chosen, convention="cn.plain(exclusive)", basis=cite.BEFORE_EXCLUSIVE, shift=-1)
        others.append(replace(day_less, question="before"))
    return (chosen, *others)


def _chosen(deadline: Dated, convention: Convention) -> Rule:
    rule = replace(written_rule(deadline), convention=convention.name, roll=deadline.roll or convention.roll)
    if isinstance(deadline, RelativeDeadline):
        if deadline.offset is None or deadline.unit in (Unit.HOUR, Unit.MINUTE):
            return replace(rule, basis=cite.NOTICE, roll=Roll.UNADJUSTED)
        if deadline.unit is Unit.DAY and convention.reads_as_working_days(deadline.offset or 0):
            rule = replace(rule, unit=Unit.WORKING_DAY)
        backwards = deadline.direction is Direction.BEFORE
        if backwards and deadline.roll is None and rule.roll in (Roll.FOLLOWING, Roll.FOLLOWING_HOLIDAY_ONLY):
            rule = replace(rule, roll=Roll.UNADJUSTED)
        if deadline.month_end is None:
            stated = convention.month_end_before if backwards else convention.month_end
            rule = replace(rule, month_end=stated or MonthEnd.DOWN)
        if deadline.count_start is None:
            rule = replace(rule, count_start=convention.count_start)
    basis = convention.source
    if deadline.roll is not None:
        basis = cite.NOTICE_RULE
    elif _rounds_backwards(deadline) and deadline.month_end is None and convention.month_end_before is None:
        basis = cite.ROUNDING_UNSTATED
    elif convention is PLAIN and not isinstance(deadline, RelativeDeadline):
        basis = cite.NOTICE
    if convention.excludes_day and names_a_day_before(deadline):
        return replace(rule, basis=convention.source, shift=-1)
    filing = convention.extends and deadline.roll is None and not isinstance(deadline, RelativeDeadline)
    return replace(rule, basis=basis, extends=filing)


def _may_roll(deadline: Dated) -> bool:
    """Whether the Civil Code's roll can be invoked: for named days and for periods that run forwards in days."""
    if not isinstance(deadline, RelativeDeadline):
        return True
    return deadline.direction is Direction.AFTER and deadline.unit in (Unit.DAY, Unit.MONTH, Unit.YEAR)


def _short(deadline: RelativeDeadline) -> bool:
    return deadline.unit is Unit.DAY and deadline.offset in SHORT_COUNT


def _rounds_backwards(deadline: Dated) -> bool:
    if not isinstance(deadline, RelativeDeadline) or deadline.direction is not Direction.BEFORE:
        return False
    return deadline.unit in (Unit.MONTH, Unit.YEAR)


def names_a_day_before(deadline: Dated) -> bool:
    """Whether the words are "by day X", whose inclusion of X is usage only."""
    if not isinstance(deadline, FixedDeadline | RecurringDeadline):
        return False
    marker = deadline.marker or "前"
    return marker.endswith("前") and not marker.endswith("底前")
