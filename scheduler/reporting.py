"""Trigger events reported by a person: which duties they concern, and what becomes of their dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from obligations.deadline import Direction
from obligations.errors import DomainError
from obligations.events import event_key
from scheduler.expansion import Expansion, expand
from scheduler.ingest import Desk
from store import events, obligations, occurrences
from store.database import Session
from store.errors import NotFound
from store.rows import EventRow, NoticeRow, ObligationRow, OccurrenceRow, UnitRow
from store.states import EventScope, OccurrenceState

FINISHED = (OccurrenceState.CLOSED, OccurrenceState.WAIVED)
_BACKWARDS = (Direction.BEFORE, Direction.UNTIL)


class UnknownEvent(DomainError):
    """Nothing that concerns the target waits for an event of this name."""


class FutureEvent(DomainError):
    """An event was reported that has not happened yet, and no duty counts back from it."""


@dataclass(frozen=True, slots=True)
class Reported:
    """An event on record: the obligations it matched, the occurrences it gave, the record it replaced, if any."""

    event: EventRow
    replaced: EventRow | None
    obligations: Sequence[ObligationRow]
    occurrences: Sequence[OccurrenceRow]
    expansion: Expansion


def report_event(
    session: Session, *, target: str, name: str, happened_at: datetime, desk: Desk, another: bool = False
) -> Reported:
    """Record that `name` happened at `happened_at`, and date what waited for it; the caller owns the transaction.

    `target` is the code of a unit, or the id of a notice or an obligation. Reported again
    with another date, the event moves and its old date stays as history, unless everything it
    triggered is closed or waived, or `another` says so: then the same thing happened again.

    Raises:
        NotFound: there is no such target.
        UnknownEvent: nothing of the target waits for this event; the message lists what it waits for.
        FutureEvent: it has not happened yet, and no duty counts back from it.
    """
    scope = scope_of(session, target)
    key = event_key(name)
    waiting = waiting_for_events(session, scope, target)
    matched = [one for one in waiting if key in obligations.event_keys(one)]
    if not matched:
        raise UnknownEvent(_nothing_waits(target, name, waiting))
    if happened_at > desk.now and not any(one.deadline.get("direction") in _BACKWARDS for one in matched):
        raise FutureEvent(
            f"{name} of {target} cannot happen at {happened_at.astimezone(desk.zone).isoformat()}: that is still to "
            f"come (now: {desk.now.astimezone(desk.zone).isoformat(timespec='seconds')}); report an event once it has "
            "happened"
        )
    event, replaced = _record(session, _Fact(scope, target, key, happened_at), desk, another=another)
    expansion = expand(
        session,
        now=desk.now,
        obligation_ids=[one.id for one in matched],
        calendar=desk.calendar,
        zone=desk.zone,
        reason=f"事件“{name}”的日期由 {replaced.happened_on} 改为 {event.happened_on}" if replaced else f"事件“{name}”",
    )
    given = occurrences.of_event(session, events.identity(event))
    return Reported(event, replaced, matched, given, expansion)


def _nothing_waits(target: str, name: str, waiting: Sequence[ObligationRow]) -> str:
    events = "、".join(dict.fromkeys(one.deadline["event"] for one in waiting))
    known = f"the events it waits for are {events}" if events else "it waits for no event at all"
    return f"no active duty of {target} waits for the event {name!r} (drafts wait for `duban review` first); {known}"


def scope_of(session: Session, target: str) -> EventScope:
    """Return what `target` names.

    Raises:
        NotFound: neither a unit, nor a notice, nor an obligation.
    """
    for scope, kind in (
        (EventScope.UNIT, UnitRow),
        (EventScope.NOTICE, NoticeRow),
        (EventScope.OBLIGATION, ObligationRow),
    ):
        if session.get(kind, target) is not None:
            return scope
    raise NotFound(
        f"{target!r} is neither a unit code (530113-gongxin), nor a notice id (n2), nor an obligation id (n2-o1); "
        "`duban units` and `duban list` print them"
    )


def waiting_for_events(session: Session, scope: EventScope, target: str) -> list[ObligationRow]:
    """Return the active duties and rights of the target whose date depends on an event.

    For a unit those are its own, and those of parties outside the directory, of which it may be one.
    """
    rows = obligations.triggered(session, target if scope == EventScope.NOTICE else None)
    if scope == EventScope.OBLIGATION:
        return [one for one in rows if one.id == target]
    if scope == EventScope.NOTICE:
        return list(rows)
    assigned = obligations.assigned(session, [one.id for one in rows])
    return [
        one for one in rows if any(unit.code == target or not unit.in_directory for unit in assigned.get(one.id, ()))
    ]


class _Fact(NamedTuple):
    scope: EventScope
    target: str
    name: str
    happened_at: datetime


def _record(session: Session, fact: _Fact, desk: Desk, *, another: bool) -> tuple[EventRow, EventRow | None]:
    """Return the record in force, and the one it replaced; the same instant again is no new record."""
    known = [one for one in events.current(session, [fact.name], [fact.target]) if one.scope == fact.scope]
    last = known[-1] if known else None
    if last and not another:
        if last.happened_at == fact.happened_at:
            return last, None
        given = occurrences.of_event(session, events.identity(last))
        another = bool(given) and all(one.state in FINISHED for one in given)
    moves = None if another else last
    event = events.record(
        session,
        **fact._asdict(),
        happened_on=fact.happened_at.astimezone(desk.zone).date(),
        now=desk.now,
        moves=moves,
    )
    return event, moves
