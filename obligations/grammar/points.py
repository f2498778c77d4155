"""Folding tokens into points: which numbers belong to one day, and what a list shares."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from obligations.grammar.lexicon import Token
from obligations.grammar.reading import Point
from obligations.notice import Span

_TENDAYS = {"上旬": (1, 10), "中旬": (11, 20), "下旬": (21, -1)}
_JOINS = "SR"


class Placed(NamedTuple):
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


_Fields = Mapping[str, Any]
"""The fields of a point as far as its tokens have been read."""


def _point(tokens: Sequence[Token]) -> Point:
    fields: dict[str, Any] = {}
    for token in tokens:
        step = _STEPS.get(token.code)
        if step:
            fields |= step(fields, token)
    return Point(**fields)


def _end(fields: _Fields, _: Token) -> _Fields:
    if "month" not in fields and "month_word" not in fields:
        return {"month": 12, "day": -1, "precision": "year"}
    return {"day": -1, "precision": fields.get("precision") or "month"}


def _year_end(fields: _Fields, _: Token) -> _Fields:
    return {"month": fields.get("month") or 12, "day": -1, "precision": "year"}


def _month_end(fields: _Fields, _: Token) -> _Fields:
    word = fields.get("month_word") or (None if fields.get("month") else "本月")
    return {"month_word": word, "day": -1, "precision": "month"}


def _tenday(_: _Fields, token: Token) -> _Fields:
    first, last = _TENDAYS[token.word]
    return {"first_day": first, "day": last, "precision": "tenday"}


def _weekday(fields: _Fields, token: Token) -> _Fields:
    return {} if "day" in fields else {"weekday": token.number, "week_word": token.word}


_STEPS: Mapping[str, Callable[[_Fields, Token], _Fields]] = {
    "Y": lambda _, token: {"year": token.number},
    "V": lambda _, token: {"year_word": token.word},
    "M": lambda _, token: {"month": token.number},
    "U": lambda _, token: {"month_word": token.word},
    "u": lambda _, token: {"month_word": token.word},
    "D": lambda _, token: {"day": token.number},
    "E": _end,
    "e": _year_end,
    "m": _month_end,
    "X": _tenday,
    "F": lambda _, token: {"month": token.number, "day": -1, "precision": "quarter"},
    "d": lambda _, token: {"day_word": token.word},
    "k": _weekday,
    "f": lambda _, token: {"working_day": token.number},
    "C": lambda _, token: {"time": token.word},
    "c": lambda _, token: {"time_text": token.word},
}


def _share(placed: list[Placed], *, ranged: bool) -> list[Placed]:
    points = [item.point for item in placed]
    for index in range(1, len(points)):
        before, point = points[index - 1], points[index]
        if point.year is None and point.year_word is None and (before.year or before.year_word):
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
    if point.time is None and point.time_text is None and (last.time or last.time_text):
        point = replace(point, time=last.time, time_text=last.time_text)
    return point
