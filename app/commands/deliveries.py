"""`duban deliveries`: who was told what, when, by which channel, and how it ended."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app import options
from app.options import AsJson, DataDir

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from app.wiring import Services
    from store.delivery_log import Logged

STATES = ("pending", "sending", "sent", "failed", "cancelled")
_WORDS = {"pending": "待发", "sending": "发送中", "sent": "已送达", "failed": "失败", "cancelled": "已取消"}


def register(cli: typer.Typer) -> None:
    """Add this module's commands to `cli`."""
    cli.command("deliveries")(deliveries)


def deliveries(
    *,
    unit: Annotated[str | None, typer.Option(metavar="UNIT", help="Only one unit, by its code.")] = None,
    occurrence: Annotated[str | None, typer.Option(metavar="OCCURRENCE", help="Only about one occurrence.")] = None,
    state: Annotated[str | None, typer.Option(metavar="|".join(STATES), help="Only in this state.")] = None,
    limit: Annotated[int, typer.Option(metavar="N", min=1, max=10_000, help="How many, newest first.")] = 100,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List deliveries with their attempts, newest first: the proof that somebody was told."""
    from app import wiring
    from store import delivery_log, occurrences, units

    wanted = () if state is None else (options.one_of("--state", state, STATES),)
    services = wiring.build(data=data)
    with services.store.reading() as session:
        if unit is not None:
            units.get(session, unit)
        if occurrence is not None:
            occurrences.get(session, occurrence)
        found = delivery_log.latest(session, unit_code=unit, occurrence_id=occurrence, states=wanted, limit=limit)
    if as_json:
        typer.echo(json.dumps([_as_json(one, services) for one in found], ensure_ascii=False, indent=2))
    else:
        _show(found, services)


def _as_json(one: Logged, services: Services) -> dict[str, Any]:
    zone = services.settings.zone
    return {
        "id": one.delivery.id,
        "unit": one.units[0].code if one.units else None,
        "unit_name": one.units[0].name if one.units else None,
        "units": [unit.code for unit in one.units],
        "channel": one.recipient.kind,
        "recipient": recipient_of(one.recipient.kind, one.recipient.address, services),
        "roles": one.roles,
        "state": one.delivery.state,
        "send_at": _instant(one.delivery.send_at, zone),
        "finished_at": _instant(one.delivery.finished_at, zone),
        "reminders": [
            {
                "occurrence": each.occurrence_id,
                "step": each.step,
                "reason": each.reason,
                "planned_at": _instant(each.planned_at, zone),
                "state": each.state,
            }
            for each in one.reminders
        ],
        "summaries": [{"kind": each.kind, "unit": each.unit_code, **each.facts} for each in one.summaries],
        "attempts": [
            {
                "started_at": _instant(each.started_at, zone),
                "finished_at": _instant(each.finished_at, zone),
                "outcome": each.outcome,
                "reason": each.reason,
                "detail": each.detail,
                "receipt": each.receipt,
            }
            for each in one.attempts
        ],
    }


def recipient_of(kind: str, address: str, services: Services) -> str | None:
    """Return the mailbox, or the server of a webhook, since the rest of its address may hold a token."""
    from urllib.parse import urlsplit

    from store.states import ChannelKind

    if kind != ChannelKind.WEBHOOK:
        return address or None
    url = urlsplit(services.vault.open(address))
    return f"{url.scheme}://{url.hostname}{f':{url.port}' if url.port else ''}/…"


def _instant(at: datetime | None, zone: ZoneInfo) -> str | None:
    return at.astimezone(zone).isoformat(timespec="seconds") if at else None


def _show(found: list[Logged], services: Services) -> None:
    from app.tables import print_table

    zone = services.settings.zone
    rows = []
    for one in found:
        last = one.attempts[-1] if one.attempts else None
        trouble = " ".join(filter(None, [last.reason, last.detail])) if last else ""
        at = one.delivery.finished_at or one.delivery.send_at
        rows.append(
            (
                at.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
                "、".join(unit.name for unit in one.units),
                recipient_of(one.recipient.kind, one.recipient.address, services) or "",
                f"{len(one.reminders)} 项" + (f"，情况 {len(one.summaries)} 条" if one.summaries else ""),
                str(len(one.attempts)),
                " ".join(filter(None, [_WORDS[one.delivery.state], trouble])),
            )
        )
    print_table(("时间", "责任单位", "收件人", "提醒", "尝试", "结果"), rows, whole=("时间",))
