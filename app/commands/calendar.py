"""`duban calendar`: show a year, check it against a second source, read a holiday notice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from app import options
from obligations.errors import BadHolidayNotice, BadQuestion

_calendar = typer.Typer(
    help="Working days: show a year, check the tables, read a holiday notice.", no_args_is_help=True
)
_Lang = Annotated[str, typer.Option(metavar="zh|en", help="Language of the text.")]
_Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(cli: typer.Typer) -> None:
    """Add this module's commands to `cli`."""
    cli.add_typer(_calendar, name="calendar")


@_calendar.command()
def show(
    year: Annotated[str, typer.Argument(metavar="YEAR", help="For instance 2026.")],
    *,
    as_of: Annotated[str | None, typer.Option(metavar="DAY", help="As it was known on this day.")] = None,
    lang: _Lang = "zh",
    data: options.DataDir = None,
    as_json: _Json = False,
) -> None:
    """Print a year: its months, days off, weekend days worked, and the notices they come from, imported ones too."""
    from app import wiring
    from app.calendar_text import year_json, year_text
    from store.workdays import calendar_in_force

    language, known = options.one_of("--lang", lang, ("zh", "en")), options.day("--as-of", as_of)
    with wiring.build(data=data).store.reading() as session:
        calendar = calendar_in_force(session, known)
    if not (year.isascii() and year.isdigit() and calendar.first.year <= int(year) <= calendar.last.year):
        raise BadQuestion(f"the year must lie from {calendar.first.year} to {calendar.last.year}, got {year!r}")
    typer.echo(_json(year_json(calendar, int(year))) if as_json else year_text(calendar, int(year), language))


@_calendar.command()
def check(*, as_json: _Json = False) -> None:
    """Compare the tables with the chinesecalendar package; exit status 1 if a difference has not been reviewed."""
    from app.calendar_check import differences, reviewed_days, unreviewed
    from obligations.workdays.workcalendar import load_calendar

    calendar = load_calendar()
    found, new = differences(calendar), unreviewed(calendar)
    years = sorted(calendar.announced_years)
    if as_json:
        listed = [
            {"day": d.day.isoformat(), "ours": d.ours, "theirs": d.theirs, "reviewed": d.day in reviewed_days()}
            for d in found
        ]
        typer.echo(_json({"from": years[0], "until": years[-1], "differences": listed}))
    else:
        for d in new:
            ours, theirs = ("上班", "休息") if d.ours else ("休息", "上班")
            typer.echo(f"{d.day}：本表{ours}，chinesecalendar {theirs}，未复核")
        typer.echo(f"{years[0]}—{years[-1]} 年：差异 {len(found)} 天，其中未复核 {len(new)} 天")
    if new:
        raise typer.Exit(1)


@_calendar.command("import")
def import_notice(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Text of a holiday notice.")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show which days change and what moves.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Keep it without asking.")] = False,
    scope: Annotated[str | None, typer.Option(metavar="PLACE", help="The place of a local arrangement.")] = None,
    lang: _Lang = "zh",
    data: options.DataDir = None,
    as_json: _Json = False,
) -> None:
    """Read a holiday notice, show which days it changes and which dates move, and keep it if you agree."""
    from app import wiring
    from app.calendar_text import changes_text
    from app.moves_text import moves_json, moves_text
    from app.progress import showing
    from obligations.workdays.holiday_notice import parse_holiday_notice
    from obligations.workdays.holiday_tables import YearTable, table_to_json
    from obligations.workdays.workcalendar import changed_days
    from scheduler.recompute import import_table
    from store.workdays import calendar_in_force

    language = options.one_of("--lang", lang, ("zh", "en"))
    text = _text(file)
    services = wiring.build(data=data)
    zone, now = services.settings.zone, services.clock.now()
    with services.store.rehearsing() as session, showing() as progress:
        before = calendar_in_force(session)
        notice = parse_holiday_notice(text, known=before.notices, scope=scope)
        table = YearTable(notice.year, (notice,))
        moves = import_table(session, table, now=now, zone=zone, progress=progress).moves()
        changes = changed_days(before, calendar_in_force(session))
    if as_json:
        days = [{"day": is_.day.isoformat(), "was": str(was.kind), "is": str(is_.kind)} for was, is_ in changes]
        kept = yes and not dry_run
        typer.echo(_json({"table": table_to_json(table), "changes": days, "moves": moves_json(moves), "kept": kept}))
    else:
        typer.echo(f"{changes_text(changes, language)}\n{moves_text(moves, language)}")
    if dry_run or not (yes or (not as_json and typer.confirm("写入并重算以上事项？" if lang == "zh" else "Keep it?"))):
        return
    with services.store.writing() as session, showing() as progress:
        import_table(session, table, now=now, zone=zone, progress=progress)


def _text(file: Path) -> str:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise BadHolidayNotice(f"{file} cannot be read: {error.strerror}") from None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadHolidayNotice(f"{file} is not text in UTF-8 or GB 18030")


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2)
