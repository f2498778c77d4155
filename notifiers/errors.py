"""Why a delivery failed, and the declared errors of channel settings; none of them ever shows a URL or a secret."""

from __future__ import annotations

import re
from enum import StrEnum

from obligations.errors import DomainError

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_DETAIL_LIMIT = 200


class Reason(StrEnum):
    """What went wrong, in the words of `docs/channels.md`, the metrics and the attempt rows."""

    UNREACHABLE = "unreachable"  # no connection: name unknown, refused, reset, no TLS
    TIMEOUT = "timeout"  # the time limit of one attempt has passed
    REFUSED_ADDRESS = "refused_address"  # the receiver's address is not public and not allowed
    UNTRUSTED = "untrusted"  # the receiver's certificate cannot be trusted
    UNAVAILABLE = "unavailable"  # the receiver is failing: HTTP 5xx, SMTP 4xx
    THROTTLED = "throttled"  # the receiver asks to be sent less: HTTP 429, 502, 503, 504
    REDIRECTED = "redirected"  # HTTP 3xx, never followed
    REJECTED = "rejected"  # the receiver does not want this message
    TOO_LARGE = "too_large"  # the receiver finds the message too large
    GONE = "gone"  # HTTP 410, or no such mailbox
    BAD_RECIPIENT = "bad_recipient"  # the address is not one mailbox or one URL
    MISCONFIGURED = "misconfigured"  # our side: login refused, no TLS offered, no secret
    GARBLED = "garbled"  # the answer is not HTTP or SMTP
    INTERNAL = "internal"  # our side: an error that nobody foresaw; the log has the details


class DeliveryFailed(Exception):
    """One attempt did not deliver. Whether and when to try again is the caller's decision.

    `retryable`: the same message may succeed later. `retry_after`: seconds that the
    receiver asked to wait, `None` where it did not say. `detail` is one line for the
    operator; whatever it is given, URLs and control characters do not get through.
    """

    def __init__(self, reason: Reason, *, retryable: bool, detail: str = "", retry_after: int | None = None) -> None:
        self.reason = reason
        self.retryable = retryable
        self.detail = one_line(detail)
        self.retry_after = retry_after
        super().__init__(f"{reason}: {self.detail}" if self.detail else str(reason))

    @property
    def ends_channel(self) -> bool:
        """Whether nothing will ever arrive at this address, so that the subscription must be marked broken."""
        return self.reason in (Reason.GONE, Reason.BAD_RECIPIENT)


class BadRecipient(DomainError):
    """An address to send to is not exactly one mailbox, or not an HTTP URL that may be used."""


class BadServer(DomainError):
    """The mail server's URL does not have one of the documented forms."""


class BadRange(DomainError):
    """A range of allowed receiver addresses is not a network with a port."""


class SinkUnavailable(DomainError):
    """The demonstration inbox cannot be started."""


def one_line(text: str) -> str:
    """Return `text` for a log or a page: one line of at most 200 characters, URLs replaced by `<url>`."""
    flat = " ".join(_CONTROL.sub(" ", text).split())
    clean = _URL.sub("<url>", flat)
    return clean if len(clean) <= _DETAIL_LIMIT else clean[: _DETAIL_LIMIT - 1] + "…"
