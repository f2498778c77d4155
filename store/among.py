"""Whether a column's value is one of many: the many travel as one parameter, however many they are.

`IN` with a place for each value costs more to put together than to run.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import BigInteger, Dialect, Text, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType, TypeDecorator, TypeEngine


class among(FunctionElement[Any]):  # noqa: N801 - a function of SQL
    """`among(column, "name")` holds where the column's value is in the collection given as parameter `name`.

    It has no type: to a Boolean SQLAlchemy would add `= 1` for SQLite, which then scans the whole table.
    """

    inherit_cache = True
    name = "among"
    type = NullType()

    def __init__(self, column: Any, name: str) -> None:
        values = _Numbers() if column.type.python_type is int else _Names()
        super().__init__(column, bindparam(name, type_=values))


@compiles(among, "sqlite")
def _in_json(element: among, compiler: Any, **given: Any) -> str:
    column, values = (compiler.process(each, **given) for each in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - both are SQLAlchemy's own


@compiles(among, "postgresql")
def _any_of_array(element: among, compiler: Any, **given: Any) -> str:
    column, values = (compiler.process(each, **given) for each in element.clauses)
    return f"{column} = ANY ({values})"


class _Names(TypeDecorator[Collection[str]]):
    """Texts, as PostgreSQL's array or as JSON."""

    impl = Text
    cache_ok = True
    item: TypeEngine[Any] = Text()

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type by which a driver takes many values."""
        return dialect.type_descriptor(ARRAY(self.item) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Collection[Any] | None, dialect: Dialect) -> Any:
        """Return the values as a driver takes them."""
        many = list(value or ())
        return many if dialect.name == "postgresql" else json.dumps(many)


class _Numbers(_Names):
    """Whole numbers, likewise."""

    cache_ok = True
    item = BigInteger()
