"""What a point leaves out: the year, the month, the day that a word such as 次年 or 本周四 means."""

from __future__ import annotations

import calendar
from dataclasses import dataclass, replace
from datetime import date, timedelta

from obligations.deadline import FixedDeadline, WindowDeadline
from obligations.grammar.reading import Boundary, Point, Stretch

_SOON = 100
"""A yearless date this many days or more before publication belongs to the next year (January in a December notice)."""

_YEAR_STEPS = {"今": 0, "本": 0, "当": 0, "同": 0, "明": 1, "次": 1, "翌": 1, "下": 1, "后": 2, "去": -1, "上": -1}
_MARKERS = {Boundary.BEFORE: "前", Boundary.WITHIN: "内", Boundary.BY: "截至"}


@dataclass(frozen=True, slots=True)
class Dating:
    """What a notice offers to complete a date at one place.

    `section_year` is the year last written before the place in its section, `title_year` the one in
    the title, `month` the month last written in the sentence; `published` the date of publication or signature.
    """

    published: date | None = None
    published_by: str = "published_on"
    title_year: int | None = None
    section_year: int | None = None
    month: int | None = None
    last_date: date | None = None


@dataclass(frozen=True, slots=True)
class Dated:
    """A completed day: ISO date (or `--MM-DD`), where its year came from."""

    iso: str
    source: str | None


def last_day(year: int | None, month: int) -> int:
    """Return the last day of the month (29 for February of an unknown year is not guessed: 28)."""
    return calendar.monthrange(year or 2001, month)[1]


def resolve_point(point: Point, dating: Dating) -> Dated | None:
    """Return the day that `point` names in its surroundings, or `None` where there is no such day."""
    if point.day_word or point.weekday is not None:
        return _deictic(point, dating)
    month, carry = _month(point, dating)
    if month is None:
        return None
    year, source = _year(point, month, dating, carry=carry)
    day = point.day if point.day is not None else -1
    last = last_day(year, month)
    if day == -1:
        day = last
    if year is None:
        return Dated(f"--{month:02d}-{day:02d}", None) if day <= max(last, 29 if month == 2 else 0) else None
    return Dated(f"{year:04d}-{month:02d}-{day:02d}", source) if day <= last else None


def _month(point: Point, dating: Dating) -> tuple[int | None, int]:
    """Return the month and how many years its word carries over."""
    if point.month is not None:
        return point.month, 0
    if point.month_word:
        base = dating.last_date if point.month_word[0] in "当同次翌" and dating.last_date else dating.published
        if base is None:
            return None, 0
        step = {"次": 1, "翌": 1, "下": 1, "上": -1}.get(point.month_word[0], 0)
        index = base.month - 1 + step
        return index % 12 + 1, index // 12
    if point.day is not None:
        return dating.month, 0
    return 12, 0


def _year(point: Point, month: int, dating: Dating, *, carry: int) -> tuple[int | None, str | None]:
    published = dating.published
    if point.year is not None:
        return point.year + (1 if point.year_word and point.year_word[0] in "次翌" else 0), None
    if point.year_word:
        return _year_of_word(point.year_word, dating)
    if point.month_word and published:
        base = dating.last_date if point.month_word[0] in "当同次翌" and dating.last_date else published
        return base.year + carry, dating.published_by
    for year, source in (
        (dating.section_year, "context"),
        (dating.title_year, "title"),
        (published.year if published else None, dating.published_by),
    ):
        if year is None:
            continue
        if published is None or _fits(year, month, point.day, published):
            return year, source
    if published is None:
        return None, None
    return published.year + 1, dating.published_by


def _fits(year: int, month: int, day: int | None, published: date) -> bool:
    last = last_day(year, month)
    whole = date(year, month, last if day in (None, -1) else min(day or last, last))
    return -_SOON < (whole - published).days <= 730


def _year_of_word(word: str, dating: Dating) -> tuple[int | None, str | None]:
    near = word[0] in "次翌当同"
    if near and (dating.section_year or dating.title_year):
        base, source = dating.section_year or dating.title_year, "context"
    else:
        base = dating.published.year if dating.published else dating.title_year
        source = dating.published_by if dating.published else "title"
    if base is None:
        return None, None
    return base + _YEAR_STEPS.get(word[0], 0), source


def _deictic(point: Point, dating: Dating) -> Dated | None:
    base = dating.published
    if base is None:
        return None
    if point.weekday is not None:
        monday = base - timedelta(days=base.weekday())
        day = monday + timedelta(days=point.weekday - 1 + (7 if point.week_word == "下" else 0))
        if point.week_word == "" and day < base:
            day += timedelta(days=7)
        return Dated(day.isoformat(), dating.published_by)
    step = {"今": 0, "当": 0, "同": 0, "明": 1, "次": 1, "翌": 1, "第": 1, "后": 2}[(point.day_word or "今")[0]]
    if (point.day_word or "")[0] in "当同次翌第":
        return None  # counted from an event, not from the publication
    return Dated((base + timedelta(days=step)).isoformat(), dating.published_by)


def fixed_deadline(point: Point, boundary: Boundary, dating: Dating) -> FixedDeadline | None:
    """Return `point` as a fixed deadline, or `None` where it names no day of the calendar."""
    dated = resolve_point(point, dating)
    if dated is None:
        return None
    precision = point.precision
    if precision is None and point.day is None and not point.day_word and point.weekday is None:
        precision = "month" if point.month else "year"
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
    if stretch.start is None:
        start = Dated(dating.published.isoformat(), None) if dating.published else None
    else:
        start = resolve_point(stretch.start, dating)
        if start is None:
            return None
    end_point = stretch.end
    inside = dating
    if stretch.start is not None and start and not start.iso.startswith("-"):
        inside = replace(dating, section_year=int(start.iso[:4]), last_date=date.fromisoformat(start.iso))
    end = resolve_point(end_point, inside)
    if end is None:
        return None
    if start and end.iso[0] != "-" and start.iso[0] != "-" and end.iso < start.iso and end_point.year is None:
        end = Dated(f"{int(end.iso[:4]) + 1}{end.iso[4:]}", end.source)
    return WindowDeadline(
        from_=start.iso if start else None,
        to=end.iso,
        from_time=stretch.start.time if stretch.start else None,
        to_time=end_point.time,
        time_text=end_point.time_text,
        precision=end_point.precision or ("month" if end_point.day is None else None),
        year_inherited_from=end.source if stretch.start is None or stretch.start.year is None else None,
    )
