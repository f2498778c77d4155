"""What the webhook channel costs: guard, time limit, signature and text, against httpx posting the same bytes bare."""

from __future__ import annotations

import multiprocessing
import socketserver
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from multiprocessing.connection import Connection
from statistics import median

import httpx

from notifiers.guard import AllowedRange
from notifiers.message import Item, Light, Message, Recipient
from notifiers.webhook import WebhookNotifier, new_secret, to_json

HOST = "127.0.0.1"
ROUNDS = 7
POSTS = 300
NOW = datetime(2026, 9, 25, 1, 0, tzinfo=UTC)


def run() -> list[tuple[str, float, str]]:
    """Return name, ratio (more is better) and meaning of each measurement; takes about five seconds."""
    secret = new_secret()
    with _receiver() as port, httpx.Client(trust_env=False) as bare:
        url = f"http://{HOST}:{port}/hook"
        notifier = WebhookNotifier([AllowedRange.parse(f"{HOST}:{port}")], monotonic=time.monotonic)
        recipient = Recipient(address=url, secrets=(secret,))
        message = _message()
        body, headers = to_json(message), {"content-type": "application/json"}

        def ours() -> None:
            notifier.send(message, recipient, now=NOW)

        def theirs() -> None:
            bare.post(url, content=body, headers=headers)

        ratio = median(_rate(ours) / _rate(theirs) for _ in range(ROUNDS))
        notifier.close()
    return [("webhook notifier", ratio, "messages/s to posts/s of bare httpx, one client each, on loopback")]


def _rate(send: Callable[[], None]) -> float:
    send()
    begun = time.perf_counter()
    for _ in range(POSTS):
        send()
    return POSTS / (time.perf_counter() - begun)


def _message() -> Message:
    item = Item(
        occurrence_id="n1-o2-530113-2026Q4",
        unit="东川区工信局",
        title="报送锅炉运行台账",
        step="T-3",
        light=Light.YELLOW,
        status="open",
        written_on=date(2026, 10, 3),
        due_on=date(2026, 10, 3),
        safe_on=date(2026, 9, 30),
        days_left=3,
    )
    return Message(delivery_id="d-1", items=(item,))


class _Handler(socketserver.StreamRequestHandler):
    """Reads requests and answers 204, with no more work than that, so that the sender is what is measured."""

    def handle(self) -> None:
        while self.rfile.readline():
            length = 0
            while (line := self.rfile.readline()) not in (b"\r\n", b""):
                if line.lower().startswith(b"content-length:"):
                    length = int(line[15:])
            self.rfile.read(length)
            self.wfile.write(b"HTTP/1.1 204 No Content\r\n\r\n")


def _serve(told: Connection) -> None:
    with socketserver.ThreadingTCPServer((HOST, 0), _Handler) as server:
        server.daemon_threads = True
        told.send(server.server_address[1])
        server.serve_forever()


@contextmanager
def _receiver() -> Iterator[int]:
    """A receiver in its own process, so that the two do not share one interpreter."""
    spawn = multiprocessing.get_context("spawn")
    mine, theirs = spawn.Pipe()
    process = spawn.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield mine.recv()
    finally:
        process.terminate()
        process.join()
