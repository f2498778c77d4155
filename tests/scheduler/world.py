"""A small county for the engine's tests: units with duties and channels, a manual clock, channels that remember."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sqlmodel import select

from notifiers.recording import Fault, RecordingNotifier, Sent
from obligations.policies import Policies, Role, default_policies
from obligations.workdays.workcalendar import load_calendar
from scheduler.clock import SHANGHAI, ManualClock
from scheduler.composing import Composer
from scheduler.dispatch import Bundler
from scheduler.expansion import expand
from scheduler.ledger import Ledger
from scheduler.planning import Planner
from scheduler.sending import Sender
from store import deliveries
from store.database import Store
from store.rows import (
    AssignmentRow,
    DeliveryRow,
    NoticeRow,
    ObligationRow,
    OccurrenceRow,
    ReminderRow,
    UnitRow,
)
from store.states import ChannelKind, ObligationState
from store.vault import Vault
from tests.records import add_channel

SECRET = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
CALENDAR = load_calendar()
TEXT = "各区县工信部门应于每季度首月3日前报送企业运行情况表。"


def at(text: str) -> datetime:
    """Return the instant that `text` names in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


LONG_AGO = at("2026-08-03T10:00")
SAFE = date(2026, 9, 30)
OVERDUE_FROM = date(2026, 10, 9)


def add_duty(store: Store, *, notice_id: str = "n1") -> None:
    """Add one notice with one active obligation, `<notice id>-o1`."""
    with store.writing() as session:
        session.add(NoticeRow(id=notice_id, sha256=notice_id, text=TEXT, title="运行监测通知", ingested_at=LONG_AGO))
        session.flush()
        session.add(
            ObligationRow(
                id=f"{notice_id}-o1",
                notice_id=notice_id,
                seq=1,
                state=ObligationState.ACTIVE,
                start=10,
                end=19,
                text="每季度首月3日前",
                evidence_start=0,
                evidence_end=len(TEXT),
                tier="core",
                modality="must",
                responsible="各区县工信部门",
                action="报送企业运行情况表",
                deadline={"kind": "recurring", "freq": "quarterly", "month_of_period": 1, "day": 3},
                pattern="periodic",
                confidence=0.9,
                created_at=LONG_AGO,
            )
        )


def add_units(
    store: Store,
    codes: Iterable[str],
    *,
    kind: str = ChannelKind.WEBHOOK,
    role: str = Role.HANDLER,
    server: str = "https://hooks.example",
    vault: Vault | None = None,
) -> None:
    """Add units, each with a recipient and subscription `<code>-<role>`; a webhook's address is sealed."""
    vault = vault or Vault(KEY)
    with store.writing() as session:
        known = set(session.exec(select(UnitRow.code)).all())
        for code in codes:
            address = f"{server}/{code}" if kind == ChannelKind.WEBHOOK else f"{code}.{role}@example.org"
            if code not in known:
                session.add(UnitRow(code=code, name=f"单位{code}"))
                session.flush()
            add_channel(
                session,
                f"{code}-{role}",
                code,
                vault.seal(address) if kind == ChannelKind.WEBHOOK else address,
                at=LONG_AGO,
                kind=kind,
                role=role,
                secret=vault.seal(SECRET) if kind == ChannelKind.WEBHOOK else None,
            )


def add_occurrences(
    store: Store,
    codes: Sequence[str],
    *,
    period: str = "2026Q4",
    obligation_id: str = "n1-o1",
    safe_on: date | None = SAFE,
    overdue_from: date = OVERDUE_FROM,
    known_at: datetime = LONG_AGO,
    act_now: bool = False,
    signed: bool = True,
) -> list[str]:
    """Add one open occurrence for each unit, signed for unless the test is about that; return the ids."""
    ids = [f"{obligation_id}.{code}.{period}" for code in codes]
    due_on = overdue_from - timedelta(days=1)
    with store.writing() as session:
        for occurrence_id, code in zip(ids, codes, strict=True):
            session.add(
                OccurrenceRow(
                    id=occurrence_id,
                    obligation_id=obligation_id,
                    unit_code=code,
                    period=period,
                    written_on=due_on,
                    due_on=due_on,
                    due_at=datetime.combine(overdue_from, datetime.min.time(), SHANGHAI),
                    safe_on=safe_on,
                    overdue_from=overdue_from,
                    act_now=act_now,
                    known_at=known_at,
                    changed_at=known_at,
                    next_at=known_at,
                    signed_at=known_at if signed else None,
                    signed_by=f"单位{code}" if signed else None,
                )
            )
    return ids


def expand_duty(store: Store, codes: Iterable[str], *, now: datetime = LONG_AGO) -> None:
    """Let the duty fall on these units, and have its occurrences made as the service makes them."""
    with store.writing() as session:
        session.add_all(AssignmentRow(obligation_id="n1-o1", unit_code=code) for code in codes)
        session.flush()
        expand(session, now=now)


@dataclass
class World:
    """The engine on a manual clock, run step by step in the test's own thread."""

    store: Store
    clock: ManualClock
    policies: Policies = field(default_factory=default_policies)
    fault: Fault | None = None

    def __post_init__(self) -> None:
        self.channels = {
            str(kind): RecordingNotifier(kind, fault=lambda *given: self.fault(*given) if self.fault else None)
            for kind in (ChannelKind.EMAIL, ChannelKind.WEBHOOK)
        }
        self.planner = Planner(self.store, self.policies, SHANGHAI)
        self.bundler = Bundler(self.store, self.planner, lambda recipient: recipient.kind)
        self.sender = Sender(Ledger(self.store, self.clock), self.clock, Composer(Vault(KEY)), self.channels)

    def tick(self, now: str | datetime | None = None) -> list[Sent]:
        """Move the clock, plan, and send all that is due; return what this tick sent."""
        if now is not None:
            self.clock.move_to(at(now) if isinstance(now, str) else now)
        before = len(self.sent)
        moment = self.clock.now()
        self.planner.run(moment)
        timetable = self.bundler.collect(moment, monotonic=self.clock.monotonic())
        while lanes := self.bundler.claim(moment):
            for claims in lanes.values():
                self.sender.send(claims, timetable)
        return self.sent[before:]

    def reclaim(self) -> int:
        """Return expired claims."""
        with self.store.writing() as session:
            return deliveries.return_expired(session, now=self.clock.now())

    @property
    def sent(self) -> list[Sent]:
        """Everything delivered so far, in order."""
        return sorted((sent for channel in self.channels.values() for sent in channel.sent), key=lambda sent: sent.at)

    def reminders(self) -> dict[tuple[str, str, str], str]:
        """Return the state of every reminder by (occurrence, step, recipient), latest version."""
        with self.store.reading() as session:
            rows = session.exec(select(ReminderRow)).all()
        rows = sorted(rows, key=lambda row: row.version)
        return {(row.occurrence_id, row.step, row.recipient_id): row.state for row in rows}

    def deliveries(self) -> list[DeliveryRow]:
        """Return every delivery."""
        with self.store.reading() as session:
            return list(session.exec(select(DeliveryRow)).all())


def make_world(store: Store, units: Sequence[str] = ("530113",), *, now: str = "2026-09-29T09:30") -> World:
    """Return a world with one duty of these units, each with a webhook for its handler."""
    add_duty(store)
    add_units(store, units)
    add_occurrences(store, units)
    return World(store, ManualClock(at(now), SHANGHAI))
