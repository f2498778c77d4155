"""Calendar addresses: made, found by their secret, replaced, withdrawn, and what their owners chose."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import uuid4

from sqlalchemy import bindparam, func, select, update
from sqlmodel import Session, col

from obligations.kind import Kind
from store import notices, obligations, units
from store.errors import NotFound, Refused
from store.feed_items import BETWEEN_UNITS, Pulse, Scope, pulse_of
from store.rows import FeedRow, OccurrenceRow
from store.states import FeedScope

SECRET_BYTES = 32
GRACE = timedelta(days=14)
"""For how long a replaced address still answers, with one entry that says so."""

NAME_KEPT = 60
_KEPT = {"unit_code", "scope", "target", "name", "label", "done", "alarms", "written", "gzip"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the owner of an address chose: done items, alarms, a second entry on the written day, compression."""

    done: bool = True
    alarms: bool = False
    written: bool = False
    gzip: bool = True


@dataclass(frozen=True, slots=True)
class Feed:
    """One calendar address as its reader meets it."""

    id: str
    scope: Scope
    name: str
    choices: Choices
    created_at: datetime
    replaced_at: datetime | None
    revoked_at: datetime | None
    fetched_at: datetime | None
    client: str | None

    def is_gone(self, now: datetime) -> bool:
        """Whether it was withdrawn, or replaced longer ago than the grace."""
        return self.revoked_at is not None or (self.replaced_at is not None and now >= self.replaced_at + GRACE)


_FIELDS = "id scope target name done alarms written gzip created_at replaced_at revoked_at fetched_at client"
_FIND = (
    select(
        *(col(getattr(FeedRow, name)) for name in _FIELDS.split()),
        func.count(col(OccurrenceRow.id)),
        func.max(col(OccurrenceRow.changed_at)),
        func.coalesce(func.sum(col(OccurrenceRow.sequence)), 0),
        func.coalesce(func.sum(col(OccurrenceRow.version)), 0),
    )
    .outerjoin(OccurrenceRow, col(OccurrenceRow.unit_code) == col(FeedRow.unit_code))
    .where(col(FeedRow.secret_sha256) == bindparam("digest"))
    .group_by(col(FeedRow.id))
)  # built once: to put it together costs more than to run it


def create_feed(
    session: Session, scope: Scope | str, *, now: datetime, label: str | None = None, choices: Choices | None = None
) -> str:
    """Add a calendar address for `scope` (or for the unit with that code); return its secret, which is kept nowhere.

    Raises:
        NotFound: the unit, notice or obligation does not exist.
        Refused: the obligation is not a right that residents can use.
    """
    scope = Scope(FeedScope.UNIT, scope) if isinstance(scope, str) else scope
    secret = secrets.token_urlsafe(SECRET_BYTES)
    chosen = choices or Choices()
    session.add(
        FeedRow(
            id=uuid4().hex[:12],
            unit_code=scope.target if scope.kind is FeedScope.UNIT else None,
            scope=scope.kind,
            target=scope.target,
            name=_name(session, scope)[:NAME_KEPT],
            secret_sha256=_digest(secret),
            label=label,
            created_at=now,
            done=chosen.done,
            alarms=chosen.alarms,
            written=chosen.written,
            gzip=chosen.gzip,
        )
    )
    return secret


def find_feed(session: Session, secret: str) -> tuple[Feed, Pulse] | None:
    """Return the address with this secret and the pulse of its calendar.

    The search is by the secret's digest, so its time says nothing about the secret. Every poll
    of every reader asks this, and for a unit's calendar it needs nothing more.
    """
    row = session.connection().execute(_FIND, {"digest": _digest(secret)}).one_or_none()
    if row is None:
        return None
    scope = Scope(FeedScope(row.scope), row.target)
    choices = Choices(done=row.done, alarms=row.alarms, written=row.written, gzip=row.gzip)
    feed = Feed(
        row.id, scope, row.name, choices, row.created_at, row.replaced_at, row.revoked_at, row.fetched_at, row.client
    )
    return feed, Pulse(*row[-4:]) if scope.kind is FeedScope.UNIT else pulse_of(session, scope)


def list_feeds(session: Session) -> Sequence[FeedRow]:
    """Return every address, the oldest first."""
    return session.execute(select(FeedRow).order_by(col(FeedRow.created_at), col(FeedRow.id))).scalars().all()


def rotate_feed(session: Session, feed_id: str, *, now: datetime) -> str:
    """Replace an address by a new one with the same label and choices; return the new secret.

    The old one says for `GRACE` that it was replaced, and is gone then.

    Raises:
        NotFound: there is no such address.
        Refused: it was withdrawn or replaced already.
    """
    old = _in_use(session, feed_id)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    kept = old.model_dump(
        include={"unit_code", "scope", "target", "name", "label", "done", "alarms", "written", "gzip"}
    )
    session.add(FeedRow(**kept, id=uuid4().hex[:12], secret_sha256=_digest(secret), created_at=now))
    old.replaced_at = now
    session.add(old)
    return secret


def revoke_feed(session: Session, feed_id: str, *, now: datetime) -> None:
    """Withdraw an address at once; errors as in `rotate_feed`."""
    row = _in_use(session, feed_id)
    row.revoked_at = now
    session.add(row)


def choose(session: Session, feed_id: str, values: dict[str, bool], *, label: str | None = None) -> FeedRow:
    """Change the choices named in `values` and, where it is given, the label; errors as in `rotate_feed`."""
    row = _in_use(session, feed_id)
    for name, value in values.items():
        setattr(row, name, value)
    row.label = label or row.label
    session.add(row)
    return row


def note_fetch(session: Session, feed_id: str, *, now: datetime, client: str | None) -> None:
    """Keep when a calendar was last asked for, and by which program, for its owner to see."""
    session.execute(update(FeedRow).where(col(FeedRow.id) == feed_id).values(fetched_at=now, client=client))


def _in_use(session: Session, feed_id: str) -> FeedRow:
    row = session.get(FeedRow, feed_id)
    if row is None:
        raise NotFound(f"no calendar address has the id {feed_id!r}; `duban feeds list` prints the ids")
    if row.revoked_at or row.replaced_at:
        raise Refused(f"the calendar address {feed_id} was withdrawn or replaced already; make a new one")
    return row


def _name(session: Session, scope: Scope) -> str:
    if scope.kind is FeedScope.UNIT:
        return units.get(session, scope.target).name
    if scope.kind is FeedScope.PERSON:
        return "、".join(units.get(session, code).name for code in scope.target.split(BETWEEN_UNITS))
    if scope.kind is FeedScope.NOTICE:
        return notices.get(session, scope.target).title or scope.target
    if scope.kind is FeedScope.OBJECTION:
        row = obligations.get(session, scope.target)
        if row.kind != Kind.RIGHT:
            raise Refused(f"only a right such as an objection has a public calendar; {scope.target} is a {row.kind}")
        return row.action
    return scope.target


def _digest(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
