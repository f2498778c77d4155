"""The pages as JSON: the same query, the same validation, the same numbers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from obligations.status import Light
from store.rows import AttemptRow, ChangeRow, NoticeRow, ObligationRow, OccurrenceRow, UnitRow
from web import listings, settling, views
from web.presentation import stamp
from web.site import site

Row = UnitRow | NoticeRow | ObligationRow | OccurrenceRow | ChangeRow | AttemptRow
blueprint = Blueprint("api", __name__, url_prefix="/api")


@blueprint.get("/board")
def board() -> Response:
    """The board: `as_of`, `counts` by light, and one page of `rows`."""
    return jsonify(_board(views.read_board(site(), views.parse_query(request.args))))


@blueprint.get("/occurrences/<occurrence_id>")
def occurrence(occurrence_id: str) -> Response:
    """One occurrence with its readings, trace, sentence, history and messages."""
    view = views.read_case(site(), occurrence_id)
    case = view.case
    return jsonify(
        as_of=_as_of(view.as_of),
        **_line(view.line),
        occurrence=_row(case.occurrence),
        duty=_row(case.obligation),
        sentence=case.notice.text[case.obligation.evidence_start : case.obligation.evidence_end],
        history=[_row(change) for change in view.changes],
        messages=[
            {
                "step": message.reminder.step,
                "state": message.reminder.state,
                "send_at": stamp(message.reminder.send_at),
                "channel": message.recipient.kind,
                "recipient": message.mailbox,
                "delivery": message.delivery and message.delivery.id,
                "attempts": [_row(attempt) for attempt in message.attempts],
            }
            for message in view.messages
        ],
        chain=view.chain,
    )


@blueprint.post("/occurrences/<occurrence_id>")
def settle(occurrence_id: str) -> Response:
    """Sign for an occurrence, close, waive or reopen it: `{"verb": "close", "note": "…"}`; answers as `GET` does."""
    body = request.get_json()
    settling.settle(site(), occurrence_id, body if isinstance(body, dict) else {})
    return occurrence(occurrence_id)


@blueprint.get("/units")
def units() -> Response:
    """Every unit with its counts."""
    as_of, lines = listings.read_units(site())
    counted = [{**_row(line.unit), "pending": line.pending, "overdue": line.overdue, "all": line.all} for line in lines]
    return jsonify(as_of=_as_of(as_of), units=counted)


@blueprint.get("/units/<code>")
def unit(code: str) -> Response:
    """One unit with its part of the board."""
    found = views.read_board(site(), views.parse_query(request.args | {"unit": code}))
    assert found.unit is not None
    return jsonify(unit=_row(found.unit), **_board(found))


@blueprint.get("/notices")
def notices() -> Response:
    """Every notice without its text."""
    lines = listings.read_notices(site())
    return jsonify(
        notices=[{**_row(line.notice, leave_out=frozenset({"text"})), "kinds": dict(line.kinds)} for line in lines]
    )


@blueprint.get("/notices/<notice_id>")
def notice(notice_id: str) -> Response:
    """One notice with its text and everything read from it; offsets count `str` characters."""
    view = listings.read_notice(site(), notice_id)
    duties = [{**_row(duty), "occurrences": view.occurrences.get(duty.id, 0)} for duty in view.obligations]
    return jsonify(notice=_row(view.notice), obligations=duties)


@blueprint.get("/undated")
def undated() -> Response:
    """What has no date yet, and what it lacks."""
    lines = listings.read_undated(site(), request.args.get("unit") or None)
    return jsonify(
        undated=[
            {
                **_row(line.obligation),
                "units": [unit.code for unit in line.units],
                "in_review": line.in_review,
                "missing": [{"key": item.value, "zh": item.text("zh"), "en": item.text("en")} for item in line.missing],
            }
            for line in lines
        ]
    )


def _board(found: views.Board) -> dict[str, Any]:
    return {
        "as_of": _as_of(found.as_of),
        "counts": [{"light": _light(count.key, count.light), "rows": count.rows} for count in found.counts],
        "pending": found.pending,
        "undated": found.undated,
        "total": found.total,
        "page": found.query.page,
        "pages": found.pages,
        "rows": [_line(line) for line in found.lines],
    }


def _as_of(as_of: views.AsOf) -> dict[str, Any]:
    return {
        "day": as_of.day.isoformat(),
        "working": as_of.working,
        "name": as_of.fact.name,
        "status": as_of.fact.status.value,
        "holidays_loaded_to": as_of.loaded_year,
    }


def _light(key: str, light: Light) -> dict[str, str]:
    return {"key": key, "shape": light.shape, "zh": light.zh, "en": light.en, "colour": light.colour}


def _line(line: views.Line) -> dict[str, Any]:
    row = line.row
    return {
        "id": row.id,
        "unit": row.unit_code,
        "unit_name": row.unit_name,
        "obligation": row.obligation_id,
        "kind": row.kind,
        "action": row.action,
        "deliverable": row.deliverable,
        "recipient": row.recipient,
        "period": row.period,
        "written_on": row.written_on.isoformat(),
        "due_on": row.due_on.isoformat(),
        "due_at": stamp(row.due_at),
        "safe_on": row.safe_on and row.safe_on.isoformat(),
        "opens_on": row.opens_on and row.opens_on.isoformat(),
        "overdue_from": row.overdue_from.isoformat(),
        "act_now": row.act_now,
        "provisional": row.provisional,
        "status": line.status,
        "light": _light(row.light, line.light),
        "days_overdue": line.days_overdue,
        "working_days_overdue": line.working_overdue or 0,
        "working_days_left": line.working_left,
        "notice": row.notice_id,
        "notice_title": row.notice_title,
        "doc_number": row.doc_number,
        "changed_at": stamp(row.changed_at),
    }


def _row(row: Row, leave_out: frozenset[str] = frozenset()) -> dict[str, Any]:
    return {name: _plain(getattr(row, name)) for name in type(row).model_fields if name not in leave_out}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return stamp(value)
    return value.isoformat() if isinstance(value, date) else value
