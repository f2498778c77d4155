"""What a person decides about what was derived: confirm, reject, correct, fix a reading. Every decision is kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from obligations.deadline import parse_deadline, to_json
from obligations.draft import Modality, Tier
from obligations.errors import BadDeadline, DomainError
from obligations.kind import Kind
from scheduler.expansion import Expansion, expand
from scheduler.ingest import Desk, assign, settle
from store import changes, notices, obligations, occurrences, units
from store.database import Session
from store.errors import Refused
from store.rows import ObligationRow, OccurrenceRow
from store.states import ChangeKind, ObligationState, OccurrenceState


class BadCorrection(DomainError):
    """A correction names a field that cannot be corrected, or a value that the field cannot take."""


class BadReading(DomainError):
    """No reading of the occurrence has this convention or date."""


def confirm(session: Session, obligation_id: str, *, note: str, desk: Desk) -> Expansion:
    """Let an obligation be active because a person says it is right; the caller owns the transaction.

    Raises:
        NotFound: there is no such obligation.
        Refused: it is a note, which reminds nobody.
    """
    row = obligations.get(session, obligation_id)
    if row.kind == Kind.NOTE:
        raise Refused(
            f"{obligation_id} is kept for display only (tier {row.tier}, modality {row.modality}); if it is a duty, "
            "correct its tier or modality first"
        )
    return _decide(session, row, {"state": ObligationState.ACTIVE}, note=note, desk=desk)


def reject(session: Session, obligation_id: str, *, note: str, desk: Desk) -> Expansion:
    """Retire an obligation because a person says it is none; its open occurrences are withdrawn with it."""
    row = obligations.get(session, obligation_id)
    return _decide(session, row, {"state": ObligationState.RETIRED}, note=note, desk=desk)


def correct(session: Session, obligation_id: str, values: Mapping[str, str], *, note: str, desk: Desk) -> Expansion:
    """Set fields of an obligation to what a person wrote; later derivations do not touch them any more.

    Raises:
        BadCorrection: a field or value cannot be used; nothing was changed.
    """
    row = obligations.get(session, obligation_id)
    parsed = {name: _parsed(session, name, text) for name, text in values.items()}
    if "responsible" in parsed and "responsible_units" not in parsed:
        parsed["responsible_units"] = [parsed["responsible"]] if parsed["responsible"] else []
    return _decide(session, row, parsed, note=note, desk=desk)


def fix_reading(session: Session, occurrence_id: str, reading: str, *, note: str, desk: Desk) -> OccurrenceRow:
    """Make one reading of an open occurrence binding, given by its convention or date; the others stay listed.

    Raises:
        NotFound: there is no such occurrence.
        Refused: it is not open.
        BadReading: it has no such reading.
    """
    row = occurrences.get(session, occurrence_id)
    if row.state != OccurrenceState.OPEN:
        raise Refused(f"a reading is fixed while an occurrence is open, and {occurrence_id} is {row.state}")
    chosen = [one for one in row.readings if reading in (one["date"], one["convention"])]
    if len(chosen) != 1:
        choices = ", ".join(f"{one['convention']} ({one['date']})" for one in row.readings)
        raise BadReading(f"{reading!r} must name one of the readings of {occurrence_id}: {choices}")
    changes.record(
        session,
        kind=ChangeKind.READING,
        obligation_id=row.obligation_id,
        occurrence_id=row.id,
        old={"fixed_reading": row.fixed_reading},
        new={"fixed_reading": chosen[0]["convention"], "readings": row.readings},
        reason=note,
        at=desk.now,
    )
    row.fixed_reading, row.note = chosen[0]["convention"], note
    session.add(row)
    session.flush()
    _expand(session, row.obligation_id, note, desk)
    return row


def _decide(session: Session, row: ObligationRow, values: Mapping[str, Any], *, note: str, desk: Desk) -> Expansion:
    """Keep what a person set, with what it was before, and let assignments, state and dates follow."""
    old = {name: row.corrected.get("units") if name == "units" else getattr(row, name) for name in values}
    row.corrected = {**row.corrected, **values}
    for name in values.keys() - {"units", "state"}:
        setattr(row, name, values[name])
    row.note = note
    settle(row, desk)
    session.add(row)
    changes.record(
        session, kind=ChangeKind.CORRECTION, obligation_id=row.id, old=old, new=values, reason=note, at=desk.now
    )
    session.flush()
    assign(session, notices.get(session, row.notice_id), row, desk)
    expansion = _expand(session, row.id, note, desk)
    units.forget_unused_parties(session)
    return expansion


def _expand(session: Session, obligation_id: str, reason: str, desk: Desk) -> Expansion:
    return expand(
        session, now=desk.now, obligation_ids=[obligation_id], calendar=desk.calendar, zone=desk.zone, reason=reason
    )


def _text(text: str) -> str:
    return text.strip()


def _optional(text: str) -> str | None:
    return text.strip() or None


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.replace(",", "、").replace("，", "、").split("、") if name.strip()]


def _deadline(text: str) -> dict[str, Any]:
    try:
        return to_json(parse_deadline(json.loads(text)))
    except json.JSONDecodeError as error:
        raise BadDeadline(
            f'a deadline is JSON such as {{"kind":"fixed","date":"2026-10-03"}}, got {text!r} ({error.msg})'
        ) from None


FIELDS: dict[str, Callable[[str], Any]] = {
    "responsible": _text,
    "responsible_units": _names,
    "units": _names,
    "action": _text,
    "deliverable": _optional,
    "recipient": _optional,
    "condition": _optional,
    "consequence": _optional,
    "trigger_event": _optional,
    "article": _optional,
    "deadline": _deadline,
    "tier": Tier,
    "modality": Modality,
}
"""The fields that a person may correct, and how the text of a value is read."""


def _parsed(session: Session, name: str, text: str) -> Any:
    if name not in FIELDS:
        raise BadCorrection(f"no field {name!r} can be corrected; the fields are {', '.join(FIELDS)}")
    try:
        value = FIELDS[name](text)
    except ValueError as error:
        if isinstance(error, DomainError):
            raise
        options = ", ".join(Tier if name == "tier" else Modality)
        raise BadCorrection(f"{name} must be one of {options}, got {text!r}") from None
    if name == "units":
        for code in value:
            units.get(session, code)
    return value
