"""Every setting of the service, read from the environment here and nowhere else; `docs/configuration.md` lists them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from obligations.errors import DomainError
from obligations.policies import Policies, default_policies, parse_policies
from scheduler.pace import DEFAULT


class BadSetting(DomainError):
    """An environment variable holds something the service cannot use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the environment says. `data` is the folder of the embedded store and of the key that protects secrets."""

    data: Path
    database_url: str | None
    zone: ZoneInfo
    smtp_url: str | None
    mail_from: str
    public_url: str | None
    access_token: str | None
    webhook_allow: tuple[str, ...]
    domain: str
    key: str | None
    policies: Path | None
    log_json: bool
    ping_url: str | None = None
    operator_email: str | None = None
    per_minute: int | None = DEFAULT


def read_settings(environ: Mapping[str, str] | None = None, *, data: Path | None = None) -> Settings:
    """Return the settings of `environ` (default: the process's); `data`, from the command line, wins over DUBAN_DATA.

    An empty variable, as compose files pass on what is not set, counts as missing.

    Raises:
        BadSetting: a value cannot be used; the message names the variable and the right form.
    """
    env = os.environ if environ is None else environ
    zone_name = env.get("DUBAN_ZONE") or "Asia/Shanghai"
    try:
        zone = ZoneInfo(zone_name)
    except (ZoneInfoNotFoundError, ValueError):
        raise BadSetting(f"DUBAN_ZONE must be a time zone such as Asia/Shanghai, got {zone_name!r}") from None
    log = env.get("DUBAN_LOG") or "text"
    if log not in ("text", "json"):
        raise BadSetting(f"DUBAN_LOG must be text or json, got {log!r}")
    return Settings(
        data=(data or Path(env.get("DUBAN_DATA") or Path.home() / ".local" / "share" / "duban")).expanduser(),
        database_url=env.get("DUBAN_DATABASE_URL") or None,
        zone=zone,
        smtp_url=env.get("DUBAN_SMTP_URL") or None,
        mail_from=env.get("DUBAN_MAIL_FROM") or "督办提醒 <duban@localhost>",
        public_url=(env.get("DUBAN_PUBLIC_URL") or "").rstrip("/") or None,
        access_token=env.get("DUBAN_ACCESS_TOKEN") or None,
        webhook_allow=tuple(part.strip() for part in env.get("DUBAN_WEBHOOK_ALLOW", "").split(",") if part.strip()),
        domain=env.get("DUBAN_DOMAIN") or "duban.local",
        key=env.get("DUBAN_KEY") or None,
        policies=Path(env["DUBAN_POLICIES"]).expanduser() if env.get("DUBAN_POLICIES") else None,
        log_json=log == "json",
        ping_url=_ping_url(env.get("DUBAN_PING_URL")),
        per_minute=_per_minute(env.get("DUBAN_MESSAGES_PER_MINUTE")),
        operator_email=_mailbox(env.get("DUBAN_OPERATOR_EMAIL")),
    )


def _ping_url(text: str | None) -> str | None:
    if not text:
        return None
    from notifiers.errors import BadRecipient
    from notifiers.webhook import parse_url

    try:
        parse_url(text)
    except BadRecipient:  # the value may hold a token: not shown
        raise BadSetting("DUBAN_PING_URL must be an https or http URL without a user or password") from None
    return text


def _per_minute(text: str | None) -> int:
    if not text:
        return DEFAULT
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:7]) <= 1_000_000:
        raise BadSetting(f"DUBAN_MESSAGES_PER_MINUTE must be a whole number from 1 to 1000000, got {text!r}")
    return int(text)


def _mailbox(text: str | None) -> str | None:
    if not text:
        return None
    from notifiers.email import parse_mailbox
    from notifiers.errors import BadRecipient

    try:
        parse_mailbox(text)
    except BadRecipient as error:
        raise BadSetting(f"DUBAN_OPERATOR_EMAIL: {error}") from None
    return text.strip()


def read_policies(settings: Settings) -> Policies:
    """Return the reminder policies of the file that the settings name, or the packaged ones.

    Raises:
        BadPolicy: the file does not have the documented form.
        BadSetting: it cannot be read.
    """
    if settings.policies is None:
        return default_policies()
    try:
        return parse_policies(settings.policies.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        kind = type(error).__name__
        raise BadSetting(f"DUBAN_POLICIES must name a readable UTF-8 file, got {settings.policies} ({kind})") from None
