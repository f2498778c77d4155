"""A slow webhook receiver on loopback, which remembers what reached it."""

from __future__ import annotations

import json
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Event, Thread
from typing import Any

SOON = 90.0


class SlowReceiver:
    """Answers 204 to each POST after `seconds`; what arrived counts from its first byte on."""

    def __init__(self, seconds: float) -> None:
        self.arrived: list[tuple[str, str]] = []
        self.bodies: list[dict[str, Any]] = []
        self._changed = Condition()
        self._pause = Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.note(self.path, self.headers["webhook-id"], json.loads(body))
                receiver.wait(seconds)
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in the base class
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 100

            def handle_error(self, request: Any, client_address: Any) -> None:
                pass  # the sender was killed before the answer

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port = int(self._server.server_address[1])
        self._thread = Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def note(self, path: str, delivery_id: str, body: dict[str, Any]) -> None:
        with self._changed:
            self.arrived.append((path, delivery_id))
            self.bodies.append(body)
            self._changed.notify_all()

    def wait(self, seconds: float) -> None:
        self._pause.wait(seconds)

    def wait_for(self, count: int) -> None:
        """Return once `count` messages have arrived in all."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.arrived) >= count, SOON), (
                f"{len(self.arrived)} of {count} messages arrived within {SOON:.0f} s"
            )

    def wait_for_different(self, count: int) -> None:
        """Return once `count` different messages have arrived."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(set(self.arrived)) >= count, SOON), (
                f"{len(set(self.arrived))} of {count} different messages arrived within {SOON:.0f} s"
            )

    def duplicates(self) -> int:
        """Return how many messages arrived beyond the first of each id."""
        return sum(times - 1 for times in Counter(delivery_id for _, delivery_id in self.arrived).values())

    def close(self) -> None:
        self._pause.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
