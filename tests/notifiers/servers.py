"""Receivers that behave as told, on loopback: HTTP and SMTP, each connection on its own thread."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import BinaryIO, Self

HOST = "127.0.0.1"
PATIENCE = 5.0
"""Seconds after which a server that was told to hang lets go, so that a failing test ends."""


class Server:
    """Accepts connections on a free port and hands each to `serve`."""

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0
        self.over = threading.Event()
        self._open: set[socket.socket] = set()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._threads[0].join(PATIENCE)
        self.drop_all()
        for thread in self._threads[1:]:
            thread.join(PATIENCE)

    def drop_all(self) -> None:
        """Close every connection, as a server does that restarts."""
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def serve(self, connection: socket.socket) -> None:
        raise NotImplementedError

    def _accept(self) -> None:
        while not self.over.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._run, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _run(self, connection: socket.socket) -> None:
        self._open.add(connection)
        try:
            with connection, contextlib.suppress(OSError):
                if self._tls:
                    connection = self._tls.wrap_socket(connection, server_side=True)
                with connection:
                    self.serve(connection)
        finally:
            self._open.discard(connection)


@dataclass(frozen=True)
class Post:
    """One request as it arrived; header names in lower case."""

    line: str
    headers: dict[str, str]
    body: bytes


Answer = Callable[["HttpReceiver", socket.socket], bool]
"""Answers one request; returns whether the connection goes on."""


class HttpReceiver(Server):
    """Gives the answers in turn, the last one for ever; keeps what was posted."""

    def __init__(self, *answers: Answer, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls=tls)
        self.answers = list(answers) or [status(204)]
        self.posts: list[Post] = []

    def url(self, path: str = "/hook") -> str:
        return f"{'https' if self._tls else 'http'}://{HOST}:{self.port}{path}"

    def serve(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as stream:
            while (post := _read_post(stream)) is not None:
                self.posts.append(post)
                answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                if not answer(self, connection):
                    return


def _read_post(stream: BinaryIO) -> Post | None:
    line = stream.readline().decode("latin-1").strip()
    if not line:
        return None
    headers: dict[str, str] = {}
    while header := stream.readline().decode("latin-1").strip():
        name, _, value = header.partition(":")
        headers[name.lower()] = value.strip()
    return Post(line, headers, stream.read(int(headers.get("content-length", "0"))))


def status(code: int, *headers: str, body: bytes = b"") -> Answer:
    """Answer with `code` and keep the connection."""
    lines = [f"HTTP/1.1 {code} Status", *headers]
    if code != 204:
        lines.append(f"Content-Length: {len(body)}")
    return raw("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def raw(data: bytes, *, keep: bool = True) -> Answer:
    """Answer with these bytes."""

    def answer(server: HttpReceiver, connection: socket.socket) -> bool:
        connection.sendall(data)
        return keep

    return answer


def hang(server: HttpReceiver, connection: socket.socket) -> bool:
    """Never answer."""
    server.over.wait(PATIENCE)
    return False


def drip(data: bytes) -> Answer:
    """Answer with one byte every hundredth of a second, which no timeout per operation notices."""

    def answer(server: HttpReceiver, connection: socket.socket) -> bool:
        for byte in data:
            connection.sendall(bytes([byte]))
            if server.over.wait(0.01):
                break
        return False

    return answer


def reset(server: HttpReceiver, connection: socket.socket) -> bool:
    """Tear the connection down without an answer."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


Script = dict[str, str]
"""What to say at a stage (greeting, EHLO, AUTH, MAIL, RCPT, DATA, message …): a reply, or `drop`, `hang`, `drip`."""


class SmtpReceiver(Server):
    """Speaks SMTP and follows `script` where it says otherwise; keeps envelopes and mails."""

    def __init__(
        self, script: Script | None = None, *, upgrade: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        super().__init__(tls=tls)
        self._upgrade = upgrade
        self._replies = {
            "greeting": "220 receiver ready",
            "EHLO": "250-receiver\r\n250-SIZE 1000000\r\n250-AUTH PLAIN"
            + ("\r\n250 STARTTLS" if upgrade else "\r\n250 8BITMIME"),
            "STARTTLS": "220 go ahead",
            "AUTH": "235 2.7.0 ok",
            "MAIL": "250 2.1.0 ok",
            "RCPT": "250 2.1.5 ok",
            "DATA": "354 go on",
            "message": "250 2.0.0 Ok: queued as Q1",
            "RSET": "250 2.0.0 ok",
            "QUIT": "221 2.0.0 bye",
        } | (script or {})
        self.script = self._replies
        self.commands: list[str] = []
        self.mails: list[bytes] = []

    def url(self, scheme: str = "smtp", login: str = "") -> str:
        return f"{scheme}://{login}{HOST}:{self.port}"

    def serve(self, connection: socket.socket) -> None:
        if self._say(connection, "greeting"):
            self._converse(connection)

    def _converse(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as stream:
            for line in stream:
                command = line.decode().strip()
                self.commands.append(command)
                verb = command.split()[0].upper()
                if not self._say(connection, verb) or verb == "QUIT":
                    return
                if verb == "STARTTLS" and self._upgrade and self.script["STARTTLS"].startswith("220"):
                    with self._upgrade.wrap_socket(connection, server_side=True) as secured:
                        self._converse(secured)
                    return
                if verb == "DATA" and self.script["DATA"].startswith("354"):
                    self.mails.append(b"".join(_until_dot(stream)))
                    if not self._say(connection, "message"):
                        return

    def _say(self, connection: socket.socket, stage: str) -> bool:
        reply = self.script.get(stage, "500 5.5.1 what?")
        if reply == "drop":
            return False
        if reply == "hang":
            self.over.wait(PATIENCE)
            return False
        if reply == "drip":
            for byte in b"250-" * 1000:
                connection.sendall(bytes([byte]))
                if self.over.wait(0.01):
                    break
            return False
        connection.sendall(reply.encode() + b"\r\n")
        return not reply.startswith("421")


def _until_dot(stream: BinaryIO) -> Iterator[bytes]:
    for line in stream:
        if line == b".\r\n":
            return
        yield line[1:] if line.startswith(b".") else line
