"""Why a reminder was sent, will be sent or stays silent: the record of one occurrence beside what is still to come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from obligations.outlook import Foreseen, Silence, foresee
from obligations.policies import Policies
from obligations.reminders import Reason, Timetable
from store import board, reminders, subscriptions
from store.board import Message
from store.database import Session
from store.reminders import PlanningCase
from store.rows import OccurrenceRow, SubscriptionRow
from store.states import ReminderState, SubscriptionState

TO_COME = "to-come"
SILENT = "silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One step for one channel (`None`: the unit has none).

    `state` is that of the reminder on record, else `to-come` or `silent`. `send_at` is when it
    was or will be sent at the earliest, `None` where it is not. `message` is the record with
    its delivery and attempts. `is_shifted`: a rest day or the evening moved it to a later day.
    """

    channel: SubscriptionRow | None
    step: str
    state: str
    reason: Reason | Silence
    planned_at: datetime
    send_at: datetime | None
    message: Message | None = None
    is_shifted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """Every step of an occurrence by its moment, the name of its policy, and when planning looks again."""

    occurrence: OccurrenceRow
    policy: str
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
    policy = policies.of(
        unit=case.unit_code, notice=case.notice_id, obligation=case.obligation_id, freq=case.freq, kind=case.kind
    )
    listening = reminders.subscribers_of(session, {case.unit_code}).get(case.unit_code, [])
    crowd = reminders.count_subscribers(session)
    foreseen = foresee(case.situation, policy, timetable, listening, now=now, crowd=crowd)
    channels = {one.id: one for one in subscriptions.of_unit(session, case.unit_code)}
    messages = board.list_messages(session, occurrence_id)
    on_record = {
        (message.reminder.subscription_id, message.reminder.step)
        for message in messages
        if message.reminder.version == case.version
    }
    lines = [_recorded(message, case, timetable) for message in messages]
    lines += [
        _expected(one, channels.get(one.subscriber or ""))
        for one in foreseen
        if (one.subscriber, one.step) not in on_record
    ]
    lines.sort(key=lambda line: (line.planned_at, line.channel.id if line.channel else ""))
    occurrence = session.get_one(OccurrenceRow, occurrence_id)
    return Explained(occurrence=occurrence, policy=policy.name, next_at=case.next_at, lines=lines)


def _recorded(message: Message, case: PlanningCase, timetable: Timetable) -> Line:
    row, delivery = message.reminder, message.delivery
    retried = delivery is not None and row.state == ReminderState.PLANNED and delivery.send_at > row.send_at
    send_at = delivery.send_at if delivery and retried else row.send_at
    unsent = row.state in (ReminderState.CANCELLED, ReminderState.COLLAPSED)
    return Line(
        channel=message.subscription,
        step=row.step,
        state=row.state,
        reason=_why_cancelled(message, case) if row.state == ReminderState.CANCELLED else _why(row.reason, row.state),
        planned_at=row.planned_at,
        send_at=None if unsent else send_at,
        message=message,
        is_shifted=not unsent and timetable.day(send_at) > timetable.day(row.planned_at),
    )


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
    if message.subscription.state != SubscriptionState.ACTIVE:
        return Silence.NO_CHANNEL
    return Reason(message.reminder.reason)


def _expected(one: Foreseen, channel: SubscriptionRow | None) -> Line:
    return Line(
        channel=channel,
        step=one.step,
        state=TO_COME if one.send_at else SILENT,
        reason=one.reason,
        planned_at=one.planned_at,
        send_at=one.send_at,
        is_shifted=one.is_shifted,
    )
