"""The pages; each shows a read model of `views` and has a twin under /api/."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from web import listings, settling, views
from web.site import site

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def board() -> str:
    """Show who is late with what, and what comes next."""
    return render_template("board.html", board=views.read_board(site(), views.parse_query(request.args)))


@blueprint.get("/occurrences/<occurrence_id>")
def occurrence(occurrence_id: str) -> str:
    """Show one occurrence: its dates and how they came about, its sentence, its history, its proof."""
    return render_template("occurrence.html", view=views.read_case(site(), occurrence_id))


@blueprint.get("/occurrences/<occurrence_id>/proof")
def proof(occurrence_id: str) -> str:
    """Show on one sheet of paper who was reminded of an occurrence, when and with what result, and who signed."""
    return render_template("proof.html", view=views.read_case(site(), occurrence_id))


@blueprint.post("/occurrences/<occurrence_id>")
def settle(occurrence_id: str) -> Response:
    """Sign for an occurrence, close, waive or reopen it, and show it again."""
    settling.settle(site(), occurrence_id, request.form)
    return redirect(url_for("pages.occurrence", occurrence_id=occurrence_id), code=303)


@blueprint.get("/units")
def units() -> str:
    """List the units with what they have pending."""
    as_of, lines = listings.read_units(site())
    return render_template("units.html", as_of=as_of, lines=lines)


@blueprint.get("/units/<code>")
def unit(code: str) -> str:
    """Show one unit's part of the board, who hears of it, and how to subscribe to it."""
    query = views.parse_query(request.args | {"unit": code})
    return render_template(
        "unit.html",
        board=views.read_board(site(), query),
        undated=listings.read_undated(site(), code),
        subscribed=listings.read_subscriptions(site(), code),
    )


@blueprint.get("/notices")
def notices() -> str:
    """List the notices that were taken in."""
    return render_template("notices.html", notices=listings.read_notices(site()))


@blueprint.get("/notices/<notice_id>")
def notice(notice_id: str) -> str:
    """Show one notice with everything read from it marked in its text."""
    return render_template("notice.html", view=listings.read_notice(site(), notice_id))


@blueprint.get("/undated")
def undated() -> str:
    """List what has no date yet, and what it lacks."""
    code = request.args.get("unit") or None
    return render_template("undated.html", lines=listings.read_undated(site(), code))
