"""A question about dates as a value, so that it can be kept and asked again under another calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from obligations.dates.due import DueDate, due_dates
from obligations.deadline import Deadline
from obligations.workdays.workcalendar import WorkCalendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """All that was asked of `due_dates` but the calendar, so that it can be asked again."""

    deadline: Deadline
    event: date | datetime | None = None
    start: date | None = None
    until: date | None = None
    convention: str = "cn.plain"
    issued_on: date | None = None
    effective_on: date | None = None
    expires_on: date | None = None
    zone: str = "Asia/Shanghai"
    before_exclusive: bool = False

    def dates(self, calendar: WorkCalendar, *, explain: bool = True) -> list[DueDate]:
        """Return the answer under `calendar`; raises what `due_dates` raises."""
        return due_dates(
            self.deadline,
            calendar=calendar,
            event=self.event,
            start=self.start,
            until=self.until,
            convention=self.convention,
            issued_on=self.issued_on,
            effective_on=self.effective_on,
            expires_on=self.expires_on,
            zone=self.zone,
            before_exclusive=self.before_exclusive,
            explain=explain,
        )
