"""Obligations and whom they fall on. The caller owns the transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from sqlmodel import Session, col, select

from obligations.deadline import Deadline, Undated, parse_deadline
from obligations.events import event_key
from obligations.kind import Kind
from store.errors import NotFound
from store.rows import AssignmentRow, NoticeRow, ObligationRow, UnitRow
from store.states import ObligationState


def get(session: Session, obligation_id: str) -> ObligationRow:
    """Return the obligation with this id.

    Raises:
        NotFound: there is none.
    """
    row = session.get(ObligationRow, obligation_id)
    if row is None:
        raise NotFound(f"no obligation has the id {obligation_id!r}; it is written like n4-o6 (`duban review list`)")
    return row


def of_notice(session: Session, notice_id: str) -> Sequence[ObligationRow]:
    """Return all obligations of a notice, retired ones included, in the order of their numbers."""
    query = select(ObligationRow).where(ObligationRow.notice_id == notice_id)
    return session.exec(query.order_by(col(ObligationRow.seq))).all()


def waiting(session: Session) -> Sequence[ObligationRow]:
    """Return the drafts that wait for a person, by notice and place in its text."""
    query = select(ObligationRow).where(ObligationRow.state == ObligationState.DRAFT)
    return session.exec(query.order_by(col(ObligationRow.notice_id), col(ObligationRow.start))).all()


def undated(session: Session, *, unit_code: str | None = None) -> list[ObligationRow]:
    """Return the active obligations that lack something before they can have a date (待定); of one unit, or all."""
    query = select(ObligationRow).where(ObligationRow.state == ObligationState.ACTIVE)
    if unit_code is not None:
        of_unit = select(AssignmentRow.obligation_id).where(AssignmentRow.unit_code == unit_code)
        query = query.where(col(ObligationRow.id).in_(of_unit))
    rows = session.exec(query.order_by(col(ObligationRow.notice_id), col(ObligationRow.start))).all()
    return [row for row in rows if row.missing]


def active_ids(session: Session) -> Sequence[str]:
    """Return the ids of all active duties and rights."""
    query = select(ObligationRow.id).where(
        ObligationRow.state == ObligationState.ACTIVE, ObligationRow.kind != Kind.NOTE
    )
    return session.exec(query.order_by(col(ObligationRow.id))).all()


def with_notices(session: Session, ids: Collection[str]) -> Sequence[tuple[ObligationRow, NoticeRow]]:
    """Return these obligations with their notices."""
    query = select(ObligationRow, NoticeRow).join(NoticeRow).where(col(ObligationRow.id).in_(ids))
    return session.exec(query.order_by(col(ObligationRow.id))).all()


def triggered(session: Session, notice_id: str | None = None) -> Sequence[ObligationRow]:
    """Return the active duties and rights whose time depends on an event; of one notice, or of all."""
    query = select(ObligationRow).where(ObligationRow.state == ObligationState.ACTIVE, ObligationRow.kind != Kind.NOTE)
    if notice_id is not None:
        query = query.where(ObligationRow.notice_id == notice_id)
    return [row for row in session.exec(query.order_by(col(ObligationRow.id))).all() if event_keys(row)]


def deadline_of(row: ObligationRow) -> Deadline:
    """Return the stored deadline as a value."""
    return parse_deadline(row.deadline)


def event_keys(row: ObligationRow) -> frozenset[str]:
    """Return the keys of the events that give this obligation its date; none where it needs no event."""
    event = row.deadline.get("event")
    if row.deadline.get("kind") in Undated.WHYS or not event:
        return frozenset()
    return frozenset(event_key(name) for name in (event, row.trigger_event) if name)


def assigned(session: Session, ids: Collection[str]) -> dict[str, list[UnitRow]]:
    """Return for each of these obligations the units and parties it falls on, by code."""
    query = select(AssignmentRow.obligation_id, UnitRow).join(UnitRow).where(col(AssignmentRow.obligation_id).in_(ids))
    found: dict[str, list[UnitRow]] = defaultdict(list)
    for obligation_id, unit in session.exec(query.order_by(col(UnitRow.code))).all():
        found[obligation_id].append(unit)
    return found


def assign(session: Session, obligation_id: str, codes: Iterable[str]) -> bool:
    """Let an obligation fall on exactly the units with these codes; return whether that changed anything."""
    query = select(AssignmentRow).where(AssignmentRow.obligation_id == obligation_id)
    present = {row.unit_code: row for row in session.exec(query).all()}
    wanted = set(codes)
    for code in sorted(present.keys() - wanted):
        session.delete(present[code])
    session.add_all(
        AssignmentRow(obligation_id=obligation_id, unit_code=code) for code in sorted(wanted - present.keys())
    )
    session.flush()
    return wanted != present.keys()
