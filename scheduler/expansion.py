"""Keeps the stored occurrences equal to what the active obligations ask for: on ingest, on events, and nightly."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from obligations.dates.choosing import ConventionRule
from obligations.dates.missing import Missing
from obligations.deadline import Deadline, RecurringDeadline
from obligations.kind import Kind
from obligations.workdays.workcalendar import WorkCalendar
from scheduler.clock import SHANGHAI
from scheduler.wanted import Asking, Terms, Trigger, Wanted, wanted
from store import changes, events, obligations, occurrences, summaries
from store.conventions import conventions_in_force
from store.database import Session
from store.rows import EventRow, NoticeRow, ObligationRow, OccurrenceRow, UnitRow
from store.states import ChangeKind, EventScope, ObligationState, OccurrenceState
from store.workdays import calendar_in_force

DATES = ("written_on", "due_on", "due_at", "safe_on", "opens_on", "overdue_from")
"""The fields whose change is a new version: unsent reminders of the old one are void."""

_LONGEST_PERIOD = timedelta(days=366)  # a correction may move a date within its period

_LIVE = (OccurrenceState.OPEN, OccurrenceState.HISTORIC)


@dataclass(frozen=True, slots=True)
class Moved:
    """An occurrence whose dates changed: written, due and safe day, due instant, `overdue_from`; before and after."""

    occurrence_id: str
    unit_code: str
    was: Mapping[str, date | None]
    now: Mapping[str, date | None]

    @property
    def earlier(self) -> bool:
        """Whether any of them came nearer; a safe day that is gone means: act now."""
        return any((self.now[name] or date.min) < (self.was[name] or date.min) for name in self.was)

    @property
    def lead(self) -> date:
        """The day to act by now: the safe day, or the due day where none is left."""
        day = self.now["safe_on"] or self.now["due_on"]
        assert day, "every occurrence has a due day"
        return day


@dataclass(slots=True)
class Expansion:
    """What an expansion did: how many occurrences were `created` and `retired`, and which dates moved."""

    created: int = 0
    retired: int = 0
    moved: list[Moved] = field(default_factory=list)

    def moves(self) -> list[Moved]:
        """Return the moved dates, those that became earlier first, then by the new date."""
        return sorted(self.moved, key=lambda m: (not m.earlier, m.lead, m.occurrence_id))

    def add(self, other: Expansion) -> None:
        self.created += other.created
        self.retired += other.retired
        self.moved += other.moved


Progress = Callable[[int, int], object]
"""Told how many obligations are done, and of how many."""


def unseen(_done: int, _of: int) -> None:
    """Show no progress."""


def expand(
    session: Session,
    *,
    now: datetime,
    obligation_ids: Collection[str] | None = None,
    calendar: WorkCalendar | None = None,
    zone: ZoneInfo = SHANGHAI,
    reason: str = "",
    retell: bool = False,
    progress: Progress = unseen,
) -> Expansion:
    """Create, refresh and retire the occurrences of these obligations (default: all active ones), 13 months ahead.

    Idempotent: where nothing changed, nothing is written. A date that moved raises the
    version and the sequence, is written down as a change with its `reason`, voids unsent
    reminders and wakes planning, all in the caller's transaction. What a person closed or
    waived is left as it was.

    Args:
        now: aware instant; the horizon counts from its civil date in `zone`.
        calendar: the working days; by default the packaged ones with every imported table.
        retell: also renew a trace, at equal dates, that does not name the choice of convention in force.
        progress: told how many obligations are done, and of how many.
    """
    calendar = calendar or calendar_in_force(session)
    asking = Asking(today=now.astimezone(zone).date(), zone=zone, calendar=calendar)
    ids = sorted(set(obligations.active_ids(session) if obligation_ids is None else obligation_ids))
    done = Expansion()
    for at in range(0, len(ids), occurrences.BATCH):
        batch = _Batch(session, ids[at : at + occurrences.BATCH], asking, now, reason, retell=retell)
        done.add(batch.reconcile())
        progress(min(at + occurrences.BATCH, len(ids)), len(ids))
    return done


class _Batch:
    """One read of everything that some obligations need, and the writes that follow from it."""

    def __init__(
        self, session: Session, ids: Sequence[str], asking: Asking, now: datetime, reason: str, *, retell: bool
    ) -> None:
        self._session = session
        self._asking = asking
        self._now = now
        self._reason = reason
        self._retell = retell
        self._calendar_version = asking.calendar.version
        self._conventions = conventions_in_force(session)
        self._rows = obligations.with_notices(session, ids)
        self._units = obligations.assigned(session, ids)
        since = asking.oldest - _LONGEST_PERIOD
        self._stored = occurrences.of_obligations(session, ids, since=since, with_trace=retell)
        keys = {key for row, _ in self._rows for key in obligations.event_keys(row)}
        self._events = events.current(session, keys) if keys else ()
        self._new: list[dict[str, Any]] = []
        self._touched: list[str] = []
        self._done = Expansion()

    def reconcile(self) -> Expansion:
        for row, notice in self._rows:
            deadline = obligations.deadline_of(row)
            asked = self._asked(row, notice, deadline)
            stored = {(one.unit_code, one.period): one for one in self._stored.get(row.id, ())}
            for key, one in asked.items():
                if key in stored:
                    self._refresh(stored[key], one)
                else:
                    self._create(row.id, key, one)
            for key in stored.keys() - asked.keys():
                self._retire(stored[key])
        self._session.flush()
        occurrences.create(self._session, self._new)
        self._done.created = len(self._new)
        if past := {one["unit_code"] for one in self._new if one["state"] is OccurrenceState.HISTORIC}:
            summaries.introduce(self._session, past, now=self._now)
        occurrences.void_reminders(self._session, self._touched)
        return self._done

    def _asked(self, row: ObligationRow, notice: NoticeRow, deadline: Deadline) -> Mapping[tuple[str, str], Wanted]:
        if row.state != ObligationState.ACTIVE or row.kind == Kind.NOTE:
            return {}
        units = self._units.get(row.id, [])
        terms = Terms(
            # A clock set back, for a demonstration or a simulation, may stand before the ingestion.
            known_on=min(notice.ingested_at.astimezone(self._asking.zone).date(), self._asking.today),
            issued_on=notice.issued_on or notice.published_on,
            effective_on=notice.effective_on,
            expires_on=notice.expires_on,
        )
        triggers = [t for event in self._events if (t := _trigger(event, row, units))]
        asked: dict[tuple[str, str], Wanted] = {}
        missing: set[Missing] = set()
        listed = [unit.code for unit in units]
        # An event of a unit makes it one of a class such as 占用人, which no directory lists.
        strangers = {code for t in triggers if (code := t.unit_code) is not None} - set(listed)
        for rule, codes in self._by_rule(row, notice, deadline, [*listed, *sorted(strangers)]).items():
            theirs = [t for t in triggers if t.unit_code is None or t.unit_code in codes]
            found, lacks = wanted(deadline, terms, theirs, [c for c in codes if c in listed], self._asking, rule=rule)
            asked |= found
            missing |= set(lacks)
        lacking = sorted(str(part) for part in missing)
        if row.missing != lacking:
            row.missing = lacking
            self._session.add(row)
        return asked

    def _by_rule(
        self, row: ObligationRow, notice: NoticeRow, deadline: Deadline, codes: Sequence[str]
    ) -> Mapping[ConventionRule | None, Sequence[str]]:
        """Return the units by the convention that was chosen for them, `None` where nobody chose."""
        groups: dict[ConventionRule | None, list[str]] = {}
        for code in codes:
            rule = self._conventions.of(
                unit=code,
                regulator=row.recipient or notice.issuer,
                notice=notice.id,
                obligation=row.id,
                freq=deadline.freq if isinstance(deadline, RecurringDeadline) else None,
            )
            groups.setdefault(rule, []).append(code)
        return groups or {None: []}

    def _create(self, obligation_id: str, key: tuple[str, str], asked: Wanted) -> None:
        unit_code, period = key
        self._new.append(
            {
                "id": f"{obligation_id}.{unit_code}.{period}",
                "obligation_id": obligation_id,
                "unit_code": unit_code,
                "period": period,
                "repeats": asked.repeats,
                "state": OccurrenceState.HISTORIC if asked.historic else OccurrenceState.OPEN,
                **asked.dates(None),
                "trace": asked.trace(None),
                "calendar_version": self._calendar_version,
                "known_at": self._now,
                "changed_at": self._now,
                "next_at": None if asked.historic else self._now,
            }
        )

    def _refresh(self, row: OccurrenceRow, asked: Wanted) -> None:
        if row.state in (OccurrenceState.CLOSED, OccurrenceState.WAIVED):
            return
        fields = asked.dates(row.fixed_reading)
        state = OccurrenceState.HISTORIC if asked.historic else OccurrenceState.OPEN
        changed = {name: value for name, value in fields.items() if getattr(row, name) != value}
        told = not self._retell or asked.names_the_choice(row.trace, row.fixed_reading)
        if not changed and row.state == state and told:
            return
        dates = [name for name in DATES if name in changed]
        stirred = bool(dates) or row.state != state
        if dates:
            self._moved(row, fields)
            old = {name: getattr(row, name) for name in dates}
            self._record(row, ChangeKind.DATES, old, {name: changed[name] for name in dates})
        if row.state != state:
            self._record(row, ChangeKind.STATE, {"state": row.state}, {"state": state})
        for name, value in changed.items():
            setattr(row, name, value)
        row.state, row.changed_at = state, self._now
        row.trace = asked.trace(row.fixed_reading)
        row.calendar_version = self._calendar_version
        if stirred:
            row.version += 1
            row.sequence += 1
            row.next_at = self._now if state is OccurrenceState.OPEN else None
        self._keep(row)

    def _moved(self, row: OccurrenceRow, fields: Mapping[str, Any]) -> None:
        if row.state == OccurrenceState.OPEN:
            shown = ("written_on", "due_on", "due_at", "safe_on", "overdue_from")
            was = {name: getattr(row, name) for name in shown}
            self._done.moved.append(Moved(row.id, row.unit_code, was, {name: fields[name] for name in shown}))

    def _retire(self, row: OccurrenceRow) -> None:
        out_of_sight = row.repeats and not self._asking.oldest <= row.written_on <= self._asking.horizon
        if row.state not in _LIVE or out_of_sight:
            return
        self._record(row, ChangeKind.STATE, {"state": row.state}, {"state": OccurrenceState.RETIRED})
        row.state, row.changed_at, row.next_at = OccurrenceState.RETIRED, self._now, None
        row.sequence += 1
        self._keep(row)
        self._done.retired += 1

    def _keep(self, row: OccurrenceRow) -> None:
        self._session.add(row)
        self._touched.append(row.id)

    def _record(self, row: OccurrenceRow, kind: ChangeKind, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        changes.record(
            self._session,
            kind=kind,
            obligation_id=row.obligation_id,
            occurrence_id=row.id,
            old={name: _as_json(value) for name, value in old.items()} | {"calendar": row.calendar_version},
            new={name: _as_json(value) for name, value in new.items()} | {"calendar": self._calendar_version},
            reason=self._reason,
            at=self._now,
        )


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


def _trigger(event: EventRow, row: ObligationRow, units: Sequence[UnitRow]) -> Trigger | None:
    """Return `event` as a trigger of `row`, or `None` where it is another event or concerns somebody else.

    An event of a unit concerns the duties of that unit, and those of parties that no
    directory lists: classes such as 占用人, of which the unit then is one.
    """
    if event.name not in obligations.event_keys(row):
        return None
    number = events.identity(event)
    period = occurrences.event_period(number)
    if event.target in (row.id, row.notice_id):
        return Trigger(period, event.happened_at, None, event.from_notice)
    concerned = any(unit.code == event.target or not unit.in_directory for unit in units)
    if event.scope == EventScope.UNIT and concerned:
        return Trigger(period, event.happened_at, event.target, event.from_notice)
    return None
