"""Receivers that break in every way, behind the real channels and the real ledger: nothing is lost, nobody else waits.

One unit's receiver breaks once and then recovers; another's is well all the time.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlmodel import col, select

from notifiers.channel import Notifier
from notifiers.email import EmailNotifier
from notifiers.guard import AllowedRange
from notifiers.smtp import SmtpServer
from notifiers.webhook import WebhookNotifier
from obligations.policies import Role
from scheduler.clock import SHANGHAI, ManualClock
from scheduler.composing import Composer
from scheduler.ledger import Ledger
from scheduler.sending import Sender
from store.database import Store
from store.rows import AttemptRow, DeliveryRow, RecipientRow
from store.states import ChannelKind, DeliveryState, RecipientState
from store.vault import Vault
from tests.notifiers.servers import HOST, Answer, HttpReceiver, SmtpReceiver, drip, hang, raw, reset, status
from tests.scheduler.world import KEY, World, add_duty, add_occurrences, add_units, at

SICK, WELL = "530113", "530181"
SECONDS = 0.3  # that an attempt may take
METADATA = "Location: http://169.254.169.254/latest/meta-data/"


@dataclass
class County:
    """Two units that must be reminded, real channels to their receivers, and a clock moved by hand."""

    world: World
    well: HttpReceiver

    def delivery(self) -> DeliveryRow:
        """Return the delivery to the unit whose receiver breaks."""
        with self.world.store.reading() as session:
            query = select(DeliveryRow).where(DeliveryRow.recipient_id == f"{SICK}-handler")
            return session.exec(query).one()

    def attempts(self) -> list[tuple[str | None, str]]:
        """Return reason and detail of each attempt to reach it, in order."""
        with self.world.store.reading() as session:
            query = select(AttemptRow).where(AttemptRow.delivery_id == self.delivery().id).order_by(col(AttemptRow.id))
            return [(row.reason, row.detail or "") for row in session.exec(query)]

    def wait_for_the_retry(self) -> timedelta:
        """Let time pass until the next attempt is due, and make it; return how long that was."""
        wait = self.delivery().send_at - self.world.clock.now()
        self.world.tick(self.delivery().send_at + timedelta(seconds=1))
        return wait


@contextmanager
def county(store: Store, sick: HttpReceiver | SmtpReceiver) -> Iterator[County]:
    """Build it around the receiver of the first unit, and make the first attempts."""
    kind = ChannelKind.WEBHOOK if isinstance(sick, HttpReceiver) else ChannelKind.EMAIL
    with HttpReceiver(status(204)) as well:
        add_duty(store)
        add_units(store, [SICK], kind=kind, server=f"http://{HOST}:{sick.port}")
        add_units(store, [WELL], server=f"http://{HOST}:{well.port}")
        add_occurrences(store, [SICK, WELL])
        world = World(store, ManualClock(at("2026-09-29T09:30"), SHANGHAI))
        composer = Composer(Vault(KEY))
        world.bundler.lane_of = composer.lane
        channels = real_channels(sick, well)
        world.sender = Sender(Ledger(store, world.clock), world.clock, composer, channels)
        world.tick()
        assert len(well.posts) == 1, "the other unit was reminded all the same"
        yield County(world, well)
        world.sender.close()


def real_channels(*receivers: HttpReceiver | SmtpReceiver) -> dict[str, Notifier]:
    allowed = [AllowedRange.parse(f"{HOST}:{each.port}") for each in receivers]
    channels: dict[str, Notifier] = {
        ChannelKind.WEBHOOK: WebhookNotifier(allowed, monotonic=time.monotonic, seconds=SECONDS)
    }
    for each in receivers:
        if isinstance(each, SmtpReceiver):
            server = SmtpServer.parse(each.url())
            channels[ChannelKind.EMAIL] = EmailNotifier(
                server, "duban@city.example", domain="duban.example", monotonic=time.monotonic, seconds=SECONDS
            )
    return channels


@pytest.mark.parametrize(
    ("answer", "reason", "least"),
    [
        pytest.param(drip(b"HTTP/1.1 204 No Content\r\nX-Slow: " + b"a" * 10_000), "timeout", 4, id="dripping"),
        pytest.param(hang, "timeout", 4, id="hanging"),
        pytest.param(status(302, METADATA), "redirected", 4, id="redirecting"),
        pytest.param(status(429, "Retry-After: 600"), "throttled", 600, id="429"),
        pytest.param(status(503, "Retry-After: 90"), "throttled", 90, id="503"),
        pytest.param(status(500), "unavailable", 4, id="500"),
        pytest.param(raw(b"\x16\x03\x01 what?\r\n\r\n", keep=False), "garbled", 4, id="garbage"),
        pytest.param(reset, "unreachable", 4, id="reset"),
    ],
)
def test_a_webhook_that_breaks_once_gets_the_same_message_later(
    store: Store, answer: Answer, reason: str, least: int
) -> None:
    with HttpReceiver(answer, status(204)) as sick, county(store, sick) as scene:
        assert [why for why, _ in scene.attempts()] == [reason]
        assert scene.delivery().state == DeliveryState.PENDING
        assert timedelta(seconds=least) <= scene.wait_for_the_retry() <= timedelta(seconds=least * 1.2 + 2)
        assert [why for why, _ in scene.attempts()] == [reason, None]
        assert scene.delivery().state == DeliveryState.SENT
        assert [post.headers["webhook-id"] for post in sick.posts] == [scene.delivery().id] * 2
        assert len(scene.well.posts) == 1


def test_a_webhook_that_is_gone_ends_and_the_head_stands_in(store: Store) -> None:
    with HttpReceiver(status(410)) as sick, county(store, sick) as scene:
        with store.reading() as session:
            assert session.get_one(RecipientRow, f"{SICK}-handler").state == RecipientState.BROKEN
        add_units(store, [SICK], role=Role.HEAD, server=f"http://{HOST}:{scene.well.port}")
        scene.world.tick("2026-09-29T09:31")
        assert scene.delivery().state == DeliveryState.FAILED
        assert len(sick.posts) == 1
        assert [post.line.split()[1] for post in scene.well.posts] == [f"/{WELL}", f"/{SICK}"]


def test_a_redirect_for_good_is_followed_nowhere_and_given_up(store: Store) -> None:
    with HttpReceiver(status(308, METADATA)) as sick, county(store, sick) as scene:
        assert scene.delivery().state == DeliveryState.FAILED
        assert scene.attempts() == [("redirected", "HTTP 308")]
        assert len(sick.posts) == 1


@pytest.mark.parametrize(
    ("stage", "fault", "reason", "maybe_twice"),
    [
        pytest.param("greeting", "421 4.3.2 too busy", "unavailable", False, id="busy"),
        pytest.param("greeting", "554 5.7.1 not you", "misconfigured", False, id="refusing"),
        pytest.param("greeting", "hang", "timeout", False, id="hanging"),
        pytest.param("EHLO", "drip", "timeout", False, id="dripping"),
        pytest.param("RCPT", "450 4.2.1 greylisted", "unavailable", False, id="greylisting"),
        pytest.param("DATA", "drop", "unreachable", False, id="dropping before DATA"),
        pytest.param("message", "drop", "unreachable", True, id="dropping after DATA"),
        pytest.param("message", "hang", "timeout", True, id="hanging after DATA"),
        pytest.param("message", "what?", "garbled", True, id="garbage after DATA"),
    ],
)
def test_a_mail_server_that_breaks_once_gets_the_same_mail_later(
    store: Store, stage: str, fault: str, reason: str, *, maybe_twice: bool
) -> None:
    with SmtpReceiver() as sick:
        well = dict(sick.script)
        sick.script[stage] = fault
        with county(store, sick) as scene:
            ((why, detail),) = scene.attempts()
            assert why == reason
            assert ("maybe twice" in detail) == maybe_twice
            assert scene.delivery().state == DeliveryState.PENDING
            sick.script.update(well)
            scene.wait_for_the_retry()
            assert [why for why, _ in scene.attempts()] == [reason, None]
            assert scene.delivery().state == DeliveryState.SENT
            ids = [mail.split(b"Message-ID: <")[1].split(b"@")[0].decode() for mail in sick.mails]
            assert ids == [scene.delivery().id] * (1 + maybe_twice)


def test_a_mailbox_that_is_gone_ends_and_the_operator_is_told_at_the_recipient(store: Store) -> None:
    with SmtpReceiver({"RCPT": "550 5.1.1 no such user"}) as sick, county(store, sick) as scene:
        assert scene.delivery().state == DeliveryState.FAILED
        with store.reading() as session:
            recipient = session.get_one(RecipientRow, f"{SICK}-handler")
        assert recipient.state == RecipientState.BROKEN
        assert (recipient.trouble or "").startswith("gone: RCPT")
