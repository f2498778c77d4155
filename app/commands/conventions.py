"""`duban conventions`: which way of counting a unit or a regulator has chosen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from app import options
from obligations.errors import BadConvention

_conventions = typer.Typer(
    help="How days are counted and rolled: list the ways, show who chose which, choose.", no_args_is_help=True
)
_Lang = Annotated[str, typer.Option(metavar="zh|en", help="Language of the text.")]


def register(cli: typer.Typer) -> None:
    """Add this module's commands to `cli`."""
    cli.add_typer(_conventions, name="conventions")


@_conventions.command("list")
def list_conventions(*, lang: _Lang = "zh", as_json: options.AsJson = False) -> None:
    """List the conventions by name, with what each does and where it comes from."""
    from obligations.dates.conventions import CONVENTIONS

    language = options.one_of("--lang", lang, ("zh", "en"))
    rows = [
        {"name": c.name, "meaning": c.text(language), "source": c.source.text(language)} for c in CONVENTIONS.values()
    ]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        typer.echo(f"{row['name']}\n    {row['meaning']}  [{row['source']}]")


@_conventions.command()
def show(*, data: options.DataDir = None) -> None:
    """Print the choice in force, in the form that `choose` reads."""
    from app import wiring
    from store.conventions import choice_in_force

    with wiring.build(data=data).store.reading() as session:
        typer.echo(json.dumps(choice_in_force(session), ensure_ascii=False, indent=2))


@_conventions.command()
def choose(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="JSON of rules; docs/conventions.md shows the form.")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would move.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Put it in force without asking.")] = False,
    lang: _Lang = "zh",
    data: options.DataDir = None,
    as_json: options.AsJson = False,
) -> None:
    """Show what a choice of conventions moves, earlier dates first, and put it in force if you agree."""
    from app import wiring
    from app.moves_text import moves_json, moves_text
    from app.progress import showing
    from obligations.dates.choosing import parse_rules
    from scheduler.recompute import choose_conventions

    language = options.one_of("--lang", lang, ("zh", "en"))
    rules = parse_rules(_text(file))
    services = wiring.build(data=data)
    zone, now = services.settings.zone, services.clock.now()
    with services.store.rehearsing() as session, showing() as progress:
        moves = choose_conventions(session, rules, now=now, zone=zone, progress=progress).moves()
    kept = yes and not dry_run
    if as_json:
        typer.echo(json.dumps({"moves": moves_json(moves), "kept": kept}, ensure_ascii=False, indent=2))
    else:
        typer.echo(moves_text(moves, language))
        kept = kept or (not dry_run and typer.confirm("采用并重算以上事项？" if language == "zh" else "Keep it?"))
    if kept:
        with services.store.writing() as session, showing() as progress:
            choose_conventions(session, rules, now=now, zone=zone, progress=progress)


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadConvention(f"{file} cannot be read as UTF-8 ({type(error).__name__})") from None
