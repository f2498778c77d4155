"""Webhooks by Standard Webhooks 1.0: one signed JSON POST; any 2xx answer is success.

The body, UTF-8 JSON (`docs/channels.md` shows one in full):

    {"type": "reminder", "delivery_id", "lang", "text", "link", "more",
     "summaries": [{"kind", "units", "facts"}],
     "items": [{"occurrence_id", "unit", "title", "step", "light", "status", "safe_on", "written_on",
                "due_on", "due_time", "days_left", "provisional", "quote", "source", "recipient", "link"}]}

`text` can be handed to a chat as it is: at most 2,048 bytes, the least that chat robots
take. `more` counts the items that did not fit into the body; `link` shows them all. What holds
summaries only is of the type `summary`.
Speaks to httpcore directly: httpx has no hook for the guarded network, and its client
writes every URL, with the token in it, to the log.
"""

from __future__ import annotations

import json
import secrets
import ssl
import threading
from base64 import b64encode
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import fields
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache, partial
from typing import Any, NamedTuple

import httpcore
import httpx
import standardwebhooks

from notifiers.errors import BadRecipient, DeliveryFailed, Reason
from notifiers.guard import AllowedRange, GuardedNetwork, RefusedAddress
from notifiers.message import Item, Message, Receipt, Recipient, by_safe_day
from notifiers.render import fit, render
from notifiers.resolve import NoAddress, Resolver, system_resolver
from notifiers.timelimit import Monotonic, TimeLimit
from notifiers.tls import trusted, why_untrusted

TEXT_LIMIT = 2_048
BODY_LIMIT = 20_000  # the size that Standard Webhooks recommends not to exceed
LONGEST_WAIT = 86_400
KEPT_SECONDS = 30.0

_FAILURES = (OSError, httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)
_PORTS = {b"http": 80, b"https": 443}
_DRAIN_BYTES = 65_536
_DRAIN_SECONDS = 1.0
_LEAST_ITEM = 40
_THROTTLED = (429, 502, 503, 504)
# Statuses about this very request: sending the same bytes again cannot help (RFC 9110 section 15).
_FINAL = (300, 301, 304, 305, 306, 308, 400, 405, 406, 411, 413, 414, 415, 417, 422, 431, 501, 505)


class Target(NamedTuple):
    """A receiver's URL, taken apart."""

    url: httpcore.URL
    host: bytes


class WebhookNotifier:
    """Sends to any number of receivers over a guarded network of its own; one exchange at a time.

    A receiver that answered 2xx has the message, whatever happens to the rest of its
    answer. Redirects are not followed, proxies and the environment not heeded.
    """

    channel = "webhook"

    def __init__(
        self,
        allowed: Iterable[AllowedRange] = (),
        *,
        monotonic: Monotonic,
        seconds: float = 15.0,
        tls: ssl.SSLContext | None = None,
        resolver: Resolver = system_resolver,
        body_limit: int = BODY_LIMIT,
    ) -> None:
        """`allowed` are receivers of the organisation's own network; all others must be public.

        `seconds` bounds one exchange from the name's look-up to the answer; `body_limit` is in UTF-8 bytes.
        """
        self._network = GuardedNetwork(allowed, resolver=resolver)
        self._monotonic = monotonic
        self._seconds = seconds
        self._body_limit = body_limit
        self._tls = tls or trusted(self.channel)
        self._kept: httpcore.HTTPConnection | None = None
        self._one_at_a_time = threading.Lock()

    def send(self, message: Message, recipient: Recipient, *, now: datetime) -> Receipt:
        """Post `message` once, signed with every secret of `recipient`.

        Raises:
            DeliveryFailed: no 2xx answer arrived within the time limit.
        """
        try:
            target = parse_url(recipient.address)
        except BadRecipient as error:
            raise DeliveryFailed(Reason.BAD_RECIPIENT, retryable=False, detail=str(error)) from None
        body = to_json(message, self._body_limit)
        headers = [
            (b"Host", target.host),
            (b"Content-Type", b"application/json"),
            (b"Content-Length", str(len(body)).encode()),
            (b"User-Agent", b"duban"),
            *_signed(message.delivery_id, body, recipient.secrets, now),
        ]
        with self._one_at_a_time:
            status, answer = self._post(target.url, headers, body)
        failure = refusal(status, answer.get(b"retry-after"), now)
        if failure:
            raise failure
        return Receipt(remote_id=_remote_id(answer), detail=f"HTTP {status}")

    def close(self) -> None:
        """Close every connection."""
        if self._kept:
            self._kept.close()
            self._kept = None

    def _post(
        self, url: httpcore.URL, headers: list[tuple[bytes, bytes]], body: bytes
    ) -> tuple[int, dict[bytes, bytes]]:
        self._network.begin(TimeLimit(self._seconds, self._monotonic))
        try:
            request = httpcore.Request("POST", url, headers=headers, content=body)
            response = self._connection(url.origin).handle_request(request)
            with closing(response):
                self._drain(response)
                return response.status, {name.lower(): value for name, value in response.headers}
        except (*_FAILURES, RefusedAddress) as error:
            raise self._failure(error) from None

    def _connection(self, origin: httpcore.Origin) -> httpcore.HTTPConnection:
        """Return the kept connection if it leads to `origin` and is still good, else a new one in its place.

        One is enough, since a sender writes to one server for a while; a pool would add a tenth to each request.
        """
        kept = self._kept
        if kept is None or not kept.can_handle_request(origin) or not kept.is_available() or kept.has_expired():
            self.close()
            kept = self._kept = httpcore.HTTPConnection(
                origin, ssl_context=self._tls, keepalive_expiry=KEPT_SECONDS, network_backend=self._network
            )
        return kept

    def _failure(self, error: Exception) -> DeliveryFailed:
        """Return what went wrong before a status arrived; the errors' own texts may hold the name or the address."""
        if isinstance(error, RefusedAddress):
            detail = "the receiver's address is not public; the operator can allow it"
            return DeliveryFailed(Reason.REFUSED_ADDRESS, retryable=False, detail=detail)
        if isinstance(error, TimeoutError | httpcore.TimeoutException):
            return DeliveryFailed(Reason.TIMEOUT, retryable=True, detail=f"no answer within {self._seconds:g} s")
        if isinstance(error, httpcore.ProtocolError) and "disconnected" not in str(error):
            return DeliveryFailed(Reason.GARBLED, retryable=True, detail="the answer is not HTTP")
        cause = error.args[0] if error.args and isinstance(error.args[0], OSError) else error  # as httpcore wraps it
        if isinstance(cause, ssl.SSLCertVerificationError):
            return DeliveryFailed(Reason.UNTRUSTED, retryable=True, detail=why_untrusted(cause))
        return DeliveryFailed(Reason.UNREACHABLE, retryable=True, detail=_named(cause))

    def _drain(self, response: httpcore.Response) -> None:
        """Read the rest of the answer so that the connection can serve again; give up early rather than fail."""
        self._network.limit.tighten(_DRAIN_SECONDS)
        taken = 0
        try:
            for chunk in response.iter_stream():
                taken += len(chunk)
                if taken > _DRAIN_BYTES:
                    break
        except _FAILURES:
            return  # the status has arrived, and it alone decides


def refusal(status: int, retry_after: bytes | None, now: datetime) -> DeliveryFailed | None:
    """Return what an answer's `status` means: `None` for 2xx, else why it failed and whether to try again.

    Retried: what may pass (408, 425, 429, 5xx, a temporary redirect) and what a person can
    mend at the receiver (401, 403, 404, 409). Given up: 410, which ends the channel, and
    what is said of the request itself. 429, 502, 503 and 504 ask to be sent less.
    """
    if 200 <= status < 300:
        return None
    wait = _seconds_to_wait(retry_after, now) if status in _THROTTLED else None
    retryable = status != 410 and status not in _FINAL
    return DeliveryFailed(_reason(status), retryable=retryable, detail=f"HTTP {status}", retry_after=wait)


@lru_cache(maxsize=4096)
def parse_url(text: str) -> Target:
    """Return the receiver that `text` names, in the form that is sent (names in IDNA, paths escaped).

    Raises:
        BadRecipient: it is not an absolute http or https URL, or carries a user and password.
    """
    try:
        url = httpx.URL(text)
        scheme, host = url.raw_scheme, url.raw_host
    except (httpx.InvalidURL, UnicodeError, ValueError):
        scheme, host = b"", b""
    port = url.port or _PORTS.get(scheme, 0) if host else 0
    if not 0 < port < 65_536:
        raise BadRecipient("a webhook's address must be an absolute URL such as https://hooks.example/duban")
    if url.userinfo:
        raise BadRecipient("a webhook's URL must not carry a user or password; the signature says who sent it")
    named = b"[%b]" % host if b":" in host else host
    if port != _PORTS[scheme]:
        named += b":%d" % port
    return Target(httpcore.URL(scheme=scheme, host=host, port=port, target=url.raw_path), named)


def new_secret() -> str:
    """Return a fresh signing secret: `whsec_` and 32 random bytes in base64 (the standard asks for 24 to 64)."""
    return "whsec_" + b64encode(secrets.token_bytes(32)).decode()


def to_json(message: Message, limit: int = BODY_LIMIT) -> bytes:
    """Return the body as documented above, with as many items as fit into `limit` bytes, by safe day."""
    _, text = fit(message, TEXT_LIMIT, partial(render, "webhook/text.txt", message), least=_LEAST_ITEM)
    head = {
        "type": "reminder" if message.items else "summary",
        "delivery_id": message.delivery_id,
        "lang": message.lang,
        "text": text,
        "link": message.link,
        "more": 0,
        "summaries": [{"kind": s.kind, "units": s.units, "facts": s.facts} for s in message.summaries],
    }
    begin = _dump(head)
    room = limit - len(begin) - len(b',"items":[]') - len(str(len(message.items)))
    items: list[bytes] = []
    for item in by_safe_day(message.items):
        one = _dump(_item(item))
        room -= len(one) + 1
        if room < 0:
            break
        items.append(one)
    if len(items) < len(message.items):
        begin = _dump(head | {"more": len(message.items) - len(items)})
    return begin[:-1] + b',"items":[' + b",".join(items) + b"]}"


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def _dump(value: Any) -> bytes:
    return _ENCODER.encode(value).encode(errors="replace")


def _item(item: Item) -> dict[str, Any]:
    values = {name: getattr(item, name) for name in _ITEM_FIELDS}
    for name in ("safe_on", "written_on", "due_on"):
        values[name] = values[name] and values[name].isoformat()
    return values


_ITEM_FIELDS = tuple(field.name for field in fields(Item) if field.name != "light_word")


def _signed(delivery_id: str, body: bytes, live_secrets: Sequence[str], now: datetime) -> list[tuple[bytes, bytes]]:
    """Return the three headers of the standard, with one signature per live secret."""
    moment = now.astimezone(UTC)  # the library would keep the clock face of another zone
    try:
        marks = [standardwebhooks.Webhook(each).sign(delivery_id, moment, body.decode()) for each in live_secrets]
    except Exception:  # whatever it raises may quote the secret
        marks = []
    if not marks:
        detail = "the webhook has no usable signing secret: subscribe it anew"
        raise DeliveryFailed(Reason.MISCONFIGURED, retryable=False, detail=detail)
    return [
        (b"webhook-id", delivery_id.encode()),
        (b"webhook-timestamp", str(int(moment.timestamp())).encode()),
        (b"webhook-signature", " ".join(marks).encode()),
    ]


def _reason(status: int) -> Reason:
    if status < 200:
        return Reason.GARBLED
    if status in _THROTTLED:
        return Reason.THROTTLED
    if status >= 500:
        return Reason.UNAVAILABLE
    if 300 <= status < 400:
        return Reason.REDIRECTED
    return {410: Reason.GONE, 413: Reason.TOO_LARGE}.get(status, Reason.REJECTED)


def _seconds_to_wait(value: bytes | None, now: datetime) -> int | None:
    """Read Retry-After (RFC 9110 section 10.2.3): seconds or a date; at most a day, `None` where unreadable."""
    text = (value or b"").decode("latin-1").strip()
    if text.isascii() and text.isdigit():
        return min(int(text[:9]), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(min(max((moment - now).total_seconds(), 0), LONGEST_WAIT))


def _remote_id(answer: dict[bytes, bytes]) -> str | None:
    value = answer.get(b"x-request-id", b"").decode("latin-1").strip()
    return value if value.isascii() and value.isprintable() and 0 < len(value) <= 128 else None


def _named(error: BaseException) -> str:
    """Return what kind of error it was."""
    if isinstance(error, NoAddress):
        return "the name has no address"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, ConnectionError):
        return "connection lost"
    if isinstance(error, httpcore.ProtocolError):
        return "closed without a whole answer"
    if isinstance(error, ssl.SSLError):
        return "no TLS connection"
    return "no connection"
