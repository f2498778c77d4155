"""Fixtures for every test: a store on each database, so that what holds on one is shown on both."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.event import listen

from store.database import Store, open_store, sqlite_url
from tests.acceptance.processes import Processes
from tests.postgres import PostgresServer, running_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server of this test session."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty embedded database: copying it is quicker than migrating for every test."""
    folder = tmp_path_factory.mktemp("template")
    open_store(sqlite_url(folder)).close()
    return folder / "duban.sqlite3"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database with an up-to-date schema: one of each kind in turn."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "duban.sqlite3")
        return sqlite_url(tmp_path)
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.empty_database()


@pytest.fixture
def processes() -> Iterator[Processes]:
    """Real daemons, all of which have ended after the test."""
    started = Processes()
    yield started
    started.close()


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An empty store: SQLite and PostgreSQL in turn."""
    opened = open_store(database_url)
    if opened.engine.dialect.name == "sqlite":
        # What is written survives a killed process all the same; only a power cut could tell the difference.
        listen(opened.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
        opened.engine.dispose()
    yield opened
    opened.close()
