"""A daemon whose database is locked, full or restarted while it sends: it answers, says what is wrong, and goes on."""

from __future__ import annotations

import json
import resource
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from store.database import Store
from tests.acceptance.morning import POLL, assert_delivered_once_in_effect, make_reminders, wait_for_the_ledger
from tests.acceptance.processes import Serving
from tests.acceptance.receiver import SlowReceiver
from tests.postgres import PostgresServer

pytestmark = pytest.mark.faults

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
QUICK = pytest.mark.parametrize("receiver", [0.02], indirect=True)
Serve = Callable[[], Serving]


def wait_until(receiver: SlowReceiver, holds: Callable[[], bool], seconds: float) -> None:
    """Return once `holds`; it is asked now and then."""
    for _ in range(int(seconds / POLL)):
        if holds():
            return
        receiver.wait(POLL)
    pytest.fail(f"not so within {seconds:.0f} s")


def alarmed(daemon: Serving, words: str) -> bool:
    """Whether the first page is served, and says so."""
    status, page = daemon.get("/")
    return status == 200 and words in page


def assert_it_serves(daemon: Serving) -> None:
    assert daemon.get("/healthz")[0] == 200
    assert daemon.get("/api/board")[0] == 200
    assert "duban_tick_age_seconds" in daemon.get("/metrics")[1]


@SQLITE
@QUICK
@pytest.mark.parametrize(
    "until_not_ready", [pytest.param(False, id="seconds"), pytest.param(True, id="minutes", marks=pytest.mark.soak)]
)
def test_a_database_that_another_program_keeps_locked(
    tmp_path: Path, store: Store, receiver: SlowReceiver, serve: Serve, *, until_not_ready: bool
) -> None:
    count = 50
    make_reminders(store, receiver, tmp_path, count)
    daemon = serve()
    receiver.wait_for(20)
    other = sqlite3.connect(tmp_path / "duban.sqlite3", isolation_level=None, timeout=30)
    other.execute("begin immediate")
    on_the_wire = len(receiver.arrived) + 1
    if until_not_ready:
        wait_until(receiver, lambda: daemon.get("/readyz")[0] == 503, 120)
        checks = json.loads(daemon.get("/readyz")[1])["checks"]
        assert any("kept locked by another process" in said for said in checks.values())
        assert alarmed(daemon, "数据库被别的程序占用")
    else:
        receiver.wait(3)
    assert_it_serves(daemon)
    assert len(receiver.arrived) <= on_the_wire, "nothing is sent that cannot be written down"
    other.execute("rollback")
    other.close()
    receiver.wait_for_different(count)
    wait_for_the_ledger(store, receiver)
    wait_until(receiver, lambda: daemon.get("/readyz")[0] == 200, 20)
    assert daemon.terminate() == 0
    assert_delivered_once_in_effect(store, receiver, count)
    assert receiver.duplicates() <= until_not_ready, "only what outlasts its lease may be repeated"


class Disk(Protocol):
    """The disk that holds the data of a daemon."""

    def fill(self, daemon: Serving) -> None: ...

    def free(self, daemon: Serving) -> None: ...


class SmallDisk:
    """A file system of its own, in memory."""

    def __init__(self, folder: Path) -> None:
        self._ballast = folder / "ballast"
        self._database = folder / "duban.sqlite3"

    def fill(self, _daemon: Serving) -> None:
        database = sqlite3.connect(self._database, timeout=30)
        database.execute("pragma wal_checkpoint(truncate)")  # else its log has room for a while
        database.close()
        with self._ballast.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                return

    def free(self, _daemon: Serving) -> None:
        self._ballast.unlink()


class NoMoreBytes:
    """The limit that a process may write to files, in place of a disk that only root could make."""

    def fill(self, daemon: Serving) -> None:
        resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

    def free(self, daemon: Serving) -> None:
        resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@pytest.fixture(params=["no more bytes", pytest.param("small disk", marks=pytest.mark.soak)])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    if request.param != "small disk":
        if not hasattr(resource, "prlimit"):
            pytest.skip("only Linux can limit a process that runs already")
        yield NoMoreBytes()
        return
    mount = [shutil.which("mount") or "mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(tmp_path)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a file system of its own takes root, and leave to mount")
    yield SmallDisk(tmp_path)
    subprocess.run([shutil.which("umount") or "umount", "--lazy", str(tmp_path)], check=True)


@SQLITE
@QUICK
def test_a_disk_that_is_full(tmp_path: Path, disk: Disk, store: Store, receiver: SlowReceiver, serve: Serve) -> None:
    count = 60
    make_reminders(store, receiver, tmp_path, count)
    daemon = serve()
    receiver.wait_for(20)
    disk.fill(daemon)
    words = "磁盘已满" if isinstance(disk, SmallDisk) else "数据库文件无法读写"
    wait_until(receiver, lambda: alarmed(daemon, words), 60)
    on_the_wire = len(receiver.arrived)
    receiver.wait(1)
    assert_it_serves(daemon)
    assert len(receiver.arrived) == on_the_wire < count, "nothing is sent that cannot be written down"
    disk.free(daemon)
    receiver.wait_for_different(count)
    wait_for_the_ledger(store, receiver)
    wait_until(receiver, lambda: daemon.get("/readyz")[0] == 200, 20)
    assert daemon.terminate() == 0
    assert_delivered_once_in_effect(store, receiver, count)
    assert receiver.duplicates() == 0, "nobody died: what had happened was kept until it could be written"


@POSTGRESQL
@QUICK
@pytest.mark.parametrize(("count", "restarts"), [(60, 2), pytest.param(1500, 20, marks=pytest.mark.soak)])
def test_a_database_server_that_is_restarted_in_the_midst(
    tmp_path: Path,
    store: Store,
    receiver: SlowReceiver,
    serve: Serve,
    *,
    postgres: PostgresServer,
    count: int,
    restarts: int,
) -> None:
    make_reminders(store, receiver, tmp_path, count)
    daemon = serve()
    for _ in range(restarts):
        receiver.wait_for(len(receiver.arrived) + 20)
        postgres.restart()
        assert daemon.get("/healthz")[0] == 200
    receiver.wait_for_different(count)
    wait_for_the_ledger(store, receiver)
    wait_until(receiver, lambda: daemon.get("/readyz")[0] == 200, 20)
    assert daemon.terminate() == 0
    assert_delivered_once_in_effect(store, receiver, count)
    print(f"{restarts} restarts, {count} reminders, {receiver.duplicates()} sent twice")  # noqa: T201 - figures of a long run
    assert receiver.duplicates() <= restarts, "one message at a time is on the wire to one server"
