"""Who may read a page: everyone on this machine, or who knows the access token.

Without a token only a loopback name in the Host header is answered, so that a foreign page
whose name was rebound to 127.0.0.1 reads nothing. With one, every page and every call of the
API needs it: as `Authorization: Bearer`, or in a session that the log-in form opens. Feeds
need only their own secret; health checks and the stylesheet need nothing.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, abort, redirect, render_template, request, url_for
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response as AnyResponse

from web.site import site

COOKIE = "duban_session"
SESSION = timedelta(hours=12)
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OPEN_TO_ALL = frozenset({"feeds.feed", "health.healthz", "health.readyz", "static"})

CONTENT_SECURITY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Nothing leaves this site. Not `no-referrer`: under it browsers send `Origin: null` with our own
    # forms, which could then not be told from a foreign one.
    "Referrer-Policy": "same-origin",
}

pages = Blueprint("access", __name__)


def install(app: Flask) -> None:
    """Guard every request of `app`, and put the security headers on every answer."""
    app.register_blueprint(pages)
    app.before_request(guard)
    app.after_request(secure)


def guard() -> AnyResponse | None:
    """Let the request pass, or answer it here."""
    if request.endpoint in OPEN_TO_ALL:
        return None
    if site().access_token is None and _host_name() not in LOOPBACK_NAMES:
        abort(421, "this service answers only on a loopback address; open it as http://127.0.0.1")
    if request.method not in SAFE_METHODS and not _from_our_own_page():
        abort(403, "the form was sent from another site")
    if request.endpoint == "access.login" or may_read():
        return None
    if request.path.startswith("/api/") or request.method not in SAFE_METHODS:
        abort(401)
    return redirect(url_for("access.login", then=request.full_path.removesuffix("?")))


def may_read() -> bool:
    """Whether the request carries the access token or a session opened with it, or none is asked for."""
    token = site().access_token
    if token is None:
        return True
    given = request.authorization
    if given and given.type == "bearer" and given.token is not None:
        return _same(given.token, token)
    return _session_is_open(request.cookies.get(COOKIE, ""), token, site().clock.now())


@pages.route("/login", methods=["GET", "POST"])
def login() -> AnyResponse | str | tuple[str, int]:
    """Ask for the access token; the right one opens a session of twelve hours."""
    token = site().access_token
    then = _local_path(request.values.get("then", "/"))
    if token is None:
        return redirect(then)
    if request.method == "GET":
        return render_template("login.html", then=then, wrong=False)
    if not _same(request.form.get("token", "").strip(), token):
        return render_template("login.html", then=then, wrong=True), 403
    response = redirect(then)
    until = site().clock.now() + SESSION
    response.set_cookie(
        COOKIE,
        _serializer(token).dumps(until.isoformat()),
        max_age=SESSION,
        httponly=True,
        samesite="Lax",  # Strict would ask again of everyone who comes by a link in a message
        secure=site().base_url.startswith("https://"),
    )
    return response


@pages.post("/logout")
def logout() -> AnyResponse:
    """Close the session."""
    response = redirect(url_for("access.login"))
    response.delete_cookie(COOKIE, httponly=True, samesite="Lax")
    return response


def secure(response: Response) -> Response:
    """Add the security headers; keep what only some may read out of shared caches."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "private, no-store")
    return response


def _session_is_open(cookie: str, token: str, now: datetime) -> bool:
    try:
        until = datetime.fromisoformat(_serializer(token).loads(cookie))
    except (BadSignature, TypeError, ValueError):
        return False
    return now < until <= now + SESSION


def _serializer(token: str) -> URLSafeSerializer:
    """Sign with a key drawn from the token: a new token closes every session."""
    return URLSafeSerializer(
        sha256(b"duban session\0" + token.encode()).digest(), signer_kwargs={"digest_method": sha256}
    )


def _same(given: str, token: str) -> bool:
    return hmac.compare_digest(sha256(given.encode()).digest(), sha256(token.encode()).digest())


def _host_name() -> str:
    """Return the name in the Host header without its port, in small letters."""
    host = request.headers.get("Host", "").lower()
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() and not name.endswith(":") else host


def _from_our_own_page() -> bool:
    """Whether a request that changes something was not made by another site's page.

    Browsers say so themselves: in Sec-Fetch-Site, or in Origin where that is missing (an
    address without TLS). A request with neither was not made by a browser's page.
    """
    fetch_site = request.headers.get("Sec-Fetch-Site")
    if fetch_site is not None:
        return fetch_site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc.lower() == request.headers.get("Host", "").lower()


def _local_path(then: str) -> str:
    """Return `then` if it is a path on this site, else the front page: no log-in leads elsewhere."""
    usable = then.startswith("/") and not then.startswith(("//", "/\\")) and then.isprintable()
    return then if usable else "/"
