"""Tells an outage of the database, which passes, from an error in a statement, which does not."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoFreeConnection

from store.errors import Trouble, Unavailable

# Primary result codes, https://www.sqlite.org/rescode.html
_SQLITE = {
    sqlite3.SQLITE_BUSY: Trouble.BUSY,
    sqlite3.SQLITE_LOCKED: Trouble.BUSY,
    sqlite3.SQLITE_PROTOCOL: Trouble.BUSY,
    sqlite3.SQLITE_FULL: Trouble.FULL,
    sqlite3.SQLITE_IOERR: Trouble.DISK,
    sqlite3.SQLITE_READONLY: Trouble.DISK,
    sqlite3.SQLITE_CANTOPEN: Trouble.DISK,
}

# Classes and codes of SQLSTATE, PostgreSQL appendix A
_POSTGRESQL = {
    "53100": Trouble.FULL,
    "53": Trouble.BUSY,  # out of connections or memory
    "40": Trouble.BUSY,  # a deadlock, or another transaction was first
    "55P03": Trouble.BUSY,
    "08": Trouble.AWAY,
    "57P": Trouble.AWAY,  # it shuts down, has crashed or is still starting
    "58": Trouble.DISK,
}


@contextmanager
def declared() -> Iterator[None]:
    """Raise `Unavailable` in place of a driver's error that says so; let every other error through."""
    try:
        yield
    except NoFreeConnection as error:
        raise Unavailable(Trouble.BUSY) from error
    except DBAPIError as error:
        trouble = _trouble(error)
        if trouble is None:
            raise
        raise Unavailable(trouble) from error


def _trouble(error: DBAPIError) -> Trouble | None:
    """Return what the driver's error means, `None` where it is about the statement."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return _SQLITE.get(code & 0xFF)
    state = getattr(error.orig, "sqlstate", None)
    if state is None:  # psycopg lost the connection, or never had one
        return Trouble.AWAY if error.connection_invalidated or _never_connected(error) else None
    return next((found for prefix, found in _POSTGRESQL.items() if state.startswith(prefix)), None)


def _never_connected(error: DBAPIError) -> bool:
    return error.statement is None and type(error.orig).__name__ == "OperationalError"
