"""From a host name to a connection within a time limit; the system's resolver alone knows no limit."""

from __future__ import annotations

import ipaddress
import queue
import socket
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from notifiers.timelimit import OutOfTime, TimeLimit

Resolver = Callable[[str, int], Sequence[str]]
"""Host and port to numeric addresses, best first; raises `OSError` where there are none."""

_Connection = TypeVar("_Connection")


class NoAddress(OSError):
    """A name has no address."""


def system_resolver(host: str, port: int) -> Sequence[str]:
    """Return every address the system knows for `host`, each once; forms like `2130706433` and `0x7f.1` included."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


def resolve_within(limit: TimeLimit, resolver: Resolver, host: str, port: int) -> Sequence[str]:
    """Return what `resolver` answers for `host`.

    A resolver that hangs is left behind on its own thread; the system's gives up by itself.

    Raises:
        NoAddress: the name has none.
        OutOfTime: no answer came in time.
    """
    if _is_numeric(host):
        return [host]
    answers: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(resolver(host, port))
        except (OSError, UnicodeError) as error:  # UnicodeError: a label that IDNA cannot encode
            answers.put(error)

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=limit.remaining())
    except queue.Empty:
        raise OutOfTime from None
    if isinstance(answer, Exception) or not answer:
        raise NoAddress
    return answer


def first_to_connect(
    addresses: Sequence[str], limit: TimeLimit, connect: Callable[[str, float], _Connection]
) -> _Connection:
    """Return `connect(address, seconds)` of the first address that does not raise.

    The time left is shared evenly, so that one dead address cannot use up all of it.

    Raises:
        Exception: what the last address raised.
        OutOfTime: the limit passed before.
    """
    for position, address in enumerate(addresses):
        waiting = len(addresses) - position
        try:
            return connect(address, limit.remaining() / waiting)
        except OutOfTime:
            raise
        except Exception:
            if waiting == 1:
                raise
    raise NoAddress


def _is_numeric(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
