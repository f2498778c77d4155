"""`duban derive`: what notices ask for, without touching a database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app import options

if TYPE_CHECKING:
    from obligations.draft import Derivation, Relation
    from obligations.notice import Notice


def register(cli: typer.Typer) -> None:
    """Add this module's commands to `cli`."""
    cli.command("derive")(derive)


def derive(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH…", help="Listing page, .txt, .html, .docx, .pdf, .json, or a folder.")
    ],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Show each finding with the words it rests on.")] = False,
    lang: Annotated[str, typer.Option(metavar="zh|en", help="Language of the text.")] = "zh",
) -> None:
    """Derive from notices who must do what by when; reads files only and stores nothing."""
    from app.progress import showing
    from scheduler.intake import read_notices

    language = options.one_of("--lang", lang, ("zh", "en"))
    with showing() as progress:
        notices = read_notices(*paths, progress=progress)
    if not notices:
        typer.echo('{"notices": []}' if as_json else {"zh": "没有文件。", "en": "No notices."}[language])
        return
    derived = _derived(notices)
    if as_json:
        _print_json(derived)
        return
    from app.derive_text import print_derived

    print_derived(derived, lang=language, explain=explain)


def _derived(notices: list[Notice]) -> list[tuple[Notice, Derivation, list[Relation]]]:
    """Return each notice with what was derived from it and its ties to the other notices of the run."""
    from app.progress import showing
    from obligations.derivation import derive as derive_notice
    from obligations.relations import ties_between

    ties = ties_between(notices)
    derived: list[tuple[Notice, Derivation, list[Relation]]] = []
    with showing() as progress:
        for notice in notices:
            progress(len(derived), len(notices))
            derived.append((notice, derive_notice(notice), ties[notice.id]))
    return derived


def _print_json(derived: list[tuple[Notice, Derivation, list[Relation]]]) -> None:
    from obligations.draft_json import notice_json
    from obligations.workdays.workcalendar import load_calendar

    calendar = load_calendar()
    out = [notice_json(notice, found, calendar=calendar, ties=ties) for notice, found, ties in derived]
    # As bytes: the output is UTF-8 whatever the terminal's encoding is.
    typer.echo(json.dumps({"notices": out}, ensure_ascii=False, indent=2).encode())
