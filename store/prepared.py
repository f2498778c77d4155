"""Statements of the hot path: compiled once for each kind of database, and run without being looked at again.

What SQLAlchemy does for every execution, from the key of its cache to the types of the rows, costs several times
what SQLite needs for a statement that touches a few rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, CursorResult, Dialect, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import ClauseElement
from sqlmodel import SQLModel

from store.types import UtcInstant

Values = Mapping[str, Any]


INSERTS: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
"""By kind of database, the `insert` that can say what happens on a conflict."""


class Prepared:
    """A statement with named parameters. Its rows come as the driver gives them: good for texts and whole numbers.

    Given a function, it is what that makes of the `insert` of the database.
    """

    def __init__(self, statement: ClauseElement | Callable[[Any], ClauseElement]) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def run(self, connection: Connection, values: Values) -> CursorResult[Any]:
        """Run it once."""
        compiled = self._for(connection.dialect)
        return connection.exec_driver_sql(compiled.text, compiled.parameters(values))

    def run_many(self, connection: Connection, rows: Sequence[Values]) -> int:
        """Run it for each of `rows`, if there are any; return how many rows of the table that touched."""
        if not rows:
            return 0
        compiled = self._for(connection.dialect)
        parameters = [compiled.parameters(row) for row in rows]
        counted = {"preserve_rowcount": True}
        return connection.exec_driver_sql(compiled.text, parameters, execution_options=counted).rowcount

    def _for(self, dialect: Dialect) -> _Compiled:
        if dialect.name not in self._compiled:
            statement = self._statement
            if not isinstance(statement, ClauseElement):
                statement = statement(INSERTS[dialect.name])
            self._compiled[dialect.name] = _Compiled(statement, dialect)
        return self._compiled[dialect.name]


def values_of(row: type[SQLModel], names: Iterable[str]) -> dict[str, Any]:
    """Return a parameter for each of these columns of a record, of its type, for `insert(row).values(…)`."""
    return {name: bindparam(name, type_=getattr(row, name).type) for name in names}


class _Compiled:
    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        self.text = str(compiled)
        self._order: Sequence[str] | None = compiled.positiontup
        self._encoders: list[tuple[str, Callable[[Any], Any] | None]] = []
        self._fixed: dict[str, Any] = {}
        for bind, name in compiled.bind_names.items():
            encode = bind.type.dialect_impl(dialect).bind_processor(dialect)
            if encode and isinstance(bind.type, UtcInstant):
                encode = lru_cache(maxsize=64)(encode)  # one instant is often written in many rows
            if bind.required:
                self._encoders.append((name, encode))
            else:
                self._fixed[name] = encode(bind.value) if encode else bind.value

    def parameters(self, values: Values) -> Any:
        """Return `values`, and what the statement itself fixes, as the driver takes them."""
        given = self._fixed | {
            name: encode(values[name]) if encode else values[name] for name, encode in self._encoders
        }
        return given if self._order is None else tuple(given[name] for name in self._order)
