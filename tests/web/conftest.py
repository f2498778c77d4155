"""A small office behind the real server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import httpx
import pytest

from scheduler.clock import ManualClock
from store import feeds
from store.database import Store, open_store, sqlite_url
from tests.web import stock
from web.application import create_app
from web.server import WebServer, listen
from web.site import Site


@dataclass(frozen=True)
class Office:
    """A served site with the means to change what it shows; `folder` holds its database."""

    client: httpx.Client
    store: Store
    clock: ManualClock
    site: Site
    folder: Path

    def feed(self, unit: str = stock.DONGCHUAN) -> str:
        """Make a calendar address; return its path."""
        with self.store.writing() as session:
            return f"/feeds/{feeds.create_feed(session, unit, now=self.clock.now())}.ics"


@contextmanager
def served(store: Store, clock: ManualClock, **settings: Any) -> Iterator[Office]:
    """Serve `store` on a free port of this machine."""
    sock = listen("127.0.0.1", 0)
    address = f"http://127.0.0.1:{sock.getsockname()[1]}"
    site = Site(
        store=store, clock=clock, **{"base_url": "https://duban.example", "domain": "duban.example", **settings}
    )
    server = WebServer(create_app(site), sock)
    server.start()
    try:
        with httpx.Client(base_url=address, headers={"accept-encoding": "identity"}) as client:
            yield Office(client, store, clock, site, Path(str(store.engine.url.database)).parent)
    finally:
        server.stop()


OpenOffice = Callable[..., Office]


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The database of the office, filled once."""
    folder = tmp_path_factory.mktemp("filled")
    store = open_store(sqlite_url(folder))
    stock.fill(store)
    store.close()
    return (folder / "duban.sqlite3").read_bytes()


@pytest.fixture
def open_office(tmp_path: Path, filled: bytes) -> Iterator[OpenOffice]:
    """Return a function that serves a copy of the office."""
    with ExitStack() as stack:

        def open_one(**settings: Any) -> Office:
            folder = Path(mkdtemp(dir=tmp_path))
            return stack.enter_context(_copy(folder, filled, **settings))

        yield open_one


@pytest.fixture(scope="session")
def shared_office(tmp_path_factory: pytest.TempPathFactory, filled: bytes) -> Iterator[Office]:
    """One office for the whole session."""
    with _copy(tmp_path_factory.mktemp("still"), filled) as office:
        yield office


@pytest.fixture
def still_office(shared_office: Office) -> Office:
    """An office for tests that only read, with a visitor who was never here."""
    shared_office.client.cookies.clear()
    return shared_office


@contextmanager
def _copy(folder: Path, filled: bytes, **settings: Any) -> Iterator[Office]:
    (folder / "duban.sqlite3").write_bytes(filled)
    store = open_store(sqlite_url(folder))
    try:
        with served(store, ManualClock(stock.NOW), **settings) as office:
            yield office
    finally:
        store.close()


@pytest.fixture
def office(open_office: OpenOffice) -> Office:
    """The office as it stands on the morning of 2026-09-21."""
    return open_office()
