"""A year of the calendar as data and as a page of text: months, days off, make-up days and where each comes from."""

from __future__ import annotations

from calendar import Calendar
from datetime import date
from typing import Any

from obligations.dates.explain import fact_source
from obligations.dates.trace import WEEKDAYS, day_text, english
from obligations.workdays.holiday_tables import Rest
from obligations.workdays.workcalendar import DayFact, DayKind, DayStatus, WorkCalendar

_MARK = {DayKind.HOLIDAY: ("休", "off"), DayKind.MAKE_UP: ("班", "wrk")}
_WORDS = {
    "head": (
        "{year} 年：工作日 {working} 天，放假的工作日 {off} 天，上班的周末 {worked} 天",
        "{year}: {working} working days, {off} weekdays off, {worked} weekend days worked",
    ),
    "provisional": (
        "〔暂定〕该年放假安排尚未公布，仅按《全国年节及纪念日放假办法》推算",
        "[provisional] no notice for this year is known; by statute only",
    ),
    "tail": (
        "12 月 28 日至 31 日可能被下一年的安排改变",
        "28-31 December may be changed by the notice of the next year",
    ),
    "rests": ("放假：", "days off:"),
    "works": ("调休上班：", "weekend days worked:"),
    "sources": ("依据：", "sources:"),
}


def year_json(calendar: WorkCalendar, year: int) -> dict[str, Any]:
    """Return the figures, blocks of days off, make-up days and sources of `year` as JSON-ready data."""
    facts = [calendar.fact(day) for day in _days(year)]
    working = [f for f in facts if f.working]
    return {
        "year": year,
        "status": str(facts[0].status),
        "working_days": len(working),
        "weekdays_off": sum(f.kind is DayKind.HOLIDAY and f.day.weekday() < 5 for f in facts),
        "weekend_days_worked": sum(f.kind is DayKind.MAKE_UP for f in facts),
        "rests": [
            {"name": r.name, "from": r.first.isoformat(), "to": r.last.isoformat()} for r in rests(calendar, year)
        ],
        "works": [f.day.isoformat() for f in facts if f.kind is DayKind.MAKE_UP],
        "sources": [{"key": s.key, "zh": s.zh, "en": s.en} for s in _sources(calendar, year)],
        "calendar": calendar.version,
    }


def year_text(calendar: WorkCalendar, year: int, lang: str) -> str:
    """Return `year` as a page: figures, twelve months with 休 and 班 marked, days off, make-up days, sources."""
    data = year_json(calendar, year)
    figures = {"working": data["working_days"], "off": data["weekdays_off"], "worked": data["weekend_days_worked"]}
    lines = [_word("head", lang).format(year=year, **figures)]
    if data["status"] == DayStatus.PROVISIONAL:
        lines.append(_word("provisional", lang))
    elif calendar.status(date(year, 12, 31)) is DayStatus.TAIL:
        lines.append(_word("tail", lang))
    for month in range(1, 13):
        lines += ["", *_month_lines(calendar, year, month, lang)]
    lines += ["", _word("rests", lang)]
    for rest in rests(calendar, year):
        name = english(rest.name) if lang == "en" else rest.name
        n = (rest.last - rest.first).days + 1
        length = f"{n} day{'s' if n > 1 else ''}" if lang == "en" else f"{n} 天"
        lines.append(f"  {day_text(rest.first, lang)} – {day_text(rest.last, lang)}  {name}  {length}")
    if data["works"]:
        lines += [_word("works", lang), *(f"  {day_text(date.fromisoformat(day), lang)}" for day in data["works"])]
    sources = [f"  {source.text(lang)}" for source in _sources(calendar, year)]
    return "\n".join([*lines, _word("sources", lang), *sources])


def rests(calendar: WorkCalendar, year: int) -> list[Rest]:
    """Return the named blocks of days off that touch `year`, cut at its ends."""
    blocks: list[Rest] = []
    for day in _days(year):
        name = calendar.holiday_name(day)
        if name and blocks and blocks[-1].name == name and (day - blocks[-1].last).days == 1:
            blocks[-1] = Rest(name, blocks[-1].first, day)
        elif name:
            blocks.append(Rest(name, day, day))
    return blocks


def _month_lines(calendar: WorkCalendar, year: int, month: int, lang: str) -> list[str]:
    """Each cell is six columns wide; a Chinese mark takes two of them."""
    english_page = lang == "en"
    head = (
        "".join(f"{name:<6}" for name in WEEKDAYS["en"]) if english_page else "一    二    三    四    五    六    日"
    )
    lines = [f"{year}-{month:02}", f"  {head.rstrip()}"]
    for week in Calendar().monthdatescalendar(year, month):
        cells = []
        for day in week:
            mark = _MARK.get(calendar.fact(day).kind, ("  ", "   ")) if day.month == month else ("  ", "   ")
            number = f"{day.day:>2}" if day.month == month else "  "
            cells.append(f"{number}{mark[1]} " if english_page else f"{number}{mark[0]}  ")
        lines.append(f"  {''.join(cells).rstrip()}")
    return lines


def _days(year: int) -> list[date]:
    first = date(year, 1, 1).toordinal()
    return [date.fromordinal(n) for n in range(first, date(year, 12, 31).toordinal() + 1)]


def _sources(calendar: WorkCalendar, year: int) -> list[Any]:
    facts = (calendar.fact(day) for day in _days(year))
    return list({(s := fact_source(f)).key: s for f in facts if f.kind is not DayKind.WORKDAY}.values())


def _word(key: str, lang: str) -> str:
    return _WORDS[key][1 if lang == "en" else 0]


def changes_text(changes: list[tuple[DayFact, DayFact]], lang: str) -> str:
    """Return one line for each day that a new notice makes work or rest, with what it was taken for before."""
    if not changes:
        return "没有一天改变。" if lang == "zh" else "No day changes."
    words = {"zh": ("休息", "上班"), "en": ("rests", "works")}[lang]
    lines = []
    for was, is_ in changes:
        name = is_.name or was.name or ""
        named = f"  {english(name) if lang == 'en' else name}" if name else ""
        lines.append(f"{day_text(is_.day, lang)}  {words[was.working]} → {words[is_.working]}{named}")
    return "\n".join(lines)
