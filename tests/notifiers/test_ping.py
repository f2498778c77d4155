"""The sign of life: one fetch, never waited for, and nothing about the address in the log."""

from __future__ import annotations

import logging
import time

import pytest

from notifiers.ping import Ping
from tests.notifiers.servers import Answer, HttpReceiver, drip, hang, raw, status

SOON = 20.0
SECRET = "/ping/0f8a4c"


def log_after(caplog: pytest.LogCaptureFixture, *answers: Answer) -> tuple[int, str]:
    """Ping a receiver that answers so; return how many requests came, and what the log then says."""
    with caplog.at_level(logging.INFO), HttpReceiver(*answers) as receiver:
        ping = Ping(receiver.url(SECRET), time.monotonic)
        ping()
        ping.wait(SOON)
        return len(receiver.posts), caplog.text


def test_it_arrives_and_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    assert log_after(caplog, status(200)) == (1, "")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        pytest.param(status(500), "refused", id="500"),
        pytest.param(status(302, "Location: http://127.0.0.1:1/"), "refused", id="redirect"),
        pytest.param(raw(b"\x00garbage\r\n\r\n"), "did not arrive", id="garbage"),
    ],
)
def test_what_went_wrong_is_logged_without_the_address(
    caplog: pytest.LogCaptureFixture, answer: Answer, said: str
) -> None:
    requests, text = log_after(caplog, answer)
    assert requests == 1
    assert said in text
    assert SECRET not in text
    assert "127.0.0.1" not in text


def test_nobody_listens(caplog: pytest.LogCaptureFixture) -> None:
    with HttpReceiver() as receiver:
        url = receiver.url(SECRET)
    ping = Ping(url, time.monotonic)
    ping()
    ping.wait(SOON)
    assert "did not arrive" in caplog.text
    assert SECRET not in caplog.text


def test_while_one_hangs_no_other_is_sent_and_the_caller_goes_on() -> None:
    with HttpReceiver(hang) as receiver:
        ping = Ping(receiver.url(SECRET), time.monotonic, seconds=0.5)
        for _ in range(5):
            ping()
        ping.wait(SOON)
        receiver.drop_all()
        assert len(receiver.posts) <= 1


def test_one_that_is_answered_drop_by_drop_ends_in_time_and_the_next_is_sent(caplog: pytest.LogCaptureFixture) -> None:
    with HttpReceiver(drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 10_000), status(200)) as receiver:
        ping = Ping(receiver.url(SECRET), time.monotonic, seconds=0.3)
        ping()
        ping.wait(SOON)
        assert "did not arrive" in caplog.text
        ping()
        ping.wait(SOON)
        assert len(receiver.posts) == 2
    assert caplog.text.count("sign of life") == 1
