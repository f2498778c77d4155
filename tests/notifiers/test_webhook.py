from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import ssl
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
import standardwebhooks

from notifiers.errors import BadRecipient, DeliveryFailed, Reason
from notifiers.guard import AllowedRange
from notifiers.message import Recipient
from notifiers.timelimit import Monotonic
from notifiers.webhook import WebhookNotifier, new_secret, parse_url
from tests.notifiers.certificates import Authority
from tests.notifiers.examples import NOON, a_message, an_item
from tests.notifiers.servers import HOST, HttpReceiver, drip, hang, raw, reset, status

SECRET = new_secret()
BEIJING = timezone(timedelta(hours=8))


def notifier(
    receiver: HttpReceiver,
    *,
    seconds: float = 5,
    monotonic: Monotonic = time.monotonic,
    tls: ssl.SSLContext | None = None,
) -> WebhookNotifier:
    allowed = AllowedRange.parse(f"{HOST}:{receiver.port}")
    return WebhookNotifier([allowed], monotonic=monotonic, seconds=seconds, tls=tls, resolver=lambda host, port: [HOST])


def to(receiver: HttpReceiver, *secrets: str) -> Recipient:
    return Recipient(address=receiver.url(), secrets=secrets or (SECRET,))


def send(receiver: HttpReceiver, *, seconds: float = 5, monotonic: Monotonic = time.monotonic) -> DeliveryFailed:
    """Send once to a receiver that will not take it; return why."""
    sender = notifier(receiver, seconds=seconds, monotonic=monotonic)
    with pytest.raises(DeliveryFailed) as caught:
        sender.send(a_message(), to(receiver), now=NOON)
    sender.close()
    return caught.value


def test_the_body_is_what_the_documentation_shows() -> None:
    with HttpReceiver() as receiver:
        sender = notifier(receiver)
        receipt = sender.send(a_message(an_item(due_time="17:00")), to(receiver), now=NOON)
        sender.close()
    (post,) = receiver.posts
    assert receipt.detail == "HTTP 204"
    assert post.line == "POST /hook HTTP/1.1"
    assert post.headers["content-type"] == "application/json"
    assert json.loads(post.body) == {
        "type": "reminder",
        "delivery_id": "d-1",
        "lang": "zh",
        "text": (
            "▲临近 东川区工信局 …运行台账 2026-09-30 周三\n"
            "【东川区工信局】\n"
            "▲临近 报送锅炉运行台账（安全日前3个工作日）\n"
            "安全日：2026-09-30 周三 · 原文日期：2026-10-03 周六 17:00\n"
            "全部事项：https://duban.example/units/530113\n"
        ),
        "link": "https://duban.example/units/530113",
        "more": 0,
        "summaries": [],
        "items": [
            {
                "occurrence_id": "n1-o2-530113-2026Q4",
                "unit": "东川区工信局",
                "title": "报送锅炉运行台账",
                "step": "T-3",
                "light": "yellow",
                "status": "open",
                "written_on": "2026-10-03",
                "due_on": "2026-10-03",
                "safe_on": "2026-09-30",
                "due_time": "17:00",
                "days_left": 3,
                "provisional": False,
                "quote": "各县区应于每季度首月3日前报送上季度锅炉运行台账",
                "source": "《关于加强锅炉运行管理的通知》（虚市监〔2026〕5号）",
                "recipient": "市市场监管局",
                "link": "https://duban.example/occurrences/n1-o2-530113-2026Q4",
            }
        ],
    }


def test_the_signature_is_that_of_the_standard() -> None:
    """Worked out by hand from the text of Standard Webhooks 1.0, whatever zone `now` is written in."""
    with HttpReceiver() as receiver:
        sender = notifier(receiver)
        sender.send(a_message(), to(receiver), now=NOON.astimezone(BEIJING))
        sender.close()
    (post,) = receiver.posts
    assert post.headers["webhook-id"] == "d-1"
    assert post.headers["webhook-timestamp"] == "1790308800"
    signed = b"d-1.1790308800." + post.body
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    mark = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    assert post.headers["webhook-signature"] == f"v1,{mark}"


@pytest.mark.parametrize("known", [0, 1])
def test_while_secrets_rotate_the_receiver_may_know_either(known: int) -> None:
    secrets = (new_secret(), new_secret())
    with HttpReceiver() as receiver:
        sender = notifier(receiver)
        sender.send(a_message(), to(receiver, *secrets), now=datetime.now(UTC))
        sender.close()
    (post,) = receiver.posts
    assert standardwebhooks.Webhook(secrets[known]).verify(post.body, post.headers)["delivery_id"] == "d-1"
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(new_secret()).verify(post.body, post.headers)


@pytest.mark.parametrize("secrets", [(), ("whsec_",), ("whsec_a",)])
def test_nothing_is_sent_unsigned(secrets: tuple[str, ...]) -> None:
    with HttpReceiver() as receiver:
        sender = notifier(receiver)
        with pytest.raises(DeliveryFailed) as caught:
            sender.send(a_message(), Recipient(address=receiver.url(), secrets=secrets), now=NOON)
        sender.close()
    assert (caught.value.reason, caught.value.retryable) == (Reason.MISCONFIGURED, False)
    assert receiver.connections == 0


def test_one_connection_serves_many_messages_and_a_restart_of_the_receiver() -> None:
    with HttpReceiver(status(200, body=b"ok")) as receiver:
        sender = notifier(receiver)
        for _ in range(5):
            sender.send(a_message(), to(receiver), now=NOON)
        assert receiver.connections == 1
        receiver.drop_all()
        sender.send(a_message(), to(receiver), now=NOON)
        sender.close()
    assert receiver.connections == 2
    assert len(receiver.posts) == 6


def test_the_receipt_keeps_the_receivers_own_id() -> None:
    with HttpReceiver(status(202, "X-Request-Id: r-77")) as receiver:
        sender = notifier(receiver)
        assert sender.send(a_message(), to(receiver), now=NOON).remote_id == "r-77"
        sender.close()


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        pytest.param("120", 120, id="seconds"),
        pytest.param("Fri, 25 Sep 2026 04:05:00 GMT", 300, id="date"),
        pytest.param("Fri, 25 Sep 2026 03:00:00 GMT", 0, id="date-past"),
        pytest.param("99999999999999999999", 86_400, id="at-most-a-day"),
        pytest.param("Fri, 25 Sep 2099 04:05:00 GMT", 86_400, id="date-at-most-a-day"),
        pytest.param("soon", None, id="unreadable"),
        pytest.param("-5", None, id="negative"),
        pytest.param("", None, id="empty"),
    ],
)
def test_the_receiver_says_how_long_to_wait(header: str, seconds: int | None) -> None:
    with HttpReceiver(status(429, f"Retry-After: {header}")) as receiver:
        failed = send(receiver)
    assert (failed.reason, failed.retryable, failed.retry_after) == (Reason.THROTTLED, True, seconds)


def test_a_redirect_is_not_followed() -> None:
    with HttpReceiver() as target, HttpReceiver(status(307, f"Location: {target.url()}")) as receiver:
        failed = send(receiver)
    assert failed.reason is Reason.REDIRECTED
    assert (len(receiver.posts), target.connections) == (1, 0)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(hang, id="silent"),
        pytest.param(drip(b"HTTP/1.1 200 OK\r\n" + b"X-Slow: 1\r\n" * 50), id="dripping"),
    ],
)
def test_one_exchange_ends_in_time(answer: object) -> None:
    assert callable(answer)
    with HttpReceiver(answer) as receiver:
        begun = time.monotonic()
        failed = send(receiver, seconds=0.4)
        assert time.monotonic() - begun < 2
    assert (failed.reason, failed.retryable) == (Reason.TIMEOUT, True)
    assert len(receiver.posts) == 1


def test_the_limit_counts_all_operations_together() -> None:
    """Each reading of this clock is a second later: the limit passes although no operation is slow."""
    ticks = iter(range(1000))
    with HttpReceiver() as receiver:
        failed = send(receiver, seconds=2, monotonic=lambda: float(next(ticks)))
    assert failed.reason is Reason.TIMEOUT


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", keep=False), id="half-a-body"),
        pytest.param(
            raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 200_000, keep=False), id="huge-body"
        ),
    ],
)
def test_a_2xx_has_been_delivered_whatever_follows(answer: object) -> None:
    assert callable(answer)
    with HttpReceiver(answer, status(204)) as receiver:
        sender = notifier(receiver)
        assert sender.send(a_message(), to(receiver), now=NOON).detail == "HTTP 200"
        assert sender.send(a_message(), to(receiver), now=NOON).detail == "HTTP 204"
        sender.close()
    assert receiver.connections == 2


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(raw(b"", keep=False), Reason.UNREACHABLE, id="closed"),
        pytest.param(reset, Reason.UNREACHABLE, id="reset"),
        pytest.param(raw(b"SSH-2.0-OpenSSH_9.6\r\n\r\n", keep=False), Reason.GARBLED, id="not-http"),
        pytest.param(raw(b"HTTP/1.1 200 OK\r\nContent-Len", keep=False), Reason.UNREACHABLE, id="half-a-header"),
    ],
)
def test_no_answer_may_be_retried(answer: object, reason: Reason) -> None:
    assert callable(answer)
    with HttpReceiver(answer) as receiver:
        failed = send(receiver)
    assert (failed.reason, failed.retryable) == (reason, True)
    assert len(receiver.posts) == 1


def test_tls_is_for_the_name_of_the_url_on_the_checked_address(authority: Authority) -> None:
    with HttpReceiver(tls=authority.server()) as receiver:
        sender = notifier(receiver, tls=authority.client())
        address = f"https://receiver.example:{receiver.port}/hook?k=1"
        sender.send(a_message(), Recipient(address=address, secrets=(SECRET,)), now=NOON)
        with pytest.raises(DeliveryFailed) as caught:
            other = address.replace("receiver.example", "token-1.example")
            sender.send(a_message(), Recipient(address=other, secrets=(SECRET,)), now=NOON)
        sender.close()
    (post,) = receiver.posts
    assert post.line == "POST /hook?k=1 HTTP/1.1"
    assert post.headers["host"] == f"receiver.example:{receiver.port}"
    assert (caught.value.reason, caught.value.detail) == (Reason.UNTRUSTED, "the certificate is for another name")


def test_an_unknown_authority_is_not_trusted(authority: Authority) -> None:
    with HttpReceiver(tls=authority.server()) as receiver:
        failed = send(receiver)
    assert (failed.reason, failed.detail) == (Reason.UNTRUSTED, "the certificate is self-signed")


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "[::ffff:127.0.0.1]", "localhost", "169.254.169.254"])
def test_an_address_that_is_not_public_is_not_reached(host: str) -> None:
    with HttpReceiver() as receiver:
        sender = WebhookNotifier(monotonic=time.monotonic)
        with pytest.raises(DeliveryFailed) as caught:
            sender.send(a_message(), Recipient(address=f"http://{host}:{receiver.port}/", secrets=(SECRET,)), now=NOON)
        sender.close()
    assert (caught.value.reason, caught.value.retryable) == (Reason.REFUSED_ADDRESS, False)
    assert receiver.connections == 0


def test_an_ipv6_receiver_gets_a_proper_host_header() -> None:
    with HttpReceiver() as receiver:
        sender = WebhookNotifier([AllowedRange.parse(f"127.0.0.1:{receiver.port}")], monotonic=time.monotonic)
        recipient = Recipient(address=f"http://[::ffff:127.0.0.1]:{receiver.port}/", secrets=(SECRET,))
        sender.send(a_message(), recipient, now=NOON)
        sender.close()
    assert receiver.posts[0].headers["host"] == f"[::ffff:127.0.0.1]:{receiver.port}"


@pytest.mark.parametrize(
    ("text", "host", "target"),
    [
        ("https://hooks.example", b"hooks.example", b"/"),
        ("http://督办.example:8080/提醒?k=甲#part", b"xn--wfrp96f.example:8080", b"/%E6%8F%90%E9%86%92?k=%E7%94%B2"),
        ("HTTPS://Hooks.Example:443/A", b"hooks.example", b"/A"),
    ],
)
def test_urls_are_sent_in_wire_form(text: str, host: bytes, target: bytes) -> None:
    parsed = parse_url(text)
    assert (parsed.host, parsed.url.target) == (host, target)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hooks.example",
        "ftp://hooks.example",
        "https://",
        "https:///x",
        "https://u:token-1@hooks.example",
        "https://a\nb.example",
        "https://h:99999/",
    ],
)
def test_other_urls_are_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(BadRecipient) as caught:
        parse_url(text)
    assert "webhook" in str(caught.value)
    assert "token-1" not in str(caught.value)


def test_a_digest_stays_within_the_limits_of_chats_and_receivers() -> None:
    items = [an_item(occurrence_id=f"o{n}", title=f"第{n:03}项：{'报送' * 20}") for n in range(300)]
    with HttpReceiver() as receiver:
        sender = notifier(receiver)
        sender.send(a_message(*items), to(receiver), now=NOON)
        sender.close()
    body = receiver.posts[0].body
    data = json.loads(body)
    assert 19_000 < len(body) <= 20_000
    assert 1_800 < len(data["text"].encode()) <= 2_048
    assert data["more"] == 300 - len(data["items"])
    in_text = data["text"].count("安全日：")
    assert f"另有 {300 - in_text} 项 · 全部事项：https://duban.example/units/530113" in data["text"]
    assert [item["occurrence_id"] for item in data["items"]] == [f"o{n}" for n in range(len(data["items"]))]


def test_neither_urls_nor_secrets_reach_errors_reprs_or_logs(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    seen: list[str] = []
    with HttpReceiver(status(500), status(204), reset) as receiver:
        sender = notifier(receiver)
        recipient = Recipient(address=receiver.url("/hook/token-1"), secrets=(SECRET,))
        for _ in range(3):
            try:
                seen.append(repr(sender.send(a_message(), recipient, now=NOON)))
            except DeliveryFailed as error:
                seen += [str(error), repr(error), error.detail]
        sender.close()
    seen += [repr(recipient), caplog.text]
    assert len(receiver.posts) == 3
    assert "connect_tcp" in caplog.text
    assert [text for text in seen if "token-1" in text or SECRET in text or SECRET[6:] in text] == []
