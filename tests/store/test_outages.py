"""What an outage of the database looks like to its callers, and that it passes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.event import listen
from sqlmodel import text

from store.database import Store, open_store, sqlite_url
from store.errors import Trouble, Unavailable
from store.presence import mark_presence
from store.rows import UnitRow
from tests.postgres import PostgresServer


@pytest.fixture
def embedded(sqlite_template: Path, tmp_path: Path) -> Iterator[Store]:
    """A SQLite store that waits for a lock for a moment only."""
    (tmp_path / "duban.sqlite3").write_bytes(sqlite_template.read_bytes())
    opened = open_store(sqlite_url(tmp_path))
    listen(opened.engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout = 50"))
    opened.engine.dispose()
    yield opened
    opened.close()


@pytest.fixture
def distributed(postgres: PostgresServer) -> Iterator[Store]:
    """A store on PostgreSQL."""
    opened = open_store(postgres.empty_database())
    yield opened
    opened.close()


def add_unit(store: Store, code: str = "u", name: str = "局") -> None:
    with store.writing() as session:
        session.add(UnitRow(code=code, name=name))


def codes(store: Store) -> list[str]:
    with store.reading() as session:
        return [code for (code,) in session.connection().execute(text("select code from unit order by code"))]


def fails(store: Store, code: str = "u", name: str = "局") -> Trouble:
    with pytest.raises(Unavailable) as caught:
        add_unit(store, code, name)
    return caught.value.trouble


def test_a_lock_of_another_program_is_named_reading_goes_on_and_it_passes(embedded: Store, tmp_path: Path) -> None:
    add_unit(embedded, "before")
    other = sqlite3.connect(tmp_path / "duban.sqlite3", isolation_level=None)
    other.execute("begin immediate")
    assert fails(embedded) is Trouble.BUSY
    assert codes(embedded) == ["before"]
    other.execute("rollback")
    other.close()
    add_unit(embedded)
    assert codes(embedded) == ["before", "u"]


def test_a_full_database_is_named_keeps_what_it_has_and_goes_on_once_there_is_room(embedded: Store) -> None:
    add_unit(embedded, "before")
    pages = {"most": 1}
    listen(embedded.engine, "checkout", lambda connection, *_: connection.execute(
        f"PRAGMA max_page_count = {pages['most']}"))  # fmt: skip
    large = "长" * 100_000
    assert fails(embedded, name=large) is Trouble.FULL
    assert codes(embedded) == ["before"]
    pages["most"] = 1_000_000
    add_unit(embedded, name=large)
    assert codes(embedded) == ["before", "u"]


def test_a_database_that_may_not_be_written_is_named(embedded: Store) -> None:
    listen(embedded.engine, "checkout", lambda connection, *_: connection.execute("PRAGMA query_only = on"))
    assert fails(embedded) is Trouble.DISK
    assert codes(embedded) == []


def test_what_is_wrong_with_a_statement_is_no_outage(store: Store) -> None:
    with pytest.raises(Exception, match="nowhere") as caught, store.reading() as session:
        session.connection().execute(text("select * from nowhere"))
    assert not isinstance(caught.value, Unavailable)


def end(store: Store, number: int) -> None:
    """End one process of PostgreSQL, and with it its connection."""
    with store.writing() as session:
        session.connection().execute(text("select pg_terminate_backend(:n, 5000)"), {"n": number})


def test_a_connection_that_ends_in_the_midst_keeps_nothing_and_the_next_one_works(distributed: Store) -> None:
    with pytest.raises(Unavailable) as caught, distributed.writing() as session:
        session.add(UnitRow(code="u", name="局"))
        session.flush()
        end(distributed, session.connection().scalar(text("select pg_backend_pid()")) or 0)
    assert caught.value.trouble is Trouble.AWAY
    assert codes(distributed) == []
    add_unit(distributed)
    assert codes(distributed) == ["u"]


def test_a_row_that_somebody_holds_is_named(distributed: Store) -> None:
    add_unit(distributed)
    rename = text("update unit set name = '处' where code = 'u'")
    with distributed.writing() as holder:
        holder.connection().execute(rename)
        with pytest.raises(Unavailable) as caught, distributed.writing() as session:
            session.connection().execute(text("set local lock_timeout = 50"))
            session.connection().execute(rename)
    assert caught.value.trouble is Trouble.BUSY


def test_no_server_at_all_is_named(distributed: Store, tmp_path: Path) -> None:
    nobody = {"host": str(tmp_path)}
    listen(distributed.engine, "do_connect", lambda _dialect, _record, _given, where: where.update(nobody))
    distributed.engine.dispose()
    assert fails(distributed) is Trouble.AWAY


def test_a_mark_that_the_server_lost_is_made_again(distributed: Store) -> None:
    mine = mark_presence(distributed)
    mine.share()
    mine.renew()
    holder = text("select pid from pg_locks where locktype = 'advisory' and granted")
    with distributed.reading() as session:
        (number,) = session.connection().execute(holder).scalars()
    end(distributed, number)
    mine.renew()
    other = mark_presence(distributed)
    assert not other.alone
    for mark in (mine, other):
        mark.close()
