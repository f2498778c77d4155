"""The records, one class per noun; instants are aware UTC, `*_on` columns are civil dates of the service's zone.

A row that comes from outside is made with `model_validate`: `SQLModel(table=True)` does
not validate in its constructor. Values that carry rules live in `obligations/`.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from obligations.policies import Role as Role  # noqa: PLC0414 - those who handle rows find it here
from store.states import (
    AttemptOutcome,
    DeliveryState,
    FeedScope,
    ObligationState,
    OccurrenceState,
    RecipientState,
    ReminderState,
)
from store.types import UtcInstant


def _only_where(condition: str) -> dict[str, Any]:
    """Return the arguments that make an index partial, on either database."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class DirectoryRow(SQLModel, table=True):
    """The directory file in force (one row), as JSON; the units it yields stand in `unit`."""

    __tablename__ = "directory"
    id: int = Field(default=1, primary_key=True)
    data: dict[str, Any] = Field(sa_type=JSON)
    loaded_at: datetime = Field(sa_type=UtcInstant)


class UnitRow(SQLModel, table=True):
    """A responsible unit of the directory, or a party that a notice names and the directory does not know."""

    __tablename__ = "unit"
    code: str = Field(primary_key=True)
    name: str = Field(index=True)
    group: str | None = None
    parent: str | None = None
    in_directory: bool = True


class NoticeRow(SQLModel, table=True):
    """One distinct notice; `text` exactly as received, since every span refers to it.

    `given` holds the metadata that came with it; the columns that or, failing it, what the text says.
    """

    __tablename__ = "notice"
    id: str = Field(primary_key=True)
    sha256: str = Field(unique=True)
    text: str
    title: str | None = None
    issuer: str | None = None
    doc_number: str | None = None
    published_on: date | None = None
    issued_on: date | None = None
    effective_on: date | None = None
    expires_on: date | None = None
    label: str | None = None
    addressees: list[str] = Field(default_factory=list, sa_type=JSON)
    relations: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    given: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    ingested_at: datetime = Field(sa_type=UtcInstant)


class ObligationRow(SQLModel, table=True):
    """A standing duty. `seq` counts within the notice; `id` is `<notice id>-o<seq>` and never changes.

    `kind` is `duty`, `right` or `note` (`obligations.kind`); a note is kept for display, in state RETIRED.
    `missing` lists what it lacks before it can be dated (待定), as values of `obligations.dates.missing.Missing`.
    `corrected` holds the fields a person set, and `state` once a person decided; a later derivation does not
    touch them; `note` is what that person wrote. `party_notes` say how the directory understood the party.
    """

    __tablename__ = "obligation"
    __table_args__ = (UniqueConstraint("notice_id", "seq"),)
    id: str = Field(primary_key=True)
    notice_id: str = Field(foreign_key="notice.id", index=True)
    seq: int
    kind: str = "duty"
    state: str = Field(default=ObligationState.DRAFT, index=True)
    start: int
    end: int
    text: str
    evidence_start: int
    evidence_end: int
    tier: str
    modality: str
    responsible: str
    responsible_units: list[str] = Field(default_factory=list, sa_type=JSON)
    party_notes: list[dict[str, str]] = Field(default_factory=list, sa_type=JSON)
    action: str
    deliverable: str | None = None
    recipient: str | None = None
    channel: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    condition: str | None = None
    consequence: str | None = None
    deadline: dict[str, Any] = Field(sa_type=JSON)
    trigger_event: str | None = None
    depends_on: list[str] = Field(default_factory=list, sa_type=JSON)
    article: str | None = None
    pattern: str
    doubts: list[dict[str, str]] = Field(default_factory=list, sa_type=JSON)
    confidence: float
    missing: list[str] = Field(default_factory=list, sa_type=JSON)
    corrected: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    note: str | None = None
    created_at: datetime = Field(sa_type=UtcInstant)
    activated_at: datetime | None = Field(default=None, sa_type=UtcInstant)


class AssignmentRow(SQLModel, table=True):
    """An obligation falls on a unit (or a named party)."""

    __tablename__ = "assignment"
    obligation_id: str = Field(foreign_key="obligation.id", primary_key=True)
    unit_code: str = Field(foreign_key="unit.code", primary_key=True, index=True)


class EventRow(SQLModel, table=True):
    """A trigger event: a dated fact about a unit, a notice or an obligation.

    A later record replaces an earlier one, which stays with `replaced_at`; `first_id` (`None` on the first)
    is the identity that the event and its occurrences keep. `from_notice`: the notice dates it itself.
    """

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_target", "target", "name"),)
    id: int | None = Field(default=None, primary_key=True)
    first_id: int | None = Field(default=None, foreign_key="event.id")
    scope: str
    target: str
    name: str
    happened_at: datetime = Field(sa_type=UtcInstant)
    happened_on: date
    from_notice: bool = False
    recorded_at: datetime = Field(sa_type=UtcInstant)
    replaced_at: datetime | None = Field(default=None, sa_type=UtcInstant)


class OccurrenceRow(SQLModel, table=True):
    """One obligation × one unit × one period or event. The id is the calendar UID and never contains the date.

    `period` is `2026Q4` and the like where the date `repeats`, else `once`, or `ev7` for the 7th event.
    `version` rises when a date moves or it is reopened (unsent reminders of the old version are void);
    `sequence` rises when a date or the state changes (RFC 5546 2.1.4). `next_at` is the
    instant at which planning must look again; `None` when nothing is left to plan.
    `overdue_from` is the first civil date on which it is overdue: the day after the latest (or the fixed) reading.
    `finished_on` is the civil date of closing or waiving; `signed_at`, `signed_by` tell of its signature (签收).
    """

    __tablename__ = "occurrence"
    __table_args__ = (
        UniqueConstraint("obligation_id", "unit_code", "period"),
        Index("ix_occurrence_next_at", "next_at"),
        Index("ix_occurrence_state_safe", "state", "safe_on"),
        Index("ix_occurrence_unit", "unit_code", "state", "safe_on"),
    )
    id: str = Field(primary_key=True)
    obligation_id: str = Field(foreign_key="obligation.id", index=True)
    unit_code: str = Field(foreign_key="unit.code")
    period: str
    repeats: bool = False
    state: str = Field(default=OccurrenceState.OPEN)
    written_on: date
    due_on: date
    due_at: datetime = Field(sa_type=UtcInstant)
    safe_on: date | None = None
    opens_on: date | None = None
    reports_on: str | None = None
    overdue_from: date
    act_now: bool = False
    provisional: bool = False
    readings: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    fixed_reading: str | None = None
    unsure: list[str] = Field(default_factory=list, sa_type=JSON)
    trace: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    calendar_version: str = ""
    version: int = 1
    sequence: int = 0
    known_at: datetime = Field(sa_type=UtcInstant)
    changed_at: datetime = Field(sa_type=UtcInstant)
    next_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    finished_on: date | None = None
    signed_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    signed_by: str | None = None
    note: str | None = None


class ChangeRow(SQLModel, table=True):
    """What changed about an occurrence, or (without one) about the obligation: from what to what, and why."""

    __tablename__ = "change"
    id: int | None = Field(default=None, primary_key=True)
    obligation_id: str = Field(foreign_key="obligation.id", index=True)
    occurrence_id: str | None = Field(default=None, foreign_key="occurrence.id", index=True)
    at: datetime = Field(sa_type=UtcInstant)
    kind: str
    old: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    new: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    reason: str = ""


class RecipientRow(SQLModel, table=True):
    """One mailbox or webhook, whoever's: what belongs to it goes out in one message.

    `fingerprint` tells two addresses apart without showing them; the `address` of a webhook and the secrets
    are encrypted, since each may hold a token. The `former_secret` signs too until `former_until`. `zone` and
    `quiet` (`12:00-14:30`) are `None` where the service's hold. The operator hears what reached nobody.
    """

    __tablename__ = "recipient"
    id: str = Field(primary_key=True)
    kind: str
    fingerprint: str = Field(unique=True)
    address: str
    secret: str | None = None
    former_secret: str | None = None
    former_until: datetime | None = Field(default=None, index=True, sa_type=UtcInstant)
    zone: str | None = None
    quiet: str | None = None
    is_operator: bool = Field(default=False, index=True)
    state: str = Field(default=RecipientState.ACTIVE)
    trouble: str | None = None
    created_at: datetime = Field(sa_type=UtcInstant)


class SubscriptionRow(SQLModel, table=True):
    """One recipient hears of one unit in a role; `introduced_at` is when it was told what was past already, once."""

    __tablename__ = "subscription"
    __table_args__ = (UniqueConstraint("unit_code", "recipient_id", "role"),)
    id: str = Field(primary_key=True)
    unit_code: str = Field(foreign_key="unit.code", index=True)
    recipient_id: str = Field(foreign_key="recipient.id", index=True)
    role: str = Field(default=Role.HANDLER)
    created_at: datetime = Field(sa_type=UtcInstant)
    introduced_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    ended_at: datetime | None = Field(default=None, sa_type=UtcInstant)


class DeliveryRow(SQLModel, table=True):
    """One message to one recipient; its id is what receivers de-duplicate by.

    The id follows from what it carries, so that one bundled again after a backup was restored gets the same.
    `lane` names the receiving server: a process sends one message at a time to each. The earliest `leads_on`, the
    safe day of its most pressing reminder, goes first. An `urgent` one may go out on a rest day.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        Index("ix_delivery_due", "state", "send_at", "leads_on"),
        Index("ix_delivery_lane", "lane", "state", "send_at"),
        Index("ix_delivery_lease", "lease_until", **_only_where("state = 'sending'")),
    )
    id: str = Field(primary_key=True)
    recipient_id: str = Field(foreign_key="recipient.id", index=True)
    state: str = Field(default=DeliveryState.PENDING)
    lane: str = ""
    urgent: bool = False
    leads_on: date | None = None
    send_at: datetime = Field(sa_type=UtcInstant)
    created_at: datetime = Field(sa_type=UtcInstant)
    finished_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    lease_until: datetime | None = Field(default=None, sa_type=UtcInstant)
    fence: int = 0
    attempts: int = 0
    summaries: int = 0


class ReminderRow(SQLModel, table=True):
    """One step of one occurrence for one recipient, in the `role` it is spoken to, once per version of the dates.

    `planned_at` is the moment of the step itself, `send_at` the earliest at which to send it.
    """

    __tablename__ = "reminder"
    __table_args__ = (
        UniqueConstraint("occurrence_id", "version", "step", "recipient_id"),
        Index("ix_reminder_unbundled", "send_at", **_only_where("state = 'planned' AND delivery_id IS NULL")),
    )
    id: int | None = Field(default=None, primary_key=True)
    occurrence_id: str = Field(foreign_key="occurrence.id")
    version: int
    step: str
    recipient_id: str = Field(foreign_key="recipient.id")
    role: str
    state: str = Field(default=ReminderState.PLANNED)
    reason: str
    planned_at: datetime = Field(sa_type=UtcInstant)
    send_at: datetime = Field(sa_type=UtcInstant)
    urgent: bool = False
    delivery_id: str | None = Field(default=None, foreign_key="delivery.id", index=True)


class SummaryRow(SQLModel, table=True):
    """What a message says besides reminders, once per recipient, `kind` (`store.states.SummaryKind`) and `key`.

    `facts` are what its sentence states; `unit_code` is the unit it is about, `None` where it is about none.
    """

    __tablename__ = "summary"
    __table_args__ = (
        UniqueConstraint("recipient_id", "kind", "key"),
        Index("ix_summary_unbundled", "send_at", **_only_where("delivery_id IS NULL")),
    )
    id: int | None = Field(default=None, primary_key=True)
    recipient_id: str = Field(foreign_key="recipient.id")
    kind: str
    key: str
    unit_code: str | None = None
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    created_at: datetime = Field(sa_type=UtcInstant)
    send_at: datetime = Field(sa_type=UtcInstant)
    delivery_id: str | None = Field(default=None, foreign_key="delivery.id", index=True)


class AttemptRow(SQLModel, table=True):
    """One try to send a delivery: written before the send, completed after it.

    `receipt` is the name the receiver gave the message, if any.
    """

    __tablename__ = "attempt"
    __table_args__ = (UniqueConstraint("delivery_id", "fence"),)
    id: int | None = Field(default=None, primary_key=True)
    delivery_id: str = Field(foreign_key="delivery.id")
    fence: int
    started_at: datetime = Field(sa_type=UtcInstant)
    finished_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    outcome: str = Field(default=AttemptOutcome.STARTED)
    reason: str | None = None
    detail: str | None = None
    receipt: str | None = None


class FeedRow(SQLModel, table=True):
    """A calendar address: only the SHA-256 of its secret is kept. `unit_code` is set where it is one unit's.

    `scope` and `target` say whose occurrences it holds, `name` what it is called; `done` to `gzip` are the owner's
    choices. A `replaced_at` address has a successor with the same label and choices.
    """

    __tablename__ = "feed"
    id: str = Field(primary_key=True)
    unit_code: str | None = Field(default=None, foreign_key="unit.code", index=True)
    scope: str = Field(default=FeedScope.UNIT)
    target: str
    name: str
    secret_sha256: str = Field(unique=True)
    label: str | None = None
    done: bool = True
    alarms: bool = False
    written: bool = False
    gzip: bool = True
    created_at: datetime = Field(sa_type=UtcInstant)
    replaced_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    fetched_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    client: str | None = None


class TickRow(SQLModel, table=True):
    """When a tick of the daemon last finished well."""

    __tablename__ = "tick"
    name: str = Field(primary_key=True)
    ok_at: datetime = Field(sa_type=UtcInstant)


class ConventionRulesRow(SQLModel, table=True):
    """Which conventions units and regulators have chosen (one row), as JSON (`obligations.dates.choosing`)."""

    __tablename__ = "convention_rules"
    id: int = Field(default=1, primary_key=True)
    data: dict[str, Any] = Field(sa_type=JSON)
    chosen_at: datetime = Field(sa_type=UtcInstant)


class WorkdayTableRow(SQLModel, table=True):
    """A year table that an operator imported: the text of a holiday notice, or a local overlay, as data."""

    __tablename__ = "workday_table"
    id: int | None = Field(default=None, primary_key=True)
    year: int = Field(index=True)
    issued_on: date
    table: dict[str, Any] = Field(sa_type=JSON)
    imported_at: datetime = Field(sa_type=UtcInstant)
