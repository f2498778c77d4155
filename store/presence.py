"""Whether another process works on the same store: a mark that goes away with its process, however that ends."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, text

from store.database import Store

try:
    import fcntl
except ImportError:  # not on Windows: there, what a dead process had claimed returns when its lease ends
    fcntl = None  # type: ignore[assignment] # absent is what the code below asks about

_LOCK = 0x647562616E  # "duban"


class Presence(Protocol):
    """A mark on a store. `alone`: no other process had one when this one was made."""

    alone: bool

    def share(self) -> None:
        """Let others make theirs, once what the dead left behind is settled."""
        ...

    def close(self) -> None:
        """Take the mark away."""
        ...


def mark_presence(store: Store) -> Presence:
    """Mark `store` as being worked on by this process."""
    if store.engine.dialect.name == "sqlite":
        return _FileMark(Path(store.engine.url.database or "").parent)
    return _SessionMark(store.engine.connect().execution_options(isolation_level="AUTOCOMMIT"))


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

    def close(self) -> None:
        os.close(self._file)


class _SessionMark:
    """An advisory lock that PostgreSQL keeps as long as the connection of this process lives."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.alone = bool(connection.scalar(text("select pg_try_advisory_lock(:lock)"), {"lock": _LOCK}))
        if not self.alone:
            connection.execute(text("select pg_advisory_lock_shared(:lock)"), {"lock": _LOCK})

    def share(self) -> None:
        if self.alone:
            for statement in ("select pg_advisory_lock_shared(:lock)", "select pg_advisory_unlock(:lock)"):
                self._connection.execute(text(statement), {"lock": _LOCK})

    def close(self) -> None:
        self._connection.invalidate()  # what a pooled connection kept open would still hold the lock
        self._connection.close()
