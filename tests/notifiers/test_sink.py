from __future__ import annotations

import smtplib
import sys

import pytest

from notifiers.errors import SinkUnavailable
from notifiers.sink import MailSink


def test_the_inbox_keeps_the_last_mails_newest_first() -> None:
    sink = MailSink(keep=2)
    sink.start()
    with smtplib.SMTP("127.0.0.1", sink.port) as client:
        for number in range(3):
            client.sendmail("a@x.example", ["b@x.example"], f"Subject: {number}\r\n\r\nbody {number}\r\n")
    sink.stop()
    assert [(mail.number, mail.subject, mail.text.strip()) for mail in sink.mails()] == [
        (3, "2", "body 2"),
        (2, "1", "body 1"),
    ]


def test_the_inbox_survives_what_is_not_mail() -> None:
    sink = MailSink()
    sink.start()
    with smtplib.SMTP("127.0.0.1", sink.port) as client:
        client.sendmail("a@x.example", ["b@x.example"], b"\xff\xfe\x00 no headers at all")
        client.sendmail("a@x.example", ["b@x.example"], b"Content-Type: text/html; charset=nonsense\r\n\r\n\xff")
    sink.stop()
    assert len(sink.mails()) == 2


def test_stopping_closes_the_port_even_with_a_client_connected() -> None:
    sink = MailSink()
    sink.start()
    client = smtplib.SMTP("127.0.0.1", sink.port)
    sink.stop()
    sink.stop()
    with pytest.raises(smtplib.SMTPServerDisconnected):
        client.noop()
    client.close()
    with pytest.raises(ConnectionRefusedError):
        smtplib.SMTP("127.0.0.1", sink.port)


def test_it_can_be_started_again_on_its_port() -> None:
    sink = MailSink()
    for _ in range(2):
        sink.start()
        with smtplib.SMTP("127.0.0.1", sink.port) as client:
            client.sendmail("a@x.example", ["b@x.example"], "Subject: x\r\n\r\n")
        sink.stop()
    assert [mail.number for mail in sink.mails()] == [2, 1]


def test_a_taken_port_is_said_in_one_sentence() -> None:
    first = MailSink()
    first.start()
    with pytest.raises(SinkUnavailable, match=f"port {first.port} on 127.0.0.1 is taken"):
        MailSink(port=first.port).start()
    first.stop()


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aiosmtpd.smtp", None)
    with pytest.raises(SinkUnavailable, match=r"pip install 'duban\[demo\]'"):
        MailSink()
