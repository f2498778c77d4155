"""What reminders promise, worked out from the dates of duties and the policies, and held against a simulation."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from hashlib import sha256
from importlib.resources import files
from typing import Any, NamedTuple

from obligations.workdays.workcalendar import load_calendar
from scheduler.clock import SHANGHAI
from scheduler.simulation import Rehearsal, Stretch
from store.rehearsal import Duty, Rehearsed

CALENDAR = load_calendar()
POLICIES: Mapping[str, Any] = json.loads((files("obligations") / "data" / "policies.json").read_text(encoding="utf-8"))
OPENS, CLOSES = (time.fromisoformat(POLICIES["hours"][end]) for end in ("from", "until"))
AT_ONCE = {"urgent", "known-late"}
"""Reasons that are told on any day, at any hour."""


class Heard(NamedTuple):
    """One step of one occurrence, as one recipient by one channel was told it, and on which day."""

    occurrence: str
    role: str
    address: str
    step: str
    day: date


class Due(NamedTuple):
    """One step of one occurrence that a role must hear of on a day."""

    occurrence: str
    role: str
    step: str
    day: date


def local(at: datetime) -> datetime:
    return at.astimezone(SHANGHAI)


def at_once(message: Rehearsed) -> bool:
    return any(each.reason in AT_ONCE for each in message.carries)


@dataclass
class Promises:
    """Everything that duties which became known, and the days on which they were closed, let one expect.

    Args:
        freq: how often each obligation repeats, by its id.
    """

    first: date
    last: date
    freq: Mapping[str, str | None]
    duties: list[Duty] = field(default_factory=list)
    closed_on: dict[str, date] = field(default_factory=dict)

    def closing(self, duty: Duty) -> date | None:
        """Close most duties on their safe day, some shortly after it is too late, a few very late; note them all."""
        self.duties.append(duty)
        lot = sha256(duty.occurrence_id.encode()).digest()[0] % 100
        late = 0 if lot < 88 else 3 if lot < 94 else 13 if lot < 98 else 40
        day = duty.safe_on or duty.due_on
        if late:
            day = CALENDAR.add_working_days(duty.overdue_from - timedelta(days=1), late)
        self.closed_on[duty.occurrence_id] = max(day, local(duty.known_at).date())
        return self.closed_on[duty.occurrence_id]

    def leave_open(self, duty: Duty) -> None:
        """Close nothing; note what there is."""
        self.duties.append(duty)

    def steps_of(self, duty: Duty) -> Sequence[Mapping[str, Any]]:
        """Return the ladder of a duty: that of the first rule that fits."""
        freq = self.freq[duty.occurrence_id.split(".")[0]]
        rule = next(rule for rule in POLICIES["rules"] if rule.get("freq") in (None, freq))
        steps: Sequence[Mapping[str, Any]] = POLICIES["policies"][rule["policy"]]["steps"]
        return steps

    def due(self, duty: Duty) -> Iterator[Due]:
        """Yield the steps of a duty that fall on days of the simulation on which it is known and not closed yet."""
        last = min(self.last, self.closed_on[duty.occurrence_id])
        for step in self.steps_of(duty):
            for name, day in self._days(duty, step, last):
                opening = datetime.combine(day, OPENS, SHANGHAI).astimezone(UTC)
                if self.first <= day <= last and opening >= duty.known_at:
                    yield from (Due(duty.occurrence_id, role, name, day) for role in step["audience"])

    def _days(self, duty: Duty, step: Mapping[str, Any], last: date) -> Iterator[tuple[str, date]]:
        if "before_safe_day" in step and duty.safe_on:
            days = step["before_safe_day"]
            yield f"T-{days}", CALENDAR.add_working_days(duty.safe_on, -days)
        elif "overdue" in step:
            day, days = date.min, step["overdue"]
            while day < last:
                day = CALENDAR.add_working_days(duty.overdue_from - timedelta(days=1), days)
                yield f"+{days}", day
                days += step.get("every", 10**6)
                if "every" not in step:
                    return

    @cached_property
    def all_due(self) -> set[Due]:
        """Every step that must be told."""
        return {due for duty in self.duties for due in self.due(duty)}

    def known_early(self) -> list[Duty]:
        """Return the duties whose safe day is ten working days or more after they became known, and over."""
        return [
            duty
            for duty in self.duties
            if duty.safe_on
            and self.first <= duty.safe_on <= self.last
            and CALENDAR.working_days_between(local(duty.known_at).date(), duty.safe_on) >= 10
        ]


def heard(messages: Iterable[Rehearsed]) -> list[Heard]:
    """Return every step that arrived."""
    return [
        Heard(each.occurrence_id, each.role, message.address, each.step, local(message.at).date())
        for message in messages
        for each in message.carries
    ]


def assert_on_working_mornings_only(shown: Rehearsal) -> int:
    """Nothing comes on a rest day or outside office hours but what must be told at once; return how much that was."""
    urgent = [message for message in shown.messages if at_once(message)]
    planned = [message for message in shown.messages if not at_once(message)]
    assert len(planned) > 20 * len(urgent)
    wrong = [
        message
        for message in planned
        if not CALENDAR.is_working(local(message.at).date()) or not OPENS <= local(message.at).time() < CLOSES
    ]
    assert wrong == []
    return len(urgent)


def assert_one_message_a_morning(shown: Rehearsal) -> int:
    """No recipient gets two messages by one channel on one day; return how many recipients there are."""
    mornings = Counter(
        (message.kind, message.address, local(message.at).date()) for message in shown.messages if not at_once(message)
    )
    assert [morning for morning, count in mornings.items() if count > 1] == []
    return len({(kind, address) for kind, address, _ in mornings})


def assert_nothing_twice(shown: Rehearsal) -> None:
    """No step of an occurrence is told the same recipient by the same channel twice."""
    told = Counter((each.occurrence, each.address, each.step) for each in heard(shown.messages))
    assert [each for each, count in told.items() if count > 1] == []


def assert_told_exactly(promised: Promises, shown: Rehearsal) -> tuple[int, int]:
    """Every step reaches its whole audience on its day, and no other step anybody; return all, and the regulators'.

    What was missed before the first day is caught up on, so the first days are left aside.
    """
    settled = CALENDAR.add_working_days(promised.first, 10)
    early = {duty.occurrence_id for duty in promised.duties if (duty.safe_on or duty.due_on) < settled}
    told = {
        Due(each.occurrence, each.role, each.step, each.day)
        for each in heard(shown.messages)
        if each.step[:2] == "T-" or each.step[0] == "+"
    }
    expected = {due for due in promised.all_due if due.occurrence not in early}
    assert expected
    assert {due for due in told if due.occurrence not in early} == expected
    return len(expected), sum(due.role == "regulator" for due in expected)


def assert_told_before(promised: Promises, shown: Rehearsal, *, apart_from: frozenset[str] = frozenset()) -> int:
    """What is known ten working days before its safe day is told of before it; return how many duties that were.

    `apart_from`: frequencies whose only step before the safe day may have been missed.
    """
    first_day: dict[str, date] = defaultdict(lambda: date.max)
    for each in heard(shown.messages):
        if each.step.startswith("T-"):
            first_day[each.occurrence] = min(first_day[each.occurrence], each.day)
    duties = [
        duty for duty in promised.known_early() if promised.freq[duty.occurrence_id.split(".")[0]] not in apart_from
    ]
    assert [duty for duty in duties if duty.safe_on and first_day[duty.occurrence_id] >= duty.safe_on] == []
    return len(duties)


def assert_nothing_lost(promised: Promises, shown: Rehearsal, troubles: Sequence[Stretch]) -> tuple[int, int, int]:
    """Every step that was due arrived, or a later one of its duty did, unless the duty was closed before it could.

    Return how many steps were due, left to a later one, and moot.
    """
    told: dict[tuple[str, str], list[Heard]] = defaultdict(list)
    for each in heard(shown.messages):
        told[each.occurrence, each.role].append(each)
    lost, collapsed, moot = [], 0, 0
    for due in promised.all_due:
        later = {each.step for each in told[due.occurrence, due.role] if each.day >= due.day}
        collapsed += bool(later) and due.step not in later
        if not later:
            hindered = [each for each in troubles if local(each.begin).date() <= due.day <= local(each.end).date()]
            closed = datetime.combine(promised.closed_on[due.occurrence], CLOSES, SHANGHAI)
            if any(closed <= opening_after(each.end) for each in hindered):
                moot += 1
            else:
                lost.append(due)
    assert lost == []
    return len(promised.all_due), collapsed, moot


def opening_after(at: datetime) -> datetime:
    """Return when the office next opens: by then at the latest what failed is tried again."""
    day = local(at).date()
    if local(at).time() > OPENS:
        day += timedelta(days=1)
    return datetime.combine(CALENDAR.next_working(day), OPENS, SHANGHAI)
