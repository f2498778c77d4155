"""What a time expression says before its context is known: points, windows, counts, rules."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from obligations.deadline import Direction, RecurringDeadline, Unit
from obligations.notice import Span


class Boundary(StrEnum):
    """The word that closes the expression: how sure the grammar is that a limit is meant."""

    BEFORE = "before"  # 前, 以前, 下班前
    WITHIN = "within"  # 内
    BY = "by"  # 截至, 最迟
    NONE = "none"  # a bare date or rule: only its surroundings can make it a limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A day as written, with what is missing left out.

    `day` −1 is the last day of the month; `None` leaves the whole month (or year) standing, which
    ends on its last day. `year_word`, `month_word` and `day_word` are words such as 次年, 当月, 今日
    that only the context turns into numbers; `weekday` goes with `week_word` 本 or 下.
    """

    year: int | None = None
    year_word: str | None = None
    month: int | None = None
    month_word: str | None = None
    day: int | None = None
    day_word: str | None = None
    weekday: int | None = None
    week_word: str = ""
    first_day: int | None = None
    working_day: int | None = None
    time: str | None = None
    time_text: str | None = None
    precision: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A span of days, both ends included.

    `start` is `None` where it opens with the publication (即日起), `end` where none is written (5月1日起).
    """

    start: Point | None
    end: Point | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A number of units from an event; `event` is set where the expression itself names it."""

    offset: int
    unit: Unit
    event: str | None = None
    direction: Direction = Direction.AFTER
    time: str | None = None
    time_text: str | None = None


Reading = Point | Stretch | Count | RecurringDeadline


class TimeExpression(NamedTuple):
    """A time in the text: its span, the production that read it, what it says."""

    span: Span
    pattern: str
    reading: Reading
    boundary: Boundary
    whole: Span  # of everything the production matched: a list of dates gives several expressions
    place: tuple[int, int] = (0, 1)  # which of how many in a list
