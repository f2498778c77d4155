"""A sign of life to an address that the operator watches: when it stays away, somebody is told by others."""

from __future__ import annotations

import logging
from ipaddress import ip_network
from threading import Thread

import httpcore

from notifiers.guard import AllowedRange, GuardedNetwork
from notifiers.timelimit import Monotonic, TimeLimit
from notifiers.tls import trusted
from notifiers.webhook import parse_url

LOG = logging.getLogger(__name__)
SECONDS = 10.0
"""Limit of one ping as a whole."""

_ANYWHERE = ("0.0.0.0/0", "::/0")


class Ping:
    """Fetches one address; never twice at once, never waiting for the answer, never naming the address.

    The address is the operator's own setting, not a subscriber's, so it may lie in any network.

    Raises:
        BadRecipient: `url` is not an absolute http or https URL, or carries a user and password.
    """

    def __init__(self, url: str, monotonic: Monotonic, *, seconds: float = SECONDS) -> None:
        self._target = parse_url(url)
        self._monotonic = monotonic
        self._seconds = seconds
        self._thread: Thread | None = None

    def __call__(self) -> None:
        """Send one sign of life, unless the last is still on its way."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = Thread(target=self._fetch, name="ping", daemon=True)
            self._thread.start()

    def wait(self, seconds: float) -> None:
        """Wait until the last one has ended, for at most so many seconds."""
        if self._thread:
            self._thread.join(seconds)

    def _fetch(self) -> None:
        network = GuardedNetwork([AllowedRange(ip_network(each), self._target.url.port or 0) for each in _ANYWHERE])
        network.begin(TimeLimit(self._seconds, self._monotonic))
        headers = [(b"Host", self._target.host), (b"User-Agent", b"duban")]
        try:
            with (
                httpcore.ConnectionPool(ssl_context=trusted("ping"), network_backend=network) as pool,
                pool.stream("GET", self._target.url, headers=headers) as answer,
            ):
                status = answer.status
        except (OSError, httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
            LOG.warning("the sign of life did not arrive", extra={"reason": type(error).__name__})
            return
        if not 200 <= status < 300:
            LOG.warning("the sign of life was refused", extra={"status": status})
