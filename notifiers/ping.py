"""A sign of life to an address that the operator watches: when it stays away, somebody is told by others."""

from __future__ import annotations

import logging
from threading import Thread

import httpx

LOG = logging.getLogger(__name__)
SECONDS = 10.0
"""Limit of each step of one ping."""


class Ping:
    """Fetches one address; never twice at once, never waiting for the answer, never naming the address.

    The address is the operator's own setting, not a subscriber's, so it may lie in any network.
    """

    def __init__(self, url: str) -> None:
        self._url = url
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
        try:
            with (
                httpx.Client(timeout=SECONDS, trust_env=False) as client,
                client.stream("GET", self._url) as answer,
            ):
                status = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            LOG.warning("the sign of life did not arrive", extra={"reason": type(error).__name__})
            return
        if not 200 <= status < 300:
            LOG.warning("the sign of life was refused", extra={"status": status})
