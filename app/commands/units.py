"""`duban units`: the directory of responsible units, and the parties that notices name beside it."""

from __future__ import annotations

import json

import typer

from app.options import AsJson, DataDir


def register(cli: typer.Typer) -> None:
    """Add this module's commands to `cli`."""
    cli.command("units")(units)


def units(*, data: DataDir = None, as_json: AsJson = False) -> None:
    """List the units of the directory, then the parties that notices name and the directory does not know."""
    from app import wiring
    from app.tables import print_table
    from store import units

    services = wiring.build(data=data)
    with services.store.reading() as session:
        rows = units.listing(session)
    if as_json:
        listed = [{"code": row.code, "name": row.name, "group": row.group, "parent": row.parent} for row in rows]
        typer.echo(json.dumps(listed, ensure_ascii=False, indent=2))
        return
    print_table(
        ("代码", "单位", "类别", "上级"),
        [(row.code, row.name, row.group or "", row.parent or "") for row in rows],
        whole=("代码",),
    )
    strangers = sum(not row.in_directory for row in rows)
    typer.echo(f"名录内单位 {len(rows) - strangers} 个，{units.STRANGERS}的责任主体 {strangers} 个。")
