"""`duban chain`: the steps before and after an occurrence, the room between them, and who holds it now."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app import options
from app.commands.occurrences import Occurrence
from app.options import AsJson, DataDir

if TYPE_CHECKING:
    from datetime import date


def register(cli: typer.Typer) -> None:
    """Add this module's command to `cli`."""
    cli.command("chain")(chain)


def chain(
    occurrence: Occurrence,
    *,
    start: Annotated[
        str | None, typer.Option(metavar="DAY", help="When a prescribed period (公示期) is to begin: is it in time?")
    ] = None,
    as_of: Annotated[str | None, typer.Option(metavar="DAY", help="Judge by this day, not by today.")] = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show the chain an occurrence stands in, the slack between limits, and the latest start of prescribed periods."""
    from app import wiring
    from store.chains import find_chain
    from store.workdays import calendar_in_force
    from web.chains import chain_json

    begin, day = options.day("--start", start), options.day("--as-of", as_of)
    services = wiring.build(data=data)
    day = day or services.clock.today()
    with services.store.reading() as session:
        found, calendar = find_chain(session, occurrence), calendar_in_force(session)
    answer = chain_json(found, calendar, day, begin)
    typer.echo(json.dumps(answer, ensure_ascii=False, indent=2) if as_json else _text(answer, begin))


def _text(answer: dict[str, Any], begin: date | None) -> str:
    lines = []
    for number, step in enumerate(answer["steps"], 1):
        state = f"{step['done_on']} 办结" if step["done_on"] else "现由其办理" if step["holds_it"] else "待前一环节"
        lines.append(f"{number}. {step['action']}（{'、'.join(step['units'])}）  {state}")
        lines.append(f"   安全日 {step['safe_on'] or '已无，请立即办理'}  到期日 {step['due_on']}")
        if room := step["slack"]:
            lines.append(
                f"   ↓ 与下一环节期限相隔 {room['days']} 天（{room['working_days']} 个工作日）；"
                f"下一环节现余 {room['left']} 个工作日"
            )
    for one in answer["latest_starts"]:
        lines.append(
            f"文中所写“{one['words']}”若须在本事项期限前结束：最迟 {one['start_by']} 开始，{one['ends_on']} 结束。"
        )
        if begin and not one["in_time"]:
            lines.append(f"警告：{begin} 开始已来不及，最迟应于 {one['start_by']} 开始。")
        elif begin:
            lines.append(f"{begin} 开始来得及。")
    return "\n".join(lines)
