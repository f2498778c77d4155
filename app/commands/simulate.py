"""`duban simulate`: what would be sent, without sending it."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app import options
from app.commands.deliveries import recipient_of
from app.options import AsJson, DataDir

if TYPE_CHECKING:
    from datetime import date

    from app.wiring import Services
    from store.rehearsal import Rehearsed


def register(cli: typer.Typer) -> None:
    """Add this module's commands to `cli`."""
    cli.command("simulate")(simulate)


def simulate(
    *,
    from_: Annotated[str, typer.Option("--from", metavar="DAY", help="First day; every notice counts as known then.")],
    until: Annotated[str, typer.Option("--until", metavar="DAY", help="Last day, included.")],
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show what would be sent between two days: the real engine on a copy, with channels that only take note."""
    from app import wiring
    from app.settings import read_policies
    from obligations.errors import BadQuestion
    from scheduler.simulation import Simulation, Span

    first, last = options.day("--from", from_), options.day("--until", until)
    assert first is not None, "the option is required"
    assert last is not None, "the option is required"
    if last < first:
        raise BadQuestion(f"--until must not lie before --from, got {from_} to {until}")
    services = wiring.build(data=data)
    shown = _progress if sys.stderr.isatty() else lambda _: None
    simulation = Simulation(services.store, read_policies(services.settings), services.vault, progress=shown)
    made = simulation.run(Span(first=first, last=last, zone=services.settings.zone))
    if sys.stderr.isatty():
        typer.echo("\r\033[K", nl=False, err=True)
    if as_json:
        messages = [_as_json(one, services) for one in made]
        typer.echo(json.dumps({"messages": messages}, ensure_ascii=False, indent=2))
    else:
        _show(made, services)


def _progress(day: date) -> None:
    typer.echo(f"\r\033[K{day.isoformat()}", nl=False, err=True)


def _as_json(one: Rehearsed, services: Services) -> dict[str, Any]:
    first = one.carries[0]
    return {
        "at": one.at.astimezone(services.settings.zone).isoformat(timespec="seconds"),
        "unit": first.unit_code,
        "unit_name": first.unit_name,
        "units": list(dict.fromkeys(each.unit_code for each in one.carries)),
        "recipient": recipient_of(one.kind, one.address, services),
        "channel": one.kind,
        "role": first.role,
        "step": first.step,
        "reason": first.reason,
        "occurrences": [
            {
                "id": each.occurrence_id,
                "unit": each.unit_code,
                "action": each.action,
                "written_on": each.written_on.isoformat(),
                "due_on": each.due_on.isoformat(),
                "safe_on": each.safe_on.isoformat() if each.safe_on else None,
                "step": each.step,
                "reason": each.reason,
            }
            for each in one.carries
        ],
    }


def _show(made: list[Rehearsed], services: Services) -> None:
    from app.tables import print_table

    zone = services.settings.zone
    rows = [
        (
            one.at.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
            one.carries[0].unit_name,
            recipient_of(one.kind, one.address, services) or "（没有渠道）",
            one.carries[0].step,
            one.carries[0].safe_on.isoformat() if one.carries[0].safe_on else "立即办理",
            one.carries[0].action + (f" 等 {len(one.carries)} 项" if len(one.carries) > 1 else ""),
        )
        for one in made
    ]
    print_table(("时间", "责任单位", "收件人", "步骤", "安全日", "事项"), rows, whole=("时间",))
    typer.echo(f"共 {len(made)} 条消息，{sum(len(one.carries) for one in made)} 次提醒。没有发送任何内容。")
