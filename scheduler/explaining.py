"""Why a reminder was sent, will be sent or stays silent: the record of one occurrence beside what is still to come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from obligations.outlook import Foreseen, Hold, Silence, foresee, hold_of
from obligations.policies import Policies, Role
from obligations.reminders import Reason
from obligations.timetable import Timetable, parse_contact_hours
from scheduler.planning import NOBODY, policies_of
from store import board, reminders, subscriptions
from store.board import Message
from store.database import Session
from store.reminders import PlanningCase
from store.rows import OccurrenceRow, RecipientRow
from store.states import RecipientState, ReminderState

TO_COME = "to-come"
SILENT = "silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One step for one recipient in a role (`None`: the unit has none).

    `state` is that of the reminder on record, else `to-come` or `silent`. `send_at` is when it
    was or will be sent at the earliest, `None` where it is not; `held` says what made it later
    than its moment. `message` is the record with its delivery and attempts.
    """

    recipient: RecipientRow | None
    role: Role | None
    step: str
    state: str
    reason: Reason | Silence
    planned_at: datetime
    send_at: datetime | None
    held: Hold | None = None
    message: Message | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """Every step of an occurrence by its moment, the names of its policies, and when planning looks again."""

    occurrence: OccurrenceRow
    policies: Sequence[str]
    next_at: datetime | None
    lines: Sequence[Line]

    @property
    def upcoming(self) -> Line | None:
        """The next line that will be sent."""
        waiting = [line for line in self.lines if line.state in (TO_COME, ReminderState.PLANNED) and line.send_at]
        return min(waiting, key=lambda line: line.send_at or line.planned_at, default=None)


def explain_reminders(
    session: Session, occurrence_id: str, *, policies: Policies, timetable: Timetable, now: datetime
) -> Explained:
    """Return what was and will be sent about an occurrence, by the same decisions that planning makes.

    Raises:
        NotFound: there is no such occurrence.
        OutsideCalendar: its steps leave the years that the calendar knows.
    """
    case = reminders.planning_case(session, occurrence_id)
    listening = reminders.subscribers_of(session, {case.unit_code}).get(case.unit_code, [])
    present = frozenset(one.role for one in listening) or None
    ladders = policies_of(case, listening or NOBODY, policies)
    telling = _Telling(case, timetable, reminders.count_recipients(session))
    foreseen = [
        one
        for policy, ears in ladders
        for one in foresee(
            case.situation,
            policy,
            timetable,
            ears if listening else (),
            now=now,
            present=present,
            crowd=telling.crowd,
        )
    ]
    recipients = {one.recipient.id: one.recipient for one in subscriptions.of_unit(session, case.unit_code)}
    messages = board.list_messages(session, occurrence_id)
    on_record = {
        (message.reminder.recipient_id, message.reminder.step)
        for message in messages
        if message.reminder.version == case.version
    }
    lines = [telling.recorded(message) for message in messages]
    lines += [
        _expected(one, recipients.get(one.subscriber or ""))
        for one in foreseen
        if (one.subscriber, one.step) not in on_record
    ]
    lines.sort(key=lambda line: (line.planned_at, line.recipient.id if line.recipient else ""))
    occurrence = session.get_one(OccurrenceRow, occurrence_id)
    names = [policy.name for policy, _ in ladders]
    return Explained(occurrence=occurrence, policies=names, next_at=case.next_at, lines=lines)


@dataclass(frozen=True, slots=True)
class _Telling:
    """Tells what became of the reminders on record."""

    case: PlanningCase
    timetable: Timetable
    crowd: int

    def recorded(self, message: Message) -> Line:
        row, delivery = message.reminder, message.delivery
        retried = delivery is not None and row.state == ReminderState.PLANNED and delivery.send_at > row.send_at
        send_at = delivery.send_at if delivery and retried else row.send_at
        unsent = row.state in (ReminderState.CANCELLED, ReminderState.COLLAPSED)
        cancelled = row.state == ReminderState.CANCELLED
        return Line(
            recipient=message.recipient,
            role=Role(row.role),
            step=row.step,
            state=row.state,
            reason=_why_cancelled(message, self.case) if cancelled else _why(row.reason, row.state),
            planned_at=row.planned_at,
            send_at=None if unsent else send_at,
            held=None if unsent or row.urgent else self._hold(message, send_at),
            message=message,
        )

    def _hold(self, message: Message, send_at: datetime) -> Hold | None:
        recipient = message.recipient
        contact_hours = parse_contact_hours(recipient.zone, recipient.quiet)
        spread = self.timetable.hours.spread(recipient.id, self.crowd)
        return hold_of(message.reminder.planned_at, send_at, self.timetable, contact_hours, spread)


def _why(reason: str, state: str) -> Reason:
    """Return the reason on record; what collapsed on its way out had a reason to be sent, and was passed over."""
    passed = state == ReminderState.COLLAPSED and reason not in (Reason.EXPIRED, Reason.PASSED_OVER)
    return Reason.PASSED_OVER if passed else Reason(reason)


def _why_cancelled(message: Message, case: PlanningCase) -> Reason | Silence:
    if message.reminder.version < case.version:
        return Silence.MOVED
    if not case.situation.is_open:
        return Silence.CLOSED
    if message.reminder.reason == Reason.UNSIGNED and case.situation.is_signed:
        return Silence.SIGNED
    if message.recipient.state != RecipientState.ACTIVE:
        return Silence.NO_CHANNEL
    return Reason(message.reminder.reason)


def _expected(one: Foreseen, recipient: RecipientRow | None) -> Line:
    return Line(
        recipient=recipient,
        role=one.role,
        step=one.step,
        state=TO_COME if one.send_at else SILENT,
        reason=one.reason,
        planned_at=one.planned_at,
        send_at=one.send_at,
        held=one.held,
    )
