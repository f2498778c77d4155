"""`duban serve`: the daemon."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.options import DataDir


def register(cli: typer.Typer) -> None:
    """Add this module's commands to `cli`."""
    cli.command("serve")(serve)


def serve(
    *,
    host: Annotated[str, typer.Option(metavar="H", help="Address to listen on; beyond loopback it needs a token.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(metavar="N", min=0, max=65535, help="Port; 0 takes any free one.")] = 8765,
    clock: Annotated[
        str | None, typer.Option(metavar="INSTANT", help="Start the clock here: for demonstrations and tests.")
    ] = None,
    units: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Put this directory of units in force first.")
    ] = None,
    data: DataDir = None,
) -> None:
    """Serve pages and feeds, plan reminders and send them, until SIGTERM or Ctrl-C. Prints its address on stdout."""
    from app import logs, wiring
    from app.commands.ingest import directory_file, put_in_force
    from app.daemon import Daemon
    from app.listening import listen_on
    from app.settings import read_settings
    from scheduler.clock import SystemClock, parse_instant

    settings = read_settings(data=data)
    starting_at = parse_instant(clock, settings.zone) if clock else None
    directory = directory_file(units) if units else None
    with listen_on(host, port, token=settings.access_token) as sock:
        services = wiring.build(data=data, clock=SystemClock(settings.zone, starting_at=starting_at))
        if directory is not None:
            with services.store.writing() as session:
                put_in_force(session, services, directory)
        logs.configure(as_json=settings.log_json)
        Daemon(services, sock).run(typer.echo)
