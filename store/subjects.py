"""What a message says about an occurrence: its dates, its duty and the words it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from obligations.kind import Kind
from obligations.status import Facts
from store.among import among
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


_QUOTE_LENGTH = col(ObligationRow.evidence_end) - col(ObligationRow.evidence_start)
_SUBJECTS = (
    select(
        col(OccurrenceRow.id),
        col(OccurrenceRow.unit_code),
        col(UnitRow.name),
        col(ObligationRow.action),
        col(ObligationRow.deliverable),
        col(ObligationRow.recipient),
        func.substr(col(NoticeRow.text), col(ObligationRow.evidence_start) + 1, _QUOTE_LENGTH).label("quote"),
        col(ObligationRow.deadline),
        col(ObligationRow.kind),
        col(NoticeRow.title),
        col(NoticeRow.doc_number),
        col(OccurrenceRow.written_on),
        col(OccurrenceRow.due_on),
        col(OccurrenceRow.safe_on),
        col(OccurrenceRow.opens_on),
        col(OccurrenceRow.overdue_from),
        col(OccurrenceRow.finished_on),
        col(OccurrenceRow.state),
        col(OccurrenceRow.provisional),
    )
    .join(ObligationRow, col(ObligationRow.id) == col(OccurrenceRow.obligation_id))
    .join(NoticeRow, col(NoticeRow.id) == col(ObligationRow.notice_id))
    .join(UnitRow, col(UnitRow.code) == col(OccurrenceRow.unit_code))
    .where(among(col(OccurrenceRow.id), "wanted"))
)


def subjects_of(session: Session, occurrence_ids: Iterable[str]) -> dict[str, Subject]:
    """Return what there is to say about these occurrences, by id."""
    rows = session.connection().execute(_SUBJECTS, {"wanted": list(occurrence_ids)}).all()
    return {row.id: _subject(row) for row in rows}


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
