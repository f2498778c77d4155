"""Folding tokens into points: which numbers belong to one day, and what a list shares."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from obligations.grammar.lexicon import Token
from obligations.grammar.reading import Point
from obligations.notice import Span

_TENDAYS = {"上旬": (1, 10), "中旬": (11, 20), "下旬": (21, -1)}
_JOINS = "SR"


@dataclass(frozen=True, slots=True)
class Placed:
    """A point and the words it stands in."""

    point: Point
    span: Span


def read_points(tokens: Sequence[Token]) -> list[Placed]:
    """Return the points that `tokens` name, in order.

    A later point inherits the year and month of the one before it (4月9日至19日); an earlier
    one takes the day or month end of the last where it has none (6月、12月10日).
    """
    groups: list[list[Token]] = [[]]
    for token in tokens:
        if token.code in _JOINS:
            groups.append([])
        else:
            groups[-1].append(token)
    placed = [Placed(_point(group), Span(group[0].start, group[-1].end)) for group in groups if group]
    return _share(placed, ranged=any(token.code == "R" for token in tokens))


def _point(tokens: Sequence[Token]) -> Point:
    point = Point()
    for token in tokens:
        point = _STEPS.get(token.code, _unchanged)(point, token)
    return point


def _unchanged(point: Point, _: Token) -> Point:
    return point


def _end(point: Point, token: Token) -> Point:
    if point.month is None and point.month_word is None:
        return replace(point, month=12, day=-1, precision="year")
    return replace(point, day=-1, precision=point.precision or "month")


def _year_end(point: Point, _: Token) -> Point:
    return replace(point, month=point.month or 12, day=-1, precision="year")


def _month_end(point: Point, _: Token) -> Point:
    word = point.month_word or (None if point.month else "本月")
    return replace(point, month_word=word, day=-1, precision="month")


def _tenday(point: Point, token: Token) -> Point:
    first, last = _TENDAYS[token.word]
    return replace(point, first_day=first, day=last, precision="tenday")


def _weekday(point: Point, token: Token) -> Point:
    if point.day is not None:
        return point
    return replace(point, weekday=token.number, week_word=token.word)


_STEPS: Mapping[str, Callable[[Point, Token], Point]] = {
    "Y": lambda point, token: replace(point, year=token.number),
    "V": lambda point, token: replace(point, year_word=token.word),
    "M": lambda point, token: replace(point, month=token.number),
    "U": lambda point, token: replace(point, month_word=token.word),
    "u": lambda point, token: replace(point, month_word=token.word),
    "D": lambda point, token: replace(point, day=token.number),
    "E": _end,
    "e": _year_end,
    "m": _month_end,
    "X": _tenday,
    "F": lambda point, token: replace(point, month=token.number, day=-1, precision="quarter"),
    "d": lambda point, token: replace(point, day_word=token.word),
    "k": _weekday,
    "f": lambda point, token: replace(point, working_day=token.number),
    "C": lambda point, token: replace(point, time=token.word),
    "c": lambda point, token: replace(point, time_text=token.word),
}


def _share(placed: list[Placed], *, ranged: bool) -> list[Placed]:
    points = [item.point for item in placed]
    for index in range(1, len(points)):
        before, point = points[index - 1], points[index]
        if point.year is None and point.year_word is None:
            point = replace(point, year=before.year, year_word=before.year_word)
        if point.month is None and point.month_word is None and point.day is not None and point.precision != "year":
            point = replace(point, month=before.month, month_word=before.month_word)
        points[index] = point
    last = points[-1]
    if not ranged:
        points = [_like_last(point, last) for point in points]
    return [Placed(point, item.span) for point, item in zip(points, placed, strict=True)]


def _like_last(point: Point, last: Point) -> Point:
    if point.day is None and point.month is not None:
        point = replace(point, day=last.day, precision=last.precision)
    if point.time is None and point.time_text is None:
        point = replace(point, time=last.time, time_text=last.time_text)
    return point
