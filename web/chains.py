"""The chain an occurrence stands in, as the page, the API and `duban chain` show it."""

from __future__ import annotations

from datetime import date
from typing import Any

from obligations.workdays.workcalendar import WorkCalendar
from store.chains import Chain


def chain_json(found: Chain, calendar: WorkCalendar, as_of: date, begin: date | None = None) -> dict[str, Any]:
    """Return a chain as data: steps in order, the slack behind each, latest starts; days as `YYYY-MM-DD`."""
    slack = [*found.slack(calendar=calendar, as_of=as_of), None]
    holder = found.holder()
    steps = [
        {
            "action": step.action,
            "units": list(step.units),
            "occurrences": [one.id for one in step.occurrences],
            "due_on": step.link.due_on.isoformat(),
            "safe_on": step.link.safe_on and step.link.safe_on.isoformat(),
            "done_on": step.link.done_on and step.link.done_on.isoformat(),
            "holds_it": step is holder,
            "slack": room and {"days": room.days, "working_days": room.working_days, "left": room.left},
        }
        for step, room in zip(found.steps, slack, strict=True)
    ]
    starts = [
        {
            "words": words,
            "start_by": latest.start_on.isoformat(),
            "ends_on": latest.ends_on.isoformat(),
            **({"in_time": latest.allows(begin)} if begin else {}),
        }
        for words, latest in found.latest_starts(calendar)
    ]
    return {"occurrence": found.own.id, "as_of": as_of.isoformat(), "steps": steps, "latest_starts": starts}
