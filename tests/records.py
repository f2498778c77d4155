"""Notices with known duties, and what they are worked up with: for tests of everything behind derivation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

import pytest
from sqlmodel import Session, SQLModel

from obligations.deadline import Deadline, parse_deadline
from obligations.draft import Derivation, Draft, Modality, Tier
from obligations.notice import Notice, Span
from obligations.units import Directory, packaged_directory, packaged_directory_file
from obligations.workdays.workcalendar import load_calendar
from scheduler.clock import parse_instant
from scheduler.ingest import Desk, Ingested, ingest_notice
from store.database import Store
from store.rows import RecipientRow, Role, SubscriptionRow
from store.units import put_directory

EMBEDDED = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For tests of decisions that no database takes part in: the embedded store is enough."""

QUARTERLY = parse_deadline({"kind": "recurring", "freq": "quarterly", "month_of_period": 1, "day": 3})
AFTER_DANGER = parse_deadline(
    {"kind": "relative", "event": "险情排除", "offset": 3, "unit": "day", "direction": "after"}
)

TABLE = Notice(
    id="table",
    text="各县(市)区工业和信息化主管部门：请东川区、安宁市于每季度首月3日前，将《运行情况表》反馈至市工业和信息化局。",
)
"""A quarterly return of two counties: J1 of the dates that everybody knows by heart."""

DANGER = Notice(id="danger", text="紧急占用绿地的，应当在险情排除后3日内补办审批手续。")


@cache
def sample_directory() -> Directory:
    return packaged_directory()


def duty(
    notice: Notice,
    words: str,
    deadline: Deadline | dict[str, Any],
    *,
    who: str = "",
    action: str = "报送情况表",
    **more: Any,
) -> Draft:
    """Return a draft whose time is `words` of the notice; `who` is the party, a list joined by 、."""
    start = notice.text.index(words)
    span = Span(start, start + len(words))
    fields: dict[str, Any] = {
        "tier": Tier.CORE,
        "modality": Modality.MUST,
        "pattern": "invented",
        "confidence": 0.95,
        "evidence": Span(0, len(notice.text)),
        **more,
    }
    return Draft(
        span=span,
        text=words,
        responsible=who,
        responsible_units=tuple(part for part in who.split("、") if part),
        action=action,
        deadline=parse_deadline(deadline) if isinstance(deadline, dict) else deadline,
        **fields,
    )


def reading(*drafts: Draft, **more: Any) -> Callable[[Notice], Derivation]:
    """Return a derivation that finds exactly `drafts`, and of the notice itself what `more` says."""
    about: dict[str, Any] = {
        "title": None,
        "issuer": "昆明市工业和信息化局",
        "doc_number": None,
        "issued_on": None,
        "effective_on": None,
        "expires_on": None,
        "addressees": ("各县(市)区工业和信息化主管部门",),
        "relations": (),
        **more,
    }
    found = Derivation(drafts=drafts, **about)
    return lambda notice: found


def quarterly_table(**more: Any) -> Callable[[Notice], Derivation]:
    return reading(duty(TABLE, "每季度首月3日前", QUARTERLY, who="东川区、安宁市", action="反馈《运行情况表》"), **more)


def after_danger(**more: Any) -> Callable[[Notice], Derivation]:
    return reading(duty(DANGER, "险情排除后3日内", AFTER_DANGER, who="占用人", action="补办审批手续"), **more)


def desk(now: str, **more: Any) -> Desk:
    """Return the packaged directory and calendar at `now`, an instant or a day in China."""
    return Desk(now=parse_instant(now), directory=sample_directory(), calendar=load_calendar(), **more)


def furnish(store: Store, now: str = "2026-09-01") -> None:
    """Put the packaged directory in force."""
    with store.writing() as session:
        put_directory(session, packaged_directory_file(), now=parse_instant(now))


def ingest(store: Store, notice: Notice, derive: Callable[[Notice], Derivation], now: str, **more: Any) -> Ingested:
    """Ingest `notice` at `now` with what `derive` reads in it, in a transaction of its own."""
    with store.writing() as session:
        return ingest_notice(session, notice, desk(now, derive=derive, **more))


def add_channel(
    session: Session,
    name: str,
    unit_code: str,
    address: str,
    *,
    at: datetime,
    kind: str = "email",
    role: str = Role.HANDLER,
    secret: str | None = None,
    recipient: str | None = None,
) -> None:
    """Add a subscription `name` of a recipient to a unit, as they are stored; the recipient's id is `name` too, or
    `recipient`, which may be there already."""
    recipient = recipient or name
    if session.get(RecipientRow, recipient) is None:
        session.add(
            RecipientRow(id=recipient, kind=kind, fingerprint=recipient, address=address, secret=secret, created_at=at)
        )
        session.flush()
    session.add(SubscriptionRow(id=name, unit_code=unit_code, recipient_id=recipient, role=role, created_at=at))
    session.flush()


def contents(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table, to show that nothing changed."""
    with store.reading() as session:
        return {
            table.name: sorted((tuple(row) for row in session.execute(table.select()).all()), key=repr)
            for table in SQLModel.metadata.sorted_tables
        }
