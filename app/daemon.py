"""The daemon: pages, planning and sending in one process, from start to a clean stop."""

from __future__ import annotations

import logging
import os
import signal
import socket
from collections.abc import Callable, Sequence
from threading import Event
from types import FrameType

from flask import Blueprint

from app.channels import channel_factory
from app.settings import read_policies
from app.wiring import Services
from notifiers.ping import Ping
from obligations.workdays.workcalendar import WorkCalendar
from scheduler.composing import Composer
from scheduler.engine import Engine
from store.presence import mark_presence
from store.recipients import Address, appoint_operator
from store.states import ChannelKind
from store.workdays import calendar_in_force
from web.application import create_app
from web.server import WebServer
from web.site import Site

DEAD = 70
"""Exit status when a tick has died: a supervisor then starts the process again."""


class Daemon:
    """One serving process. `sock` listens already; `extra` blueprints come with the pages.

    `end` ends the process at once, with an exit status, when nothing in it can help any more.

    Raises:
        DomainError: a setting of the channels or the policies cannot be used.
    """

    def __init__(
        self,
        services: Services,
        sock: socket.socket,
        *,
        extra: Sequence[Blueprint] = (),
        end: Callable[[int], object] = os._exit,
    ) -> None:
        settings = services.settings
        self._services = services
        self._end = end
        host, port = sock.getsockname()[:2]
        self.address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        base_url = settings.public_url or self.address
        self._appoint_operator()
        self._presence = mark_presence(services.store)
        self._engine = Engine(
            services.store,
            services.clock,
            read_policies(settings),
            Composer(services.vault, base_url, services.settings.domain, services.settings.zone),
            channel_factory(settings, services.clock.monotonic),
            end=self._die,
            ping=Ping(settings.ping_url, services.clock.monotonic) if settings.ping_url else lambda: None,
            renew=self._presence.renew,
            per_minute=settings.per_minute,
        )
        site = Site(
            store=services.store,
            clock=services.clock,
            base_url=base_url,
            domain=settings.domain,
            access_token=settings.access_token,
            clock_shifted=services.clock.shifted,
            checks=self._engine.checks,
            trouble=self._engine.trouble,
            metrics=self._engine.metrics.text,
            calendar=self._calendar,
        )
        self._web = WebServer(create_app(site, extra), sock)

    def _appoint_operator(self) -> None:
        mailbox, services = self._services.settings.operator_email, self._services
        address = Address(ChannelKind.EMAIL, mailbox) if mailbox else None
        with services.store.writing() as session:
            appoint_operator(session, address, vault=services.vault, now=services.clock.now())

    def start(self) -> None:
        """Begin to answer, plan and send."""
        self._web.start()
        self._engine.start(alone=self._presence.alone)
        self._presence.share()

    def stop(self) -> None:
        """Claim nothing more, let what is on the wire finish, close everything; bounded in time."""
        self._engine.stop()
        self._web.stop()
        self._presence.close()
        self._services.store.close()

    def run(self, announce: Callable[[str], object]) -> None:
        """Serve until SIGTERM or SIGINT; `announce` is told the address once it answers."""
        ended = Event()

        def end(_number: int, _frame: FrameType | None) -> None:
            ended.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, end)
        self.start()
        announce(self.address)
        ended.wait()
        self.stop()

    def _calendar(self) -> WorkCalendar:
        with self._services.store.reading() as session:
            return calendar_in_force(session)

    def _die(self, _ticks: list[str]) -> None:
        logging.shutdown()
        self._end(DEAD)
