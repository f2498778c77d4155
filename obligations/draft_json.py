"""Derived notices as JSON: the output of `duban derive --json`, stable once released."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from obligations.dates.due import nominal_dates, rolled_dates
from obligations.deadline import Undated, to_json
from obligations.draft import Derivation, Draft, Relation
from obligations.errors import OutsideCalendar
from obligations.notice import Notice
from obligations.workdays.workcalendar import WorkCalendar

DATES_SHOWN = 4  # nominal dates printed per obligation


def notice_json(
    notice: Notice, derivation: Derivation, *, calendar: WorkCalendar, ties: Iterable[Relation] = ()
) -> dict[str, Any]:
    """Return `notice` with what was derived from it as a JSON object; offsets are `str` positions in its `text`.

    A duplicate of an earlier notice has no obligations of its own: they stand with the first copy, which
    `duplicate_of` names. `ties` are relations found by comparing notices, added to those of the text.
    """
    after = notice.published_on or (date.fromisoformat(derivation.issued_on) if derivation.issued_on else None)
    drafts = () if notice.duplicate_of else derivation.drafts
    return {
        "id": notice.id,
        "text": notice.text,
        "title": derivation.title,
        "issuer": derivation.issuer,
        "doc_number": derivation.doc_number,
        "published_on": notice.published_on.isoformat() if notice.published_on else None,
        "issued_on": derivation.issued_on,
        "effective_on": derivation.effective_on,
        "expires_on": derivation.expires_on,
        "addressees": list(derivation.addressees),
        "label": notice.label,
        "duplicate_of": notice.duplicate_of,
        "relations": [_relation_json(one) for one in [*derivation.relations, *ties]],
        "obligations": [draft_json(draft, after=after, calendar=calendar) for draft in drafts],
    }


def draft_json(draft: Draft, *, after: date | None, calendar: WorkCalendar) -> dict[str, Any]:
    """Return one obligation as a JSON object.

    `due_dates` holds the first written dates strictly after `after` (the day of publication), of a single date or
    window that date; it is absent where none can be told. `rolled_due_dates` is there only where the notice itself
    states a roll.
    """
    out: dict[str, Any] = {
        "start": draft.span.start,
        "end": draft.span.end,
        "text": draft.text,
        "tier": str(draft.tier),
        "modality": str(draft.modality),
        "responsible": draft.responsible,
        "responsible_units": list(draft.responsible_units),
        "action": draft.action,
        "deliverable": draft.deliverable,
        "recipient": draft.recipient,
        "channel": dict(draft.channel),
        "condition": draft.condition,
        "consequence": draft.consequence,
        "deadline": to_json(draft.deadline),
        "trigger_event": draft.trigger_event,
        "depends_on": list(draft.depends_on),
        "evidence": {"start": draft.evidence.start, "end": draft.evidence.end},
        "article": draft.article,
        "pattern": draft.pattern,
        "doubts": [{"code": doubt.code, "about": doubt.about} for doubt in draft.doubts],
        "confidence": draft.confidence,
    }
    return out | _dates(draft, after, calendar)


def _dates(draft: Draft, after: date | None, calendar: WorkCalendar) -> dict[str, list[str]]:
    if isinstance(draft.deadline, Undated):
        return {}
    found: dict[str, list[str]] = {}
    for key, days_of in (("due_dates", nominal_dates), ("rolled_due_dates", rolled_dates)):
        try:
            days = days_of(draft.deadline, after=after, count=DATES_SHOWN, calendar=calendar)
        except OutsideCalendar:  # a notice older than all calendars is still derived
            continue
        if days:
            found[key] = [day.isoformat() for day in days]
    return found


def _relation_json(relation: Relation) -> dict[str, Any]:
    return {
        "kind": relation.kind,
        "target": relation.target,
        "number": relation.number,
        "start": relation.span.start if relation.span else None,
        "end": relation.span.end if relation.span else None,
    }
