"""The channels of one sender, made from the settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from app.settings import Settings
from notifiers.channel import Notifier
from notifiers.email import EmailNotifier
from notifiers.guard import AllowedRange
from notifiers.smtp import SmtpServer
from notifiers.webhook import WebhookNotifier

ATTEMPT_SECONDS = 20.0
"""Time limit of one attempt; a claim's lease outlasts it (`store.deliveries.LEASE`)."""


def channel_factory(settings: Settings, monotonic: Callable[[], float]) -> Callable[[], Mapping[str, Notifier]]:
    """Return what makes the channels of a sender: each has its own connections.

    Raises:
        BadServer, BadRange, BadRecipient: a setting cannot be used.
    """
    allowed = [AllowedRange.parse(text) for text in settings.webhook_allow]
    server = SmtpServer.parse(settings.smtp_url) if settings.smtp_url else None

    def make() -> Mapping[str, Notifier]:
        webhook = WebhookNotifier(allowed, monotonic=monotonic, seconds=ATTEMPT_SECONDS)
        if server is None:
            return {webhook.channel: webhook}
        email = EmailNotifier(
            server, settings.mail_from, domain=settings.domain, monotonic=monotonic, seconds=ATTEMPT_SECONDS
        )
        return {webhook.channel: webhook, email.channel: email}

    make()  # a setting that cannot be used is found out before anything starts
    return make
