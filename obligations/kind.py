"""What is to be done with something derived from a notice: remind of it, offer it, or only show it."""

from __future__ import annotations

from enum import StrEnum

from obligations.deadline import Deadline, FixedDeadline, Freq, RecurringDeadline, RelativeDeadline, Undated
from obligations.draft import Modality, Tier


class Kind(StrEnum):
    """DUTY 义务 is reminded of and can be overdue; RIGHT 权利 is reminded of and ends; NOTE 备查 is only shown."""

    DUTY = "duty"
    RIGHT = "right"
    NOTE = "note"


def kind_of(tier: Tier, modality: Modality, deadline: Deadline) -> Kind:
    """Return what becomes of something with this tier, modality and deadline.

    A party that must act by a time has a duty; one that may (an objection to a publicised
    list) has a right. Goals, prohibitions, validity and mere durations are kept for display.
    A soft duty with a date only frames or repeats others, so it is kept for display too; a
    soft duty without one (开工前, 及时, 另行通知) is a duty whose date is still to be found out.
    """
    if isinstance(deadline, Undated) and deadline.why in ("duration", "validity"):
        return Kind.NOTE
    if modality is Modality.MAY:
        return Kind.RIGHT if tier is Tier.CORE else Kind.NOTE
    if modality is not Modality.MUST:
        return Kind.NOTE
    return Kind.DUTY if tier is Tier.CORE or not names_a_time(deadline) else Kind.NOTE


def names_a_time(deadline: Deadline) -> bool:
    """Whether the words name a day or a distance, so that a date follows once the calendar and events are known."""
    match deadline:
        case Undated():
            return False
        case FixedDeadline():
            return True
        case RecurringDeadline():
            on_a_day = (deadline.day, deadline.days, deadline.weekday, deadline.working_day)
            return deadline.freq is Freq.DAILY or any(part is not None for part in on_a_day)
        case RelativeDeadline():
            return deadline.offset is not None
        case _:
            return deadline.to is not None
