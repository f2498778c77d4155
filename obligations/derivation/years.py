"""What a point leaves out: the year, the month, the day that a word such as 明年 or 本周四 means."""

from __future__ import annotations

import calendar
from dataclasses import dataclass, replace
from datetime import date, timedelta

from obligations.deadline import FixedDeadline, WindowDeadline
from obligations.grammar.reading import Boundary, Point, Stretch

PAST = 100
"""A yearless date this many days or more before publication belongs to the next year (January in a December notice)."""
AHEAD = 800
"""A year written earlier in the section is not carried to a date further ahead of publication than this."""

_YEAR_STEPS = {"今": 0, "本": 0, "当": 0, "同": 0, "明": 1, "次": 1, "翌": 1, "下": 1, "后": 2, "去": -1, "上": -1}
_FROM_CONTEXT = "次翌当同"
_MARKERS = {Boundary.BEFORE: "前", Boundary.WITHIN: "内", Boundary.BY: "截至"}


@dataclass(frozen=True, slots=True)
class Dating:
    """What a notice offers to complete a date at one place.

    `published` is the date of publication, else of the signature, `source` says which. `section_year` is
    the year last written before the place in its section, `last_date` the day last named there, `title_year`
    the one in the title or the document number.
    """

    published: date | None = None
    source: str = "published_on"
    title_year: int | None = None
    title_source: str = "title"
    section_year: int | None = None
    last_date: date | None = None


@dataclass(frozen=True, slots=True)
class Dated:
    """A completed day: an ISO date (or `--MM-DD`), and where its year came from if it was not written."""

    iso: str
    source: str | None


def resolve_point(point: Point, dating: Dating) -> Dated | None:
    """Return the day that `point` names in its surroundings, or `None` where there is no such day."""
    if point.day_word or point.weekday is not None:
        return _deictic(point, dating)
    if point.month_word:
        return _in_named_month(point, dating)
    if point.month is None and point.day is not None:
        return _day_alone(point.day, dating)
    month = point.month or 12
    year, source = _year(point, month, dating)
    return _day(year, month, point.day, source)


def _day(year: int | None, month: int, day: int | None, source: str | None) -> Dated | None:
    last = calendar.monthrange(year or 2001, month)[1]
    wanted = last if day in (None, -1) else day
    assert wanted is not None, "a missing day is the last of the month"
    if wanted > (29 if year is None and month == 2 else last):
        return None
    return Dated(f"--{month:02d}-{wanted:02d}" if year is None else f"{year:04d}-{month:02d}-{wanted:02d}", source)


def _day_alone(day: int, dating: Dating) -> Dated | None:
    """Return a day without a month: of the month last spoken of, else the first such day after publication."""
    if dating.last_date:
        return _day(dating.last_date.year, dating.last_date.month, day, "context")
    base = dating.published
    if base is None:
        return None
    index = base.month - 1 + (day < base.day)
    return _day(base.year + index // 12, index % 12 + 1, day, dating.source)


def _in_named_month(point: Point, dating: Dating) -> Dated | None:
    word = (point.month_word or "本")[0]
    base = dating.last_date if word in _FROM_CONTEXT and dating.last_date else dating.published
    if base is None:
        return None
    index = base.month - 1 + {"次": 1, "翌": 1, "下": 1, "上": -1}.get(word, 0)
    source = "context" if base is dating.last_date else dating.source
    return _day(base.year + index // 12, index % 12 + 1, point.day, source)


def _year(point: Point, month: int, dating: Dating) -> tuple[int | None, str | None]:
    if point.year is not None:
        return point.year + (point.year_word is not None and point.year_word[0] in "次翌"), None
    if point.year_word:
        return _year_of_word(point.year_word, dating)
    published = dating.published
    if dating.section_year and (published is None or _fits(dating.section_year, month, point.day, published)):
        return dating.section_year, "context"
    if published is None:
        return (dating.title_year, dating.title_source) if dating.title_year else (None, None)
    year = published.year if _fits(published.year, month, point.day, published) else published.year + 1
    return year, "title" if year == dating.title_year else dating.source


def _fits(year: int, month: int, day: int | None, published: date) -> bool:
    last = calendar.monthrange(year, month)[1]
    whole = date(year, month, min(day, last) if day and day > 0 else last)
    return -PAST < (whole - published).days <= AHEAD


def _year_of_word(word: str, dating: Dating) -> tuple[int | None, str | None]:
    step = _YEAR_STEPS[word[0]]
    context = dating.section_year or dating.title_year
    if word[0] in _FROM_CONTEXT and context:
        return context + step, "context"
    if dating.published:
        return dating.published.year + step, dating.source
    return (dating.title_year + step, dating.title_source) if dating.title_year else (None, None)


def _deictic(point: Point, dating: Dating) -> Dated | None:
    base = dating.published
    if base is None:
        return None
    if point.weekday is None:
        step = {"明": 1, "后": 2}.get((point.day_word or "今")[0], 0)
        return Dated((base + timedelta(days=step)).isoformat(), dating.source)
    monday = base - timedelta(days=base.weekday())
    day = monday + timedelta(days=point.weekday - 1 + (7 if point.week_word == "下" else 0))
    if not point.week_word and day < base:
        day += timedelta(days=7)
    return Dated(day.isoformat(), dating.source)


def fixed_deadline(point: Point, boundary: Boundary, dating: Dating) -> FixedDeadline | None:
    """Return `point` as a fixed deadline, or `None` where it names no day of the calendar."""
    dated = resolve_point(point, dating)
    if dated is None:
        return None
    precision = point.precision
    if precision is None and point.day is None and not point.day_word and point.weekday is None:
        precision = "month" if point.month or point.month_word else "year"
    return FixedDeadline(
        date=dated.iso,
        time=point.time,
        time_text=point.time_text,
        precision=precision,
        year_inherited_from=dated.source,
        marker=_MARKERS.get(boundary),
    )


def window_deadline(stretch: Stretch, dating: Dating) -> WindowDeadline | None:
    """Return `stretch` as a window; an open start is the publication. `None` where an end is no real day."""
    inside, start, end = dating, None, None
    if stretch.start is None:
        start = Dated(dating.published.isoformat(), None) if dating.published else None
    else:
        start = resolve_point(stretch.start, dating)
        if start is None:
            return None
        if start.iso[0] != "-":
            inside = replace(dating, section_year=int(start.iso[:4]), last_date=date.fromisoformat(start.iso))
    if stretch.end is not None:
        end = _last(stretch.end, start, inside)
        if end is None:
            return None
    if start and end and "-" not in (start.iso[0], end.iso[0]) and end.iso < start.iso:
        return None
    last = stretch.end or stretch.start
    dated = end if stretch.start is None else start
    inherits = stretch.start is None or stretch.start.year is None
    return WindowDeadline(
        from_=start.iso if start else None,
        to=end.iso if end else None,
        from_time=stretch.start.time if stretch.start else None,
        to_time=stretch.end.time if stretch.end else None,
        time_text=stretch.end.time_text if stretch.end else None,
        precision=(last.precision or ("month" if last.day is None else None)) if last else None,
        year_inherited_from=dated.source if dated and inherits else None,
    )


def _last(point: Point, start: Dated | None, dating: Dating) -> Dated | None:
    """Return the last day of a window; without a year of its own it is the first such day after the start."""
    end = resolve_point(point, dating)
    if end is None or start is None or point.year is not None or "-" in (start.iso[0], end.iso[0]):
        return end
    if end.iso >= start.iso:
        return end
    return _day(int(end.iso[:4]) + 1, int(end.iso[5:7]), point.day, end.source)
