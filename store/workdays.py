"""Year tables of working days that an operator imported. The caller owns the transaction."""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Session, col, select

from obligations.workdays.holiday_tables import YearTable, table_from_json, table_to_json
from obligations.workdays.workcalendar import WorkCalendar, load_calendar
from store.rows import WorkdayTableRow


def calendar_in_force(session: Session, as_of: date | None = None) -> WorkCalendar:
    """Return the packaged calendar with every imported table laid over it; `as_of`: as it was known on that day."""
    rows = session.exec(select(WorkdayTableRow).order_by(col(WorkdayTableRow.id))).all()
    return load_calendar(as_of, extra=[table_from_json(row.table) for row in rows])


def put_table(session: Session, table: YearTable, *, now: datetime) -> bool:
    """Keep a year table; return whether it was not kept already, in the same words."""
    data = table_to_json(table)
    query = select(WorkdayTableRow).where(WorkdayTableRow.year == table.year)
    if any(row.table == data for row in session.exec(query).all()):
        return False
    issued_on = max(notice.issued_on for notice in table.notices)
    session.add(WorkdayTableRow(year=table.year, issued_on=issued_on, table=data, imported_at=now))
    session.flush()
    return True
