"""`duban feed-url`: a calendar address that a phone or a desk calendar subscribes to."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from app.options import AsJson, DataDir


def register(cli: typer.Typer) -> None:
    """Add this module's commands to `cli`."""
    cli.command("feed-url")(feed_url)


def feed_url(
    unit: Annotated[str, typer.Argument(metavar="UNIT", help="Code of the unit; `duban units` lists them.")],
    *,
    label: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Whose calendar it is, for your own record.")
    ] = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Make a new secret calendar address for a unit. It is printed once and cannot be shown again."""
    from app import wiring
    from store import feeds

    services = wiring.build(data=data)
    with services.store.writing() as session:
        secret = feeds.create_feed(session, unit, now=services.clock.now(), label=label)
    path = f"/feeds/{secret}.ics"
    if as_json:
        typer.echo(json.dumps({"unit": unit, "path": path}, ensure_ascii=False, indent=2))
        return
    typer.echo(f"日历订阅地址（只显示这一次）：{services.settings.public_url or ''}{path}")
    typer.echo("待办清单（部分日历程序支持）：同一地址后加 ?kind=todo")
