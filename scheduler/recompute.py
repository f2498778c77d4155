"""Recompute (重算): what a new year table does to every date that rests on it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from obligations.workdays.holiday_tables import YearTable
from scheduler.clock import SHANGHAI
from scheduler.expansion import Expansion, expand
from store.database import Session
from store.workdays import calendar_in_force, put_table


def import_table(session: Session, table: YearTable, *, now: datetime, zone: ZoneInfo = SHANGHAI) -> Expansion:
    """Keep the year table and move the dates that it changes; the caller owns the transaction.

    Every active obligation is asked again: a date that moves keeps its old value, the reason
    and the version of the calendar, and its unsent reminders are planned anew. What does not
    rest on a changed day stays as it is. The same table a second time changes nothing. Do it in
    `Store.rehearsing` to show what would move, earlier dates first (`Expansion.moves`).
    """
    put_table(session, table, now=now)
    issued = "、".join(str(notice.issued_on) for notice in table.notices)
    reason = f"{table.year} 年放假安排（{issued} 发布）"
    return expand(session, now=now, calendar=calendar_in_force(session), zone=zone, reason=reason)
