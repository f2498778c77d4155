"""A conversation with a mail server by SMTP (RFC 5321), bounded in time as a whole."""

from __future__ import annotations

import io
import re
import smtplib
import socket
import ssl
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from notifiers.errors import BadServer
from notifiers.resolve import first_to_connect, resolve_within, system_resolver
from notifiers.timelimit import OutOfTime, TimeLimit

_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
_LEADING_DOT = re.compile(rb"(?m)^\.")
_NO_CODE = -1  # what smtplib answers for a reply that does not begin with a code
_FORMS = "smtp://host, smtps://user:password@host or smtp+starttls://user:password@host:587"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """Where mail is handed in. `scheme` says how the wire is protected:

    `smtps` is TLS from the first byte (port 465, RFC 8314), `smtp+starttls` must be
    upgraded before anything is said (port 587), `smtp` is plain (port 25): a password
    then crosses the network as it is, which suits a server on the same machine or wire.
    """

    scheme: str
    host: str
    port: int
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, text: str) -> SmtpServer:
        """Return the server that a URL names; user and password are percent-encoded.

        Raises:
            BadServer: it is not one of the forms; the message never shows the URL.
        """
        try:
            url = urlsplit(text.strip())
            port = url.port or _PORTS.get(url.scheme, 0)
        except ValueError:
            raise BadServer(f"the mail server's URL cannot be read; it is written like {_FORMS}") from None
        user, password = unquote(url.username or ""), unquote(url.password or "")
        if not port or not url.hostname or url.path not in ("", "/") or url.query or url.fragment:
            raise BadServer(f"the mail server's URL must be written like {_FORMS}")
        if bool(user) != bool(password):
            raise BadServer("the mail server's URL needs a user and a password, or neither")
        if not (user + password).isascii() or not (user + password + "x").isprintable():
            raise BadServer("the mail server's user and password must be printable ASCII")
        return cls(scheme=url.scheme, host=url.hostname, port=port, user=user, password=password)


class Refused(Exception):
    """The server said no. `stage` is what it was asked: greeting, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA or message."""

    def __init__(self, stage: str, code: int, text: str) -> None:
        self.stage, self.code, self.text = stage, code, text
        super().__init__(stage, code)


class Lost(Exception):
    """The connection ended. `after_message`: the whole message was handed over, and no answer came."""

    def __init__(self, *, after_message: bool = False, in_time: bool = True) -> None:
        self.after_message, self.in_time = after_message, in_time
        super().__init__(after_message, in_time)


class SmtpSession(smtplib.SMTP):
    """One connection, logged in and ready for messages.

    `smtplib` bounds each read and write on its own; here all of them together end with
    `limit`, which is set anew for each message.

    Raises:
        Refused, Lost: the server cannot be used; the connection is closed.
    """

    def __init__(self, server: SmtpServer, tls: ssl.SSLContext, limit: TimeLimit) -> None:
        self.limit = limit
        self._server = server
        self._tls = tls
        super().__init__(local_hostname="localhost")
        self._host = server.host  # the name that the certificate must be for
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    def transact(self, sender: str, recipient: str, message: bytes) -> str:
        """Hand over one message (lines end in CRLF, the last one too) for one recipient; return the server's answer.

        Raises:
            Refused: the transaction is reset; the session can serve again.
            Lost: the session is closed.
        """
        try:
            return self._transact(sender, recipient, message)
        except Refused as refused:
            self._settle(refused.code)
            raise
        except BaseException:  # half a transaction: nobody can go on from here
            self.close()
            raise

    def is_stale(self) -> bool:
        """Return whether the server has closed the connection, or said something unasked, while it was idle."""
        if self.sock is None:
            return True
        try:
            self.sock.settimeout(0)
            self.sock.recv(1)
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        except OSError:
            return True
        return True

    def end(self, limit: TimeLimit) -> None:
        """Say goodbye and close, whatever the server thinks of it."""
        self.limit = limit
        try:
            if self.sock is not None:
                self.quit()
        except (OSError, smtplib.SMTPException):
            pass
        finally:
            self.close()

    def getreply(self) -> tuple[int, bytes]:
        """Read one reply within the limit."""
        if self.file is None and self.sock is not None:
            self.file = io.BufferedReader(_LimitedReader(self.sock, self))
        return super().getreply()

    def send(self, s: Any) -> None:
        """Write within the limit (`sendall` counts its timeout over the whole of what it sends)."""
        if self.sock is not None:
            self.sock.settimeout(self.limit.remaining())
        super().send(s)

    def _open(self) -> None:
        self._ask("greeting", self._connect)
        if self._server.scheme == "smtp+starttls":
            self._ask("EHLO", self.ehlo)
            if not self.has_extn("starttls"):
                raise Refused("STARTTLS", 0, "not offered")
            assert self.sock is not None
            self.sock.settimeout(self.limit.remaining())
            self._ask("STARTTLS", lambda: self.starttls(context=self._tls))
        self._ask("EHLO", self.ehlo)
        if self._server.user:
            self._log_in()

    def _connect(self) -> tuple[int, bytes]:
        server = self._server
        addresses = resolve_within(self.limit, system_resolver, server.host, server.port)
        self.sock = first_to_connect(
            addresses, self.limit, lambda address, seconds: socket.create_connection((address, server.port), seconds)
        )
        own = self.sock.getsockname()[0]
        self.local_hostname = f"[IPv6:{own}]" if ":" in own else f"[{own}]"  # RFC 5321 section 4.1.3
        if server.scheme == "smtps":
            self.sock.settimeout(self.limit.remaining())
            self.sock = self._tls.wrap_socket(self.sock, server_hostname=server.host)
        return self.getreply()

    def _log_in(self) -> None:
        try:
            self.login(self._server.user, self._server.password)
        except smtplib.SMTPResponseException as error:
            raise Refused("AUTH", error.smtp_code, "") from None  # its text may repeat what was sent
        except (smtplib.SMTPServerDisconnected, OutOfTime) as error:
            raise self._lost(error) from None
        except smtplib.SMTPException:
            raise Refused("AUTH", 0, "") from None

    def _transact(self, sender: str, recipient: str, message: bytes) -> str:
        size = [f"SIZE={len(message)}"] if self.has_extn("size") else []
        self._ask("MAIL", lambda: self.mail(sender, size))
        self._ask("RCPT", lambda: self.rcpt(recipient))
        self._ask("DATA", lambda: self.docmd("DATA"), 300)
        try:
            self.send(_LEADING_DOT.sub(b"..", message) + b".\r\n")
        except (smtplib.SMTPServerDisconnected, OutOfTime) as error:
            raise self._lost(error) from None
        return self._ask("message", self.getreply)

    def _ask(self, stage: str, command: Any, expected: int = 200) -> str:
        """Run `command`; return its reply's text if the code is of the expected hundred."""
        try:
            code, reply = command()
        except smtplib.SMTPResponseException as error:
            code, reply = error.smtp_code, error.smtp_error
            if self.sock is None:  # smtplib's own verdict on a line without end
                code = _NO_CODE
        except (smtplib.SMTPServerDisconnected, OutOfTime) as error:
            raise self._lost(error, after_message=stage == "message") from None
        text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else str(reply)
        if not expected <= code < expected + 100:
            raise Refused(stage, code, text)
        return text

    def _lost(self, error: Exception, *, after_message: bool = False) -> Lost:
        self.close()
        late = any(
            isinstance(each, TimeoutError) for each in (error, error.__context__)
        )  # smtplib says "closed" of both
        return Lost(after_message=after_message, in_time=not late)

    def _settle(self, code: int) -> None:
        """After a refusal, clear the transaction, or close where the server is leaving (421) or not understood."""
        try:
            if code == 421 or not 200 <= code < 600 or self.rset()[0] != 250:
                self.close()
        except (OSError, smtplib.SMTPException):
            self.close()


class _LimitedReader(io.RawIOBase):
    """Reads from a socket, each time for no longer than the session's limit leaves."""

    def __init__(self, sock: socket.socket, session: SmtpSession) -> None:
        self._sock = sock
        self._session = session

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(self._session.limit.remaining())
        return self._sock.recv_into(buffer)
