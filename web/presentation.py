"""How values look on a page: the language of a request, days with their weekday, instants in the service's zone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from flask import Flask, Response, current_app, g, request, url_for
from werkzeug.datastructures import MultiDict

from notifiers.wording import ways_to_send
from obligations.dates.trace import day_text
from obligations.status import LIGHTS, Status
from web.site import site
from web.texts import LANGUAGES, language, translate
from web.wording import differences, period_name, step_name

COOKIE = "duban_language"
REMEMBERED = timedelta(days=365)


def install(app: Flask) -> None:
    """Choose the language of each request, and give the templates their words and filters."""
    app.before_request(choose_language)
    app.after_request(remember_language)
    app.add_template_filter(day, "day")
    app.add_template_filter(instant, "instant")
    app.add_template_filter(stamp, "stamp")
    app.add_template_filter(clock, "clock")
    app.add_template_filter(date.fromisoformat, "civil")
    app.add_template_global(ways_to_send)
    app.add_template_global(differences)
    app.add_template_global(period_name)
    app.add_template_global(step_name)
    app.context_processor(_words)
    app.jinja_env.globals["style_version"] = style_version(app.static_folder)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def choose_language() -> None:
    """Take the language asked for in the address, else the one asked for before, else Chinese.

    Not from Accept-Language: many office browsers in China are set to English by default.
    """
    asked = request.args.get("lang", "")
    before = request.cookies.get(COOKIE, "")
    g.language = next((choice for choice in (asked, before) if choice in LANGUAGES), LANGUAGES[0])


def remember_language(response: Response) -> Response:
    """Keep a language that the address asked for."""
    if request.args.get("lang") in LANGUAGES and request.endpoint != "feeds.feed":
        response.set_cookie(COOKIE, language(), max_age=REMEMBERED, samesite="Lax", httponly=True)
    return response


def day(value: date | None) -> str:
    """Return a civil date with its weekday."""
    return day_text(value, language()) if value else "—"


def instant(value: datetime | None) -> str:
    """Return an instant to the minute, in the service's zone."""
    return value.astimezone(site().clock.zone).strftime("%Y-%m-%d %H:%M") if value else "—"


def stamp(value: datetime) -> str:
    """Return an instant for a machine, in the service's zone with its offset."""
    return value.astimezone(site().clock.zone).isoformat(timespec="seconds")


def clock(value: datetime) -> str:
    """Return the clock of a deadline, `17:00`; nothing where it runs to the end of the day."""
    text = value.astimezone(site().clock.zone).strftime("%H:%M")
    return "" if text == "00:00" else text


def here(**changes: str | int | None) -> str:
    """Return the address of the present page with `changes` to its query; `None` takes a value out."""
    query: MultiDict[str, str] = MultiDict(request.args)
    for name, value in changes.items():
        query.poplist(name)
        if value is not None:
            query[name] = str(value)
    if "lang" not in changes:
        query.poplist("lang")
    path, text = quote(request.path), urlencode(list(query.items()))
    return f"{path}?{text}" if text else path


def twin() -> str:
    """Return the address of the present page's twin in the API."""
    path = here().partition("?")
    return "".join(("/api" + ("/board" if path[0] == "/" else path[0]), *path[1:]))


def style_version(folder: str | None) -> str:
    """Return a mark that changes with the stylesheet, so that browsers may keep it for long."""
    return sha256((Path(folder or "") / "style.css").read_bytes()).hexdigest()[:12]


def _words() -> dict[str, Any]:
    other = "en" if language() == "zh" else "zh"
    return {
        "t": translate,
        "lang": language(),
        "html_lang": "zh-CN" if language() == "zh" else "en",
        "other_language": other,
        "here": here,
        "twin": twin,
        "undated_light": LIGHTS[Status.UNDATED],
        "inbox_path": url_for("inbox.page") if "inbox" in current_app.blueprints else None,
        "site": site(),
        "now": site().clock.now(),
    }
