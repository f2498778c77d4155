"""The least of the workflow: sign, close, waive, reopen; from a form or from JSON."""

from __future__ import annotations

from collections.abc import Mapping

from store.occurrences import Move, move, sign
from web.problems import BadQuery
from web.site import Site

LONGEST_NOTE = 500
LONGEST_NAME = 60
SIGN = "sign"


def settle(site: Site, occurrence_id: str, values: Mapping[str, object]) -> None:
    """Do what `values` asks: `verb` is sign, close, waive or reopen.

    `note` says why, and is kept; `by` names who signs (without it, the unit does).

    Raises:
        BadQuery: the verb is unknown, or the note is missing or too long, or so is the name.
        NotFound: there is no such occurrence.
        Refused: its state does not allow it.
    """
    verb, note = values.get("verb"), str(values.get("note") or "").strip()
    if verb == SIGN:
        _sign(site, occurrence_id, str(values.get("by") or "").strip())
        return
    if verb not in list(Move):
        raise BadQuery(f"verb must be one of {', '.join([SIGN, *Move])}, got {str(verb)[:40]!r}")
    if not 1 <= len(note) <= LONGEST_NOTE:
        raise BadQuery(f"note must say why, in 1 to {LONGEST_NOTE} characters; it has {len(note)}")
    with site.store.writing() as session:
        move(session, occurrence_id, Move(str(verb)), note=note, now=site.clock.now(), today=site.clock.today())


def _sign(site: Site, occurrence_id: str, by: str) -> None:
    if len(by) > LONGEST_NAME:
        raise BadQuery(f"by must be a name of at most {LONGEST_NAME} characters; it has {len(by)}")
    with site.store.writing() as session:
        sign(session, occurrence_id, by=by or None, now=site.clock.now())
