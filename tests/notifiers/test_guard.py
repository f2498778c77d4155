from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from ipaddress import ip_address

import httpcore
import pytest

from notifiers.errors import BadRange
from notifiers.guard import AllowedRange, GuardedNetwork, RefusedAddress, is_public
from notifiers.resolve import NoAddress
from notifiers.timelimit import OutOfTime, TimeLimit
from tests.notifiers.servers import HOST, HttpReceiver

PRIVATE = [
    pytest.param("127.0.0.1", id="loopback"),
    pytest.param("10.0.0.1", id="private"),
    pytest.param("172.31.255.255", id="private-172"),
    pytest.param("192.168.1.1", id="private-192"),
    pytest.param("169.254.169.254", id="link-local-metadata"),
    pytest.param("100.100.100.200", id="shared-space-metadata"),
    pytest.param("192.0.0.8", id="protocol-assignment"),
    pytest.param("192.88.99.1", id="6to4-relay"),
    pytest.param("0.0.0.0", id="this-host"),
    pytest.param("224.0.0.1", id="multicast"),
    pytest.param("255.255.255.255", id="broadcast"),
    pytest.param("198.18.0.1", id="benchmark"),
    pytest.param("::1", id="loopback-6"),
    pytest.param("::", id="unspecified-6"),
    pytest.param("::127.0.0.1", id="ipv4-compatible"),
    pytest.param("::ffff:127.0.0.1", id="ipv4-mapped"),
    pytest.param("::ffff:100.100.100.200", id="ipv4-mapped-shared"),
    pytest.param("64:ff9b::7f00:1", id="nat64-loopback"),
    pytest.param("64:ff9b:1::a00:1", id="local-nat64"),
    pytest.param("2002:7f00:1::", id="6to4-loopback"),
    pytest.param("2001:0:1::1", id="teredo"),
    pytest.param("2001:db8::1", id="documentation"),
    pytest.param("3fff::1", id="documentation-new"),
    pytest.param("fec0::1", id="site-local"),
    pytest.param("fd00:ec2::254", id="unique-local-metadata"),
    pytest.param("fe80::1", id="link-local-6"),
    pytest.param("ff02::1", id="multicast-6"),
]


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_public_is_refused(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "114.114.114.114", "2400:3200::1", "::ffff:1.1.1.1"])
def test_what_is_public_is_not(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    ("text", "network", "port"),
    [
        ("10.20.0.0/16:8443", "10.20.0.0/16", 8443),
        ("10.20.0.7:443", "10.20.0.7/32", 443),
        (" [fd00:1::/64]:8443 ", "fd00:1::/64", 8443),
    ],
)
def test_ranges_are_written_as_network_and_port(text: str, network: str, port: int) -> None:
    allowed = AllowedRange.parse(text)
    assert (str(allowed.network), allowed.port) == (network, port)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "10.0.0.0/8",
        "10.0.0.0/8:",
        "10.0.0.1/8:80",
        "10.0.0.0/8:0",
        "10.0.0.0/8:65536",
        "fd00::/8:80",
        "host:80",
        "10.0.0.0/8:８０",
    ],
)
def test_other_ranges_are_refused_and_named(text: str) -> None:
    with pytest.raises(BadRange, match="written like"):
        AllowedRange.parse(text)


def test_a_range_holds_its_network_on_its_port_only() -> None:
    allowed = AllowedRange.parse("10.20.0.0/16:8443")
    assert allowed.holds(ip_address("10.20.255.1"), 8443)
    assert not allowed.holds(ip_address("10.20.255.1"), 443)
    assert not allowed.holds(ip_address("10.21.0.1"), 8443)
    assert not allowed.holds(ip_address("fd00::1"), 8443)


def network(
    resolver: Callable[[str, int], Sequence[str]] | None = None,
    *,
    allowed: tuple[AllowedRange, ...] = (),
    seconds: float = 5,
) -> GuardedNetwork:
    guarded = GuardedNetwork(allowed, resolver=resolver) if resolver else GuardedNetwork(allowed)
    guarded.begin(TimeLimit(seconds, time.monotonic))
    return guarded


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "127.0.0.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:7f00:1",
    ],
)
def test_no_spelling_of_loopback_is_connected_to(host: str) -> None:
    with HttpReceiver() as receiver, pytest.raises(RefusedAddress):
        network().connect_tcp(host, receiver.port)
    assert receiver.connections == 0


@pytest.mark.parametrize("bad", PRIVATE)
def test_one_bad_answer_among_good_ones_is_enough(bad: str) -> None:
    with pytest.raises(RefusedAddress):
        network(lambda host, port: ["1.1.1.1", bad]).connect_tcp("rebound.example", 443)


def test_the_checked_answer_is_the_one_connected_to() -> None:
    """A name that changes between two look-ups: there is only one."""
    asked: list[str] = []

    def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return [HOST] if len(asked) == 1 else ["127.0.0.2"]

    with HttpReceiver() as receiver:
        guarded = network(rebinding, allowed=(AllowedRange.parse(f"127.0.0.1:{receiver.port}"),))
        stream = guarded.connect_tcp("rebinding.example", receiver.port)
        assert stream.get_extra_info("server_addr") == (HOST, receiver.port)
        stream.close()
        assert asked == ["rebinding.example"]
        with pytest.raises(RefusedAddress):
            guarded.connect_tcp("rebinding.example", receiver.port)


def test_an_allowed_intranet_receiver_is_reached_on_its_port_only() -> None:
    with HttpReceiver() as receiver, HttpReceiver() as other:
        guarded = network(allowed=(AllowedRange.parse(f"127.0.0.0/8:{receiver.port}"),))
        guarded.connect_tcp(HOST, receiver.port).close()
        guarded.connect_tcp("::ffff:127.0.0.1", receiver.port).close()
        with pytest.raises(RefusedAddress):
            guarded.connect_tcp(HOST, other.port)
        assert other.connections == 0


def test_a_dead_first_address_leaves_time_for_the_second() -> None:
    with HttpReceiver() as receiver:
        guarded = network(
            lambda host, port: ["127.0.0.2", HOST], allowed=(AllowedRange.parse(f"127.0.0.0/8:{receiver.port}"),)
        )
        stream = guarded.connect_tcp("two.example", receiver.port)
        assert stream.get_extra_info("server_addr") == (HOST, receiver.port)
        stream.close()


def test_a_name_without_address_says_so() -> None:
    with pytest.raises(NoAddress):
        network(lambda host, port: []).connect_tcp("nowhere.example", 443)


def test_a_name_that_cannot_be_a_name_says_so() -> None:
    with pytest.raises(NoAddress):
        network().connect_tcp("a" * 64 + ".example", 443)


def test_a_resolver_that_hangs_is_left_behind() -> None:
    import threading

    over = threading.Event()

    def hanging(host: str, port: int) -> Sequence[str]:
        over.wait(5)
        return []

    with pytest.raises(OutOfTime):
        network(hanging, seconds=0.05).connect_tcp("slow.example", 443)
    over.set()


def test_local_sockets_are_refused() -> None:
    with pytest.raises(RefusedAddress):
        network().connect_unix_socket("/run/any.sock")


def test_httpcore_asks_the_network_for_every_connection() -> None:
    """httpx and httpcore offer no other way out that would pass the guard by."""
    pool = httpcore.ConnectionPool(network_backend=network(lambda host, port: ["10.0.0.1"]))
    with pool, pytest.raises(RefusedAddress):
        pool.request("GET", "http://public-looking.example/")
