"""Due dates, whatever is asked: order, windows, promises of an answer, and no question that breaks anything."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from obligations.dates.conventions import CONVENTIONS
from obligations.dates.due import DueDate, due_dates
from obligations.deadline import RecurringDeadline, RelativeDeadline, parse_deadline
from obligations.errors import DomainError
from obligations.workdays.workcalendar import load_calendar
from tests.obligations.deadlines import DAYS, fixed, recurring, relative, window

CONVENTION = st.sampled_from([*CONVENTIONS, "cn.admin_short(1,2,3,4,5,6,7,8,9,10)"])


@given(deadline=relative(), convention=CONVENTION, event=DAYS, later=st.integers(0, 40))
def test_a_later_event_never_gives_an_earlier_date(
    deadline: RelativeDeadline, convention: str, event: date, later: int
) -> None:
    calendar = load_calendar()
    (first,) = due_dates(deadline, calendar=calendar, event=event, convention=convention, explain=False)
    moved = event + timedelta(days=later)
    (second,) = due_dates(deadline, calendar=calendar, event=moved, convention=convention, explain=False)
    assert first.written_on <= second.written_on
    assert first.due_on <= second.due_on
    assert first.due_at <= second.due_at


@given(deadline=st.one_of(fixed(), relative(), window()), convention=CONVENTION, event=DAYS, exclusive=st.booleans())
def test_each_reading_is_the_due_day_under_its_convention(
    deadline: Any, convention: str, event: date, exclusive: bool
) -> None:
    """So a person can fix it: no two readings of a date share a convention."""

    def answer(under: str) -> DueDate:
        (due,) = due_dates(
            deadline, calendar=load_calendar(), event=event, convention=under, before_exclusive=exclusive, explain=False
        )
        return due

    readings = answer(convention).readings
    assert len({reading.convention for reading in readings}) == len(readings)
    for reading in readings:
        assert answer(reading.convention).due_on == reading.date


@given(rule=recurring(), start=DAYS, lengths=st.tuples(st.integers(0, 400), st.integers(1, 400)))
def test_two_windows_side_by_side_give_what_one_over_both_gives(
    rule: RecurringDeadline, start: date, lengths: tuple[int, int]
) -> None:
    middle = start + timedelta(days=lengths[0])
    end = middle + timedelta(days=lengths[1])
    calendar = load_calendar()

    def found(first: date, last: date) -> list[DueDate]:
        return due_dates(rule, calendar=calendar, start=first, until=last, explain=False)

    whole = found(start, end)
    assert found(start, middle) + found(middle + timedelta(days=1), end) == whole
    assert len({due.period for due in whole}) == len(whole), "each repetition has its own name"
    assert [due.written_on for due in whole] == sorted(due.written_on for due in whole)


@given(deadline=st.one_of(fixed(), relative(), window()), convention=CONVENTION, event=DAYS)
def test_every_answer_keeps_its_promises(deadline: Any, convention: str, event: date) -> None:
    calendar = load_calendar()
    (due,) = due_dates(deadline, calendar=calendar, event=event, convention=convention, explain=False)
    dates = [reading.date for reading in due.readings]
    assert dates == sorted(set(dates))
    assert due.due_on in dates
    assert bool(due.unsure) == (len(dates) > 1)
    assert due.act_now == (due.safe_on is None)
    assume(due.safe_on is not None)
    assert due.safe_on is not None
    assert calendar.is_working(due.safe_on)
    assert due.safe_on <= dates[0]
    assert due.opens_on is None or due.safe_on >= due.opens_on


FORMS = st.fixed_dictionaries(
    {"kind": st.sampled_from(["fixed", "recurring", "relative", "window"])},
    optional={
        "date": st.sampled_from(["2026-10-03", "--05-20", "0001-01-01", "9999-12-31", 5]),
        "freq": st.sampled_from(["daily", "weekly", "monthly", "quarterly", "yearly", "unspecified"]),
        "day": st.integers(-2, 32),
        "weekday": st.integers(0, 8),
        "working_day": st.integers(-32, 32),
        "month_of_period": st.integers(0, 13),
        "interval": st.integers(0, 3),
        "event": st.sampled_from(["险情", "", None]),
        "offset": st.sampled_from([0, 1, 40, 5000, 100_000, -1, None]),
        "unit": st.sampled_from(["minute", "hour", "day", "working_day", "month", "year", "week", None]),
        "direction": st.sampled_from(["after", "before", "at", "during", "until"]),
        "from": st.sampled_from(["2026-01-01", "--04-01", "0001-01-01", None]),
        "to": st.sampled_from(["2026-12-31", "9999-12-31", "--12-31", None]),
        "until": st.sampled_from(["2026-12-31", "2015-01-01"]),
        "roll": st.sampled_from(["following", "preceding", "sideways", None]),
    },
)
EDGES = [date(1, 1, 1), date(2014, 12, 31), date(2015, 1, 1), date(2026, 9, 29), date(2040, 12, 31), date(9999, 12, 31)]
INSTANTS = [datetime.min.replace(tzinfo=UTC), datetime(2026, 9, 29, 10, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]


@given(
    form=FORMS, event=st.sampled_from([None, *EDGES, *INSTANTS]), start=st.sampled_from(EDGES), convention=CONVENTION
)
def test_any_form_is_answered_or_refused_in_one_sentence(
    form: dict[str, Any], event: date | None, start: date, convention: str
) -> None:
    until = start + timedelta(days=60) if start.year < 9999 else None
    question = {"event": event, "start": start, "until": until, "convention": convention, "before_exclusive": True}
    found = answer_or_refusal(form, question)
    if isinstance(found, str):
        assert "\n" not in found
    else:
        assert all(due.trace for due in found)


def answer_or_refusal(form: dict[str, Any], question: dict[str, Any]) -> list[DueDate] | str:
    try:
        return due_dates(parse_deadline(form), calendar=load_calendar(), **question)
    except DomainError as refused:
        return str(refused)
