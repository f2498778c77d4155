"""Deadlines for property tests: every form that the JSON contract allows, and the computable ones."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from obligations.deadline import (
    Deadline,
    Direction,
    FixedDeadline,
    Freq,
    MonthEnd,
    RecurringDeadline,
    RelativeDeadline,
    Roll,
    Undated,
    Unit,
    WindowDeadline,
)

DAYS = st.dates(date(2020, 1, 1), date(2036, 12, 31))  # far enough inside the calendar for every count below
_ISO = DAYS.map(date.isoformat)
_TIMES = st.sampled_from(["00:00", "09:30", "12:00", "17:00", "24:00"])
_TEXT = st.text("险情排除公示发布", min_size=1, max_size=6)


def optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


_ADJUSTED: dict[str, st.SearchStrategy[Any]] = {
    "roll": optional(st.sampled_from(list(Roll))),
    "count_start": optional(st.booleans()),
    "month_end": optional(st.sampled_from(list(MonthEnd))),
    "marker": optional(st.sampled_from(["前", "底前"])),
}
_MONTHS = {Freq.MONTHLY: 1, Freq.QUARTERLY: 3, Freq.HALF_YEARLY: 6, Freq.YEARLY: 12}


@st.composite
def recurring(draw: st.DrawFn) -> RecurringDeadline:
    """Rules that name all they need: a day of the month, days, a weekday or a working day."""
    freq = draw(st.sampled_from([f for f in Freq if f is not Freq.UNSPECIFIED]))
    fields: dict[str, Any] = {"interval": draw(optional(st.integers(1, 4)))}
    if freq is Freq.WEEKLY:
        fields["weekday"] = draw(st.integers(1, 7))
    elif freq is not Freq.DAILY:
        fields["month_of_period"] = draw(st.integers(1, _MONTHS[freq]))
        day = st.integers(1, 31) | st.just(-1)
        kind = draw(st.sampled_from(["day", "days", "working_day"]))
        values = {
            "day": day,
            "days": st.lists(day, min_size=1, max_size=3, unique=True).map(tuple),
            "working_day": st.integers(1, 20) | st.integers(-8, -1),
        }
        fields[kind] = draw(values[kind])
    if (fields["interval"] or 1) > 1:
        fields["first_due"] = draw(st.dates(date(2018, 1, 1), date(2020, 12, 31))).isoformat()
    fields["reports_on"] = draw(optional(st.just("previous")))
    fields["time"] = draw(optional(_TIMES))
    fields["roll"] = draw(_ADJUSTED["roll"])
    return RecurringDeadline(freq=freq, **fields)


def fixed() -> st.SearchStrategy[FixedDeadline]:
    return st.builds(FixedDeadline, date=_ISO, time=optional(_TIMES), **_ADJUSTED)


def relative() -> st.SearchStrategy[RelativeDeadline]:
    """Counts in days, working days, months or years."""
    units = [Unit.DAY, Unit.WORKING_DAY, Unit.MONTH, Unit.YEAR]
    return st.builds(
        lambda unit, offset, **rest: RelativeDeadline(
            unit=unit, offset=min(offset, 3) if unit is Unit.YEAR else offset, **rest
        ),
        event=_TEXT,
        offset=st.integers(0, 40),
        unit=st.sampled_from(units),
        direction=st.sampled_from([Direction.AFTER, Direction.BEFORE]),
        time=optional(_TIMES),
        **_ADJUSTED,
    )


def window() -> st.SearchStrategy[WindowDeadline]:
    return st.tuples(DAYS, DAYS).map(lambda ends: WindowDeadline(from_=min(ends).isoformat(), to=max(ends).isoformat()))


def undated() -> st.SearchStrategy[Undated]:
    return st.builds(
        Undated,
        why=st.sampled_from(Undated.WHYS),
        word=optional(_TEXT),
        value=optional(st.integers(0, 999)),
        unit=optional(st.sampled_from(list(Unit))),
        from_=optional(_ISO),
        upper_bound=optional(_ISO | fixed()),
    )


def any_deadline() -> st.SearchStrategy[Deadline]:
    return st.one_of(fixed(), recurring(), relative(), window(), undated())
