"""What the dispatcher may rely on, whatever the channel; and what each answer of a receiver means."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from notifiers.channel import Notifier
from notifiers.email import EmailNotifier
from notifiers.errors import DeliveryFailed, Reason
from notifiers.guard import AllowedRange
from notifiers.message import Recipient
from notifiers.smtp import SmtpServer
from notifiers.webhook import WebhookNotifier, new_secret, refusal
from tests.notifiers.examples import NOON, a_message
from tests.notifiers.servers import HOST, Answer, HttpReceiver, Server, SmtpReceiver, hang, raw, status

TOKEN = "token-4711"
SECRET = new_secret()
YES, NO = True, False

# RFC 9110 section 15; Standard Webhooks 1.0 for 410 and the throttling four.
HTTP = [
    (101, Reason.GARBLED, YES),
    (300, Reason.REDIRECTED, NO),
    (301, Reason.REDIRECTED, NO),
    (302, Reason.REDIRECTED, YES),
    (303, Reason.REDIRECTED, YES),
    (304, Reason.REDIRECTED, NO),
    (307, Reason.REDIRECTED, YES),
    (308, Reason.REDIRECTED, NO),
    (400, Reason.REJECTED, NO),
    (401, Reason.REJECTED, YES),
    (403, Reason.REJECTED, YES),
    (404, Reason.REJECTED, YES),
    (405, Reason.REJECTED, NO),
    (408, Reason.REJECTED, YES),
    (409, Reason.REJECTED, YES),
    (410, Reason.GONE, NO),
    (413, Reason.TOO_LARGE, NO),
    (415, Reason.REJECTED, NO),
    (422, Reason.REJECTED, NO),
    (425, Reason.REJECTED, YES),
    (429, Reason.THROTTLED, YES),
    (431, Reason.REJECTED, NO),
    (500, Reason.UNAVAILABLE, YES),
    (501, Reason.UNAVAILABLE, NO),
    (502, Reason.THROTTLED, YES),
    (503, Reason.THROTTLED, YES),
    (504, Reason.THROTTLED, YES),
    (505, Reason.UNAVAILABLE, NO),
    (507, Reason.UNAVAILABLE, YES),
    (599, Reason.UNAVAILABLE, YES),
]

# RFC 5321 section 4.2 (codes), RFC 3463 (enhanced codes). What is said before any mail is named
# concerns our settings or the server, not the mail: it is never final.
SMTP = [
    ("greeting", "421 4.3.2 closing", Reason.UNAVAILABLE, YES),
    ("greeting", "554 5.7.1 not you", Reason.MISCONFIGURED, YES),
    ("greeting", "HTTP/1.1 400 Bad Request", Reason.GARBLED, YES),
    ("EHLO", "450 4.3.2 wait", Reason.UNAVAILABLE, YES),
    ("EHLO", "550 5.7.1 no", Reason.MISCONFIGURED, YES),
    ("AUTH", "454 4.7.0 later", Reason.UNAVAILABLE, YES),
    ("AUTH", "535 5.7.8 wrong", Reason.MISCONFIGURED, YES),
    ("MAIL", "421 4.4.2 bye", Reason.UNAVAILABLE, YES),
    ("MAIL", "452 4.3.1 full", Reason.UNAVAILABLE, YES),
    ("MAIL", "530 5.7.0 log in first", Reason.MISCONFIGURED, YES),
    ("MAIL", "550 5.7.1 bad sender", Reason.REJECTED, NO),
    ("MAIL", "552 5.3.4 too big", Reason.TOO_LARGE, NO),
    ("RCPT", "450 4.2.1 greylisted", Reason.UNAVAILABLE, YES),
    ("RCPT", "452 4.2.2 mailbox full", Reason.UNAVAILABLE, YES),
    ("RCPT", "550 5.1.1 no such user", Reason.GONE, NO),
    ("RCPT", "550 no such user", Reason.GONE, NO),
    ("RCPT", "551 user not local", Reason.GONE, NO),
    ("RCPT", "553 5.1.3 bad syntax", Reason.GONE, NO),
    ("RCPT", "550 5.2.1 disabled", Reason.GONE, NO),
    ("RCPT", "550 5.7.1 relaying denied", Reason.REJECTED, NO),
    ("RCPT", "552 5.2.2 mailbox full", Reason.REJECTED, NO),
    ("RCPT", "250 2.1.5 see 550 5.1.1", None, NO),
    ("RCPT", "251 forwarded", None, NO),
    ("DATA", "451 4.3.0 later", Reason.UNAVAILABLE, YES),
    ("DATA", "554 5.5.1 no", Reason.REJECTED, NO),
    ("message", "250 ok", None, NO),
    ("message", "421 4.3.2 closing", Reason.UNAVAILABLE, YES),
    ("message", "451 4.7.1 later", Reason.UNAVAILABLE, YES),
    ("message", "552 too large", Reason.TOO_LARGE, NO),
    ("message", "554 5.6.0 spam, see https://help.example/why?id=1", Reason.REJECTED, NO),
    ("message", "what?", Reason.GARBLED, YES),
    ("message", "999 what?", Reason.GARBLED, YES),
]


def webhooks(receiver: HttpReceiver, *, seconds: float = 5) -> WebhookNotifier:
    allowed = AllowedRange.parse(f"{HOST}:{receiver.port}")
    return WebhookNotifier([allowed], monotonic=time.monotonic, seconds=seconds)


def mails(receiver: SmtpReceiver, *, login: str = "", seconds: float = 5) -> EmailNotifier:
    server = SmtpServer.parse(receiver.url(login=login))
    return EmailNotifier(
        server, "duban@city.example", domain="duban.example", monotonic=time.monotonic, seconds=seconds
    )


def attempt(notifier: Notifier, recipient: Recipient) -> DeliveryFailed | None:
    """Send once; return why it failed, if it did."""
    try:
        notifier.send(a_message(), recipient, now=NOON)
    except DeliveryFailed as error:
        return error
    return None


@pytest.mark.parametrize(("code", "reason", "retryable"), HTTP, ids=[str(row[0]) for row in HTTP])
def test_every_http_status(code: int, reason: Reason, retryable: bool) -> None:
    with HttpReceiver(status(code, f"Location: https://elsewhere.example/{TOKEN}", "Retry-After: 7")) as receiver:
        sender = webhooks(receiver)
        failed = attempt(sender, Recipient(address=receiver.url(f"/{TOKEN}"), secrets=(SECRET,)))
        sender.close()
    assert failed is not None
    assert (failed.reason, failed.retryable) == (reason, retryable)
    assert failed.retry_after == (7 if reason is Reason.THROTTLED else None)
    assert failed.ends_channel == (code == 410)
    assert failed.detail == (f"HTTP {code}" if code >= 200 else "the answer is not HTTP")
    assert len(receiver.posts) == 1


@pytest.mark.parametrize("code", [200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 299])
def test_every_2xx_is_success(code: int) -> None:
    with HttpReceiver(status(code)) as receiver:
        sender = webhooks(receiver)
        assert attempt(sender, Recipient(address=receiver.url(), secrets=(SECRET,))) is None
        sender.close()
    assert len(receiver.posts) == 1


def test_only_2xx_is_success_and_every_status_has_a_meaning() -> None:
    verdicts = {code: refusal(code, None, NOON) for code in range(100, 1000)}
    assert [code for code, verdict in verdicts.items() if verdict is None] == list(range(200, 300))
    # Final is what RFC 9110 says of the request itself, whoever asks and whenever; and 410.
    final = [code for code, verdict in verdicts.items() if verdict and not verdict.retryable]
    assert final == [300, 301, 304, 305, 306, 308, 400, 405, 406, 410, 411, 413, 414, 415, 417, 422, 431, 501, 505]
    assert [code for code, verdict in verdicts.items() if verdict and verdict.ends_channel] == [410]
    throttled = [code for code, verdict in verdicts.items() if verdict and verdict.reason is Reason.THROTTLED]
    assert throttled == [429, 502, 503, 504]


@pytest.mark.parametrize(
    ("stage", "reply", "reason", "retryable"), SMTP, ids=[f"{stage}-{reply[:9]}" for stage, reply, *_ in SMTP]
)
def test_every_smtp_reply(stage: str, reply: str, reason: Reason | None, retryable: bool) -> None:
    with SmtpReceiver({stage: reply}) as receiver:
        sender = mails(receiver, login=f"clerk:{TOKEN}@" if stage == "AUTH" else "")
        failed = attempt(sender, Recipient(address="zhang@unit.example"))
        sender.close()
    assert receiver.connections == 1
    if reason is None:
        assert failed is None
        assert len(receiver.mails) == 1
        return
    assert failed is not None
    assert (failed.reason, failed.retryable) == (reason, retryable)
    assert failed.ends_channel == (reason is Reason.GONE)
    assert failed.detail.removeprefix("maybe twice: ").startswith(f"{stage}: ")
    assert ("maybe twice" in failed.detail) == (stage == "message" and reason is Reason.GARBLED)
    assert "://" not in str(failed)


SMTP_STAGES = ["greeting", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "message"]
BEFORE_THE_MAIL = {"greeting", "EHLO", "AUTH"}
SMTP_CLASSES = {
    "2": "250 ok",
    "3": "354 go on",
    "4": "450 4.0.0 later",
    "5": "550 5.0.0 no",
    "1": "150 wait",
    "6": "650 ?",
}


@pytest.mark.parametrize("stage", SMTP_STAGES)
@pytest.mark.parametrize("kind", SMTP_CLASSES)
def test_every_class_of_smtp_reply_at_every_stage(stage: str, kind: str) -> None:
    """RFC 5321 section 4.2.1: the first digit decides; what is not of the awaited class never counts as taken."""
    with SmtpReceiver({stage: SMTP_CLASSES[kind]}) as receiver:
        sender = mails(receiver, login=f"clerk:{TOKEN}@" if stage == "AUTH" else "", seconds=1)
        failed = attempt(sender, Recipient(address="zhang@unit.example"))
        sender.close()
    if kind == ("3" if stage == "DATA" else "2"):
        assert failed is None or stage == "AUTH", "250 is no answer to AUTH"
        assert len(receiver.mails) == (failed is None)
        return
    assert failed is not None
    assert failed.retryable == (kind != "5" or stage in BEFORE_THE_MAIL)
    assert not failed.ends_channel or (stage, kind) == ("RCPT", "5")
    assert len(receiver.mails) == (stage == "message")


@dataclass
class Channel:
    """A notifier, somebody to send to, and the receiver behind."""

    notifier: Notifier
    recipient: Recipient
    receiver: HttpReceiver | SmtpReceiver

    def fail_once(self) -> None:
        if isinstance(self.receiver, HttpReceiver):
            self.receiver.answers[:] = [status(503), status(204)]
        else:
            self.receiver.script["RCPT"] = "451 4.3.0 later"

    def recover(self) -> None:
        if isinstance(self.receiver, SmtpReceiver):
            self.receiver.script["RCPT"] = "250 ok"

    def ids(self) -> list[str]:
        """The delivery ids that have arrived, by what the receiver de-duplicates by."""
        if isinstance(self.receiver, HttpReceiver):
            return [post.headers["webhook-id"] for post in self.receiver.posts]
        heads = [mail.decode("ascii").split("\r\n\r\n")[0] for mail in self.receiver.mails]
        return [head.split("Message-ID: <")[1].split("@")[0] for head in heads]


@contextmanager
def open_channel(kind: str, behaviour: str = "", *, seconds: float = 5) -> Iterator[Channel]:
    if kind == "webhook":
        answers: dict[str, Answer] = {"hang": hang, "garble": raw(b"what?\r\n\r\n", keep=False)}
        with HttpReceiver(answers.get(behaviour, status(204))) as receiver:
            notifier = webhooks(receiver, seconds=seconds)
            yield Channel(notifier, Recipient(address=receiver.url(f"/{TOKEN}"), secrets=(SECRET,)), receiver)
            notifier.close()
    else:
        script = {"hang": {"greeting": "hang"}, "garble": {"greeting": "what?"}}.get(behaviour, {})
        with SmtpReceiver(script) as server:
            sender = mails(server, login=f"clerk:{TOKEN}@", seconds=seconds)
            yield Channel(sender, Recipient(address="zhang@unit.example"), server)
            sender.close()


KINDS = pytest.mark.parametrize("kind", ["email", "webhook"])


@KINDS
def test_a_message_arrives_under_its_delivery_id(kind: str) -> None:
    with open_channel(kind) as channel:
        assert channel.notifier.channel == kind
        receipt = channel.notifier.send(a_message(delivery_id="d-77"), channel.recipient, now=NOON)
    assert channel.ids() == ["d-77"]
    assert receipt.detail


@KINDS
def test_one_call_is_one_attempt_and_a_failure_does_not_spoil_the_next(kind: str) -> None:
    with open_channel(kind) as channel:
        channel.fail_once()
        failed = attempt(channel.notifier, channel.recipient)
        channel.recover()
        assert attempt(channel.notifier, channel.recipient) is None
        attempts = len(channel.ids()) if kind == "webhook" else _count(channel.receiver, "rcpt")
    assert failed is not None
    assert failed.retryable
    assert attempts == 2
    assert channel.ids()[-1] == "d-1"


def _count(receiver: Server, verb: str) -> int:
    assert isinstance(receiver, SmtpReceiver)
    return sum(command.startswith(verb) for command in receiver.commands)


@KINDS
def test_after_close_it_sends_again(kind: str) -> None:
    with open_channel(kind) as channel:
        assert attempt(channel.notifier, channel.recipient) is None
        channel.notifier.close()
        channel.notifier.close()
        assert attempt(channel.notifier, channel.recipient) is None
    assert channel.ids() == ["d-1", "d-1"]
    assert channel.receiver.connections == 2


@KINDS
@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [("hang", Reason.TIMEOUT), ("garble", Reason.GARBLED), ("absent", Reason.UNREACHABLE)],
)
def test_trouble_on_the_way_is_retryable(kind: str, behaviour: str, reason: Reason) -> None:
    with open_channel(kind, behaviour, seconds=0.4) as channel:
        if behaviour == "absent":
            channel.receiver.__exit__(None, None, None)
        begun = time.monotonic()
        failed = attempt(channel.notifier, channel.recipient)
        assert time.monotonic() - begun < 2
    assert failed is not None
    assert (failed.reason, failed.retryable) == (reason, True)
    assert channel.receiver.connections == (behaviour != "absent")


@KINDS
@pytest.mark.parametrize("address", ["", "nonsense", "a@b.example, c@d.example", "https://u:p@h.example", "x\r\ny: z"])
def test_a_bad_address_ends_the_channel_without_a_connection(kind: str, address: str) -> None:
    with open_channel(kind) as channel:
        failed = attempt(channel.notifier, Recipient(address=address, secrets=(SECRET,)))
        assert attempt(channel.notifier, channel.recipient) is None
    assert failed is not None
    assert (failed.reason, failed.retryable, failed.ends_channel) == (Reason.BAD_RECIPIENT, False, True)
    assert channel.receiver.connections == 1


@KINDS
@pytest.mark.parametrize("behaviour", ["", "hang", "garble", "absent", "fails"])
def test_no_url_token_or_password_is_ever_shown(kind: str, behaviour: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with open_channel(kind, behaviour, seconds=0.3) as channel:
        if behaviour == "absent":
            channel.receiver.__exit__(None, None, None)
        if behaviour == "fails":
            channel.fail_once()
        failed = attempt(channel.notifier, channel.recipient)
    shown = [str(failed), repr(failed), repr(channel.recipient), repr(channel.notifier), caplog.text]
    assert (failed is None) == (behaviour == "")
    assert [text for text in shown if TOKEN in text or SECRET[6:] in text or "://" in text] == []


@KINDS
def test_a_notifier_shared_by_mistake_still_sends_each_message_once(kind: str) -> None:
    with open_channel(kind) as channel:

        def send_some(first: int) -> None:
            for number in range(first, first + 5):
                channel.notifier.send(a_message(delivery_id=f"d-{number}"), channel.recipient, now=NOON)

        senders = [threading.Thread(target=send_some, args=(first,)) for first in (0, 5, 10)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
    assert sorted(channel.ids(), key=lambda text: int(text[2:])) == [f"d-{number}" for number in range(15)]
    assert channel.receiver.connections == 1
