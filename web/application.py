"""Puts the web application together."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Flask

from web import access, api, feeds, health, pages, presentation, problems
from web.site import Site

MAX_FORM_BYTES = 64 * 1024


def create_app(site: Site, extra: Sequence[Blueprint] = ()) -> Flask:
    """Return the application for `site`; `extra` blueprints come under the same guard (the demonstration's inbox)."""
    app = Flask("web", static_folder="static", template_folder="templates")
    app.extensions["duban"] = site
    app.config["MAX_CONTENT_LENGTH"] = MAX_FORM_BYTES
    app.json.ensure_ascii = False  # type: ignore[attr-defined] # declared on the default provider, not on its base
    app.url_map.merge_slashes = False  # a calendar reader must not meet a redirect
    access.install(app)
    problems.install(app)
    presentation.install(app)
    feeds.install(app)
    for blueprint in (pages.blueprint, api.blueprint, health.blueprint, *extra):
        app.register_blueprint(blueprint)
    return app
