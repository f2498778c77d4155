"""What the ledger costs: against bare SQL, against bare posts, and when nothing is due."""

from __future__ import annotations

import resource
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing import Process, Queue
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from statistics import median
from threading import Thread

import httpx
from sqlmodel import SQLModel

from app.channels import channel_factory
from app.settings import read_settings
from scheduler.clock import SHANGHAI, ManualClock, SystemClock
from scheduler.composing import Composer
from scheduler.dispatch import Bundler, Dispatcher
from scheduler.ledger import Ledger
from scheduler.sending import Sender
from store import attempts, deliveries
from store.attempts import Outcome
from store.database import Store, open_store, sqlite_url
from store.vault import Vault
from tests.scheduler.world import CALENDAR, KEY, World, add_duty, add_occurrences, add_units, at

HOST = "127.0.0.1"
MORNING = at("2026-09-29T09:30")
BATCH = 200


def run(planned: int = 1_000_000) -> list[tuple[str, float, str]]:
    """Return name, figure and meaning of each measurement; `planned` occurrences wait in the large store."""
    # The large store comes last: what it leaves in memory would weigh on the others.
    return [
        ("claims and marks", median(_ledger_ratio() for _ in range(3)), "to the same rows written by bare batched SQL"),
        (
            "pipeline",
            median(_pipeline_ratio() for _ in range(3)),
            "webhooks/s of the whole daemon path to bare httpx posts/s, 20 servers each",
        ),
        ("slow servers", _slow_rate(), "webhooks/s from one process to 100 servers that take 200 ms each"),
        ("memory", _memory_ratio(), "of the process after 12,000 webhooks to that after 3,000"),
        ("idle tick", _idle_ratio(planned), f"time with {planned:,} planned occurrences to that with 1,000"),
    ]


@contextmanager
def _store() -> Iterator[tuple[Store, Path]]:
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(sqlite_url(Path(folder)))
        yield store, Path(folder) / "duban.sqlite3"
        store.close()


def _due(store: Store, units: int, servers: list[str]) -> World:
    """Bring `units` deliveries to the point of being due, their webhooks spread over `servers`."""
    codes = [f"u{number:05}" for number in range(units)]
    add_duty(store)
    for place, server in enumerate(servers):
        add_units(store, codes[place :: len(servers)], server=server)
    add_occurrences(store, codes)
    world = World(store, ManualClock(MORNING, SHANGHAI))
    world.bundler.lane_of = Composer(Vault(KEY)).lane
    world.planner.run(MORNING)
    return world


def _ledger_ratio(count: int = 6_000) -> float:
    """Claim, begin and settle deliveries in batches, through the store and by hand; return rate to rate."""
    with _store() as (store, path):
        _due(store, count, ["https://hooks.example"]).bundler.collect(MORNING, monotonic=0)
        ours = _timed(lambda: _through_the_store(store))
        again = "update delivery set state = 'pending', fence = 0, attempts = 0"
        with store.writing() as session:
            for statement in (
                again,
                "update reminder set state = 'planned' where state = 'sent'",
                "delete from attempt",
            ):
                session.connection().exec_driver_sql(statement)
        store.close()
        theirs = _timed(lambda: _by_hand(path))
    return theirs / ours


def _through_the_store(store: Store) -> None:
    outcomes: list[Outcome] = []
    while True:
        with store.writing() as session:
            claims = deliveries.claim_due(session, now=MORNING, limit=BATCH)
        with store.writing() as session:
            attempts.settle(session, outcomes)
            works = attempts.start(session, dict.fromkeys(claims), now=MORNING)
        outcomes = [Outcome(work=work, at=MORNING) for work in works]
        if not claims:
            return


def _by_hand(path: Path) -> None:
    """Write the same rows with as few statements as SQL allows."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"pragma {pragma}")
    now, lease = (moment.strftime("%Y-%m-%d %H:%M:%S.%f") for moment in (MORNING, MORNING + deliveries.LEASE))
    claimed: list[tuple[str, int]] = []
    while True:
        connection.execute("begin immediate")
        before, claimed = (
            claimed,
            connection.execute(
                "update delivery set state = 'sending', lease_until = ?, fence = fence + 1 where id in ("
                "select id from delivery where state = 'pending' and send_at <= ? order by send_at, leads_on limit ?"
                ") returning id, fence",
                (lease, now, BATCH),
            ).fetchall(),
        )
        connection.execute("commit")
        connection.execute("begin immediate")
        done = [(now, *each) for each in before]
        connection.executemany(
            "update attempt set outcome = 'delivered', finished_at = ? where delivery_id = ? and fence = ?", done
        )
        connection.executemany("update delivery set state = 'sent', finished_at = ? where id = ? and fence = ?", done)
        connection.executemany(
            "update reminder set state = 'sent' where delivery_id = ?", [each[:1] for each in before]
        )
        connection.executemany("update delivery set attempts = attempts + 1 where id = ? and fence = ?", claimed)
        rows = [(*each, now) for each in claimed]
        connection.executemany(
            "insert into attempt (delivery_id, fence, started_at, outcome) values (?, ?, ?, 'started')", rows
        )
        connection.execute("commit")
        if not claimed:
            break
    connection.close()


def _idle_ratio(planned: int) -> float:
    """Return the time of a tick that finds nothing to do in a large store, to that in a small one."""
    times = []
    for count in (1_000, planned):
        with _store() as (store, _):
            codes = [f"u{number:03}" for number in range(1_000)]
            add_duty(store)
            add_units(store, codes)
            _plant(store, codes, count)
            store.tidy()
            world = World(store, ManualClock(MORNING, SHANGHAI))
            world.tick()
            times.append(median(_timed(world.tick) for _ in range(200)))
    return times[1] / times[0]


def _plant(store: Store, codes: list[str], count: int) -> None:
    """Add occurrences whose next step lies ahead."""
    (template,) = add_occurrences(store, codes[:1], period="template")
    table = SQLModel.metadata.tables["occurrence"]
    ahead = CALENDAR.add_working_days(MORNING.date(), 1)
    with store.writing() as session:
        row = dict(session.connection().execute(table.select().where(table.c.id == template)).mappings().one())
        row["next_at"] = MORNING + timedelta(days=(ahead - MORNING.date()).days)
        for start in range(0, count, 10_000):
            rows = [
                row | {"id": f"o{n}", "unit_code": codes[n % len(codes)], "period": f"p{n}"}
                for n in range(start, min(start + 10_000, count))
            ]
            session.connection().execute(table.insert(), rows)
        session.connection().execute(table.delete().where(table.c.id == template))


def _pipeline_ratio(servers: int = 20, messages: int = 3_000) -> float:
    """Return the rate of the daemon's own path to that of bare posts, one client for each of the same servers."""
    with _receivers(servers, 0.0) as urls:
        ours = _dispatch(urls, messages)
        body = b"x" * 900

        def post(url: str) -> None:
            with httpx.Client(trust_env=False) as client:
                for _ in range(messages // servers):
                    client.post(url, content=body, headers={"content-type": "application/json"})

        def bare() -> None:
            threads = [Thread(target=post, args=(url,)) for url in urls]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

        return messages / ours / (messages / _timed(bare))


def _slow_rate(servers: int = 100, messages: int = 3_000) -> float:
    with _receivers(servers, 0.2) as urls:
        return messages / _dispatch(urls, messages, senders=servers)


def _memory_ratio(servers: int = 20, messages: int = 12_000) -> float:
    """Return how much more memory a process holds near the end of a long morning than when it was warm."""
    held: list[float] = []
    with _receivers(servers, 0.0) as urls:
        _dispatch(urls, messages, watch=lambda: held.append(_resident()))
    quarter = len(held) // 4
    return median(held[-quarter:]) / median(held[quarter : 2 * quarter])


def _resident() -> float:
    """Return the memory of this process, in pages."""
    try:
        return float(Path("/proc/self/statm").read_text().split()[1])
    except OSError:  # not Linux: the most it ever had
        return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def _dispatch(urls: list[str], messages: int, senders: int = 64, watch: Callable[[], object] = lambda: None) -> float:
    """Send messages that are due over the daemon's own path; return the seconds it took."""
    with _store() as (store, path):
        world = _due(store, messages, urls)
        clock = SystemClock(SHANGHAI, starting_at=MORNING)
        allowed = ",".join(f"{HOST}/32:{url.rpartition(':')[2]}" for url in urls)
        settings = read_settings({"DUBAN_WEBHOOK_ALLOW": allowed}, data=path.parent)
        composer, channels, ledger = (
            Composer(Vault(KEY)),
            channel_factory(settings, clock.monotonic),
            Ledger(store, clock),
        )
        bundler = Bundler(store, world.planner, composer.lane)
        dispatcher = Dispatcher(bundler, clock, lambda: Sender(ledger, clock, composer, channels()), senders=senders)

        def drain() -> None:
            """Tick once a second, as the daemon does, until nothing is left."""
            dispatcher.tick()
            ticked = time.monotonic()
            while not dispatcher.idle():
                time.sleep(0.005)
                watch()
                if time.monotonic() - ticked >= 1:
                    dispatcher.tick()
                    ticked = time.monotonic()

        seconds = _timed(drain)
        dispatcher.stop(10)
        assert all(row.attempts == 1 and row.state == "sent" for row in world.deliveries()), "everything was sent once"
        return seconds


@contextmanager
def _receivers(count: int, seconds: float) -> Iterator[list[str]]:
    """Run receivers on as many ports, in another process."""
    ports: Queue[list[int]] = Queue()
    process = Process(target=_receive, args=(count, seconds, ports), daemon=True)
    process.start()
    try:
        yield [f"http://{HOST}:{port}" for port in ports.get(timeout=30)]
    finally:
        process.terminate()
        process.join()


def _receive(count: int, seconds: float, ports: Queue[list[int]]) -> None:
    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            while self.rfile.readline():
                length = 0
                while (line := self.rfile.readline()) not in (b"\r\n", b""):
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                self.rfile.read(length)
                time.sleep(seconds)
                self.wfile.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    servers = [ThreadingTCPServer((HOST, 0), Handler) for _ in range(count)]
    for server in servers:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
    ports.put([int(server.server_address[1]) for server in servers])
    time.sleep(3600)


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
