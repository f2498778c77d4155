"""Serves an application by waitress, and keeps the secret addresses of feeds out of its log."""

from __future__ import annotations

import logging
import re
import socket
import time
from threading import Thread

from flask import Flask
from waitress.server import create_server
from waitress.wasyncore import close_all

THREADS = 8
BACKLOG = 1024
CONNECTIONS = 1000
STOP_SECONDS = 5
MAX_HEADER_BYTES = 32 * 1024
MAX_BODY_BYTES = 1024 * 1024
_SECRET = re.compile(r"/feeds/\S+")


class _WithoutSecrets(logging.Filter):
    """Waitress names the path when a client goes away in mid-answer; the path of a feed is a secret."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _SECRET.sub("/feeds/…", record.getMessage())
        record.args = ()
        return True


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes any free one. It is made first, so that links can name the port.

    Raises:
        OSError: the address is taken or not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG)


class WebServer:
    """Answers on one listening socket, in threads of its own, between `start` and `stop`."""

    def __init__(self, app: Flask, sock: socket.socket) -> None:
        logger = logging.getLogger("waitress")
        if not any(isinstance(known, _WithoutSecrets) for known in logger.filters):
            logger.addFilter(_WithoutSecrets())
        self._server = create_server(
            app,
            sockets=[sock],
            threads=THREADS,
            backlog=BACKLOG,
            connection_limit=CONNECTIONS,
            asyncore_use_poll=True,  # select() ends at descriptor 1024
            max_request_header_size=MAX_HEADER_BYTES,
            max_request_body_size=MAX_BODY_BYTES,
            ident=None,
        )
        self._thread = Thread(target=self._server.run, name="web", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the answers in progress, for at most some seconds, then close every connection."""
        self._server.task_dispatcher.shutdown(cancel_pending=True, timeout=STOP_SECONDS)
        for _ in range(STOP_SECONDS * 50):
            if not any(channel.total_outbufs_len for channel in list(self._server.active_channels.values())):
                break
            time.sleep(0.02)
        connections = self._server._map  # waitress keeps the map of its own loop under this name
        # In the loop's own thread: closing sockets under its feet would raise there.
        self._server.trigger.pull_trigger(lambda: close_all(connections, ignore_all=True))
        self._thread.join(timeout=STOP_SECONDS)
