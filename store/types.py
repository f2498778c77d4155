"""Column types that keep the promises of the domain."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect
from sqlalchemy.types import TypeDecorator


class NaiveInstant(ValueError):
    """An instant without a zone was about to be stored."""


class UtcInstant(TypeDecorator[datetime]):
    """An instant, stored in UTC and read back aware; a naive value is refused.

    PostgreSQL keeps `timestamptz`; SQLite, which has no such type, the naive UTC value.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return `value` in UTC.

        Raises:
            NaiveInstant: `value` has no zone.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise NaiveInstant(f"an instant needs a zone, such as 2026-09-29T09:00:00+08:00; got {value.isoformat()}")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return `value` as an aware instant in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
