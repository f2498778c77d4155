"""The engine against a small model: whatever is closed, moved, broken, killed or set back, nobody is forgotten.

The model knows which steps exist by stepping over the calendar day by day; it knows nothing
of rows, claims and leases.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy.event import listen
from sqlmodel import SQLModel, select

from notifiers.errors import DeliveryFailed, Reason
from notifiers.message import Message, Recipient
from obligations.policies import Role
from obligations.workdays.holiday_tables import HolidayNotice, Rest, YearTable
from obligations.workdays.workcalendar import WorkCalendar
from scheduler.clock import SHANGHAI, ManualClock
from store import attempts, occurrences, recipients, reminders
from store.database import Store, open_store, sqlite_url
from store.occurrences import Move
from store.rows import OccurrenceRow, RecipientRow, ReminderRow, SubscriptionRow
from store.states import ChannelKind, ReminderState
from store.workdays import calendar_in_force, put_table
from tests.scheduler.world import CALENDAR, World, add_duty, add_occurrences, add_units, at

START = at("2026-09-14T08:00")
DAY = timedelta(days=1)
OPENS, CLOSES = time(9), time(18)
QUIET = {None: (time.max, time.min), "12:00-14:30": (time(12), time(14, 30)), "07:00-10:30": (time(7), time(10, 30))}


@dataclass
class Duty:
    """What the model knows of one occurrence."""

    unit: str
    safe_on: date
    overdue_from: date
    known_at: datetime
    is_open: bool = True
    version: int = 1


@dataclass
class Model:
    """What should be true, kept by the test itself."""

    duties: dict[str, Duty] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    crashed: Counter[str] = field(default_factory=Counter)
    calendars: list[WorkCalendar] = field(default_factory=lambda: [CALENDAR])

    @property
    def calendar(self) -> WorkCalendar:
        """The one in force."""
        return self.calendars[-1]

    def last_step(self, duty: Duty, role: Role, until: datetime) -> datetime | None:
        """Return the moment of the last step that this role must have heard of by `until`.

        Where the calendar changed meanwhile, a step was told on its day by the calendar of that time: the
        earliest counts.
        """
        lasts = [max(self._steps(duty, role, until, calendar), default=None) for calendar in self.calendars]
        return None if None in lasts else min(filter(None, lasts), default=None)

    def _steps(self, duty: Duty, role: Role, until: datetime, calendar: WorkCalendar) -> Iterator[datetime]:
        if role is Role.HANDLER:
            for back in (7, 3, 1, 0):
                yield from self._at_nine(walk(duty.safe_on, -back, calendar), duty, until)
        yield from self._at_nine(walk(duty.overdue_from - DAY, 1, calendar), duty, until)
        if role is Role.HEAD:
            for late in range(6, 200, 5):
                day = walk(duty.overdue_from - DAY, late, calendar)
                if nine(day) > until:
                    return
                yield from self._at_nine(day, duty, until)

    def _at_nine(self, day: date, duty: Duty, until: datetime) -> Iterator[datetime]:
        if duty.known_at <= nine(day) <= until:
            yield nine(day)


def nine(day: date) -> datetime:
    return datetime.combine(day, OPENS, SHANGHAI).astimezone(UTC)


def walk(day: date, steps: int, calendar: WorkCalendar) -> date:
    """Step over so many working days, one at a time."""
    direction = DAY if steps > 0 else -DAY
    while steps:
        day += direction
        if calendar.is_working(day):
            steps -= 1 if steps > 0 else -1
    return day


class Engine(RuleBasedStateMachine):
    """Moves the world and the model by the same deeds."""

    store: Store
    steps = 0

    def __init__(self) -> None:
        super().__init__()
        with self.store.writing() as session:
            for table in reversed(SQLModel.metadata.sorted_tables):
                session.connection().execute(table.delete())
        add_duty(self.store)
        for role in (Role.HANDLER, Role.HEAD):
            add_units(self.store, ["a"], kind=ChannelKind.EMAIL, role=role)
        add_units(self.store, ["b"], kind=ChannelKind.EMAIL)
        with self.store.writing() as session:  # one head for both units, who must hear of both in one message
            row = SubscriptionRow(id="b-head", unit_code="b", recipient_id="a-head", role=Role.HEAD, created_at=START)
            session.add(row)
        self.world = World(self.store, ManualClock(START, SHANGHAI))
        self.world.fault = self.receive
        self.model = Model()
        self.down = False
        self.quiet: dict[str, str | None] = {}
        self.wire: Counter[str] = Counter()
        self.told: dict[tuple[Any, ...], set[str]] = defaultdict(set)

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    def receive(self, message: Message, recipient: Recipient, now: datetime) -> DeliveryFailed | None:
        """Stand at the other end of the wire, and watch what must never arrive."""
        if self.down:
            return DeliveryFailed(Reason.UNREACHABLE, retryable=True)
        local = now.astimezone(SHANGHAI)
        urgent = any(item.step == "now" for item in message.items)
        assert urgent or (self.model.calendar.is_working(local.date()) and OPENS <= local.time() < CLOSES)
        begin, end = QUIET[self.quiet.get(recipient.address)]
        assert urgent or not begin <= local.time() < end, "a message disturbed quiet hours"
        for item in message.items:
            duty = self.model.duties[item.occurrence_id]
            assert duty.is_open, "a message spoke of what was done"
            assert item.safe_on == duty.safe_on, "a message gave a date that had moved"
            self.told[item.occurrence_id, duty.version, item.step, recipient.address].add(message.delivery_id)
        self.wire[message.delivery_id] += 1
        return None

    @initialize()
    def begin(self) -> None:
        self.add("a", 12)

    @rule(unit=st.sampled_from("ab"), days=st.integers(1, 25))
    def add(self, unit: str, days: int) -> None:
        safe_on = self.model.calendar.previous_working((self.now + timedelta(days=days)).astimezone(SHANGHAI).date())
        if nine(safe_on) <= self.now:
            return
        overdue_from = safe_on + timedelta(days=3)
        period = f"p{len(self.model.duties)}"
        (identity,) = add_occurrences(
            self.store, [unit], period=period, safe_on=safe_on, overdue_from=overdue_from, known_at=self.now
        )
        self.model.duties[identity] = Duty(unit, safe_on, overdue_from, self.now)

    @rule(data=st.data(), how=st.sampled_from(Move))
    def decide_about(self, data: st.DataObject, how: Move) -> None:
        allowed = [name for name, duty in self.model.duties.items() if duty.is_open == (how is not Move.REOPEN)]
        if not allowed:
            return
        name = data.draw(st.sampled_from(allowed))
        with self.store.writing() as session:
            occurrences.move(session, name, how, note="因故", now=self.now, today=self.world.clock.today())
        duty = self.model.duties[name]
        duty.is_open = how is Move.REOPEN
        duty.version += how is Move.REOPEN

    @rule(data=st.data(), days=st.integers(-8, 8))
    def move_date(self, data: st.DataObject, days: int) -> None:
        name = data.draw(st.sampled_from(sorted(self.model.duties)))
        duty = self.model.duties[name]
        if not duty.is_open:
            return
        duty.safe_on = self.model.calendar.previous_working(duty.safe_on + timedelta(days=days))
        duty.overdue_from = duty.safe_on + timedelta(days=3)
        duty.version += 1
        with self.store.writing() as session:
            row = session.get_one(OccurrenceRow, name)
            row.safe_on, row.overdue_from, row.version = duty.safe_on, duty.overdue_from, duty.version
            row.next_at = self.now
            session.flush()
            occurrences.void_reminders(session, [name])

    @rule(hours=st.sampled_from([0.01, 0.5, 3, 14, 24, 24 * 4, 24 * 11]))
    def pass_time(self, hours: float) -> None:
        self.world.clock.move_to(self.now + timedelta(hours=hours))

    @rule(days=st.integers(2, 25))
    def change_calendar(self, days: int) -> None:
        """A holiday notice turns a working day into a rest day, or the other way round; it moves no date here."""
        day = (self.now + timedelta(days=days)).astimezone(SHANGHAI).date()
        if day.year != START.year or any(duty.safe_on == day for duty in self.model.duties.values()):
            return
        issued_on = date(START.year, 1, 1) + DAY * len(self.model.calendars)
        if self.model.calendar.is_working(day):
            notice = HolidayNotice(year=day.year, issued_on=issued_on, rests=(Rest("放假", day, day),))
        else:
            notice = HolidayNotice(year=day.year, issued_on=issued_on, works=(day,))
        with self.store.writing() as session:
            put_table(session, YearTable(day.year, (notice,)), now=self.now)
            reminders.look_again(session)  # as `import_table` does, which would also date the occurrences anew
            self.model.calendars.append(calendar_in_force(session))
        assert self.model.calendar.is_working(day) != self.model.calendars[-2].is_working(day)

    @rule(hours=st.sampled_from([-30, -2, 2]))
    def set_clock(self, hours: int) -> None:
        """An operator moves the clock; the daemon then looks at everything again."""
        known = max(duty.known_at for duty in self.model.duties.values())
        if self.now + timedelta(hours=hours) < known:
            return
        self.world.clock.set_to(self.now + timedelta(hours=hours))
        with self.store.writing() as session:
            reminders.look_again(session)

    @rule()
    def tick(self) -> None:
        self.world.reclaim()
        self.world.tick()

    @rule(down=st.booleans())
    def channel(self, *, down: bool) -> None:
        self.down = down

    @rule(after_the_send=st.booleans())
    def die_while_sending(self, *, after_the_send: bool) -> None:
        """A process plans, claims, and is killed before or after the first message left it."""
        moment = self.now
        self.world.planner.run(moment)
        timetable = self.world.bundler.collect(moment, monotonic=self.world.clock.monotonic())
        claims = [claim for lane in self.world.bundler.claim(moment).values() for claim in lane]
        if not claims or timetable.next_opening(moment) > moment:
            return
        with self.store.writing() as session:
            works = attempts.start(session, {claims[0]: None}, now=moment)
        if works and after_the_send and not self.down:
            self.wire[claims[0].delivery_id] += 1
            self.model.crashed[claims[0].delivery_id] += 1

    @rule(recipient=st.sampled_from(["a-handler", "a-head", "b-handler"]), quiet=st.sampled_from(list(QUIET)))
    def keep_quiet(self, recipient: str, quiet: str | None) -> None:
        with self.store.writing() as session:
            row = session.get_one(RecipientRow, recipient)
            recipients.set_contact_hours(session, row, zone=None, quiet=quiet or "")
            self.quiet[row.address] = quiet

    @rule(subscription=st.sampled_from(["a-handler", "a-head", "b-handler", "b-head"]), silent=st.booleans())
    def switch(self, subscription: str, *, silent: bool) -> None:
        if (subscription in self.model.silent) == silent:
            return
        with self.store.writing() as session:
            row = session.get_one(SubscriptionRow, subscription)
            row.ended_at = self.now if silent else None
            session.flush()
            reminders.look_again(session, unit_code=row.unit_code)
        (self.model.silent.add if silent else self.model.silent.discard)(subscription)

    @invariant()
    def nothing_is_said_twice_but_what_a_crash_left_in_doubt(self) -> None:
        type(self).steps += 1
        for delivery_id, times in self.wire.items():
            assert times <= 1 + self.model.crashed[delivery_id]
        for step, ids in self.told.items():
            assert len(ids) == 1, f"{step} was told under several ids: {ids}"

    def teardown(self) -> None:
        """Let the channels work and the offices open: then everybody must have heard the latest word."""
        self.down = False
        for _ in range(3):
            morning = nine(walk(self.world.clock.today(), 2, self.model.calendar))
            self.world.clock.move_to(morning + timedelta(hours=2))
            self.tick()
        with self.store.reading() as session:
            rows = session.exec(select(ReminderRow)).all()
            assert not reminders.planning_is_due(session, now=self.now)
        heard = {
            (row.occurrence_id, row.version, row.recipient_id): row.planned_at
            for row in sorted(rows, key=lambda row: row.planned_at)
            if row.state in (ReminderState.SENT, ReminderState.FAILED)
        }
        for name, duty in self.model.duties.items():
            for role in (Role.HANDLER, Role.HEAD):
                subscription = f"{duty.unit}-{role}"
                if not duty.is_open or subscription in self.model.silent:
                    continue
                moment = self.model.last_step(duty, role, self.now)
                if moment:
                    recipient = "a-head" if role is Role.HEAD else subscription
                    last = heard.get((name, duty.version, recipient))
                    assert last is not None, f"{subscription} was not told of {name}"
                    assert last >= moment, f"{subscription} heard of {name} last at {last}, not {moment}"


@pytest.fixture
def machine(sqlite_template: Path) -> Iterator[type[Engine]]:
    """The state machine on one embedded store, emptied before each run."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(sqlite_template, folder)
        Engine.store = open_store(sqlite_url(Path(folder)))
        listen(Engine.store.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
        Engine.store.engine.dispose()
        Engine.steps = 0
        yield Engine
        Engine.store.close()


def run(machine: type[Engine], examples: int, steps: int) -> None:
    limits = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    run_state_machine_as_test(machine, settings=limits)


def test_whatever_happens_nobody_is_forgotten(machine: type[Engine]) -> None:
    run(machine, examples=12, steps=20)


@pytest.mark.soak
def test_whatever_happens_nobody_is_forgotten_for_long(machine: type[Engine]) -> None:
    run(machine, examples=250, steps=60)
    print(f"{machine.steps} steps")  # noqa: T201 - figures of a long run
    assert machine.steps >= 10_000
