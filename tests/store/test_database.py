"""The embedded database opens, migrates, keeps its promises and refuses what it cannot use."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import SQLModel, select, text

from store.database import open_store, sqlite_url
from store.errors import CannotMigrate
from store.rows import TickRow, UnitRow

NOON = datetime(2026, 9, 29, 4, tzinfo=UTC)


def test_migrations_build_exactly_the_tables_of_the_rows(tmp_path: Path) -> None:
    store = open_store(sqlite_url(tmp_path))
    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []
    store.close()


def test_an_instant_comes_back_as_the_same_instant_and_a_naive_one_is_refused(tmp_path: Path) -> None:
    store = open_store(sqlite_url(tmp_path))
    with store.writing() as session:
        session.add(TickRow(name="send", ok_at=NOON))
    with store.reading() as session:
        assert session.exec(select(TickRow)).one().ok_at == NOON
    with pytest.raises(StatementError, match="needs a zone"), store.writing() as session:
        session.add(TickRow(name="plan", ok_at=NOON.replace(tzinfo=None)))
    store.close()


def test_a_failed_block_keeps_nothing(tmp_path: Path) -> None:
    store = open_store(sqlite_url(tmp_path))
    with pytest.raises(IntegrityError), store.writing() as session:
        session.add(UnitRow(code="530113", name="东川区"))
        session.flush()
        session.execute(insert(UnitRow).values(code="530113", name="again", in_directory=True))
    with store.reading() as session:
        assert session.exec(select(UnitRow)).all() == []
    store.close()


def test_a_newer_schema_and_a_foreign_file_are_refused_with_advice(tmp_path: Path) -> None:
    store = open_store(sqlite_url(tmp_path))
    with store.writing() as session:
        session.connection().execute(text("update alembic_version set version_num = 'from-the-future'"))
    store.close()
    with pytest.raises(CannotMigrate, match="newer release"):
        open_store(sqlite_url(tmp_path))
    other = tmp_path / "other"
    other.mkdir()
    (other / "duban.sqlite3").write_bytes(b"this is not a database, only a long enough piece of text" * 40)
    with pytest.raises(CannotMigrate, match="cannot be opened"):
        open_store(sqlite_url(other))
