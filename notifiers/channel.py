"""What every channel offers to the dispatcher."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from notifiers.message import Message, Receipt, Recipient


class Notifier(Protocol):
    """One channel, used by one sender at a time; it keeps its connections until `close`."""

    @property
    def channel(self) -> str:
        """The channel's name: `email`, `webhook`."""
        ...

    def send(self, message: Message, recipient: Recipient, *, now: datetime) -> Receipt:
        """Deliver `message` once, within the channel's time limit. `now` is an aware instant.

        Retrying, and marking what became of it, are the caller's.

        Raises:
            DeliveryFailed: the receiver did not take it, or nobody can know whether it did.
        """
        ...

    def close(self) -> None:
        """Let the connections go; a later `send` makes new ones."""
        ...
