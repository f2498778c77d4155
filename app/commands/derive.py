"""`duban derive`: what a notice asks for, without touching a database."""

from __future__ import annotations

import typer


def register(cli: typer.Typer) -> None:
    """Add this module's commands to `cli`."""
    cli.command("derive")(derive)


def derive() -> None:
    """Derive obligations from notices."""
