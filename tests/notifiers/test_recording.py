from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from notifiers.channel import Notifier
from notifiers.errors import DeliveryFailed, Reason
from notifiers.message import Message, Recipient
from notifiers.recording import RecordingNotifier, Sent
from tests.notifiers.examples import NOON, a_message

TO = Recipient(address="a@unit.example")


def test_it_remembers_what_would_have_been_sent_and_when() -> None:
    recorder = RecordingNotifier("email")
    channel: Notifier = recorder
    channel.send(a_message(), TO, now=NOON)
    assert recorder.sent == [Sent(a_message(), TO, NOON)]


def test_a_fault_fails_as_a_receiver_would() -> None:
    def down_until_one(message: Message, recipient: Recipient, now: datetime) -> DeliveryFailed | None:
        down = now < NOON + timedelta(hours=1)
        return DeliveryFailed(Reason.UNREACHABLE, retryable=True) if down else None

    recorder = RecordingNotifier("email", fault=down_until_one)
    with pytest.raises(DeliveryFailed):
        recorder.send(a_message(), TO, now=NOON)
    recorder.send(a_message(), TO, now=NOON + timedelta(hours=1))
    assert [sent.at for sent in recorder.sent] == [NOON + timedelta(hours=1)]
