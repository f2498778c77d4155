"""How a date came about, told day by day: the steps that the fast arithmetic skipped over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache

from obligations.dates import citations as cite
from obligations.dates.citations import Source
from obligations.dates.counting import TAX_RUN, add_months, tax_extension
from obligations.dates.readings import Dated, Rule, names_a_day_before, written_rule
from obligations.dates.trace import Step
from obligations.dates.written import Written
from obligations.deadline import (
    FixedDeadline,
    MonthEnd,
    RecurringDeadline,
    RelativeDeadline,
    Roll,
    Unit,
    WindowDeadline,
)
from obligations.workdays.holiday_tables import ONE_DAY, HolidayNotice
from obligations.workdays.workcalendar import DayFact, DayKind, WorkCalendar

LONG = 60  # beyond this many units ordinary days are told as runs; skipped days are always named
WEEKEND = "双休日"
MAKE_UP = "调休上班"
_CLOCK_WORDS = {Unit.HOUR: "小时", Unit.MINUTE: "分钟"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was found for one written day, the chosen reading first; `touched` is the span of days it rests on."""

    readings: tuple[tuple[date, Rule], ...]
    safe_on: date | None
    act_now: bool
    ends_at: datetime
    clock: tuple[str, Source]
    touched: tuple[date, date]
    provisional: bool


def explained(deadline: Dated, written: Written, outcome: Outcome, calendar: WorkCalendar) -> tuple[Step, ...]:
    """Return the steps from the words of `deadline` to `outcome`: written day, due day, other readings, safe day."""
    due_on, chosen = outcome.readings[0]
    steps = [*_written_steps(deadline, written, calendar), *_way(deadline, chosen, written, calendar)]
    if written.event is not None and not chosen.counts_like(written_rule(deadline)):
        steps.append(Step(rule="letter", source=cite.NOTICE, on=written.day))
    steps.append(Step(rule="due", source=chosen.basis, on=due_on, reading=chosen.convention))
    steps.extend(_notes(deadline))
    steps.append(_end_step(written, due_on, outcome))
    for day, rule in outcome.readings[1:]:
        steps.append(Step(rule="reading", source=rule.basis, on=day, name=rule.convention, reading=rule.convention))
        way = _way(deadline, rule, written, calendar, counted_like=chosen)
        steps.extend(replace(step, reading=rule.convention) for step in way)
    steps.extend(_safe_steps(written, outcome, calendar))
    if outcome.provisional:
        first, last = outcome.touched
        year = calendar.awaited_year(first, last)
        steps.append(Step(rule="provisional", source=cite.HOLIDAYS_2, on=first, to=last, n=year))
    return tuple(steps)


def _end_step(written: Written, due_on: date, outcome: Outcome) -> Step:
    at = outcome.ends_at.isoformat()
    if written.at is not None:
        return Step(rule="ends", source=cite.NOTICE, on=written.at.date(), name=f"{written.at:%H:%M}", at=at)
    clock, source = outcome.clock
    return Step(rule="ends", source=source, on=due_on, name=clock, at=at)


def _written_steps(deadline: Dated, written: Written, calendar: WorkCalendar) -> Iterator[Step]:
    if isinstance(deadline, FixedDeadline):
        yield Step(rule="named", source=cite.NOTICE, on=written.day)
    elif isinstance(deadline, RecurringDeadline):
        if written.counted_from:
            n = deadline.working_day or 0
            yield Step(rule="counted_in_period", source=cite.NOTICE, on=written.counted_from, n=n)
            origin = written.counted_from - ONE_DAY if n > 0 else written.counted_from + ONE_DAY
            yield from _working_day_steps(cite.NOTICE, origin, n, calendar)
        yield Step(rule="recurs", source=cite.NOTICE, on=written.day, name=written.period)
    elif isinstance(deadline, WindowDeadline):
        if written.opens:
            yield Step(rule="window", source=cite.NOTICE, on=written.opens, to=written.day)
        else:
            yield Step(rule="window_end", source=cite.NOTICE, on=written.day)
    elif written.event is None:
        yield from _event_steps(deadline, written)


def _event_steps(deadline: RelativeDeadline, written: Written) -> Iterator[Step]:
    if written.since:
        yield Step(rule="instant", source=cite.CIVIL_201, name=deadline.event, at=written.since.isoformat())
    if deadline.unit in _CLOCK_WORDS:
        yield Step(rule="clock", source=cite.CIVIL_200, n=deadline.offset, name=_CLOCK_WORDS[deadline.unit])
    elif written.bound == written.day:
        yield Step(rule="event_day", source=cite.NOTICE, on=written.day, name=deadline.event)
    else:
        yield Step(rule="before_event", source=cite.NOTICE, on=written.day, name=deadline.event)


def _notes(deadline: Dated) -> Iterator[Step]:
    if names_a_day_before(deadline):
        yield Step(rule="before_included", source=cite.BEFORE_USAGE)
    if deadline.time_text:
        yield Step(rule="clock_unstated", source=cite.CIVIL_203, name=deadline.time_text)


def _way(
    deadline: Dated, rule: Rule, written: Written, calendar: WorkCalendar, *, counted_like: Rule | None = None
) -> Iterator[Step]:
    """Tell how `rule` comes to its date; a count already told for `counted_like` is not repeated."""
    if written.at is not None:
        return
    if rule.shift:
        yield Step(rule="before_excluded", source=rule.basis, on=written.day + rule.shift * ONE_DAY)
        return
    end = written.day
    if written.event is not None and isinstance(deadline, RelativeDeadline):
        steps = list(_count_steps(deadline, rule, written, calendar))
        end = steps[-1].to or steps[-1].on or end
        if counted_like is None or not rule.counts_like(counted_like):
            yield from steps
    if rule.extends:
        yield from _extension_steps(rule, end, calendar)
    elif rule.roll is not Roll.UNADJUSTED:
        yield from _roll_steps(rule, end, calendar)
    elif not calendar.is_working(end):
        yield _about("rest", calendar.fact(end))


def _count_steps(deadline: RelativeDeadline, rule: Rule, written: Written, calendar: WorkCalendar) -> Iterator[Step]:
    event, offset = written.event, written.offset
    assert event is not None
    start = "event_in" if rule.count_start else "event_out"
    yield Step(rule=start, source=cite.CIVIL_201, on=event, name=deadline.event)
    back = -1 if offset < 0 else 1
    origin = event - back * ONE_DAY if rule.count_start else event
    if not offset:
        return
    if rule.unit is Unit.WORKING_DAY:
        yield from _working_day_steps(rule.basis, origin, offset, calendar)
    elif rule.unit is Unit.DAY and abs(offset) <= LONG:
        for n in range(1, abs(offset) + 1):
            yield Step(rule="counted", source=cite.CIVIL_200, on=origin + n * back * ONE_DAY, n=n)
    elif rule.unit is Unit.DAY:
        ends = origin + back * ONE_DAY, origin + offset * ONE_DAY
        yield Step(rule="counted_run", source=cite.CIVIL_200, on=ends[0], to=ends[1], n=abs(offset))
    else:
        yield from _month_steps(rule, event, offset * 12 if rule.unit is Unit.YEAR else offset)


def _working_day_steps(basis: Source, origin: date, offset: int, calendar: WorkCalendar) -> Iterator[Step]:
    n, day, back = 0, origin, -1 if offset < 0 else 1
    run: list[date] = []
    while n < abs(offset):
        day += back * ONE_DAY
        fact = calendar.fact(day)
        n += fact.working
        if abs(offset) > LONG and fact.kind is DayKind.WORKDAY:
            run.append(day)
            if n < abs(offset):
                continue
        if run:
            counted = n if fact.kind is DayKind.WORKDAY else n - fact.working
            yield Step(rule="counted_run", source=basis, on=run[0], to=run[-1], n=counted)
            run = []
            if fact.kind is DayKind.WORKDAY:
                continue
        if fact.kind is DayKind.WORKDAY:
            yield Step(rule="counted_working", source=basis, on=day, n=n)
        elif fact.working:
            yield Step(rule="counted_make_up", source=fact_source(fact), on=day, n=n, name=MAKE_UP)
        else:
            yield _about("skipped", fact)


def _month_steps(rule: Rule, event: date, months: int) -> Iterator[Step]:
    end = add_months(event, months, rule.month_end)
    if rule.month_end is MonthEnd.EOM and end.day != event.day:
        yield Step(rule="month_sum", source=cite.CRIMINAL_INTERPRETATION_202, on=end, n=months)
    elif end.day == event.day:
        yield Step(rule="corresponding", source=cite.CIVIL_202, on=end, n=months)
    else:
        source = cite.CIVIL_202 if rule.month_end is MonthEnd.DOWN and months > 0 else rule.basis
        yield Step(rule="month_end", source=source, on=end, n=months)
    if rule.count_start:
        day_before = end - (-1 if months < 0 else 1) * ONE_DAY
        yield Step(rule="start_counted", source=cite.NOTICE, on=day_before)


def _roll_steps(rule: Rule, day: date, calendar: WorkCalendar) -> Iterator[Step]:
    end = rule.adjust(day, calendar)
    if end == day:
        if not calendar.is_working(day):
            yield _about("stays", calendar.fact(day))
        return
    step = ONE_DAY if end > day else -ONE_DAY
    while day != end:
        fact = calendar.fact(day)
        yield _about("passed", fact) if not fact.working else Step(rule="turned", source=rule.basis, on=day)
        day += step
    yield Step(rule="rolled", source=rule.basis, on=end)


def _extension_steps(rule: Rule, last: date, calendar: WorkCalendar) -> Iterator[Step]:
    first = last.replace(day=1)
    extension = tax_extension(first, last, calendar)
    if not extension:
        yield from _roll_steps(replace(rule, extends=False, roll=Roll.FOLLOWING), last, calendar)
        return
    run: list[DayFact] = []
    n = 0
    for number in range(first.toordinal(), last.toordinal() + 2):
        day = date.fromordinal(number)
        if day <= last and not calendar.is_working(day):
            run.append(calendar.fact(day))
            continue
        for fact in run if len(run) >= TAX_RUN else ():
            n += 1
            yield replace(_about("tax_rest", fact), n=n)
        run = []
    yield Step(rule="tax_extended", source=cite.TAX_109, on=last, n=extension)
    yield from _working_day_steps(rule.basis, last, extension, calendar)


def _safe_steps(written: Written, outcome: Outcome, calendar: WorkCalendar) -> Iterator[Step]:
    if outcome.safe_on is None:
        yield Step(rule="act_now", source=cite.HOUSE)
        return
    if outcome.act_now:
        yield Step(rule="act_at_once", source=cite.HOUSE)
    day = min(day for day, _ in outcome.readings)
    while day > outcome.safe_on:
        if not calendar.is_working(day):
            yield _about("passed", calendar.fact(day))
        day -= ONE_DAY
    yield Step(rule="safe", source=cite.HOUSE, on=outcome.safe_on)
    if written.opens and outcome.safe_on < written.opens:
        yield Step(rule="safe_early", source=cite.HOUSE, on=written.opens)


def _about(rule: str, fact: DayFact) -> Step:
    return Step(rule=rule, source=fact_source(fact), on=fact.day, name=fact.name or WEEKEND)


def fact_source(fact: DayFact) -> Source:
    """Return what made the day a day off, or a weekend day a working day: its notice, or the statute."""
    if fact.notice:
        return _notice_source(fact.notice)
    if fact.kind is DayKind.HOLIDAY:
        return cite.HOLIDAYS_6 if (fact.name or "").endswith("补假") else cite.HOLIDAYS_2
    return cite.WORKING_HOURS_7


@lru_cache(maxsize=64)
def _notice_source(notice: HolidayNotice) -> Source:
    number = notice.doc_number or ("地方放假通知" if notice.scope else "国务院办公厅通知")
    unchecked = (
        ("，文号待核", ", number unchecked") if notice.doc_number and not notice.doc_number_checked else ("", "")
    )
    place = (f"，{notice.scope}", f", {notice.scope}") if notice.scope else ("", "")
    return Source(
        f"holidays-{notice.year}-{notice.issued_on}",
        f"{number}（{notice.issued_on} 发布{place[0]}{unchecked[0]}）",
        f"{number} (issued {notice.issued_on}{place[1]}{unchecked[1]})",
    )
