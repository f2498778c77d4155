"""Chains: steps in different hands, each waiting for the one before, and the slack between their limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from obligations.dates.due import DueDate
from obligations.workdays.workcalendar import WorkCalendar


@dataclass(frozen=True, slots=True)
class Link:
    """One step of a chain: what it is called, its date, and the day it was done, `None` while it is open."""

    name: str
    due: DueDate
    done_on: date | None = None


@dataclass(frozen=True, slots=True)
class Slack:
    """The room between one step's limit and the next one's.

    `days` and `working_days` run from this due day to the next one, the first excluded and
    the last included; negative where the limits stand in the wrong order. `left` is how many
    working days the next holder has until its safe day (its due day where none is safe): after
    the day this step was done, or after `as_of` while it is open, but not before it is due.
    """

    name: str
    next_name: str
    days: int
    working_days: int
    left: int


def chain_slack(links: Sequence[Link], *, calendar: WorkCalendar, as_of: date) -> list[Slack]:
    """Return the slack behind each link but the last, in order."""
    return [_slack(one, after, calendar, as_of) for one, after in pairwise(links)]


def _slack(one: Link, after: Link, calendar: WorkCalendar, as_of: date) -> Slack:
    handed_over = one.done_on or max(as_of, one.due.due_on)
    limit = after.due.safe_on or after.due.due_on
    return Slack(
        one.name,
        after.name,
        (after.due.due_on - one.due.due_on).days,
        calendar.working_days_between(one.due.due_on, after.due.due_on),
        calendar.working_days_between(handed_over, limit),
    )
