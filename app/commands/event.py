"""`duban event`: a trigger event happened, and what waited for it gets its dates."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.options import AsJson, DataDir

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from scheduler.reporting import Reported
    from store.rows import OccurrenceRow


def register(cli: typer.Typer) -> None:
    """Add this module's commands to `cli`."""
    cli.command("event")(event)


def event(
    target: Annotated[str, typer.Argument(metavar="TARGET", help="A unit code, a notice id or an obligation id.")],
    name: Annotated[str, typer.Argument(metavar="EVENT", help="What happened, in the notice's words: 险情排除.")],
    instant: Annotated[str, typer.Argument(metavar="INSTANT", help="When: 2026-09-29 or 2026-09-29T14:30:00+08:00.")],
    *,
    another: Annotated[
        bool, typer.Option("--another", help="It happened again: keep the earlier one as well, instead of moving it.")
    ] = False,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Record that an event happened. Recorded again with another date, it moves, and its old date stays as history."""
    from app import wiring
    from scheduler.clock import parse_instant
    from scheduler.reporting import report_event

    services = wiring.build(data=data)
    happened_at = parse_instant(instant, services.settings.zone)
    with services.store.writing() as session:
        desk = services.desk(session)
        reported = report_event(session, target=target, name=name, happened_at=happened_at, desk=desk, another=another)
    if as_json:
        typer.echo(json.dumps(_as_json(reported, services.settings.zone), ensure_ascii=False, indent=2))
    else:
        _show(reported)


def _as_json(reported: Reported, zone: ZoneInfo) -> dict[str, Any]:
    event, replaced = reported.event, reported.replaced
    return {
        "event": {
            "target": event.target,
            "name": event.name,
            "happened_at": event.happened_at.astimezone(zone).isoformat(),
            "replaces": replaced.happened_at.astimezone(zone).isoformat() if replaced else None,
        },
        "obligations": [one.id for one in reported.obligations],
        "occurrences": [_occurrence(one) for one in reported.occurrences],
    }


def _occurrence(one: OccurrenceRow) -> dict[str, Any]:
    return {
        "id": one.id,
        "state": one.state,
        "written_on": one.written_on.isoformat(),
        "due_on": one.due_on.isoformat(),
        "safe_on": one.safe_on.isoformat() if one.safe_on else None,
        "act_now": one.act_now,
        "provisional": one.provisional,
        "readings": one.readings,
    }


def _show(reported: Reported) -> None:
    from app.tables import print_table
    from obligations.dates.missing import Missing

    event, replaced = reported.event, reported.replaced
    before = f"（原为 {replaced.happened_on}）" if replaced else ""
    typer.echo(f"已登记：{event.target} {event.name} {event.happened_on}{before}")
    dated = {one.obligation_id for one in reported.occurrences}
    for one in reported.obligations:
        lacks = "；".join(Missing(part).text() for part in one.missing)
        typer.echo(f"  {one.id} {one.action}" + ("" if one.id in dated else f" —— 仍待定：{lacks}"))
    print_table(
        ("事项", "原文日期", "安全日", "各种解读"),
        [
            (
                one.id,
                one.written_on.isoformat(),
                "请立即办理" if one.act_now or one.safe_on is None else one.safe_on.isoformat(),
                "  ".join(f"{reading['date']} {reading['convention']}" for reading in one.readings),
            )
            for one in reported.occurrences
        ],
        whole=("事项", "原文日期", "安全日"),
    )
