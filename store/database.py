"""Opens the database, SQLite or PostgreSQL, and hands out sessions: one transaction each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session as Session  # noqa: PLC0414 - the type that callers outside the store may name
from sqlmodel import create_engine

from store.errors import CannotMigrate
from store.outages import declared

BUSY_TIMEOUT_MS = 10_000
_MIGRATIONS = Path(__file__).parent / "migrations"


@dataclass(frozen=True, slots=True)
class Store:
    """A database that is up to date. Threads may share it; each session belongs to one."""

    engine: Engine

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Yield a session that sees one snapshot and keeps nothing.

        Raises:
            Unavailable: the database is locked, full, broken or away; so do the other sessions.
        """
        with declared(), Session(self.engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Yield a session that commits at the end, or keeps nothing if the block raises.

        SQLite takes its write lock at once (BEGIN IMMEDIATE), so a reader never has to
        become a writer half-way, the case in which a busy time-out does not help.
        """
        engine = self.engine.execution_options(duban_writes=True)
        with declared(), Session(engine, expire_on_commit=False) as session:
            yield session
            session.commit()

    def tidy(self) -> None:
        """Have SQLite renew the statistics that its query planner goes by; PostgreSQL looks after itself."""
        if self.engine.dialect.name == "sqlite":
            with self.writing() as session:
                session.connection().exec_driver_sql("PRAGMA optimize = 0x10002")

    @contextmanager
    def rehearsing(self) -> Iterator[Session]:
        """Yield a session that sees what it writes and keeps nothing: a dry run."""
        engine = self.engine.execution_options(duban_writes=True)
        with declared(), Session(engine, expire_on_commit=False) as session:
            yield session

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def sqlite_url(folder: Path) -> str:
    """Return the address of the embedded database in `folder`."""
    return f"sqlite:///{folder / 'duban.sqlite3'}"


def open_store(url: str) -> Store:
    """Open the database at `url`, a SQLAlchemy address, and bring its schema up to date.

    Raises:
        CannotMigrate: it was written by a newer release, or is not a database at all.
    """
    engine = create_engine(_with_driver(url), pool_pre_ping=not url.startswith("sqlite"), pool_use_lifo=True)
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    try:
        _migrate(engine)
    except BaseException:
        engine.dispose()
        raise
    return Store(engine)


def _with_driver(url: str) -> str:
    for plain in ("postgres://", "postgresql://"):
        if url.startswith(plain):
            return "postgresql+psycopg://" + url.removeprefix(plain)
    return url


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def configure(dbapi_connection: Any, _record: Any) -> None:
        # pysqlite's own transaction handling is switched off; BEGIN is ours, below.
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("duban_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _migrate(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    try:
        with engine.execution_options(duban_writes=True).begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError as error:
        raise CannotMigrate(
            f"the database was written by a newer release of duban ({error}): install that release, or restore a backup"
        ) from error
    except DatabaseError as error:
        raise CannotMigrate(
            f"the database cannot be opened or brought up to date ({error.orig}): check that the file or address is a "
            "duban database and that this user may write to it"
        ) from error
