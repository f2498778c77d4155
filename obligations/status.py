"""How an occurrence stands on a given day: its status in one word, and the light that shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from obligations.kind import Kind


class Status(StrEnum):
    """The status words of `duban list --json`; `UNDATED` stands for an obligation that has no occurrence yet."""

    OPEN = "open"
    AT_RISK = "at_risk"
    OVERDUE = "overdue"
    ENDED = "ended"
    CLOSED = "closed"
    CLOSED_LATE = "closed_late"
    WAIVED = "waived"
    HISTORIC = "historic"
    RETIRED = "retired"
    UNDATED = "undated"


PENDING = frozenset({Status.OPEN, Status.AT_RISK, Status.OVERDUE})
"""Where somebody still has to act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the status of an occurrence follows from; the fields are those of the stored occurrence.

    `state` is open, closed, waived, historic or retired; `overdue_from` the first civil date
    after the latest lawful reading (or after the one a person fixed); `safe_on` is `None`
    where no working day was left; `finished_on` the civil date of closing or waiving.
    """

    state: str
    kind: Kind
    overdue_from: date
    safe_on: date | None = None
    opens_on: date | None = None
    finished_on: date | None = None


def status_of(facts: Facts, as_of: date) -> Status:
    """Return the status at the end of the civil date `as_of`; what was closed or waived later was still open then.

    At risk from the day after the safe day; overdue only after the latest lawful reading. A
    right is never overdue: it ends.
    """
    if facts.state in (Status.HISTORIC, Status.RETIRED):
        return Status(facts.state)
    if facts.finished_on is not None and facts.finished_on <= as_of:
        if facts.state == Status.WAIVED:
            return Status.WAIVED
        return Status.CLOSED if facts.finished_on < facts.overdue_from else Status.CLOSED_LATE
    if as_of >= facts.overdue_from:
        return Status.ENDED if facts.kind is Kind.RIGHT else Status.OVERDUE
    if facts.safe_on is None or as_of > facts.safe_on:
        return Status.AT_RISK
    return Status.OPEN


def days_overdue(facts: Facts, as_of: date) -> int:
    """Return for how many calendar days it is overdue on `as_of`, or was when it was closed; 0 where it is not."""
    status = status_of(facts, as_of)
    if status is Status.OVERDUE:
        return (as_of - facts.overdue_from).days + 1
    if status is Status.CLOSED_LATE and facts.finished_on:
        return (facts.finished_on - facts.overdue_from).days + 1
    return 0


@dataclass(frozen=True, slots=True)
class Light:
    """Shape, word and colour together: colour never stands alone. `colour` names a meaning, not a hue code."""

    shape: str
    zh: str
    en: str
    colour: str

    def text(self, lang: str = "zh") -> str:
        """Return shape and word, such as `■ 逾期`."""
        return f"{self.shape} {self.en if lang == 'en' else self.zh}"


NORMAL = Light("●", "正常", "on time", "green")
NOT_OPEN = Light("○", "未启动", "not open yet", "grey")
NEAR = Light("▲", "临近", "near", "yellow")
LAST_DAY = Light("▲", "最后1日", "last working day", "yellow")

LIGHTS = {
    Status.AT_RISK: Light("▲", "已过安全日", "past the safe day", "yellow"),
    Status.OVERDUE: Light("■", "逾期", "overdue", "red"),
    Status.ENDED: Light("◌", "已截止", "ended", "grey"),
    Status.CLOSED: Light("✔", "按期办结", "done", "green"),
    Status.CLOSED_LATE: Light("□", "逾期办结", "done late", "red"),
    Status.WAIVED: Light("⊘", "已豁免", "waived", "grey"),
    Status.HISTORIC: Light("·", "历史", "historic", "grey"),
    Status.RETIRED: Light("×", "已撤销", "withdrawn", "grey"),
    Status.UNDATED: Light("◇", "待定", "undated", "dashed"),
}

NEAR_WORKING_DAYS = 3
"""A light turns yellow this many working days before the safe day (a published municipal practice)."""


def light_of(facts: Facts, as_of: date, working_days_left: int, near: int = NEAR_WORKING_DAYS) -> Light:
    """Return the light for `as_of`.

    `working_days_left` counts the working days after `as_of` up to the safe day; the light is
    yellow from `near` working days on.
    """
    status = status_of(facts, as_of)
    if status is not Status.OPEN:
        return LIGHTS[status]
    if working_days_left <= 1:
        return LAST_DAY
    if working_days_left <= near:
        return NEAR
    if facts.opens_on and facts.opens_on > as_of:
        return NOT_OPEN
    return NORMAL
