"""A city for long simulations: the packaged directory, an invented notice of every bureau, channels for every role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from obligations.notice import Notice
from obligations.policies import Role
from obligations.units import packaged_directory_file
from scheduler.clock import parse_instant
from scheduler.ingest import ingest_notice
from scheduler.intake import read_notices
from store.database import Store
from store.rows import AssignmentRow
from store.states import ChannelKind
from store.vault import Vault
from tests.records import add_channel, desk, furnish
from tests.scheduler.world import KEY, SECRET

KNOWN = "2023-12-29T15:00:00+08:00"
"""When everything is ingested: in the afternoon of the last working day before the first day of a simulation."""


@cache
def functions() -> list[tuple[str, str]]:
    """Return name and city bureau of every function that districts, counties and zones have too."""
    listed: list[dict[str, Any]] = packaged_directory_file()["functions"]
    return [(each["name"], f"昆明市{each.get('city_bureau', each['bureau'])}") for each in listed if "at" not in each]


@dataclass(frozen=True)
class Return:
    """A report that every district must hand in: on which dates of a year, and in which words."""

    words: str
    months: Sequence[int]
    day: int

    def dates(self, first: date, last: date) -> list[date]:
        """Return its written dates from `first` to `last`."""
        years = range(first.year, last.year + 1)
        every = (date(year, month, self.day) for year in years for month in self.months)
        return [day for day in every if first <= day <= last]


def returns_of(number: int) -> list[Return]:
    """Return what the bureau with this number asks for: all quarterly and yearly, every third also monthly."""
    quarterly, yearly, monthly = 3 + number % 12, 1 + number % 28, 5 + number % 20
    asked = [
        Return(f"每季度首月{quarterly}日前", (1, 4, 7, 10), quarterly),
        Return(f"每年{1 + number % 12}月{yearly}日前", (1 + number % 12,), yearly),
    ]
    return asked + ([Return(f"每月{monthly}日前", range(1, 13), monthly)] if number % 3 == 0 else [])


def busy_returns_of(number: int) -> list[Return]:
    """Return what makes 17 reports a quarter: five each month and two each quarter."""
    days = [3 + (number + 4 * place) % 25 for place in range(7)]
    monthly = [Return(f"每月{day}日前", range(1, 13), day) for day in days[:5]]
    return monthly + [Return(f"每季度首月{day}日前", (1, 4, 7, 10), day) for day in days[5:]]


def notice_of(number: int) -> Notice:
    """Return the notice of one bureau; every tenth also asks for something each Friday."""
    words = [asked.words for asked in returns_of(number)] + ["每周五前"] * (number % 10 == 0)
    return notice_asking(number, words)


def notice_asking(number: int, words: Sequence[str]) -> Notice:
    """Return the notice of one bureau that asks for a report by each of these times."""
    name, bureau = functions()[number]
    who = f"各县(市)区、开发(度假)区{name}部门"
    clauses = [
        f"({'一二三四五六七'[place]}){who}应当于{when}向{bureau}报送《{name}工作情况表{place + 1}》。"
        for place, when in enumerate(words)
    ]
    heading = f"{bureau}关于规范{name}系统信息报送工作的通知\n\n{who}:\n现将信息报送有关事项通知如下:\n"
    return Notice(id=f"city{number}", text=heading + "\n".join(clauses) + f"\n\n{bureau}\n2023年12月4日\n")


def build(store: Store, notices: Sequence[Notice]) -> Sequence[str]:
    """Ingest the notices and give every unit a channel for each role; return the ids they are stored under.

    Handlers have e-mail, heads a webhook, every fourth unit a second handler by webhook, and the
    regulators of all units one mailbox.
    """
    furnish(store, KNOWN)
    stored = []
    for notice in notices:
        with store.writing() as session:
            stored.append(ingest_notice(session, notice, desk(KNOWN)).id)
    with store.writing() as session:
        codes = session.exec(select(AssignmentRow.unit_code).distinct().order_by(col(AssignmentRow.unit_code))).all()
        for place, code in enumerate(codes):
            add = partial(add_channel, session, unit_code=code, at=parse_instant(KNOWN))
            add(f"{code}-clerk", address=f"clerk@{code}.example")
            add(f"{code}-head", address=_hook(code, "head"), kind=ChannelKind.WEBHOOK, role=Role.HEAD, secret=_SEALED)
            add(f"{code}-city", address="city@example.cn", role=Role.REGULATOR, recipient="city")
            if place % 4 == 0:
                add(f"{code}-hook", address=_hook(code, "clerk"), kind=ChannelKind.WEBHOOK, secret=_SEALED)
    return stored


_VAULT = Vault(KEY)
_SEALED = _VAULT.seal(SECRET)


def _hook(code: str, role: str) -> str:
    return _VAULT.seal(f"https://hooks.example/{code}/{role}")


def listing_page(path: Path) -> list[Notice]:
    """Return the notices of a listing page."""
    return list(read_notices(path))
