"""Whether another process works on the same store: a mark that goes away with its process, however that ends."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from store.database import Store
from store.outages import declared

try:
    import fcntl
except ImportError:  # not on Windows: there, what a dead process had claimed returns when its lease ends
    fcntl = None  # type: ignore[assignment] # absent is what the code below asks about

_LOCK = 0x647562616E  # "duban"
_SHARED = "select pg_advisory_lock_shared(:lock)"


class Presence(Protocol):
    """A mark on a store. `alone`: no other process had one when this one was made."""

    alone: bool

    def share(self) -> None:
        """Let others make theirs, once what the dead left behind is settled."""
        ...

    def renew(self) -> None:
        """Make it again where the database has lost it: it goes with the connection that holds it."""
        ...

    def close(self) -> None:
        """Take the mark away."""
        ...


def mark_presence(store: Store) -> Presence:
    """Mark `store` as being worked on by this process."""
    if store.engine.dialect.name == "sqlite":
        return _FileMark(Path(store.engine.url.database or "").parent)
    return _SessionMark(store.engine)


class _FileMark:
    """A lock on a file beside the SQLite file, which the kernel keeps."""

    def __init__(self, folder: Path) -> None:
        self._file = os.open(folder / "serving.lock", os.O_RDWR | os.O_CREAT, 0o600)
        self.alone = False
        if fcntl is None:
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.alone = True
        except OSError:
            fcntl.flock(self._file, fcntl.LOCK_SH)

    def share(self) -> None:
        if fcntl is not None:
            fcntl.flock(self._file, fcntl.LOCK_SH)

    def renew(self) -> None:
        """Leave it: the kernel loses no lock."""

    def close(self) -> None:
        os.close(self._file)


class _SessionMark:
    """An advisory lock that PostgreSQL keeps as long as the connection of this process lives."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._one_at_a_time = Lock()
        self._connection = self._connect()
        self.alone = bool(self._ask("select pg_try_advisory_lock(:lock)"))
        if not self.alone:
            self._ask(_SHARED)

    def share(self) -> None:
        with self._one_at_a_time:
            if self.alone:
                self._ask(_SHARED)
                self._ask("select pg_advisory_unlock(:lock)")

    def renew(self) -> None:
        with self._one_at_a_time, declared():
            if self._lives():
                return
            lost, self._connection = self._connection, self._connect()
            lost.close()
            self._ask(_SHARED)

    def close(self) -> None:
        with self._one_at_a_time:
            self._connection.invalidate()  # what a pooled connection kept open would still hold the lock
            self._connection.close()

    def _lives(self) -> bool:
        try:
            return not self._connection.invalidated and bool(self._connection.scalar(text("select 1")))
        except DBAPIError:
            if self._connection.invalidated:
                return False
            raise

    def _connect(self) -> Connection:
        return self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")

    def _ask(self, statement: str) -> Any:
        return self._connection.scalar(text(statement), {"lock": _LOCK})
