"""The facts under the calendar: yearly holiday notices with their amendments, and the statute for years without one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources
from itertools import chain
from typing import Any

from obligations.errors import BadHolidayTable

ONE_DAY = timedelta(days=1)
SATURDAY = 5  # date.weekday()


@dataclass(frozen=True, slots=True)
class Rest:
    """Days off under one name, both ends included; weekend days inside the block belong to it."""

    name: str
    first: date
    last: date

    def days(self) -> Iterator[date]:
        """Yield each day of the block in order."""
        day = self.first
        while day <= self.last:
            yield day
            day += ONE_DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayNotice:
    """One official arrangement for a year: what rests, which weekend days work, since when it is known.

    `amends` is the issue date of the notice it changes. `doc_number_checked` says whether the
    number was read in a copy of the notice. `scope` names the place of a local arrangement
    (regulation on holidays, art. 4: festivals of minorities); `None` is the whole country.
    """

    year: int
    issued_on: date
    rests: tuple[Rest, ...] = ()
    works: tuple[date, ...] = ()
    doc_number: str | None = None
    doc_number_checked: bool = False
    amends: date | None = None
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class YearTable:
    """All notices about one year, in the order of issue; a later one overrides an earlier one."""

    year: int
    notices: tuple[HolidayNotice, ...]


@dataclass(frozen=True, slots=True)
class Statute:
    """One version of the holiday regulation: `days` are (name, MM-DD or festival, offset in days, count of days)."""

    issued_on: date
    applies_from: int
    doc_number: str
    days: tuple[tuple[str, str, int, int], ...]


def table_from_json(data: Mapping[str, Any]) -> YearTable:
    """Return the year table that `data`, the decoded JSON of one year's file, describes.

    Raises:
        BadHolidayTable: a field is missing or is not a real date.
    """
    try:
        year = int(data["year"])
        notices = tuple(sorted((_notice(year, item) for item in data["notices"]), key=lambda n: n.issued_on))
    except (KeyError, TypeError, ValueError) as error:
        raise BadHolidayTable(
            f'a holiday table needs "year" and "notices" with issued_on, rests (name, from, to) and works as '
            f"YYYY-MM-DD; {type(error).__name__}: {error}"
        ) from None
    return YearTable(year, notices)


def table_to_json(table: YearTable) -> dict[str, Any]:
    """Return `table` in the form of the packaged files; the inverse of `table_from_json`."""
    return {"year": table.year, "notices": [_notice_json(notice) for notice in table.notices]}


@cache
def packaged_tables() -> tuple[YearTable, ...]:
    """Return the State Council's arrangements that the package carries, by year."""
    folder = resources.files("obligations") / "data" / "workdays"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".json")), key=lambda f: f.name)
    return tuple(table_from_json(json.loads(f.read_text(encoding="utf-8"))) for f in files)


@cache
def statutes() -> tuple[Statute, ...]:
    """Return the versions of the holiday regulation that the package carries, oldest first."""
    return tuple(
        Statute(
            date.fromisoformat(item["issued_on"]),
            item["applies_from"],
            item["doc_number"],
            tuple((d["name"], d.get("on") or d["festival"], d.get("offset", 0), d["count"]) for d in item["days"]),
        )
        for item in _statutory_data()["statutes"]
    )


@cache
def festivals() -> dict[int, dict[str, date]]:
    """Return by year the days of spring (first day), qingming, dragon_boat and mid_autumn."""
    table = _statutory_data()["festivals"]
    return {int(year): {k: date.fromisoformat(v) for k, v in row.items()} for year, row in table.items()}


def statutory_rests(year: int, as_of: date | None = None) -> tuple[Rest, ...]:
    """Return the days off of `year` by statute alone, as the law stood on `as_of`.

    A statutory day that falls on a weekend is given back on the next weekday after its
    holiday. No weekend is worked: only a yearly notice can order that, and two festivals on
    one day give one day off, because the text gives back weekends only.

    Source: regulation on annual and memorial holidays, art. 2 and art. 6.
    """
    known = [s for s in statutes() if s.applies_from <= year and (as_of is None or s.issued_on <= as_of)]
    law = known[-1] if known else statutes()[0]
    blocks = []
    for name, when, offset, count in law.days:
        named = festivals()[year].get(when) or date.fromisoformat(f"{year}-{when}")
        blocks.append(Rest(name, named + offset * ONE_DAY, named + (offset + count - 1) * ONE_DAY))
    taken = set(chain.from_iterable(block.days() for block in blocks))
    lost = {day for day in taken if day.weekday() >= SATURDAY}
    given_back = [rest for block in blocks for rest in _given_back(block, lost, taken)]
    return (*blocks, *given_back)


def _given_back(block: Rest, lost: set[date], taken: set[date]) -> Iterator[Rest]:
    """Yield a weekday after `block` for each weekend day that it holds, taking those days out of `lost`."""
    here = lost.intersection(block.days())
    lost -= here
    day = block.last
    for _ in here:
        day += ONE_DAY
        while day.weekday() >= SATURDAY or day in taken:
            day += ONE_DAY
        taken.add(day)
        yield Rest(f"{block.name}补假", day, day)


@cache
def _statutory_data() -> dict[str, Any]:
    file = resources.files("obligations") / "data" / "festivals.json"
    data: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return data


def _notice(year: int, item: Mapping[str, Any]) -> HolidayNotice:
    amends = item.get("amends")
    notice = HolidayNotice(
        year=year,
        issued_on=date.fromisoformat(item["issued_on"]),
        rests=tuple(
            Rest(str(r["name"]), date.fromisoformat(r["from"]), date.fromisoformat(r["to"])) for r in item["rests"]
        ),
        works=tuple(date.fromisoformat(day) for day in item["works"]),
        doc_number=item.get("doc_number"),
        doc_number_checked=bool(item.get("doc_number_checked", False)),
        amends=date.fromisoformat(amends) if amends else None,
        scope=item.get("scope"),
    )
    for rest in notice.rests:
        if not 0 <= (rest.last - rest.first).days < 60:
            raise ValueError(f"{rest.name} runs from {rest.first} to {rest.last}")
    return notice


def _notice_json(notice: HolidayNotice) -> dict[str, Any]:
    out: dict[str, Any] = {"issued_on": notice.issued_on.isoformat()}
    if notice.amends:
        out["amends"] = notice.amends.isoformat()
    if notice.scope:
        out["scope"] = notice.scope
    return out | {
        "doc_number": notice.doc_number,
        "doc_number_checked": notice.doc_number_checked,
        "rests": [{"name": r.name, "from": r.first.isoformat(), "to": r.last.isoformat()} for r in notice.rests],
        "works": [day.isoformat() for day in notice.works],
    }
