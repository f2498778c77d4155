"""Moves: what a new or amended holiday notice does to dates computed before."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from obligations.dates.moves import MoveKind, moved_dates
from obligations.dates.question import Question
from obligations.deadline import parse_deadline
from obligations.workdays.holiday_tables import HolidayNotice, Rest, YearTable
from obligations.workdays.workcalendar import WorkCalendar, load_calendar


def count(days: int, event: str, **more: Any) -> Question:
    form = {"kind": "relative", "event": "受理", "offset": days, "unit": "working_day"}
    return Question(deadline=parse_deadline(form), event=date.fromisoformat(event), **more)


def monthly(day: int, start: str, until: str, **more: Any) -> Question:
    return Question(
        deadline=parse_deadline({"kind": "recurring", "freq": "monthly", "day": day}),
        start=date.fromisoformat(start),
        until=date.fromisoformat(until),
        **more,
    )


@pytest.fixture(scope="module")
def announced() -> WorkCalendar:
    """A calendar with a notice for 2027 written for the test: a day more at Spring Festival, two weekend days work."""
    notice = HolidayNotice(
        year=2027,
        issued_on=date(2026, 12, 1),
        rests=(
            Rest("元旦", date(2027, 1, 1), date(2027, 1, 3)),
            Rest("春节", date(2027, 2, 5), date(2027, 2, 11)),
            Rest("清明节", date(2027, 4, 5), date(2027, 4, 5)),
            Rest("劳动节", date(2027, 5, 1), date(2027, 5, 4)),
            Rest("端午节", date(2027, 6, 9), date(2027, 6, 9)),
            Rest("中秋节", date(2027, 9, 15), date(2027, 9, 15)),
            Rest("国庆节", date(2027, 10, 1), date(2027, 10, 5)),
        ),
        works=(date(2027, 2, 20), date(2027, 4, 25)),
    )
    return load_calendar(extra=(YearTable(2027, (notice,)),))


def test_a_new_notice_moves_provisional_dates_earlier_ones_first_and_nothing_else(announced: WorkCalendar) -> None:
    asked = {
        "count over the new day off": count(3, "2027-02-08"),
        "count over the worked saturday": count(5, "2027-02-18"),
        "count over the worked sunday": count(3, "2027-04-23"),
        "far from every change": count(3, "2027-07-01"),
        "already announced": count(3, "2026-09-29"),
    }
    moves = moved_dates(asked.items(), before=load_calendar(), after=announced)
    assert [(move.key, move.kind) for move in moves] == [
        ("count over the worked saturday", MoveKind.EARLIER),
        ("count over the worked sunday", MoveKind.EARLIER),
        ("count over the new day off", MoveKind.LATER),
        ("far from every change", MoveKind.SETTLED),
    ]
    old_and_new = [(move.old.due_on, move.new.due_on) for move in moves[:3] if move.old and move.new]
    assert old_and_new == [
        (date(2027, 2, 25), date(2027, 2, 24)),
        (date(2027, 4, 28), date(2027, 4, 27)),
        (date(2027, 2, 15), date(2027, 2, 16)),
    ]
    assert all(move.old and move.new and move.old.provisional and not move.new.provisional for move in moves)


def test_a_safe_day_that_comes_nearer_counts_as_an_earlier_move() -> None:
    on_the_11th = Question(deadline=parse_deadline({"kind": "fixed", "date": "2027-02-11"}))
    extended = HolidayNotice(
        year=2027, issued_on=date(2026, 12, 1), rests=(Rest("春节", date(2027, 2, 5), date(2027, 2, 11)),)
    )
    after = load_calendar(extra=(YearTable(2027, (extended,)),))
    (move,) = moved_dates([("filing", on_the_11th)], before=load_calendar(), after=after)
    assert (move.kind, move.on) == (MoveKind.EARLIER, date(2027, 2, 4))


def test_an_amendment_moves_repetitions_by_their_period() -> None:
    before, after = load_calendar(as_of=date(2019, 3, 21)), load_calendar(as_of=date(2019, 3, 22))
    asked = [("monthly", monthly(2, "2019-01-01", "2019-12-31", convention="cn.civil"))]
    (move,) = moved_dates(asked, before=before, after=after)
    assert move.old
    assert move.new
    assert (move.kind, move.new.period) == (MoveKind.LATER, "2019-05")
    assert (move.old.due_on, move.new.due_on) == (date(2019, 5, 2), date(2019, 5, 5))


def test_a_repetition_that_leaves_the_range_is_dropped_and_one_that_enters_appears() -> None:
    """The second working day of May 2019 was the 3rd, before the range, until the amendment made it the 6th."""
    first = parse_deadline({"kind": "recurring", "freq": "monthly", "working_day": 2})
    question = Question(deadline=first, start=date(2019, 5, 5), until=date(2019, 5, 31))
    before, after = load_calendar(as_of=date(2019, 3, 21)), load_calendar(as_of=date(2019, 3, 22))
    assert [m.kind for m in moved_dates([(1, question)], before=before, after=after)] == [MoveKind.APPEARED]
    assert [m.kind for m in moved_dates([(1, question)], before=after, after=before)] == [MoveKind.DROPPED]


def test_the_same_calendar_moves_nothing() -> None:
    asked = [(n, monthly(n, "2026-01-01", "2027-12-31")) for n in range(1, 29)]
    calendar = load_calendar()
    assert moved_dates(asked, before=calendar, after=calendar) == []
    assert sum(len(question.dates(calendar, explain=False)) for _, question in asked) == 28 * 24


def test_a_calendar_of_an_earlier_day_moves_back(announced: WorkCalendar) -> None:
    asked = [(n, count(3, (date(2027, 2, 1) + timedelta(days=n)).isoformat())) for n in range(60)]
    there = moved_dates(asked, before=load_calendar(), after=announced)
    back = moved_dates(asked, before=announced, after=load_calendar())
    opposite = {MoveKind.EARLIER: MoveKind.LATER, MoveKind.LATER: MoveKind.EARLIER, MoveKind.SETTLED: MoveKind.SETTLED}
    assert {move.key: opposite[move.kind] for move in there} == {move.key: move.kind for move in back}
    assert there
