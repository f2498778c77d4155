from __future__ import annotations

import re
import ssl
import time
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage

import pytest

from notifiers.email import EmailNotifier, check_header, parse_mailbox
from notifiers.errors import BadRecipient, BadServer, DeliveryFailed, Reason
from notifiers.message import Message, Recipient
from notifiers.sink import MailSink
from notifiers.smtp import SmtpServer, SmtpSession
from notifiers.timelimit import Monotonic, TimeLimit
from notifiers.tls import trusted
from tests.notifiers.certificates import Authority
from tests.notifiers.examples import NOON, a_message, an_item
from tests.notifiers.servers import HOST, SmtpReceiver

ZHANG = Recipient(address="zhang@unit.example", name="张三")


def notifier(
    url: str,
    *,
    seconds: float = 5,
    monotonic: Monotonic = time.monotonic,
    tls: ssl.SSLContext | None = None,
    sender: str = "督办提醒 <duban@city.example>",
) -> EmailNotifier:
    server = SmtpServer.parse(url)
    return EmailNotifier(server, sender, domain="duban.example", monotonic=monotonic, seconds=seconds, tls=tls)


def deliver(message: Message, recipient: Recipient = ZHANG) -> EmailMessage:
    """Send through a real SMTP server; return the mail as a reader's program parses it."""
    with SmtpReceiver() as receiver:
        sender = notifier(receiver.url())
        sender.send(message, recipient, now=NOON)
        sender.close()
    mail = message_from_bytes(receiver.mails[0], policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def content(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    text = part.get_content()
    assert isinstance(text, str)
    return text


def test_a_mail_says_who_what_and_when_in_its_subject_and_both_parts() -> None:
    mail = deliver(a_message(an_item(due_time="17:00", provisional=True)))
    assert mail["Subject"] == "▲临近 东川区工信局 …运行台账 2026-09-30 周三"
    assert mail["From"] == "督办提醒 <duban@city.example>"
    assert mail["To"] == "张三 <zhang@unit.example>"
    for kind in ("plain", "html"):
        for word in (
            "报送锅炉运行台账",
            "2026-09-30 周三",
            "（暂定）",
            "2026-10-03 周六 17:00",
            "还剩 3 个工作日",
            "虚市监〔2026〕5号",
        ):
            assert word in content(mail, kind)
    assert 'lang="zh-CN"' in content(mail, "html")
    assert list(mail.iter_attachments()) == []


def test_headers_stop_automatic_answers_and_fold_retries() -> None:
    mail = deliver(a_message())
    assert mail["Message-ID"] == "<d-1@duban.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "zh-CN"
    assert mail["Date"].datetime == NOON


def test_a_retry_is_the_same_mail_by_its_id() -> None:
    with SmtpReceiver({"message": "451 4.3.0 later"}) as receiver:
        sender = notifier(receiver.url())
        with pytest.raises(DeliveryFailed):
            sender.send(a_message(), ZHANG, now=NOON)
        receiver.script["message"] = "250 ok"
        sender.send(a_message(), ZHANG, now=NOON)
        sender.close()
    assert [message_from_bytes(raw)["Message-ID"] for raw in receiver.mails] == ["<d-1@duban.example>"] * 2


def test_the_calendar_is_attached() -> None:
    calendar = "BEGIN:VCALENDAR\r\nSUMMARY:安全日\r\nEND:VCALENDAR\r\n".encode()
    (part,) = deliver(a_message(calendar=calendar)).iter_attachments()
    assert (part.get_content_type(), part.get_filename()) == ("text/calendar", "duban.ics")
    assert part.get_payload(decode=True) == calendar


def test_long_names_are_written_in_words_that_a_mail_may_hold() -> None:
    """RFC 2047 section 2: an encoded word has at most 75 characters."""
    unit = "昆明市经济技术开发区市场监督管理局特种设备安全监察科"
    with SmtpReceiver() as receiver:
        sender = notifier(receiver.url())
        sender.send(a_message(), Recipient(address="a@unit.example", name=unit), now=NOON)
        sender.close()
    (raw,) = receiver.mails
    words = re.findall(rb"=\?[^?]*\?.\?[^?]*\?=", raw)
    assert len(words) >= 4
    assert max(map(len, words)) <= 75
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert str(make_header(decode_header(message_from_bytes(raw)["To"]))) == f"{unit} <a@unit.example>"


def test_english_is_available() -> None:
    mail = deliver(a_message(an_item(unit="Dongchuan", title="file the boiler log", step="T-3"), lang="en"))
    assert mail["Subject"] == "▲near Dongchuan file the boiler log 2026-09-30 Wed"
    assert "Written date: 2026-10-03 Sat" in content(mail, "plain")
    assert mail["Content-Language"] == "en"


def test_lines_that_begin_with_a_dot_arrive_as_they_are() -> None:
    """Base64 hides them in the parts; the transport must not rely on that."""
    with SmtpReceiver() as receiver:
        limit = TimeLimit(5, time.monotonic)
        session = SmtpSession(SmtpServer.parse(receiver.url()), trusted("email"), limit)
        session.transact("a@b.example", "c@d.example", b"Subject: x\r\n\r\n.one\r\n..two\r\n")
        session.end(limit)
    assert receiver.mails[0] == b"Subject: x\r\n\r\n.one\r\n..two\r\n"


def test_the_envelope_has_one_recipient_and_the_connection_is_kept() -> None:
    with SmtpReceiver() as receiver:
        sender = notifier(receiver.url())
        for number in range(5):
            receipt = sender.send(a_message(), Recipient(address=f"u{number}@unit.example"), now=NOON)
            assert receipt.remote_id == "Q1"
        sender.close()
    assert receiver.connections == 1
    assert [c for c in receiver.commands if c.startswith("rcpt")] == [f"rcpt TO:<u{n}@unit.example>" for n in range(5)]
    assert receiver.commands.count("ehlo [127.0.0.1]") == 1
    assert receiver.commands[-1] == "quit"


def test_a_connection_closed_meanwhile_is_renewed_without_a_failure() -> None:
    with SmtpReceiver() as receiver:
        sender = notifier(receiver.url())
        sender.send(a_message(), ZHANG, now=NOON)
        receiver.drop_all()
        sender.send(a_message(), ZHANG, now=NOON)
        receiver.script["MAIL"] = "421 4.4.2 idle too long"
        with pytest.raises(DeliveryFailed) as caught:
            sender.send(a_message(), ZHANG, now=NOON)
        receiver.script["MAIL"] = "250 ok"
        sender.send(a_message(), ZHANG, now=NOON)
        sender.close()
    assert (caught.value.reason, caught.value.retryable) == (Reason.UNAVAILABLE, True)
    assert len(receiver.mails) == 3
    assert (
        receiver.connections == 4
    )  # first, after the drop, after the 421 on the kept one, after the 421 on the new one


def test_a_refused_recipient_does_not_spoil_the_connection() -> None:
    with SmtpReceiver({"RCPT": "550 5.1.1 no such user"}) as receiver:
        sender = notifier(receiver.url())
        with pytest.raises(DeliveryFailed) as caught:
            sender.send(a_message(), ZHANG, now=NOON)
        receiver.script["RCPT"] = "250 ok"
        sender.send(a_message(), ZHANG, now=NOON)
        sender.close()
    assert (caught.value.reason, caught.value.ends_channel) == (Reason.GONE, True)
    assert (receiver.connections, len(receiver.mails)) == (1, 1)


@pytest.mark.parametrize(
    ("stage", "maybe_twice"), [("greeting", False), ("MAIL", False), ("DATA", False), ("message", True)]
)
@pytest.mark.parametrize(("behaviour", "reason"), [("drop", Reason.UNREACHABLE), ("hang", Reason.TIMEOUT)])
def test_silence_is_retryable_and_says_when_the_mail_may_have_arrived(
    stage: str, maybe_twice: bool, behaviour: str, reason: Reason
) -> None:
    """The clock stands, so that a slow machine leaves each operation its full time."""
    with SmtpReceiver({stage: behaviour}) as receiver:
        sender = notifier(receiver.url(), seconds=0.2, monotonic=lambda: 0.0)
        with pytest.raises(DeliveryFailed) as caught:
            sender.send(a_message(), ZHANG, now=NOON)
        sender.close()
    failed = caught.value
    assert (failed.reason, failed.retryable, "maybe twice" in failed.detail) == (reason, True, maybe_twice)
    assert len(receiver.mails) == maybe_twice


@pytest.mark.parametrize("stage", ["greeting", "MAIL", "message"])
def test_a_server_that_drips_does_not_hold_the_sender(stage: str) -> None:
    with SmtpReceiver({stage: "drip"}) as receiver:
        sender = notifier(receiver.url(), seconds=0.4)
        begun = time.monotonic()
        with pytest.raises(DeliveryFailed) as caught:
            sender.send(a_message(), ZHANG, now=NOON)
        assert time.monotonic() - begun < 2
        sender.close()
    assert (caught.value.reason, caught.value.retryable) == (Reason.TIMEOUT, True)
    assert receiver.connections == 1


def test_starttls_protects_the_login(authority: Authority) -> None:
    with SmtpReceiver(upgrade=authority.server()) as receiver:
        url = receiver.url("smtp+starttls", "clerk:p%40ss@").replace(HOST, "localhost")
        sender = notifier(url, tls=authority.client())
        sender.send(a_message(), ZHANG, now=NOON)
        sender.close()
    verbs = [command.split()[0] for command in receiver.commands]
    assert verbs == ["ehlo", "STARTTLS", "ehlo", "AUTH", "mail", "rcpt", "DATA", "quit"]
    assert receiver.commands[3] == "AUTH PLAIN AGNsZXJrAHBAc3M="  # \0clerk\0p@ss
    assert len(receiver.mails) == 1


def test_tls_from_the_first_byte(authority: Authority) -> None:
    with SmtpReceiver(tls=authority.server()) as receiver:
        sender = notifier(receiver.url("smtps").replace(HOST, "localhost"), tls=authority.client())
        sender.send(a_message(), ZHANG, now=NOON)
        sender.close()
    assert len(receiver.mails) == 1


def test_the_protocols_that_webhooks_offer_stay_out_of_mail() -> None:
    assert trusted("email") is trusted("email")
    assert trusted("email") is not trusted("webhook")


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_a_certificate_that_cannot_be_trusted_ends_it_before_the_login(scheme: str, authority: Authority) -> None:
    context = authority.server()
    receiver = SmtpReceiver(tls=context) if scheme == "smtps" else SmtpReceiver(upgrade=context)
    with receiver:
        sender = notifier(receiver.url(scheme, "clerk:secret@"), tls=authority.client())
        with pytest.raises(DeliveryFailed) as caught:
            sender.send(a_message(), ZHANG, now=NOON)
        sender.close()
    assert (caught.value.reason, caught.value.retryable) == (Reason.UNTRUSTED, True)
    assert receiver.connections == 1
    assert [command for command in receiver.commands if command.startswith("AUTH")] == []


def test_a_server_without_starttls_gets_neither_password_nor_mail() -> None:
    with SmtpReceiver() as receiver:
        sender = notifier(receiver.url("smtp+starttls", "clerk:secret@"))
        with pytest.raises(DeliveryFailed) as caught:
            sender.send(a_message(), ZHANG, now=NOON)
        sender.close()
    assert (caught.value.reason, caught.value.retryable) == (Reason.MISCONFIGURED, True)
    assert [command.split()[0] for command in receiver.commands] == ["ehlo"]


def test_a_refused_login_hides_what_the_server_repeats() -> None:
    with SmtpReceiver({"AUTH": "535 5.7.8 AGNsZXJrAHNlY3JldA== is wrong"}) as receiver:
        sender = notifier(receiver.url("smtp", "clerk:secret@"))
        with pytest.raises(DeliveryFailed) as caught:
            sender.send(a_message(), ZHANG, now=NOON)
        sender.close()
    assert (caught.value.reason, caught.value.retryable) == (Reason.MISCONFIGURED, True)
    assert caught.value.detail == "AUTH: 535"


def test_a_mail_larger_than_the_server_takes_is_not_offered_twice() -> None:
    with SmtpReceiver({"MAIL": "552 5.3.4 too big"}) as receiver:
        sender = notifier(receiver.url())
        with pytest.raises(DeliveryFailed) as caught:
            sender.send(a_message(), ZHANG, now=NOON)
        sender.close()
    assert (caught.value.reason, caught.value.retryable) == (Reason.TOO_LARGE, False)
    (mail,) = [command for command in receiver.commands if command.startswith("mail")]
    assert mail.startswith("mail FROM:<duban@city.example> SIZE=")


@pytest.mark.parametrize(
    ("text", "name", "spec"),
    [
        ("zhang@unit.example", "", "zhang@unit.example"),
        ("张三 <zhang.san+duban@unit.example>", "张三", "zhang.san+duban@unit.example"),
        ('"Zhang San" <zhang@localhost>', "Zhang San", "zhang@localhost"),
        (" zhang@xn--fiq228c.example ", "", "zhang@xn--fiq228c.example"),
    ],
)
def test_one_mailbox(text: str, name: str, spec: str) -> None:
    mailbox = parse_mailbox(text)
    assert (mailbox.display_name, mailbox.addr_spec) == (name, spec)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "zhang",
        "zhang@",
        "@unit.example",
        "a@unit.example, b@unit.example",
        "a@unit.example b@unit.example",
        "A <a@unit.example>, B <b@unit.example>",
        "a@unit.example\r\nBcc: b@unit.example",
        "a@unit.example\x7f",
        "张三@unit.example",
        "a@单位.example",
        "a@-unit.example",
        "a..b@unit.example",
        "a@[127.0.0.1]",
        "a" * 65 + "@unit.example",
        "=?utf-8?q?x=0ABcc=3A_b=40c.example?= <a@unit.example>",
    ],
)
def test_everything_else_is_refused_before_it_is_sent(text: str) -> None:
    with SmtpReceiver() as receiver:
        sender = notifier(receiver.url())
        with pytest.raises(DeliveryFailed) as caught:
            sender.send(a_message(), Recipient(address=text), now=NOON)
        sender.close()
    assert (caught.value.reason, caught.value.ends_channel) == (Reason.BAD_RECIPIENT, True)
    assert receiver.connections == 0


@pytest.mark.parametrize("code", [*range(0x20), *range(0x7F, 0xA0)])
def test_no_header_takes_a_control_character(code: int) -> None:
    with pytest.raises(BadRecipient):
        check_header(f"a{chr(code)}b")


def test_an_encoded_word_cannot_bring_in_a_header() -> None:
    """The line feed inside one became a Bcc on interpreters of 2024 (CVE-2024-6923)."""
    hostile = "=?utf-8?q?x=0ABcc=3A_spy=40evil.example?="
    with pytest.raises(BadRecipient):
        check_header(hostile)
    mail = deliver(a_message(an_item(unit="局", title=hostile), an_item(occurrence_id="o2")))
    assert mail["Bcc"] is None
    assert "= ?utf-8" in content(mail, "plain")


@pytest.mark.parametrize("name", ["x\r\nBcc: spy@evil.example", "=?utf-8?q?=0ABcc=3A_spy?="])
def test_a_display_name_cannot_bring_in_a_header(name: str) -> None:
    with pytest.raises(BadRecipient):
        parse_mailbox("a@unit.example", name)


def test_line_breaks_in_a_units_name_do_not_stop_its_mail() -> None:
    mail = deliver(a_message(), Recipient(address="a@unit.example", name="东川区\r\nBcc: spy@evil.example"))
    assert mail["Bcc"] is None
    assert mail["To"].addresses[0].addr_spec == "a@unit.example"


def test_line_breaks_in_a_notice_do_not_stop_its_reminder() -> None:
    mail = deliver(a_message(an_item(unit="局\r\nBcc: a@b.example", title="报送\u2028表")))
    assert mail["Bcc"] is None
    assert mail["Subject"].startswith("▲临近 局 Bcc")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example", ("smtp", "mail.example", 25, "", "")),
        ("smtps://u:p%3A%2F@mail.example", ("smtps", "mail.example", 465, "u", "p:/")),
        ("smtp+starttls://u%40x:p@mail.example:2525/", ("smtp+starttls", "mail.example", 2525, "u@x", "p")),
        ("smtp://[::1]:25", ("smtp", "::1", 25, "", "")),
    ],
)
def test_servers_are_written_as_urls(url: str, expected: tuple[str, str, int, str, str]) -> None:
    server = SmtpServer.parse(url)
    assert (server.scheme, server.host, server.port, server.user, server.password) == expected


def test_a_server_shows_neither_user_nor_password() -> None:
    shown = repr(SmtpServer.parse("smtps://clerk:hunter2@mail.example"))
    assert "mail.example" in shown
    assert "clerk" not in shown
    assert "hunter2" not in shown


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example:25",
        "http://mail.example",
        "smtp://",
        "smtp://u:hunter2@h:99999",
        "smtp://u:hunter2@h/x",
        "smtp://u@h",
        "smtp://u:口令hunter2@h",
        "smtp://u:hunter2%0A@h",
    ],
)
def test_other_servers_are_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(BadServer) as caught:
        SmtpServer.parse(url)
    assert "mail server" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_digest_is_not_clipped_by_readers_of_mail() -> None:
    items = [an_item(occurrence_id=f"o{n}", unit=f"第{n % 7}局") for n in range(1000)]
    mail = deliver(a_message(*items))
    html, text = content(mail, "html"), content(mail, "plain")
    assert 90_000 < len(html.encode()) <= 102_000
    shown = html.count("安全日：")
    assert text.count("安全日：") == shown
    for part in (html, text):
        assert f"另有 {1000 - shown} 项 · " in part
        assert "https://duban.example/units/530113" in part
    assert mail["Subject"].endswith(" · 另有 999 项")


def test_the_demonstration_inbox_receives_it() -> None:
    sink = MailSink()
    sink.start()
    sender = notifier(sink.url)
    assert sender.send(a_message(), ZHANG, now=NOON).remote_id == "1"
    sender.close()
    sink.stop()
    (mail,) = sink.mails()
    assert (mail.number, mail.sender, mail.recipient) == (1, "duban@city.example", "zhang@unit.example")
    assert mail.subject == "▲临近 东川区工信局 …运行台账 2026-09-30 周三"
