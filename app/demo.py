"""The demonstration: the real daemon on sample notices, with a clock of its own and an inbox on this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path

from app import wiring
from app.daemon import Daemon
from app.listening import listen_on
from app.settings import read_settings
from app.wiring import Services
from notifiers.sink import MailSink
from notifiers.webhook import new_secret
from scheduler.clock import ManualClock, SystemClock, parse_instant
from scheduler.ingest import ingest_notice
from scheduler.intake import read_notices
from store import feeds, notices, subscriptions
from store.recipients import Address
from store.rows import Role
from store.states import ChannelKind
from web.inbox import inbox

HOST = "127.0.0.1"
TAKEN_IN = "2026-09-15T09:00:00+08:00"
"""When the sample notices became known: after the last of them, before the first date to remind of."""

MOMENT = "2026-09-24T08:59:40+08:00"
"""Where the clock starts: the last working day before a holiday, seconds before the offices open."""

BY_MAIL = "530111-gongxin"
BY_WEBHOOK = "530111-shangwu"
MAILBOX = "clerk@guandu.example"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where to look."""

    pages: str
    feed: str
    inbox: str


def run(data: Path, port: int, announce: Callable[[Addresses], object]) -> None:
    """Serve the demonstration from the folder `data` until SIGTERM or Ctrl-C; `announce` is told once it answers.

    Nothing of it leaves this machine, whatever the environment says. A folder of an earlier
    demonstration is used as it is: what was sent then is not sent again.

    Raises:
        BadSetting: the port is taken.
        SinkUnavailable: the packages of the inbox are not installed.
    """
    with listen_on(HOST, port, token=None) as sock, _mail_sink() as sink:
        port = sock.getsockname()[1]
        services = _services(data, sink.url, port)
        _take_in_samples(services)
        secret = new_secret()
        feed = _subscribe(services, f"http://{HOST}:{port}/demo/hook", secret)
        daemon = Daemon(services, sock, extra=[inbox(sink.mails, secret)])
        daemon.run(lambda address: announce(Addresses(f"{address}/", f"{address}{feed}", f"{address}/demo/inbox")))


@contextmanager
def _mail_sink() -> Iterator[MailSink]:
    sink = MailSink()
    sink.start()
    try:
        yield sink
    finally:
        sink.stop()


def _services(data: Path, smtp_url: str, port: int) -> Services:
    settings = replace(
        read_settings({}, data=data),
        smtp_url=smtp_url,
        webhook_allow=(f"{HOST}:{port}",),
    )
    return wiring.build(settings=settings, clock=SystemClock(settings.zone, starting_at=parse_instant(MOMENT)))


def _take_in_samples(services: Services) -> None:
    with services.store.reading() as session:
        if notices.listing(session):
            return
    earlier = replace(services, clock=ManualClock(parse_instant(TAKEN_IN)))
    with resources.as_file(resources.files("app") / "samples") as folder, earlier.store.writing() as session:
        desk = earlier.desk(session)
        for notice in read_notices(str(folder)):
            ingest_notice(session, notice, desk)


def _subscribe(services: Services, hook: str, secret: str) -> str:
    """Give two units a channel each, and one of them a calendar; return the calendar's path."""
    channels = (
        (BY_MAIL, Address(ChannelKind.EMAIL, MAILBOX)),
        (BY_WEBHOOK, Address(ChannelKind.WEBHOOK, hook)),
    )
    now = services.clock.now()
    with services.store.writing() as session:
        for unit, address in channels:
            if not subscriptions.of_unit(session, unit):
                subscriptions.add(
                    session, address, unit_code=unit, role=Role.HANDLER, vault=services.vault, now=now, secret=secret
                )
        return f"/feeds/{feeds.create_feed(session, BY_WEBHOOK, now=now)}.ics"
