"""Which addresses a receiver may have: checked at connect time, on the very address that is connected to.

Checking a URL and fetching it later can be rebound in between by whoever owns the
name. Here the name is resolved once, every answer is checked, and the connection goes
to a checked answer. Only the TCP target changes: the TLS name and the Host header
stay those of the URL.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Any

import httpcore

from notifiers.errors import BadRange
from notifiers.resolve import Resolver, first_to_connect, resolve_within, system_resolver
from notifiers.timelimit import TimeLimit

Address = IPv4Address | IPv6Address

_ALLOCATED_V6 = IPv6Network("2000::/3")  # the only global unicast space given out (RFC 4291 section 2.4)

# `is_global` answers wrongly, or differently by Python release, for these.
_NEVER: tuple[IPv4Network | IPv6Network, ...] = tuple(
    ipaddress.ip_network(network)
    for network in (
        "100.64.0.0/10",  # shared address space (RFC 6598); holds a cloud metadata service
        "192.0.0.0/24",  # protocol assignments (RFC 6890)
        "192.88.99.0/24",  # 6to4 relays (RFC 7526)
        "64:ff9b::/96",  # NAT64 (RFC 6052): any IPv4 address inside
        "64:ff9b:1::/48",  # local NAT64 (RFC 8215)
        "2001::/32",  # Teredo (RFC 4380)
        "2002::/16",  # 6to4 (RFC 3056): any IPv4 address inside
        "3fff::/20",  # documentation (RFC 9637)
        "fec0::/10",  # former site-local (RFC 3879)
    )
)


class RefusedAddress(Exception):
    """A name has an answer that a receiver may not have. The address stays untold: it may be an intranet's secret."""


@dataclass(frozen=True, slots=True)
class AllowedRange:
    """Receivers that the operator allows although they are not public: a network and one port."""

    network: IPv4Network | IPv6Network
    port: int

    @classmethod
    def parse(cls, text: str) -> AllowedRange:
        """Return the range written as `10.20.0.0/16:8443`, `10.20.0.7:443` or `[fd00:1::/64]:8443`.

        Raises:
            BadRange: it is written otherwise, or has bits outside the network set.
        """
        network, _, port = text.strip().rpartition(":")
        if network.startswith("[") and network.endswith("]"):
            network = network[1:-1]
        elif ":" in network:
            network = ""
        try:
            if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
                raise ValueError
            return cls(ipaddress.ip_network(network), int(port))
        except ValueError:
            raise BadRange(
                f"an allowed range is written like 10.20.0.0/16:8443 or [fd00:1::/64]:8443, got {text!r}"
            ) from None

    def holds(self, address: Address, port: int) -> bool:
        """Return whether `address` and `port` lie in the range."""
        return self.port == port and self.network.version == address.version and address in self.network


def is_public(address: Address) -> bool:
    """Return whether `address` is one unicast host of the public Internet; IPv4 inside IPv6 is judged as IPv4."""
    address = _unmapped(address)
    if isinstance(address, IPv6Address) and address not in _ALLOCATED_V6:
        return False
    if address.is_multicast or not address.is_global:
        return False
    return not any(network.version == address.version and address in network for network in _NEVER)


class GuardedNetwork(httpcore.NetworkBackend):
    """The network as httpcore sees it: guarded addresses, and one time limit over all operations.

    Serves one exchange at a time: `begin` says how long the next one may take, and the
    timeouts that httpcore passes for each operation give way to it.
    """

    def __init__(self, allowed: Iterable[AllowedRange] = (), *, resolver: Resolver = system_resolver) -> None:
        self._allowed = tuple(allowed)
        self._resolver = resolver
        self._plain = httpcore.SyncBackend()
        self._limit: TimeLimit | None = None

    def begin(self, limit: TimeLimit) -> None:
        """Bound everything up to the next `begin`."""
        self._limit = limit

    @property
    def limit(self) -> TimeLimit:
        """The bound of the present exchange."""
        if self._limit is None:
            raise RuntimeError("begin() comes before the first exchange")
        return self._limit

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to `host` if every address it has is allowed.

        Raises:
            RefusedAddress: one is not.
            NoAddress: the name has none.
        """
        answers = resolve_within(self.limit, self._resolver, host, port)
        checked = self._checked(answers, port)

        def connect(address: str, seconds: float) -> httpcore.NetworkStream:
            return self._plain.connect_tcp(address, port, seconds, local_address, socket_options)

        return _LimitedStream(first_to_connect(checked, self.limit, connect), self)

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        """Refuse: a receiver is never a local socket."""
        raise RefusedAddress("a local socket is not a receiver")

    def _checked(self, answers: Sequence[str], port: int) -> list[str]:
        addresses = [_unmapped(ipaddress.ip_address(answer)) for answer in answers]
        for address in addresses:
            if not is_public(address) and not any(allowed.holds(address, port) for allowed in self._allowed):
                raise RefusedAddress("an address that is not public")
        return [str(address) for address in addresses]


class _LimitedStream(httpcore.NetworkStream):
    """A stream on which no operation outlasts the exchange; head and body of a request leave together."""

    def __init__(self, stream: httpcore.NetworkStream, network: GuardedNetwork) -> None:
        self._stream = stream
        self._network = network
        self._unsent = b""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._unsent:
            buffer, self._unsent = self._unsent, b""
            with suppress(httpcore.WriteError):  # as httpcore: who hangs up early may have answered why
                self._stream.write(buffer, self._network.limit.remaining())
        return self._stream.read(max_bytes, self._network.limit.remaining())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._unsent += buffer

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, self._network.limit.remaining())
        return _LimitedStream(secured, self._network)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _unmapped(address: Address) -> Address:
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
