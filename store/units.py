"""Units: the directory in force, and the parties that notices name and the directory does not know.

The caller owns the transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import delete, exists, insert, update
from sqlmodel import Session, col, select

from obligations.units import Directory, load_directory
from obligations.units.names import fold
from store.errors import NotFound
from store.rows import AssignmentRow, DirectoryRow, FeedRow, OccurrenceRow, SubscriptionRow, UnitRow
from store.states import FeedScope

STRANGERS: Final = "未入名录"
"""The group of the parties that the directory does not know."""


def directory_in_force(session: Session) -> Directory | None:
    """Return the directory that was last put in force, or `None` in a fresh database."""
    row = session.get(DirectoryRow, 1)
    return _directory(row.data) if row else None


def _directory(data: Mapping[str, Any]) -> Directory:
    return _loaded(json.dumps(data))


@lru_cache(maxsize=2)
def _loaded(text: str) -> Directory:
    """Load a directory, which takes longer than all else that a command does, once for each content."""
    return load_directory(json.loads(text))


def has_directory(session: Session) -> bool:
    """Whether a directory was ever put in force."""
    return session.get(DirectoryRow, 1) is not None


def put_directory(session: Session, data: Mapping[str, Any], *, now: datetime) -> Directory:
    """Put the directory file `data` in force and return it; the same file again changes nothing.

    Units that it no longer has stay as parties outside the directory while something refers
    to them, and go otherwise. Obligations keep their units until they are assigned anew.

    Raises:
        BadDirectory: an entry is malformed; nothing was written.
    """
    directory = _directory(data)
    row = session.get(DirectoryRow, 1)
    if row and row.data == data:
        return directory
    session.merge(DirectoryRow(data=dict(data), loaded_at=now))
    known = {unit.code: unit for unit in session.exec(select(UnitRow)).all()}
    new: list[dict[str, Any]] = []
    for unit in directory.units:
        fields = {"name": unit.name, "group": unit.group, "parent": unit.parent, "in_directory": True}
        if unit.code in known:
            known[unit.code].sqlmodel_update(fields)
            session.add(known[unit.code])
        else:
            new.append({"code": unit.code, **fields})
    if new:
        session.connection().execute(insert(UnitRow), new)
    gone = known.keys() - {unit.code for unit in directory.units}
    session.flush()
    session.execute(
        update(UnitRow).where(col(UnitRow.code).in_(gone)).values(in_directory=False, group=STRANGERS, parent=None)
    )
    forget_unused_parties(session)
    return directory


def listing(session: Session) -> Sequence[UnitRow]:
    """Return the units of the directory by code, then the parties outside it."""
    return session.exec(select(UnitRow).order_by(col(UnitRow.in_directory).desc(), col(UnitRow.code))).all()


def get(session: Session, code: str) -> UnitRow:
    """Return the unit with this code.

    Raises:
        NotFound: there is none.
    """
    row = session.get(UnitRow, code)
    if row is None:
        raise NotFound(f"no unit has the code {code!r}; `duban units` lists the codes, such as 530113-gongxin")
    return row


def party(session: Session, name: str) -> UnitRow:
    """Return the row of a party outside the directory, made on first use; its code depends on its name alone."""
    code = f"party-{sha256(fold(name).encode()).hexdigest()[:8]}"
    row = session.get(UnitRow, code)
    if row is None:
        row = UnitRow(code=code, name=name, group=STRANGERS, in_directory=False)
        session.add(row)
        session.flush()
    return row


def names(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """Return the names of the units with these codes."""
    rows = session.exec(select(UnitRow.code, UnitRow.name).where(col(UnitRow.code).in_(set(codes)))).all()
    return dict(rows)


def forget_unused_parties(session: Session) -> None:
    """Delete the parties outside the directory that no obligation, occurrence, subscription or feed refers to."""
    used = [
        exists().where(col(column) == col(UnitRow.code))
        for column in (AssignmentRow.unit_code, OccurrenceRow.unit_code, SubscriptionRow.unit_code, FeedRow.unit_code)
    ]
    of_persons = select(FeedRow.target).where(col(FeedRow.scope) == FeedScope.PERSON)
    kept = {code for target in session.exec(of_persons).all() for code in target.split(",")}
    session.execute(
        delete(UnitRow).where(
            col(UnitRow.in_directory).is_(False), col(UnitRow.code).not_in(kept), *[~reference for reference in used]
        )
    )
