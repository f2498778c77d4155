"""The readers: from the tokens a production matched to what they say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from obligations.deadline import Direction, Freq, RecurringDeadline, Unit
from obligations.grammar.lexicon import Token
from obligations.grammar.points import Placed, read_points
from obligations.grammar.reading import Boundary, Count, Point, Reading, Stretch, TimeExpression
from obligations.notice import Span

Reader = Callable[[str, str, Sequence[Token]], Iterable[TimeExpression]]

_FREQS = {
    "N": Freq.MONTHLY,
    "U": Freq.MONTHLY,
    "u": Freq.MONTHLY,
    "Q": Freq.QUARTERLY,
    "q": Freq.QUARTERLY,
    "H": Freq.HALF_YEARLY,
    "A": Freq.YEARLY,
    "K": Freq.WEEKLY,
    "J": Freq.DAILY,
}
_MONTHS = {Freq.QUARTERLY: 3, Freq.HALF_YEARLY: 6, Freq.YEARLY: 12}
_LONGEST_MONTH = 31


def _boundary(tokens: Sequence[Token]) -> Boundary:
    last = tokens[-1].code
    if last in "Bc" or any(token.code in "Bc" for token in tokens):
        return Boundary.BEFORE
    if last == "L":
        return Boundary.WITHIN
    return Boundary.BY if tokens[0].code == "b" or last == "P" else Boundary.NONE


def _expression(
    name: str,
    tokens: Sequence[Token],
    reading: Reading,
    *,
    start: int | None = None,
    end: int | None = None,
    place: tuple[int, int] = (0, 1),
) -> TimeExpression:
    span = Span(tokens[0].start if start is None else start, tokens[-1].end if end is None else end)
    whole = Span(tokens[0].start, tokens[-1].end)
    if start is None and tokens[0].code == "b" and tokens[0].word.startswith(("截止时", "截止日", "截止期")):
        span = Span(tokens[1].start, span.end)  # a label is no part of the time
    return TimeExpression(span, name, reading, _boundary(tokens), whole, place)


def _dates(name: str, text: str, tokens: Sequence[Token]) -> Iterable[TimeExpression]:
    placed = read_points(tokens)
    for index, item in enumerate(placed):
        last = index == len(placed) - 1
        yield _expression(
            name,
            tokens,
            item.point,
            start=None if index == 0 else item.span.start,
            end=tokens[-1].end if last else item.span.end,
            place=(index, len(placed)),
        )


def _window(name: str, text: str, tokens: Sequence[Token]) -> Iterable[TimeExpression]:
    placed = read_points([token for token in tokens if token.code != "i"])
    end = placed[-1].point
    start = None if tokens[0].code == "i" else _first_day(placed[0].point)
    yield _expression(name, tokens, Stretch(start=start, end=end))


def _start(name: str, text: str, tokens: Sequence[Token]) -> Iterable[TimeExpression]:
    point = read_points(tokens)[-1].point
    yield _expression(name, tokens, Stretch(start=_first_day(point), end=None))


def _first_day(point: Point) -> Point:
    return replace(point, day=point.first_day or point.day or 1)


def _span_of_days(name: str, text: str, tokens: Sequence[Token]) -> Iterable[TimeExpression]:
    end = read_points(tokens)[-1].point
    yield _expression(name, tokens, Stretch(start=_first_day(end), end=end))


def _calendar_rule(name: str, text: str, tokens: Sequence[Token]) -> Iterable[TimeExpression]:
    freq = _FREQS[tokens[0].code]
    rest = [token for token in tokens[1:] if token.code != "O"]
    placed = read_points(rest) if rest else []
    points = [item.point for item in placed]
    if freq is Freq.YEARLY:
        for points_of_rule, first, last in _yearly_groups(placed):
            rule = _yearly(points_of_rule)
            start = tokens[0].start if first == 0 else placed[first].span.start
            end = tokens[-1].end if last == len(placed) - 1 else placed[last].span.end
            yield _expression(name, tokens, rule, start=start, end=end)
        return
    yield _expression(name, tokens, _rule(freq, _month_of_period(freq, tokens), points))


def _dates_of_period(name: str, text: str, tokens: Sequence[Token]) -> Iterable[TimeExpression]:
    first = next(index for index, token in enumerate(tokens) if token.code == "o")
    dates = [token for token in tokens[first + 1 :] if token.code != "B"]
    dates[-1] = dates[-1]._replace(end=tokens[-1].end)
    for expression in _calendar_rule(name, text, [tokens[0]._replace(code="A"), *dates]):
        yield expression._replace(boundary=_boundary(tokens))


def _months_of_year(name: str, text: str, tokens: Sequence[Token]) -> Iterable[TimeExpression]:
    for expression in _calendar_rule(name, text, tokens):
        assert isinstance(expression.reading, RecurringDeadline), "months of a year make rules"
        yield expression._replace(reading=replace(expression.reading, day=None))


def _month_of_period(freq: Freq, tokens: Sequence[Token]) -> int | None:
    if freq not in _MONTHS:
        return None
    places = [token.number for token in tokens if token.code == "O"]
    if not places:
        return _MONTHS[freq]
    return _MONTHS[freq] if places[0] == -1 else places[0]


def _rule(freq: Freq, month: int | None, points: Sequence[Point], *, previous: bool = False) -> RecurringDeadline:
    last = points[-1] if points else Point()
    days = [point.day for point in points if point.day is not None]
    several = len(days) > 1
    return RecurringDeadline(
        freq=freq,
        month_of_period=month,
        day=days[0] if len(days) == 1 else None,
        days=tuple(days) if several else None,
        working_day=last.working_day,
        time=last.time,
        time_text=last.time_text,
        reports_on="previous" if previous else None,
    )


def _yearly_groups(placed: Sequence[Placed]) -> list[tuple[list[Point], int, int]]:
    """Keep evenly spaced months with one day together (6月、12月10日 is half-yearly), else one rule each."""
    points = [item.point for item in placed]
    months = [point.month or 12 for point in points]
    steps = {later - earlier for earlier, later in pairwise(months)}
    if len({point.day for point in points}) == 1 and (steps, len(months)) in (({6}, 2), ({3}, 4)):
        return [(points, 0, len(points) - 1)]
    return [([point], index, index) for index, point in enumerate(points)]


def _yearly(points: Sequence[Point]) -> RecurringDeadline:
    freq = {1: Freq.YEARLY, 2: Freq.HALF_YEARLY}.get(len(points), Freq.QUARTERLY)
    first = points[0]
    day = -1 if first.day is None and first.working_day is None else first.day
    return RecurringDeadline(
        freq=freq,
        month_of_period=first.month or 12,
        day=day,
        working_day=first.working_day,
        time=first.time,
        time_text=first.time_text,
    )


def _last_of_rule(name: str, text: str, tokens: Sequence[Token]) -> Iterable[TimeExpression]:
    freq = _FREQS[tokens[0].code]
    last = read_points(tokens[1:])[-1].point
    rule = _yearly([last]) if freq is Freq.YEARLY else _rule(freq, None, [last])
    yield _expression(name, tokens, rule)


def _next_month_rule(name: str, text: str, tokens: Sequence[Token]) -> Iterable[TimeExpression]:
    word = next(token.word for token in tokens if token.code == "u")
    points = [item.point for item in read_points([token for token in tokens if token.code not in "NTE"])]
    if tokens[0].code == "u" and word.startswith("下"):  # 下月5日 may be meant once
        yield _expression(name, tokens, points[-1])
        return
    yield _expression(name, tokens, _rule(Freq.MONTHLY, None, points, previous=True))


def _after_period_rule(name: str, text: str, tokens: Sequence[Token]) -> Iterable[TimeExpression]:
    freq = _FREQS[tokens[0].code]
    count = next((token for token in tokens if token.code in "nDf"), tokens[-1])
    clock = next((token.word for token in tokens if token.code == "C"), None)
    number, unit = count.number, "working_day" if count.code == "f" else count.word if count.code == "n" else "day"
    month = 1 if freq in _MONTHS else None
    rule = RecurringDeadline(freq=freq, month_of_period=month, time=clock, reports_on="previous")
    if unit == "working_day" and number:
        yield _expression(name, tokens, replace(rule, working_day=min(number, _LONGEST_MONTH)))
    elif unit == "day" and 0 < number <= _LONGEST_MONTH:
        yield _expression(name, tokens, replace(rule, day=number))
    elif unit == "month" and 0 < number <= _MONTHS.get(freq, 1):
        yield _expression(name, tokens, replace(rule, month_of_period=number if month else None, day=-1))
    elif number:
        event = text[tokens[0].start : tokens[1].end].rstrip("后起之以")
        yield _expression(name, tokens, Count(offset=number, unit=Unit(unit), event=event))


def _month_after_rule(name: str, text: str, tokens: Sequence[Token]) -> Iterable[TimeExpression]:
    freq = _FREQS[tokens[0].code]
    places = [token.number for token in tokens if token.code == "O"]
    month = _MONTHS[freq] if places[:1] == [-1] else (places or [1])[0]
    first = next(index for index, token in enumerate(tokens) if token.code in "uOq")
    rest = [token for token in tokens[first:] if token.code not in "uOq"]
    points = [item.point for item in read_points([Token("M", 0, 0, month), *rest])]
    yield _expression(name, tokens, _rule(freq, month, points, previous=True))


def _weekly_rule(name: str, text: str, tokens: Sequence[Token]) -> Iterable[TimeExpression]:
    days = [token for token in tokens if token.code == "k"]
    placed = read_points(tokens)
    last = placed[-1].point
    if tokens[0].code != "K" and days[0].word != "每":
        yield _expression(name, tokens, last)
        return
    for index, day in enumerate(days):
        yield _expression(
            name,
            tokens,
            RecurringDeadline(freq=Freq.WEEKLY, weekday=day.number, time=last.time, time_text=last.time_text),
            start=tokens[0].start if index == 0 else day.start,
            end=tokens[-1].end if index == len(days) - 1 else day.end,
        )


def _daily_rule(name: str, text: str, tokens: Sequence[Token]) -> Iterable[TimeExpression]:
    for index, item in enumerate(placed := read_points(tokens[1:])):
        yield _expression(
            name,
            tokens,
            RecurringDeadline(freq=Freq.DAILY, time=item.point.time, time_text=item.point.time_text),
            start=tokens[0].start if index == 0 else item.span.start,
            end=tokens[-1].end if index == len(placed) - 1 else item.span.end,
        )


def _period_rule(name: str, text: str, tokens: Sequence[Token]) -> Iterable[TimeExpression]:
    token = tokens[0]
    if token.code != "I":
        yield _expression(name, tokens, RecurringDeadline(freq=_FREQS[token.code]))
        return
    freq = {"month": Freq.MONTHLY, "year": Freq.YEARLY, "quarter": Freq.QUARTERLY, "week": Freq.WEEKLY}
    yield _expression(
        name, tokens, RecurringDeadline(freq=freq.get(token.word, Freq.DAILY), interval=min(token.number, 100))
    )


def _count(name: str, text: str, tokens: Sequence[Token]) -> Iterable[TimeExpression]:
    yield from _counted(name, tokens, Direction.AFTER)


def _count_before(name: str, text: str, tokens: Sequence[Token]) -> Iterable[TimeExpression]:
    yield from _counted(name, tokens, Direction.BEFORE)


def _counted(name: str, tokens: Sequence[Token], direction: Direction) -> Iterable[TimeExpression]:
    token = next(token for token in tokens if token.code in "nD")
    unit = Unit.DAY if token.code == "D" else Unit(token.word)
    yield _expression(name, tokens, Count(offset=token.number, unit=unit, direction=direction))


READERS: dict[str, Reader] = {
    "dates": _dates,
    "window": _window,
    "start": _start,
    "span_of_days": _span_of_days,
    "calendar_rule": _calendar_rule,
    "months_of_year": _months_of_year,
    "dates_of_period": _dates_of_period,
    "last_of_rule": _last_of_rule,
    "next_month_rule": _next_month_rule,
    "after_period_rule": _after_period_rule,
    "month_after_rule": _month_after_rule,
    "weekly_rule": _weekly_rule,
    "daily_rule": _daily_rule,
    "period_rule": _period_rule,
    "count": _count,
    "count_before": _count_before,
}
"""The readers by the names that `patterns.toml` gives them."""
