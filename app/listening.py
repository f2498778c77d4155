"""Where the daemon listens: this machine only, unless a token guards the pages."""

from __future__ import annotations

import errno
import ipaddress
import socket

from app.settings import BadSetting
from web.server import listen


def listen_on(host: str, port: int, *, token: str | None) -> socket.socket:
    """Return a listening socket.

    Raises:
        BadSetting: the port is taken, the address is not this machine's, or it is open to others without a token.
    """
    if token is None and not _is_loopback(host):
        raise BadSetting(
            f"--host {host} would open the pages to others: set DUBAN_ACCESS_TOKEN, or listen on 127.0.0.1"
        )
    try:
        return listen(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise BadSetting(f"port {port} is taken on {host}: choose another with --port, or 0 for any") from None
        raise BadSetting(f"cannot listen on {host} port {port}: {error.strerror or error}") from None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
