"""A holiday notice is a notice: reads the text of the State Council's yearly arrangement, or of an amendment to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from obligations.dates.trace import WEEKDAYS, day_text
from obligations.errors import BadHolidayNotice
from obligations.normal import normalise
from obligations.workdays.holiday_tables import ONE_DAY, SATURDAY, HolidayNotice, Rest, festivals, statutory_rests

_YEAR = re.compile(r"(20[0-9]{2})\s*年(?!\s*[0-9]{1,2}\s*月)[^。\n年]{0,40}?(?:节假日|假期|放假|元旦|春节)")
_YEAR_OF_A_DAY = re.compile(r"(20[0-9]{2})\s*年\s*[0-9]{1,2}\s*月[^。\n]{0,40}(?:放假|调休)")
_YEARLY = re.compile(r"部分节假日安排")
_QUOTED = re.compile(r"《[^》]*》")
FEASTS = ("元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节")
_ISSUED = re.compile(r"^\s*(20[0-9]{2})\s*年\s*([0-9]{1,2})\s*月\s*([0-9]{1,2})\s*日\s*$", re.MULTILINE)
_NUMBER = re.compile(r"(国办发(?:明电)?)[〔\[(](20[0-9]{2})[〕\])]([0-9]{1,3})号")
_LOCAL_NUMBER = re.compile(r"([\u4e00-\u9fff]{2,10})[〔\[(](20[0-9]{2})[〕\])]([0-9]{1,4})号")
_NUMBERED = r"(?:[一二三四五六七八九十]{1,3}、|\([一二三四五六七八九十]{1,3}\)|[0-9]{1,2}[.、])"
_HEADING = re.compile(rf"^\s*{_NUMBERED}?\s*(?:20[0-9]{{2}}\s*年)?\s*([^:,。()0-9]{{2,24}}):")
_ADDRESSEES = re.compile(rf"(?!\s*{_NUMBERED})[^:]*:\s*$")  # 各县(市)人民政府: names no holiday
_FEAST = re.compile(r"(元旦|春节|清明节|劳动节|端午节|中秋节|国庆节|[^,。:0-9年月日]{2,40}纪念日)")
_DAY = r"(?:(20[0-9]{2})\s*年\s*)?(?:([0-9]{1,2})\s*月\s*)?([0-9]{1,2})\s*日(?:\(([^)]{0,20})\))?"
_TOKEN = re.compile(
    rf"{_DAY}|(?P<to>[至到-])|(?P<from_then_on>起)|共\s*(?P<total>[0-9]{{1,2}})\s*天"
    r"|(?P<join>与周末连休)|(?P<extend>延长)|(?P<work>上班)|(?P<rest>放假|补休|调休|公休|休息)"
)
_WEEKDAY = re.compile(r"(?:周|星期)([一二三四五六日天])")
_WEEKDAY_NUMBER = {name: number for number, name in enumerate("一二三四五六日")} | {"天": 6}
_SENTENCE = re.compile(r"[^。;\n]+")


@dataclass(slots=True)
class _Item:
    """What one item of the notice says: days off, days worked, and the day up to which a holiday is extended."""

    name: str
    rests: set[date] = field(default_factory=set)
    works: set[date] = field(default_factory=set)
    extended_to: date | None = None


def parse_holiday_notice(text: str, *, known: Sequence[HolidayNotice] = (), scope: str | None = None) -> HolidayNotice:
    """Return the arrangement that `text` announces.

    `known` are the notices already held: an amendment (延长, 调整) refers to the yearly one
    of its year. `scope` names the place of a local arrangement. Days off with nothing but a
    weekend between them form one block, and a holiday joined with the weekend (与周末连休)
    takes those weekend days into its name.

    Raises:
        BadHolidayNotice: the year, the date of issue or a statutory holiday is missing, or the
            text contradicts itself: a weekday or a number of days that does not fit, a day that
            both rests and works.
    """
    folded = normalise(text)
    year, issued_on = _year(folded), _issued_on(folded)
    number = (_LOCAL_NUMBER if scope else _NUMBER).search(folded)
    base = next((n for n in reversed(known) if n.year == year and n.amends is None and n.scope is None), None)
    items = _items(folded, year)
    rests = sorted((rest for item in items for rest in _blocks(item, base)), key=lambda rest: rest.first)
    works = sorted({day for item in items for day in item.works})
    _check(rests, works)
    amends = None if scope else _amended(folded, year, items, base)
    if not scope and amends is None:
        _check_statute(year, issued_on, rests, works)
    return HolidayNotice(
        year=year,
        issued_on=issued_on,
        rests=tuple(rests),
        works=tuple(works),
        doc_number=f"{number[1]}〔{number[2]}〕{number[3]}号" if number else None,
        doc_number_checked=number is not None,
        amends=amends,
        scope=scope,
    )


def _year(text: str) -> int:
    match = _YEAR.search(_QUOTED.sub("", text)) or _YEAR_OF_A_DAY.search(text)
    if match is None:
        raise BadHolidayNotice("the text names no year of holidays, as in 关于2027年部分节假日安排的通知")
    return int(match[1])


def _amended(text: str, year: int, items: Sequence[_Item], base: HolidayNotice | None) -> date | None:
    """Return the issue date of the yearly notice that the text changes; `None` where it is a yearly notice itself."""
    missing = [feast for feast in FEASTS if not any(feast in item.name for item in items)]
    if not missing:
        return None
    if _YEARLY.search(_QUOTED.sub("", text)):
        raise BadHolidayNotice(f"the yearly notice for {year} says nothing of {'、'.join(missing)}")
    if base is None:
        raise BadHolidayNotice(f"the text changes the holidays of {year}, whose yearly notice is not known yet")
    return base.issued_on


def _issued_on(text: str) -> date:
    lines = _ISSUED.findall(text)
    if not lines:
        raise BadHolidayNotice("the text has no date of issue on a line of its own, as in 2026年11月5日")
    return _real_date(*(int(part) for part in lines[-1]))


def _items(text: str, year: int) -> list[_Item]:
    """Return what the text says of each holiday: of the one in the item's heading, else of the one it names first."""
    feast = _FEAST.search(text)
    name = feast[1] if feast else "放假"
    found: dict[str, _Item] = {}
    for sentence in _SENTENCE.findall(text):
        heading = _HEADING.match(sentence)
        if heading and not _ADDRESSEES.match(sentence):
            name = heading[1].strip()
        ordered = sentence.split("鼓励")[0]  # what is only encouraged stays a working day (9 February 2024)
        item = _read(ordered, name, year)
        if item.rests or item.works or item.extended_to:
            before = found.setdefault(item.name, _Item(item.name))
            before.rests |= item.rests
            before.works |= item.works
            before.extended_to = item.extended_to or before.extended_to
    return list(found.values())


def _read(sentence: str, name: str, year: int) -> _Item:
    """Collect the days before each verb; the verb says whether they rest or work."""
    item = _Item(name)
    pending: list[date] = []
    here: date | None = None
    ranging = extending = False
    for token in _TOKEN.finditer(sentence):
        if token[3]:
            here = _day(token, here, year)
            if extending and ranging:
                item.extended_to, extending = here, False
            elif ranging and pending:
                pending.extend(_span(pending[-1] + ONE_DAY, here, sentence))
            else:
                pending.append(here)
            ranging = False
        elif token["to"]:
            ranging = True
        elif token["extend"]:
            extending = True
        elif token["from_then_on"]:
            pending = []
        elif token["work"]:
            item.works.update(pending)
            pending = []
        elif token["rest"]:
            item.rests.update(pending)
            pending = []
        elif token["join"]:
            item.rests.update(_with_weekends(item.rests, year))
        elif token["total"] and len(item.rests) != int(token["total"]):
            raise BadHolidayNotice(
                f"{item.name} is said to be {token['total']} days, but {len(item.rests)} are named: {sentence.strip()}"
            )
    return item


def _day(token: re.Match[str], here: date | None, year: int) -> date:
    if token[2]:
        day = _real_date(int(token[1] or year), int(token[2]), int(token[3]))
    elif here:
        day = _real_date(here.year, here.month, int(token[3]))
    else:
        raise BadHolidayNotice(f"{token[0]} has no month")
    said = _WEEKDAY.search(token[4] or "")
    if said and _WEEKDAY_NUMBER[said[1]] != day.weekday():
        raise BadHolidayNotice(f"{day} is {WEEKDAYS['zh'][day.weekday()]}, but the text says {said[0]}")
    return day


def _real_date(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise BadHolidayNotice(f"{year}年{month}月{day}日 is not a real date") from None


def _span(first: date, last: date, sentence: str) -> list[date]:
    length = (last - first).days + 1
    if not 0 < length < 31:
        raise BadHolidayNotice(f"a holiday cannot run up to {last}: {sentence.strip()}")
    return [first + n * ONE_DAY for n in range(length)]


def _with_weekends(rests: set[date], year: int) -> set[date]:
    """Return the weekend days of `year` that touch `rests`."""
    found: set[date] = set()
    for edge, step in ((min(rests, default=None), -ONE_DAY), (max(rests, default=None), ONE_DAY)):
        day = edge + step if edge else None
        while day and day.weekday() >= SATURDAY and day.year == year:
            found.add(day)
            day += step
    return found


def _blocks(item: _Item, base: HolidayNotice | None) -> Iterator[Rest]:
    if item.extended_to:
        held = [rest for rest in base.rests if item.name in rest.name] if base else []
        if not held or item.extended_to <= held[-1].last:
            raise BadHolidayNotice(f"{item.name} cannot be extended to {item.extended_to}: no such holiday ends before")
        yield Rest(f"{item.name}（延长）", held[-1].last + ONE_DAY, item.extended_to)
    block: list[date] = []
    for day in sorted(item.rests):
        if block and any(d.weekday() < SATURDAY for d in _between(block[-1], day)):
            yield Rest(item.name, block[0], block[-1])
            block = []
        block.append(day)
    if block:
        yield Rest(item.name, block[0], block[-1])


def _between(first: date, last: date) -> list[date]:
    return [first + n * ONE_DAY for n in range(1, (last - first).days)]


def _check_statute(year: int, issued_on: date, rests: Sequence[Rest], works: Sequence[date]) -> None:
    """A yearly notice may shift weekends, but every statutory day is off."""
    off = {day for rest in rests for day in rest.days()}
    for rest in statutory_rests(year, issued_on) if year in festivals() else ():
        for day in rest.days() if not rest.name.endswith("补假") else ():
            if day in works or (day not in off and day.weekday() < SATURDAY):
                raise BadHolidayNotice(
                    f"the text lets {day_text(day)} work, which the statute makes a holiday: {rest.name}"
                )


def _check(rests: Sequence[Rest], works: Sequence[date]) -> None:
    if not rests:
        raise BadHolidayNotice("the text names no holiday, as in 一、元旦：1月1日至3日放假，共3天。")
    off = {day for rest in rests for day in rest.days()}
    for day in works:
        if day in off:
            raise BadHolidayNotice(f"the text lets {day_text(day)} both rest and work")
        if day.weekday() < SATURDAY:
            raise BadHolidayNotice(f"the text orders work on {day_text(day)}, which is no weekend day")
