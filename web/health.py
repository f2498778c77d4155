"""Whether the process lives, and whether it does its work."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, jsonify

from store.errors import Unavailable
from web.site import site

LOG = logging.getLogger(__name__)
blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Answer that the process takes requests; nothing else is looked at."""
    return jsonify(alive=True)


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Say what the service depends on and what is wrong with it; 503 unless all is well."""
    checks: dict[str, str | None] = {"database": _database()}
    try:
        checks |= site().checks()
    except Unavailable as error:
        checks["checks"] = str(error)
    except Exception as error:
        LOG.error("a readiness check failed", exc_info=error)
        checks["checks"] = "a check failed; the log has the details"
    ready = not any(checks.values())
    return jsonify(
        ready=ready, checks={name: trouble or "ok" for name, trouble in checks.items()}
    ), 200 if ready else 503


@blueprint.get("/metrics")
def metrics() -> Response:
    """Answer a monitoring system in Prometheus' text form; behind the same token as the pages."""
    return Response(site().metrics(), content_type="text/plain; version=0.0.4; charset=utf-8")


def _database() -> str | None:
    try:
        with site().store.reading() as session:
            session.connection().exec_driver_sql("SELECT 1")
    except Unavailable as error:
        return str(error)
    except Exception as error:
        LOG.error("the database does not answer", exc_info=error)
        return "does not answer; the log has the details"
    return None
