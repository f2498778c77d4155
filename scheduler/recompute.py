"""Recompute (重算): what a new year table or another choice of conventions does to every date that rests on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from obligations.workdays.holiday_tables import YearTable
from scheduler.clock import SHANGHAI
from scheduler.expansion import Expansion, Progress, expand, unseen
from store.conventions import put_conventions
from store.database import Session
from store.reminders import look_again
from store.workdays import calendar_in_force, put_table


def import_table(
    session: Session, table: YearTable, *, now: datetime, zone: ZoneInfo = SHANGHAI, progress: Progress = unseen
) -> Expansion:
    """Keep the year table and move the dates that it changes; the caller owns the transaction.

    Every active obligation is asked again: a date that moves keeps its old value, the reason
    and the version of the calendar, and its unsent reminders are planned anew. What does not
    rest on a changed day stays as it is. The same table a second time changes nothing. Do it in
    `Store.rehearsing` to show what would move, earlier dates first (`Expansion.moves`).
    """
    if put_table(session, table, now=now):
        look_again(session)  # a step may lie elsewhere now although its date did not move
    issued = "、".join(str(notice.issued_on) for notice in table.notices)
    reason = f"{table.year} 年放假安排（{issued} 发布）"
    return expand(session, now=now, calendar=calendar_in_force(session), zone=zone, reason=reason, progress=progress)


def choose_conventions(
    session: Session,
    data: Mapping[str, Any],
    *,
    now: datetime,
    zone: ZoneInfo = SHANGHAI,
    progress: Progress = unseen,
) -> Expansion:
    """Put a choice of conventions in force and move the dates that it changes, as `import_table` does.

    Where only the note of a rule changed, no date moves; the traces follow.

    Raises:
        BadConvention: the choice does not have the documented form; nothing was written.
    """
    put_conventions(session, data, now=now)
    return expand(session, now=now, zone=zone, reason="选定的口径规则改变", retell=True, progress=progress)
