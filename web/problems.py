"""One table from what went wrong to what HTTP says; the rest is an internal error, complete in the log only."""

from __future__ import annotations

import logging
from http import HTTPStatus

from flask import Flask, Response, jsonify, render_template, request
from werkzeug.exceptions import HTTPException

from obligations.errors import DomainError
from store.errors import NotFound, Refused, Unavailable
from web.guesses import WINDOW
from web.texts import translate

LOG = logging.getLogger(__name__)
RETRY_AFTER_SECONDS = 300
RETRY_SOON_SECONDS = 30
TABLE: tuple[tuple[type[Exception], HTTPStatus], ...] = (
    (NotFound, HTTPStatus.NOT_FOUND),
    (Refused, HTTPStatus.CONFLICT),
    (DomainError, HTTPStatus.BAD_REQUEST),
)


class BadQuery(DomainError):
    """A value in the address or in a form has no meaning; the message names it and the right form."""


def install(app: Flask) -> None:
    """Answer every error of `app` in the form its caller reads: a page, JSON under /api/, plain text for feeds."""
    app.register_error_handler(Exception, _answer)


def _answer(error: Exception) -> Response:
    status, message = _judge(error)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        # The rule, not the path: the path of a feed is a secret.
        LOG.error("internal error at %s", request.url_rule, exc_info=error)
    if isinstance(error, Unavailable):
        LOG.warning("not answered", extra={"at": str(request.url_rule), "trouble": error.trouble})
    if request.path.startswith("/feeds/"):
        response = _answer_feed(status)
    elif request.path.startswith("/api/"):
        response = jsonify(error={"status": int(status), "message": message})
        response.status_code = status
    else:
        title = translate(f"problem.{status}") or status.phrase
        page = render_template("problem.html", status=int(status), title=title, message=message)
        response = Response(page, status=status)
    if isinstance(error, Unavailable):
        response.headers.setdefault("Retry-After", str(RETRY_SOON_SECONDS))
    if isinstance(error, HTTPException):
        for name, value in error.get_headers():
            if name == "Allow":
                response.headers[name] = value
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="duban"'
    return response


def _judge(error: Exception) -> tuple[HTTPStatus, str]:
    if isinstance(error, HTTPException):
        status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
        return status, translate(f"problem.{status}") or error.description or status.phrase
    if isinstance(error, Unavailable):
        return HTTPStatus.SERVICE_UNAVAILABLE, translate(f"problem.{error.trouble}")
    for kind, status in TABLE:
        if isinstance(error, kind):
            return status, str(error)
    return HTTPStatus.INTERNAL_SERVER_ERROR, translate("problem.500")


def _answer_feed(status: HTTPStatus) -> Response:
    """Answer a calendar reader: a fault is 503 and never an empty calendar, for readers delete what is missing."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        status = HTTPStatus.SERVICE_UNAVAILABLE
    response = Response(f"{status.value} {status.phrase}\n", status=status, mimetype="text/plain")
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        response.headers["Retry-After"] = str(int(WINDOW.total_seconds()))
    return response
