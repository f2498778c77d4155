"""What a message says about an occurrence: its dates, its duty and the words it rests on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from obligations.kind import Kind
from obligations.status import Facts
from store.rows import NoticeRow, ObligationRow, OccurrenceRow, UnitRow

LONGEST_QUOTE = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One occurrence, as a message speaks of it. `quote` is the sentence of the notice, at most 400 characters."""

    occurrence_id: str
    unit_code: str
    unit_name: str
    action: str
    deliverable: str | None
    recipient: str | None
    quote: str
    deadline: dict[str, Any]
    notice_title: str | None
    doc_number: str | None
    written_on: date
    due_on: date
    provisional: bool
    facts: Facts


def subjects_of(session: Session, occurrence_ids: Collection[str]) -> list[Subject]:
    """Return what there is to say about these occurrences, by safe day, those without one first."""
    o, b, n = OccurrenceRow, ObligationRow, NoticeRow
    length = col(b.evidence_end) - col(b.evidence_start)
    query = (
        select(
            col(o.id),
            col(o.unit_code),
            col(UnitRow.name),
            col(b.action),
            col(b.deliverable),
            col(b.recipient),
            func.substr(col(n.text), col(b.evidence_start) + 1, length).label("quote"),
            col(b.deadline),
            col(b.kind),
            col(n.title),
            col(n.doc_number),
            col(o.written_on),
            col(o.due_on),
            col(o.safe_on),
            col(o.opens_on),
            col(o.overdue_from),
            col(o.finished_on),
            col(o.state),
            col(o.provisional),
        )
        .join(b, col(b.id) == col(o.obligation_id))
        .join(n, col(n.id) == col(b.notice_id))
        .join(UnitRow, col(UnitRow.code) == col(o.unit_code))
        .where(col(o.id).in_(occurrence_ids))
    )
    found = [_subject(row) for row in session.connection().execute(query)]
    return sorted(found, key=lambda subject: (subject.facts.safe_on or date.min, subject.occurrence_id))


def _subject(row: Any) -> Subject:
    return Subject(
        occurrence_id=row.id,
        unit_code=row.unit_code,
        unit_name=row.name,
        action=row.action,
        deliverable=row.deliverable,
        recipient=row.recipient,
        quote=row.quote[:LONGEST_QUOTE],
        deadline=row.deadline,
        notice_title=row.title,
        doc_number=row.doc_number,
        written_on=row.written_on,
        due_on=row.due_on,
        provisional=row.provisional,
        facts=Facts(
            state=row.state,
            kind=Kind(row.kind),
            overdue_from=row.overdue_from,
            safe_on=row.safe_on,
            opens_on=row.opens_on,
            finished_on=row.finished_on,
        ),
    )
