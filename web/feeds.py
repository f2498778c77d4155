"""Calendar feeds over HTTP: `/feeds/<secret>.ics`, conditional requests, and bytes made once per change."""

from __future__ import annotations

import gzip
import logging
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from flask import Blueprint, Flask, Response, abort, current_app, request
from werkzeug.datastructures import Headers

from notifiers.ical import Heading, Kind, calendar, one_line
from store import feeds
from store.feed_items import Pulse
from store.feeds import Choices, Feed
from web.calendars import Window, read_content, read_one, render
from web.guesses import Guesses
from web.problems import BadQuery
from web.site import Site, site

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

LOG = logging.getLogger(__name__)
BYTES_KEPT = 64 * 1024 * 1024
NOTE_EVERY = timedelta(hours=1)
LONGEST_CLIENT = 80

blueprint = Blueprint("feeds", __name__)


class Validated(Response):
    """A response whose 304 repeats Last-Modified (RFC 9110, 15.4.5), which the library takes out."""

    def get_wsgi_headers(self, environ: WSGIEnvironment) -> Headers:
        """Return the headers to send."""
        headers = super().get_wsgi_headers(environ)
        headers["Last-Modified"] = self.headers["Last-Modified"]
        return headers


class State(NamedTuple):
    """What the bytes of a feed depend on besides the code: equal states, equal bytes."""

    pulse: Pulse
    window: Window
    name: str
    choices: Choices
    replaced_at: datetime | None
    working_days: str
    base_url: str


@dataclass(frozen=True)
class Rendered:
    """A calendar ready to be sent."""

    body: bytes
    changed_at: datetime

    @cached_property
    def digest(self) -> str:
        return sha256(self.body).hexdigest()[:32]

    @cached_property
    def zipped(self) -> bytes:
        return gzip.compress(self.body, compresslevel=6, mtime=0)


class Shelf:
    """The calendars last sent, up to a total size in bytes; each is made again only when its state has moved."""

    def __init__(self, size: int = BYTES_KEPT) -> None:
        self._size = size
        self._kept: OrderedDict[tuple[str, Kind], tuple[State, Rendered]] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def get(self, key: tuple[str, Kind], state: State) -> Rendered | None:
        """Return the calendar kept for this state."""
        with self._lock:
            found = self._kept.get(key)
            if found is None or found[0] != state:
                return None
            self._kept.move_to_end(key)
            return found[1]

    def put(self, key: tuple[str, Kind], state: State, rendered: Rendered) -> None:
        """Keep a calendar, and let go of those asked for longest ago."""
        with self._lock:
            self._drop(key)
            self._kept[key] = (state, rendered)
            self._bytes += len(rendered.body)
            while self._bytes > self._size and len(self._kept) > 1:
                self._drop(next(iter(self._kept)))

    def _drop(self, key: tuple[str, Kind]) -> None:
        found = self._kept.pop(key, None)
        if found:
            self._bytes -= len(found[1].body)


def install(app: Flask) -> None:
    """Add the feeds to `app`, with a shelf of its own."""
    app.extensions["duban.shelf"] = Shelf()
    app.extensions["duban.guesses"] = Guesses()
    app.register_blueprint(blueprint)


@blueprint.get("/feeds/<secret>.ics")
def feed(secret: str) -> Response:
    """Answer a calendar reader; `?kind=todo` gives to-dos in place of events."""
    parts = site()
    with parts.store.reading() as session:
        known = feeds.find_feed(session, secret)
    if known is None:
        guesses: Guesses = current_app.extensions["duban.guesses"]
        abort(404 if guesses.allow(request.remote_addr or "", parts.clock.now()) else 429)
    found, pulse = known
    if found.is_gone(parts.clock.now()):
        abort(410)
    rendered = _rendered(parts, found, pulse, _kind())
    _note_fetch(parts, found)
    return _answer(rendered, zipped=found.choices.gzip and _wants_gzip())


@blueprint.get("/occurrences/<occurrence_id>.ics")
def one(occurrence_id: str) -> Response:
    """Answer with one occurrence as a file of its own, made of the same lines as in a feed."""
    parts = site()
    entry = read_one(parts.store, occurrence_id, base_url=parts.base_url, zone=parts.clock.zone)
    heading = Heading(name=entry.title, description=entry.title, url=entry.url, changed_at=entry.changed_at)
    response = Response(calendar(heading, [entry], kind=_kind(), domain=parts.domain), mimetype="text/calendar")
    response.headers["Content-Disposition"] = "attachment; filename=duban.ics"
    return response


def _rendered(parts: Site, found: Feed, pulse: Pulse, kind: Kind) -> Rendered:
    zone = parts.clock.zone
    window = Window(parts.clock.now().astimezone(zone).date(), zone)
    working_days = parts.calendar().version if found.choices.alarms else ""
    state = State(pulse, window, found.name, found.choices, found.replaced_at, working_days, parts.base_url)
    shelf: Shelf = current_app.extensions["duban.shelf"]
    kept = shelf.get((found.id, kind), state)
    if kept:
        return kept
    content = read_content(parts.store, found, pulse, window, base_url=parts.base_url, calendar=parts.calendar())
    body = render(found, content, kind, base_url=parts.base_url, domain=parts.domain)
    fresh = Rendered(body, content.changed_at)
    shelf.put((found.id, kind), state, fresh)
    return fresh


def _answer(rendered: Rendered, *, zipped: bool) -> Response:
    """Answer with the whole calendar, or with 304 where the reader has it (RFC 9110, 13.2.2)."""
    # A validator of each representation; a reader that holds either has the content.
    plain_tag, gzip_tag = rendered.digest, f"{rendered.digest}-gzip"
    response = Validated(status=200, mimetype="text/calendar")
    response.set_etag(gzip_tag if zipped else plain_tag)
    response.last_modified = rendered.changed_at
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Content-Disposition"] = "inline"
    if _has_it(plain_tag, gzip_tag, rendered.changed_at):
        response.status_code = 304
        del response.headers["Content-Type"]
        return response
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    response.set_data(rendered.zipped if zipped else rendered.body)
    return response


def _has_it(plain_tag: str, gzip_tag: str, changed_at: datetime) -> bool:
    if "If-None-Match" in request.headers:
        held = request.if_none_match
        return held.star_tag or held.contains_weak(plain_tag) or held.contains_weak(gzip_tag)
    since = request.if_modified_since
    return since is not None and changed_at.replace(microsecond=0) <= since


def _wants_gzip() -> bool:
    """Whether gzip was asked for by name: some readers fail on what they did not ask for, and `*` is no wish."""
    return any(coding == "gzip" and quality > 0 for coding, quality in request.accept_encodings)


def _kind() -> Kind:
    asked = request.args.get("kind", Kind.EVENT.value)
    if asked not in list(Kind):
        raise BadQuery(f"kind must be {' or '.join(Kind)}, got {asked[:20]!r}")
    return Kind(asked)


def _note_fetch(parts: Site, found: Feed) -> None:
    """Keep for the owner when which program last came: at most once an hour, and never at the reader's expense."""
    now = parts.clock.now()
    if found.fetched_at and now - found.fetched_at < NOTE_EVERY:
        return
    client = one_line(request.user_agent.string)[:LONGEST_CLIENT] or None
    try:
        with parts.store.writing() as session:
            feeds.note_fetch(session, found.id, now=now, client=client)
    except Exception as error:
        LOG.warning("a fetch was not noted (%s)", type(error).__name__)
