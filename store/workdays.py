"""Year tables of working days that an operator imported. The caller owns the transaction."""

from __future__ import annotations

from sqlmodel import Session, col, select

from obligations.holiday_tables import table_from_json
from obligations.workcalendar import WorkCalendar, load_calendar
from store.rows import WorkdayTableRow


def calendar_in_force(session: Session) -> WorkCalendar:
    """Return the packaged calendar with every imported table laid over it."""
    rows = session.exec(select(WorkdayTableRow).order_by(col(WorkdayTableRow.id))).all()
    return load_calendar(extra=[table_from_json(row.table) for row in rows])
