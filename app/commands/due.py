"""`duban due`: the dates that a deadline asks for, and how each came about; touches no database."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app import options
from obligations.errors import BadDeadline, BadQuestion

if TYPE_CHECKING:
    from datetime import date

    from obligations.dates.question import Question
    from obligations.deadline import Deadline


def register(cli: typer.Typer) -> None:
    """Add this module's commands to `cli`."""
    cli.command("due")(due)


def due(
    *,
    deadline: Annotated[str, typer.Option(metavar="JSON", help='For instance {"kind":"fixed","date":"2026-10-03"}.')],
    event: Annotated[str | None, typer.Option(metavar="DAY|INSTANT", help="When a relative deadline begins.")] = None,
    from_: Annotated[str | None, typer.Option("--from", metavar="DAY", help="First day of a recurring one.")] = None,
    until: Annotated[str | None, typer.Option(metavar="DAY", help="Last day; else 13 months on.")] = None,
    as_of: Annotated[str | None, typer.Option(metavar="DAY", help="Use the calendar as known on this day.")] = None,
    convention: Annotated[str, typer.Option(metavar="NAME", help="How days are counted and rolled.")] = "cn.plain",
    issued_on: Annotated[str | None, typer.Option(metavar="DAY", help="Issue date of the notice.")] = None,
    effective_on: Annotated[str | None, typer.Option(metavar="DAY", help="First day of the notice's force.")] = None,
    expires_on: Annotated[str | None, typer.Option(metavar="DAY", help="Last day of the notice's force.")] = None,
    before_exclusive: Annotated[bool, typer.Option(help='Also read "by day X" as excluding X.')] = False,
    ends_before: Annotated[
        str | None, typer.Option(metavar="DAY", help="Instead: the latest start of a period that must end before DAY.")
    ] = None,
    zone: Annotated[str, typer.Option(metavar="IANA", help="Zone of days and clock times.")] = "Asia/Shanghai",
    lang: Annotated[str, typer.Option(metavar="zh|en", help="Language of the text.")] = "zh",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print the dates that a deadline asks for: written, due and safe day, readings, and every step to them."""
    from obligations.dates.question import Question

    known, before = options.day("--as-of", as_of), options.day("--ends-before", ends_before)
    question = Question(
        deadline=_deadline(deadline),
        event=options.day_or_instant("--event", event),
        start=options.day("--from", from_),
        until=options.day("--until", until),
        convention=convention,
        issued_on=options.day("--issued-on", issued_on),
        effective_on=options.day("--effective-on", effective_on),
        expires_on=options.day("--expires-on", expires_on),
        zone=zone,
        before_exclusive=before_exclusive,
    )
    language = options.one_of("--lang", lang, ("zh", "en"))
    if question.start and question.until and question.until < question.start:
        raise BadQuestion(f"--until must not lie before --from, got {until} before {from_}")
    data, text = _latest(question, before, known, language) if before else _dates(question, known, language)
    typer.echo(json.dumps(data, ensure_ascii=False, indent=2) if as_json else text)


def _deadline(text: str) -> Deadline:
    from obligations.deadline import parse_deadline

    try:
        return parse_deadline(json.loads(text))
    except json.JSONDecodeError as error:
        raise BadDeadline(
            f'--deadline must be JSON such as {{"kind":"fixed","date":"2026-10-03"}}, got {text!r} ({error.msg})'
        ) from None
    except RecursionError:
        raise BadDeadline("--deadline is nested too deeply; a deadline is one flat JSON object") from None


def _dates(question: Question, known: date | None, lang: str) -> tuple[dict[str, Any], str]:
    """Return the answer to `question` as data and as text; what cannot be dated is an answer too (待定)."""
    from app.due_text import dates_text, undated_text
    from obligations.dates.due import due_json
    from obligations.dates.missing import CannotDate
    from obligations.workdays.workcalendar import load_calendar

    calendar = load_calendar(known)
    try:
        dates = question.dates(calendar)
    except CannotDate as undated:
        missing = [{"code": str(m), **{x: m.text(x, undated.about) for x in ("zh", "en")}} for m in undated.missing]
        return {"dates": [], "missing": missing, "calendar": calendar.version}, undated_text(undated, lang)
    found = [due_json(due, question.zone) for due in dates]
    return {"dates": found, "missing": [], "calendar": calendar.version}, dates_text(dates, lang)


def _latest(question: Question, before: date, known: date | None, lang: str) -> tuple[dict[str, Any], str]:
    """Return the latest start of the period that must end before `before`, as data and as text."""
    from app.due_text import latest_text
    from obligations.dates.due import due_json
    from obligations.dates.latest_start import latest_start
    from obligations.deadline import RelativeDeadline
    from obligations.workdays.workcalendar import load_calendar

    period = question.deadline
    if not isinstance(period, RelativeDeadline):
        raise BadQuestion(f"--ends-before needs a relative deadline, got one of kind {period.kind}")
    calendar = load_calendar(known)
    latest = latest_start(period, ends_before=before, calendar=calendar, convention=question.convention)
    data = {
        "latest_start": latest.start_on.isoformat(),
        "ends_on": latest.ends_on.isoformat(),
        "dates": [due_json(latest.due, question.zone)],
        "calendar": calendar.version,
    }
    return data, latest_text(latest, lang)
