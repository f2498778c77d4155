"""What occurrences one obligation asks for: values in, values out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from obligations.dates import citations as cite
from obligations.dates.choosing import ConventionRule
from obligations.dates.conventions import PLAIN
from obligations.dates.counting import add_months
from obligations.dates.due import DueDate, due_dates
from obligations.dates.missing import CannotDate, Missing
from obligations.dates.trace import Step
from obligations.dates.written import missing_of
from obligations.deadline import Deadline, Freq, MonthEnd, RecurringDeadline
from obligations.errors import OutsideCalendar
from obligations.workdays.holiday_tables import ONE_DAY
from obligations.workdays.workcalendar import WorkCalendar

AHEAD = 13
"""Months ahead for which occurrences are kept."""

ONCE = "once"
"""The period of a date that does not repeat."""

_LONGEST_ROLL = timedelta(days=31)  # a date written this long before the ingest may have a reading after it


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Under what circumstances the dates are asked for; instants in UTC, days in `zone`."""

    today: date
    zone: ZoneInfo
    calendar: WorkCalendar

    @property
    def oldest(self) -> date:
        """The first written day of a repetition that is still kept up."""
        return add_months(self.today, -AHEAD, MonthEnd.DOWN)

    @property
    def horizon(self) -> date:
        """The last written day of a repetition that is stored already."""
        return add_months(self.today, AHEAD, MonthEnd.DOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a notice says that bounds the dates of its obligations; `known_on` is the day of its ingestion."""

    known_on: date
    issued_on: date | None = None
    effective_on: date | None = None
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Trigger:
    """An event in force: its identity as a period, its instant, the unit it concerns (`None`: all), who dated it."""

    period: str
    happened_at: datetime
    unit_code: str | None
    from_notice: bool


class _Answers:
    """The dates of one deadline: quick for all, or one by one under a convention and with its trace.

    `rule` is what the unit or its regulator chose; without one, dates are answered under `cn.plain`.
    """

    def __init__(
        self,
        deadline: Deadline,
        terms: Terms,
        asking: Asking,
        rule: ConventionRule | None,
        event: datetime | None = None,
    ) -> None:
        self._deadline = deadline
        self._terms = terms
        self._asking = asking
        self._rule = rule
        self._usual = rule.convention if rule else PLAIN.name
        self._event = event
        self._explained: dict[tuple[str, date], DueDate] = {}
        self._traces: dict[tuple[str | None, date], list[dict[str, Any]]] = {}

    def between(
        self, start: date, until: date, convention: str | None = None, *, explain: bool = False
    ) -> list[DueDate]:
        """Return the dates written from `start` to `until`; those that do not repeat whenever they are."""
        return due_dates(
            self._deadline,
            calendar=self._asking.calendar,
            event=self._event,
            start=start,
            until=until,
            convention=convention or self._usual,
            issued_on=self._terms.issued_on,
            effective_on=self._terms.effective_on,
            expires_on=self._terms.expires_on,
            zone=self._asking.zone.key,
            explain=explain,
        )

    def explained(self, written_on: date, convention: str | None) -> DueDate:
        """Return the date written on that day under `convention` (`None`: the chosen one), with its trace."""
        name = convention or self._usual
        key = (name, written_on)
        if key not in self._explained:
            (self._explained[key],) = self.between(written_on, written_on, name, explain=True)
        return self._explained[key]

    def trace(self, written_on: date, convention: str | None) -> list[dict[str, Any]]:
        """Return the steps to that date as they are stored; units that share the date share them."""
        key = (convention, written_on)
        if key not in self._traces:
            steps = self.explained(written_on, convention).trace
            self._traces[key] = self.choice(convention) + [step.to_json() for step in steps]
        return self._traces[key]

    def choice(self, convention: str | None) -> list[dict[str, Any]]:
        """Return the step that says who chose the convention; none where nobody did or a person fixed a reading."""
        if self._rule is None or convention is not None:
            return []
        return [Step(rule="chosen", source=cite.CHOSEN, at=self._usual, name=self._rule.note).to_json()]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One occurrence that should exist. `historic`: it was past when its notice became known."""

    due: DueDate
    period: str
    repeats: bool
    historic: bool
    _answers: _Answers

    def trace(self, fixed_reading: str | None) -> list[dict[str, Any]]:
        """Return the steps that lead to the date, as they are stored."""
        return self._answers.trace(self.due.written_on, fixed_reading)

    def names_the_choice(self, stored: Sequence[Mapping[str, Any]], fixed_reading: str | None) -> bool:
        """Whether the stored trace says who chose the convention, in the words of the choice in force."""
        return [step for step in stored[:1] if step["rule"] == "chosen"] == self._answers.choice(fixed_reading)

    def dates(self, fixed_reading: str | None) -> dict[str, Any]:
        """Return the stored fields that follow from the date, for one that a person fixed or none."""
        due = listed = self.due
        if fixed_reading:  # a person chose among all lawful readings, whatever a rule says
            due = self._answers.explained(self.due.written_on, fixed_reading)
            listed = self._answers.explained(self.due.written_on, PLAIN.name)
        return {
            "written_on": due.written_on,
            "due_on": due.due_on,
            "due_at": due.due_at,
            "safe_on": due.safe_on,
            "opens_on": due.opens_on,
            "overdue_from": overdue_from(due, fixed=fixed_reading is not None),
            "reports_on": due.reports_on_period,
            "act_now": due.act_now,
            "provisional": due.provisional,
            "readings": [
                {"date": r.date.isoformat(), "convention": r.convention, "basis": r.basis, "basis_en": r.basis_en}
                for r in listed.readings
            ],
            "unsure": [] if fixed_reading else list(due.unsure),
        }


def overdue_from(due: DueDate, *, fixed: bool = False) -> date:
    """Return the day after the latest lawful reading, or after the one that a person fixed."""
    return (due.due_on if fixed else max(reading.date for reading in due.readings)) + ONE_DAY


def wanted(
    deadline: Deadline,
    terms: Terms,
    triggers: Sequence[Trigger],
    units: Sequence[str],
    asking: Asking,
    *,
    rule: ConventionRule | None = None,
) -> tuple[dict[tuple[str, str], Wanted], tuple[Missing, ...]]:
    """Return the occurrences that `deadline` asks of `units`, by unit and period, and what is missing (待定).

    Repetitions reach from 13 months back to 13 months ahead and leave out what was past when the
    notice became known: its latest reading, or the day itself where it comes round within a
    week. A single date that was past then is wanted as historic. An event that concerns one
    unit makes an occurrence of that unit only. `rule` is the convention that somebody chose for
    these units; a reading that a person fixed wins over it.
    """
    missing = missing_of(deadline)
    try:
        if Missing.EVENT not in missing:
            dates = list(_by_themselves(deadline, terms, asking, rule))
            return {(unit, one.period): one for unit in units for one in dates}, ()
        found: dict[tuple[str, str], Wanted] = {}
        for trigger in triggers:
            one = _triggered(deadline, terms, trigger, asking, rule)
            of = units if trigger.unit_code is None else [trigger.unit_code]
            found |= {(unit, one.period): one for unit in of}
        waits = not units or any(unit not in {code for code, _ in found} for unit in units)
        return found, missing if waits else ()
    except CannotDate as error:
        return {}, error.missing
    except OutsideCalendar:
        return {}, (Missing.CALENDAR,)


def _by_themselves(deadline: Deadline, terms: Terms, asking: Asking, rule: ConventionRule | None) -> Iterator[Wanted]:
    repeats = isinstance(deadline, RecurringDeadline)
    brief = isinstance(deadline, RecurringDeadline) and deadline.freq in (Freq.DAILY, Freq.WEEKLY)
    start = max(terms.known_on - _LONGEST_ROLL, asking.oldest)
    answers = _Answers(deadline, terms, asking, rule)
    for due in answers.between(start, asking.horizon):
        past = (due.written_on if brief else overdue_from(due) - ONE_DAY) < terms.known_on
        if not (repeats and past):
            yield Wanted(due, due.period or ONCE, repeats, past, answers)


def _triggered(
    deadline: Deadline, terms: Terms, trigger: Trigger, asking: Asking, rule: ConventionRule | None
) -> Wanted:
    answers = _Answers(deadline, terms, asking, rule, trigger.happened_at)
    (due,) = answers.between(asking.today, asking.today)
    historic = trigger.from_notice and overdue_from(due) <= terms.known_on
    return Wanted(due, trigger.period, repeats=False, historic=historic, _answers=answers)
