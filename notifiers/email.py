"""E-mail by SMTP: one recipient per envelope, text and HTML, over one connection that is kept.

At least once, with a small window: where the connection is lost after the whole message
and before the server's answer, nobody can know whether it was taken (RFC 1047). Such a
failure is retryable and says "maybe twice"; the Message-ID stays the same over retries,
so that many mail stores fold the two.
"""

from __future__ import annotations

import re
import ssl
import threading
from datetime import datetime
from email.encoders import encode_base64
from email.header import Header
from email.headerregistry import Address
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime
from functools import partial

from notifiers.errors import BadRecipient, DeliveryFailed, Reason
from notifiers.message import Message, Receipt, Recipient, by_safe_day
from notifiers.render import fit, render
from notifiers.resolve import NoAddress
from notifiers.smtp import Lost, Refused, SmtpServer, SmtpSession
from notifiers.timelimit import Monotonic, TimeLimit
from notifiers.tls import trusted, why_untrusted
from notifiers.wording import WORDINGS, flat, headline

BODY_LIMIT = 98_000  # some readers clip a mail at 102 kB and hide the rest; line ends grow on the wire
_POLICY = compat32.clone(linesep="\r\n")
_LEAST_ITEM = 200
_GOODBYE_SECONDS = 1.0

# RFC 5321 section 4.1.2 (dot-string, domain) and 4.5.3.1 (lengths); quoted names are not in use.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_MAILBOX = re.compile(rf"(?P<local>{_ATOM}(?:\.{_ATOM})*)@(?P<domain>{_LABEL}(?:\.{_LABEL})*)")
_NAMED = re.compile(r"\s*(?P<name>[^<>]*?)\s*<(?P<mailbox>[^<>]*)>\s*")
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f]|=\?.*\?=")
_ENHANCED = re.compile(r"\s*[245]\.(\d{1,3})\.(\d{1,3})\b")  # RFC 3463
_QUEUE_ID = re.compile(r"(?:queued as|id=)\s*([A-Za-z0-9._-]{1,64})")

# Enhanced codes that say the mailbox is not there: unknown, bad domain, bad syntax, moved, disabled.
_NO_MAILBOX = {(1, 1), (1, 2), (1, 3), (1, 6), (1, 10), (2, 1)}
_SESSION_STAGES = ("greeting", "EHLO", "STARTTLS", "AUTH")


class EmailNotifier:
    """Hands mails to one mail server, usually the organisation's own."""

    channel = "email"

    def __init__(
        self,
        server: SmtpServer,
        sender: str,
        *,
        domain: str,
        monotonic: Monotonic,
        seconds: float = 30.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`sender` is a mailbox such as `督办提醒 <duban@example.cn>`; `domain` ends every Message-ID.

        `seconds` bounds one attempt, connecting included.

        Raises:
            BadRecipient: `sender` is not one mailbox, or `domain` cannot stand in a header.
        """
        self._server = server
        self._sender = parse_mailbox(sender)
        self._domain = check_header(domain)
        self._monotonic = monotonic
        self._seconds = seconds
        self._tls = tls
        self._session: SmtpSession | None = None
        self._one_at_a_time = threading.Lock()

    def send(self, message: Message, recipient: Recipient, *, now: datetime) -> Receipt:
        """Hand over `message` once; the mail server's acceptance is the receipt.

        Raises:
            DeliveryFailed: it was not accepted within the time limit. A 4xx reply is
                retryable; so is a 5xx before any mail was named, since it is said of the
                server's or our own settings. A 5xx to the mail or its recipient is final.
        """
        try:
            mailbox = parse_mailbox(recipient.address, flat(recipient.name))
        except BadRecipient as error:
            raise DeliveryFailed(Reason.BAD_RECIPIENT, retryable=False, detail=str(error)) from None
        mail = compose(message, self._sender, mailbox, domain=self._domain, now=now)
        with self._one_at_a_time:
            answer = self._deliver(mail, mailbox.addr_spec)
        queued = _QUEUE_ID.search(answer)
        return Receipt(remote_id=queued[1] if queued else None, detail=answer)

    def close(self) -> None:
        """Say goodbye to the server."""
        with self._one_at_a_time:
            self._drop()

    def _deliver(self, mail: bytes, recipient: str) -> str:
        limit = TimeLimit(self._seconds, self._monotonic)
        try:
            return self._transact(mail, recipient, limit)
        except Refused as refused:
            raise failure(refused) from None
        except Lost as lost:
            raise self._lost(lost) from None
        except TimeoutError:
            raise self._lost(Lost(in_time=False)) from None
        except ssl.SSLCertVerificationError as error:
            raise DeliveryFailed(Reason.UNTRUSTED, retryable=True, detail=why_untrusted(error)) from None
        except OSError as error:
            detail = "its name has no address" if isinstance(error, NoAddress) else "no connection"
            raise DeliveryFailed(Reason.UNREACHABLE, retryable=True, detail=f"mail server: {detail}") from None

    def _transact(self, mail: bytes, recipient: str, limit: TimeLimit) -> str:
        """Use the kept connection if it is still good; where it fails before the message, a new one, once."""
        sender = self._sender.addr_spec
        if self._session is not None and not self._session.is_stale():
            self._session.limit = limit
            try:
                return self._session.transact(sender, recipient, mail)
            except Lost as lost:
                if lost.after_message or not lost.in_time:
                    raise
            except Refused as refused:
                if refused.stage != "MAIL" or refused.code != 421:  # 421: closed for idleness or by count
                    raise
        self._drop()
        self._session = SmtpSession(self._server, self._tls or trusted(self.channel), limit)
        return self._session.transact(sender, recipient, mail)

    def _lost(self, lost: Lost) -> DeliveryFailed:
        what = "the connection was lost" if lost.in_time else f"no answer within {self._seconds:g} s"
        detail = f"maybe twice: {what} after the message" if lost.after_message else f"mail server: {what}"
        return DeliveryFailed(Reason.UNREACHABLE if lost.in_time else Reason.TIMEOUT, retryable=True, detail=detail)

    def _drop(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.end(TimeLimit(_GOODBYE_SECONDS, self._monotonic))


def failure(refused: Refused) -> DeliveryFailed:
    """Return what a refusal means, by its stage, code and enhanced code (RFC 5321 section 4.2, RFC 3463)."""
    stage, code = refused.stage, refused.code
    detail = f"{stage}: {code} {refused.text}" if code > 0 else f"{stage}: {refused.text}"
    if stage in _SESSION_STAGES and (code == 0 or code >= 500):
        return DeliveryFailed(Reason.MISCONFIGURED, retryable=True, detail=detail)
    if not 400 <= code < 600:
        after = "maybe twice: " if stage == "message" else ""
        detail = f"{after}{stage}: the answer is not SMTP"
        return DeliveryFailed(Reason.GARBLED, retryable=True, detail=detail)
    if code < 500:
        return DeliveryFailed(Reason.UNAVAILABLE, retryable=True, detail=detail)
    if code == 530:  # RFC 4954 section 6: authentication or encryption required
        return DeliveryFailed(Reason.MISCONFIGURED, retryable=True, detail=detail)
    return DeliveryFailed(_final_reason(refused), retryable=False, detail=detail)


def parse_mailbox(text: str, name: str = "") -> Address:
    """Return the one mailbox that `text` names, as `a@example.cn` or `Name <a@example.cn>`; `name` wins.

    Raises:
        BadRecipient: it is not exactly one ASCII mailbox, or holds what could become another header.
    """
    check_header(text)
    named = _NAMED.fullmatch(text)
    spec = (named["mailbox"] if named else text).strip()
    mailbox = _MAILBOX.fullmatch(spec)
    if not mailbox or len(mailbox["local"]) > 64 or len(mailbox["domain"]) > 255:
        raise BadRecipient(
            f"an e-mail address is one mailbox such as zhangsan@example.cn (a Chinese domain as xn--…), got {text!r}"
        )
    shown = name or (named["name"].strip('"') if named else "")
    check_header(shown)
    return Address(shown, mailbox["local"], mailbox["domain"])


def check_header(value: str) -> str:
    """Return `value` if it may stand in a header.

    A line break would begin a header of its choosing, and an encoded word may hide one
    (CVE-2024-6923), so neither is left to the interpreter.

    Raises:
        BadRecipient: it holds a control character (C0, DEL, C1) or an encoded word (`=?…?=`).
    """
    if _FORBIDDEN.search(value):
        raise BadRecipient(f"a mail header takes no control characters and no encoded words, got {value!r}")
    return value


def compose(message: Message, sender: Address, recipient: Address, *, domain: str, now: datetime) -> bytes:
    """Return the mail: text and HTML with the same items, headers that stop automatic answers, the calendar if any.

    Made with the classic policy: it writes header values as they are given, which after
    `check_header` is what is wanted, and is four times as fast.
    """
    items = by_safe_day(message.items)
    shown, html = fit(message, BODY_LIMIT, partial(render, "email/body.html", message), least=_LEAST_ITEM)
    parts = MIMEMultipart("alternative", policy=_POLICY)
    parts.attach(_text("plain", render("email/body.txt", message, shown)))
    parts.attach(_text("html", html))
    mail = parts
    if message.calendar is not None:
        mail = MIMEMultipart("mixed", policy=_POLICY)
        mail.attach(parts)
        mail.attach(_calendar(message.calendar))
    subject = check_header(headline(message, items[0] if items else None))
    headers = {
        "From": _mailbox("From", sender),
        "To": _mailbox("To", recipient),
        "Subject": Header(subject, "utf-8", header_name="Subject").encode(),
        "Date": format_datetime(now),
        "Message-ID": f"<{message.delivery_id}@{domain}>",
        "Content-Language": WORDINGS[message.lang].html_lang,
        "Auto-Submitted": "auto-generated",  # RFC 3834 section 5
        "X-Auto-Response-Suppress": "All",  # the same for Exchange
    }
    for name, value in headers.items():
        mail[name] = value
    return mail.as_bytes()


def _mailbox(header: str, address: Address) -> str:
    name = Header(address.display_name, "utf-8", header_name=header).encode()
    return f"{name} <{address.addr_spec}>" if name else address.addr_spec


def _text(kind: str, text: str) -> MIMEText:
    return MIMEText(text.replace("\n", "\r\n"), kind, "utf-8", policy=_POLICY)  # RFC 2046 section 4.1.1


def _calendar(calendar: bytes) -> MIMENonMultipart:
    part = MIMENonMultipart("text", "calendar", policy=_POLICY, charset="utf-8")  # no METHOD inside, so none here
    part.set_payload(calendar)
    encode_base64(part)
    part.add_header("Content-Disposition", "attachment", filename="duban.ics")
    return part


def _final_reason(refused: Refused) -> Reason:
    enhanced = _ENHANCED.match(refused.text)
    said = (int(enhanced[1]), int(enhanced[2])) if enhanced else None
    if said in ((2, 3), (3, 4)) or (refused.code == 552 and said is None):
        return Reason.TOO_LARGE
    if refused.stage == "RCPT" and (said in _NO_MAILBOX or (said is None and refused.code in (550, 551, 553))):
        return Reason.GONE
    return Reason.REJECTED
