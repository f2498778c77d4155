"""Channels that send nothing, and remember nothing or everything: simulation and tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from notifiers.errors import DeliveryFailed
from notifiers.message import Message, Receipt, Recipient

Fault = Callable[[Message, Recipient, datetime], DeliveryFailed | None]
"""Says how a send fails, or `None` where it succeeds."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One message that would have been delivered, and when."""

    message: Message
    recipient: Recipient
    at: datetime


class SilentNotifier:
    """Stands in for the channel it is named after and keeps nothing; `fault` makes it fail as a receiver would."""

    def __init__(self, channel: str, *, fault: Fault | None = None) -> None:
        self.channel = channel
        self._fault = fault

    def send(self, message: Message, recipient: Recipient, *, now: datetime) -> Receipt:
        """Take the message as delivered.

        Raises:
            DeliveryFailed: `fault` said so.
        """
        failure = self._fault(message, recipient, now) if self._fault else None
        if failure:
            raise failure
        return Receipt(detail="recorded")

    def close(self) -> None:
        """Nothing to let go."""


class RecordingNotifier(SilentNotifier):
    """Remembers besides what it would have sent."""

    def __init__(self, channel: str, *, fault: Fault | None = None) -> None:
        super().__init__(channel, fault=fault)
        self.sent: list[Sent] = []

    def send(self, message: Message, recipient: Recipient, *, now: datetime) -> Receipt:
        """Record the message as delivered.

        Raises:
            DeliveryFailed: `fault` said so; nothing is recorded.
        """
        receipt = super().send(message, recipient, now=now)
        self.sent.append(Sent(message, recipient, now))
        return receipt
