"""What a calendar feed costs: a poll of an unchanged one against the framework's bare 304, and one change among 200."""

from __future__ import annotations

import gzip
import socket
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median

import httpx
from flask import Flask, Response

from notifiers.ical import Entry, Heading, Kind, calendar, fragment
from scheduler.clock import ManualClock
from store import feeds
from store.database import Store, open_store, sqlite_url
from store.rows import NoticeRow, ObligationRow, OccurrenceRow, UnitRow
from web.application import create_app
from web.server import WebServer, listen
from web.site import Site

HOST = "127.0.0.1"
ROUNDS = 7
POLLS = 150
ITEMS = 200
MANY = 10_000
NOW = datetime(2026, 9, 21, 1, tzinfo=UTC)


def run() -> list[tuple[str, float, str]]:
    """Return name, ratio (less is better) and meaning of each measurement; takes about ten seconds."""
    polling = poll_ratio()
    return [
        ("poll of an unchanged feed", polling, "time of a 304 over that of the framework's empty 304; at most 3"),
        (
            f"feed of {ITEMS} after one change",
            change_ratio(),
            "time to write it over the library's for two events and a join of the rest; at most 1",
        ),
        (
            f"feed of {MANY:,} in memory",
            memory_ratio(),
            "most memory taken while it is written and kept, over its size; at most 3",
        ),
    ]


def poll_ratio() -> float:
    """Return the time of a 304 of a feed of 200 over that of an empty 304, both through waitress on loopback."""
    bare = Flask("bare")
    bare.add_url_rule("/empty", view_func=lambda: Response(status=304))
    with tempfile.TemporaryDirectory() as folder, closing(open_store(sqlite_url(Path(folder)))) as store:
        path = _fill(store)
        site = Site(store=store, clock=ManualClock(NOW), base_url="http://127.0.0.1", domain="duban.local")
        with _served(create_app(site)) as ours, _served(bare) as theirs:
            held = {"if-none-match": ours.get(path).headers["etag"]}
            before = fragment.cache_info()
            times = [(_seconds(ours, path, held), _seconds(theirs, "/empty", {})) for _ in range(ROUNDS)]
            assert fragment.cache_info() == before, "a poll writes nothing"
    return min(time[0] for time in times) / min(time[1] for time in times)


def change_ratio() -> float:
    """Return the time to write a feed in which one item changed, over that of two library events and a join."""
    entries = [_entry(number) for number in range(ITEMS)]
    heading = Heading(name="东川区", description="待办期限", url="http://127.0.0.1/units/1", changed_at=NOW)
    fragment.cache_clear()
    ready = [fragment(entry, Kind.EVENT, "duban.local") for entry in entries]
    ratios = []
    for turn in range(1, 101):
        entries[turn] = replace(entries[turn], sequence=turn, title=f"{entries[turn].title}改")
        ours = _time(lambda: calendar(heading, entries, kind=Kind.EVENT, domain="duban.local"))
        fresh = [replace(entries[turn], sequence=1000 + turn + extra) for extra in (0, 1)]

        def library(fresh: list[Entry] = fresh) -> bytes:
            return b"".join([*ready, *(fragment.__wrapped__(entry, Kind.EVENT, "duban.local") for entry in fresh)])

        ratios.append(ours / _time(library))
    return median(ratios)


def memory_ratio() -> float:
    """Return the peak of what writing and keeping a large feed takes, its entries aside, over its size in bytes."""
    entries = [_entry(number % 300, number) for number in range(MANY)]
    heading = Heading(name="全市", description="待办期限", url="http://127.0.0.1/", changed_at=NOW)
    fragment.cache_clear()
    tracemalloc.start()
    body = calendar(heading, entries, kind=Kind.EVENT, domain="duban.local")
    gzip.compress(body, compresslevel=6, mtime=0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    fragment.cache_clear()
    return peak / len(body)


@contextmanager
def _served(app: Flask) -> Iterator[httpx.Client]:
    sock: socket.socket = listen(HOST, 0)
    server = WebServer(app, sock)
    server.start()
    try:
        with httpx.Client(base_url=f"http://{HOST}:{sock.getsockname()[1]}", trust_env=False) as client:
            yield client
    finally:
        server.stop()


def _seconds(client: httpx.Client, path: str, headers: dict[str, str]) -> float:
    begun = time.perf_counter()
    for _ in range(POLLS):
        assert client.get(path, headers=headers).status_code == 304
    return time.perf_counter() - begun


def _time(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def _entry(number: int, item: int | None = None) -> Entry:
    return Entry(
        id=f"n-o{number if item is None else item}.530113-gongxin.2026Q4",
        title="报送《设备更新需求汇总表》",
        day=date(2026, 9, 30) + timedelta(days=number),
        sequence=0,
        created_at=NOW,
        changed_at=NOW,
        description="安全日 2026-09-30 周三；原文日期 2026-10-03 周六\n"
        + "原文：“每季度首月3日前，将表格报送市局。”" * 6,
        url=f"http://127.0.0.1/occurrences/n-o{number}",
        categories=("督办", "每季度"),
    )


def _fill(store: Store) -> str:
    """Store one unit with 200 occurrences; return the path of its calendar."""
    with store.writing() as session:
        session.add(UnitRow(code="530113-gongxin", name="东川区工业和信息化局"))
        session.add(NoticeRow(id="n", sha256="n", text="每季度首月3日前，将表格报送市局。", ingested_at=NOW))
        session.flush()
        session.add_all(_obligation(number) for number in range(ITEMS))
        session.flush()
        session.add_all(_occurrence(number) for number in range(ITEMS))
        session.flush()
        secret = feeds.create_feed(session, "530113-gongxin", now=NOW)
    return f"/feeds/{secret}.ics"


def _obligation(number: int) -> ObligationRow:
    return ObligationRow(
        id=f"n-o{number}",
        notice_id="n",
        seq=number,
        state="active",
        start=0,
        end=8,
        text="每季度首月3日前",
        evidence_start=0,
        evidence_end=17,
        tier="core",
        modality="must",
        responsible="各县（市）区工信部门",
        action="报送表格",
        deadline={"kind": "fixed", "date": "2026-10-03"},
        pattern="bench",
        confidence=1.0,
        created_at=NOW,
    )


def _occurrence(number: int) -> OccurrenceRow:
    return OccurrenceRow(
        id=f"n-o{number}.530113-gongxin.once",
        obligation_id=f"n-o{number}",
        unit_code="530113-gongxin",
        period="once",
        written_on=date(2026, 10, 3),
        due_on=date(2026, 10, 3),
        due_at=datetime(2026, 10, 3, 16, tzinfo=UTC),
        safe_on=date(2026, 9, 30),
        overdue_from=date(2026, 10, 4),
        known_at=NOW,
        changed_at=NOW,
    )
