"""Chains: steps in different hands, each waiting for the one before, and the slack between their limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from obligations.workdays.workcalendar import WorkCalendar


@dataclass(frozen=True, slots=True)
class Link:
    """One step of a chain: what it is called, its due and safe day, and the day it was done, `None` while open."""

    name: str
    due_on: date
    safe_on: date | None
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


def in_order(waits_for: Mapping[str, Sequence[str]], one: str) -> list[str]:
    """Return the steps that `one` is chained to, itself included, each after those it waits for.

    `waits_for` gives for every step, in the order of the text, those it waits for; unknown
    names and circles are passed over.
    """
    chained, grown = {one}, True
    while grown:
        more = {step for step, befores in waits_for.items() if step in chained or chained & set(befores)}
        more |= {before for step in chained for before in waits_for.get(step, ()) if before in waits_for}
        grown = not more <= chained
        chained |= more
    ordered: list[str] = []
    waiting = [step for step in waits_for if step in chained]
    while waiting:
        ready = (step for step in waiting if not set(waits_for[step]) & set(waiting) - {step})
        step = next(ready, waiting[0])
        ordered.append(step)
        waiting.remove(step)
    return ordered


def chain_slack(links: Sequence[Link], *, calendar: WorkCalendar, as_of: date) -> list[Slack]:
    """Return the slack behind each link but the last, in order."""
    return [_slack(one, after, calendar, as_of) for one, after in pairwise(links)]


def _slack(one: Link, after: Link, calendar: WorkCalendar, as_of: date) -> Slack:
    handed_over = one.done_on or max(as_of, one.due_on)
    return Slack(
        one.name,
        after.name,
        (after.due_on - one.due_on).days,
        calendar.working_days_between(one.due_on, after.due_on),
        calendar.working_days_between(handed_over, after.safe_on or after.due_on),
    )
