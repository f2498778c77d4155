"""Chains of steps in one notice: which occurrences an occurrence waits for, and which wait for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from obligations.dates.chains import Link, Slack, chain_slack, in_order
from obligations.dates.latest_start import LatestStart, latest_start
from obligations.deadline import Deadline, RelativeDeadline, Unit, parse_deadline
from obligations.workdays.workcalendar import WorkCalendar
from store import occurrences
from store.rows import ObligationRow, OccurrenceRow, UnitRow
from store.states import ObligationState, OccurrenceState


@dataclass(frozen=True, slots=True)
class ChainStep:
    """One duty of a chain in one period: its occurrences and the names of their units, in the order of the names."""

    action: str
    occurrences: Sequence[OccurrenceRow]
    units: Sequence[str]

    @property
    def link(self) -> Link:
        """The step as a chain counts it: the earliest day of its units, done once all of them are done."""
        first = min(self.occurrences, key=lambda one: (one.safe_on or date.min, one.due_on))
        finished = [one.finished_on for one in self.occurrences if one.finished_on]
        done = max(finished) if len(finished) == len(self.occurrences) else None
        return Link(self.action, first.due_on, first.safe_on, done)


@dataclass(frozen=True, slots=True)
class Chain:
    """The steps around one occurrence, each after those it waits for, and the periods that the notice prescribes."""

    own: OccurrenceRow
    steps: Sequence[ChainStep]
    lengths: Sequence[tuple[str, RelativeDeadline]]

    def slack(self, *, calendar: WorkCalendar, as_of: date) -> list[Slack]:
        """Return the room behind each step but the last."""
        return chain_slack([step.link for step in self.steps], calendar=calendar, as_of=as_of)

    def holder(self) -> ChainStep | None:
        """Return the step that everybody waits for now: the first that is not done."""
        return next((step for step in self.steps if step.link.done_on is None), None)

    def latest_starts(self, calendar: WorkCalendar) -> list[tuple[str, LatestStart]]:
        """Return by when each prescribed period must begin so that it is over before this occurrence's own limit."""
        limit = self.own.safe_on or self.own.due_on
        return [(words, latest_start(length, ends_before=limit, calendar=calendar)) for words, length in self.lengths]


def find_chain(session: Session, occurrence_id: str) -> Chain:
    """Return the chain of an occurrence: the duties of its notice that hand on to each other, in its period.

    A chain of one step is the occurrence alone. `lengths` holds the words and the deadline of every period
    of days or working days that the notice says something must last, such as 公示期为5个工作日.

    Raises:
        NotFound: there is no such occurrence.
    """
    own = occurrences.get(session, occurrence_id)
    notice_id = select(col(ObligationRow.notice_id)).where(col(ObligationRow.id) == own.obligation_id)
    rows = session.execute(
        select(ObligationRow)
        .where(col(ObligationRow.notice_id) == notice_id.scalar_subquery())
        .order_by(col(ObligationRow.start), col(ObligationRow.seq))
    ).scalars().all()  # fmt: skip
    active = {row.id: row for row in rows if row.state == ObligationState.ACTIVE}
    ids = in_order({row.id: row.depends_on for row in active.values()}, own.obligation_id)
    parts = _parts(session, ids, own)
    steps = [
        ChainStep(active[id_].action, [one for one, _ in parts[id_]], [unit for _, unit in parts[id_]])
        for id_ in ids
        if id_ in active and parts.get(id_)
    ]
    lengths = [(row.text, length) for row in rows if (length := _length(parse_deadline(row.deadline)))]
    return Chain(own, steps, lengths)


def _parts(session: Session, ids: Sequence[str], own: OccurrenceRow) -> dict[str, list[tuple[OccurrenceRow, str]]]:
    """Return the occurrences of these obligations in the period of `own`; of its own obligation only itself."""
    query = (
        select(OccurrenceRow, col(UnitRow.name))
        .join(UnitRow, col(UnitRow.code) == col(OccurrenceRow.unit_code))
        .where(col(OccurrenceRow.obligation_id).in_(ids), col(OccurrenceRow.period) == own.period)
        .where(col(OccurrenceRow.state) != OccurrenceState.RETIRED)
        .order_by(col(UnitRow.name))
    )
    found: dict[str, list[tuple[OccurrenceRow, str]]] = {}
    for one, unit in session.execute(query):
        if one.obligation_id != own.obligation_id or one.id == own.id:
            found.setdefault(one.obligation_id, []).append((one, unit))
    return found


def _length(deadline: Deadline) -> RelativeDeadline | None:
    """Return a deadline that says how long something lasts, in days or working days; of others `None`."""
    if not isinstance(deadline, RelativeDeadline) or deadline.span != "duration" or not deadline.offset:
        return None
    return deadline if deadline.unit in (Unit.DAY, Unit.WORKING_DAY) else None
