"""A mail server that keeps what it is sent: the demonstration inbox, on this machine only."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from notifiers.errors import SinkUnavailable

_HOST = "127.0.0.1"
_LARGEST = 1_000_000
_START_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedMail:
    """One mail as a reader would see it. `number` counts from 1 since the start; `raw` is what crossed the wire."""

    number: int
    sender: str
    recipient: str
    subject: str
    message_id: str
    date: str
    text: str
    html: str
    attachments: tuple[str, ...]
    raw: bytes = field(repr=False)


class MailSink:
    """Accepts any mail on a loopback port and keeps the last `keep`, in memory.

    Raises:
        SinkUnavailable: aiosmtpd is not installed.
    """

    def __init__(self, *, port: int = 0, keep: int = 50) -> None:
        """`port` 0 takes any free one; `port` then tells which."""
        try:
            from aiosmtpd.smtp import SMTP
        except ImportError:
            raise SinkUnavailable("the demonstration inbox needs aiosmtpd: pip install 'duban[demo]'") from None
        self._protocol = SMTP
        self._mails: deque[ReceivedMail] = deque(maxlen=keep)
        self._count = 0
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._server: asyncio.Server | None = None
        self.port = port

    def start(self) -> None:
        """Listen.

        Raises:
            SinkUnavailable: the port is taken.
        """
        loop = self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=loop.run_forever, name="mail-sink", daemon=True)
        self._thread.start()
        listening = asyncio.run_coroutine_threadsafe(self._listen(loop), loop)
        try:
            self._server = listening.result(_START_SECONDS)
        except OSError:
            self.stop()
            raise SinkUnavailable(f"port {self.port} on {_HOST} is taken; choose another") from None
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        """Close every connection and the port; what was kept can still be read, and `start` works again."""
        loop, thread = self._loop, self._thread
        if loop is None or thread is None:
            return
        asyncio.run_coroutine_threadsafe(self._end(loop), loop).result(_START_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
        self._loop = self._thread = self._server = None

    @property
    def url(self) -> str:
        """Where to send, as `SmtpServer.parse` takes it."""
        return f"smtp://{_HOST}:{self.port}"

    def mails(self) -> tuple[ReceivedMail, ...]:
        """Return the kept mails, newest first."""
        with self._lock:
            return tuple(reversed(self._mails))

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep a mail."""
        with self._lock:
            self._count += 1
            self._mails.append(_read(self._count, envelope.mail_from, envelope.rcpt_tos, envelope.content))
            return f"250 2.0.0 Ok: queued as {self._count}"

    async def _listen(self, loop: asyncio.AbstractEventLoop) -> asyncio.Server:
        def protocol() -> Any:
            return self._protocol(self, hostname="duban-demo", data_size_limit=_LARGEST, loop=loop)

        return await loop.create_server(protocol, _HOST, self.port)

    async def _end(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._server is not None:
            self._server.close()
        mine = asyncio.current_task()
        others = [task for task in asyncio.all_tasks(loop) if task is not mine]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


def _read(number: int, sender: str, recipients: list[str], raw: bytes) -> ReceivedMail:
    mail = message_from_bytes(raw, policy=default)
    assert isinstance(mail, EmailMessage)
    return ReceivedMail(
        number=number,
        sender=sender or "",
        recipient=", ".join(recipients),
        subject=str(mail["Subject"] or ""),
        message_id=str(mail["Message-ID"] or ""),
        date=str(mail["Date"] or ""),
        text=_part(mail, "plain"),
        html=_part(mail, "html"),
        attachments=tuple(part.get_filename() or "" for part in mail.iter_attachments()),
        raw=raw,
    )


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except (LookupError, UnicodeError):  # a character set that nobody knows
        payload = part.get_payload(decode=True)
        return payload.decode(errors="replace") if isinstance(payload, bytes) else ""
