"""The states and kinds that records can have, as their columns hold them."""

from __future__ import annotations

from enum import StrEnum


class ObligationState(StrEnum):
    """DRAFT waits for a person; ACTIVE yields occurrences; RETIRED no longer does."""

    DRAFT = "draft"
    ACTIVE = "active"
    RETIRED = "retired"


class OccurrenceState(StrEnum):
    """OPEN until CLOSED (销号) or WAIVED (豁免); HISTORIC was past when ingested; RETIRED lost its obligation."""

    OPEN = "open"
    CLOSED = "closed"
    WAIVED = "waived"
    HISTORIC = "historic"
    RETIRED = "retired"


class ChannelKind(StrEnum):
    EMAIL = "email"
    WEBHOOK = "webhook"


class RecipientState(StrEnum):
    """BROKEN: nothing will ever arrive there (mailbox gone, webhook answered 410) until somebody subscribes it anew."""

    ACTIVE = "active"
    BROKEN = "broken"


class SummaryKind(StrEnum):
    """OVERVIEW tells a recipient once what a unit has on record, where some of it was past already; the operator
    hears of units WITHOUT_CHANNEL for whom something was due, and of deliveries that FAILED for good."""

    OVERVIEW = "overview"
    WITHOUT_CHANNEL = "without-channel"
    FAILED = "failed"


class ReminderState(StrEnum):
    """PLANNED → SENT or FAILED with its delivery; CANCELLED when moot; COLLAPSED when a later step speaks for it."""

    PLANNED = "planned"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"
    COLLAPSED = "collapsed"


class DeliveryState(StrEnum):
    """PENDING ⇄ SENDING (under a lease) → SENT, FAILED (for good) or CANCELLED (nothing left to say)."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


class AttemptOutcome(StrEnum):
    """STARTED is written before the send; it stays where the process died in between."""

    STARTED = "started"
    DELIVERED = "delivered"
    FAILED = "failed"


class ChangeKind(StrEnum):
    """What a change is about: its dates, its state, a reading fixed by a person, or a field corrected by one."""

    DATES = "dates"
    STATE = "state"
    READING = "reading"
    CORRECTION = "correction"


class EventScope(StrEnum):
    """What the target of an event is."""

    UNIT = "unit"
    NOTICE = "notice"
    OBLIGATION = "obligation"


class FeedScope(StrEnum):
    """Whose occurrences a calendar holds: of a UNIT, of the units of a PERSON, of a NOTICE, what a REGULATOR
    receives, or one OBJECTION that residents may make."""

    UNIT = "unit"
    PERSON = "person"
    NOTICE = "notice"
    REGULATOR = "regulator"
    OBJECTION = "objection"
