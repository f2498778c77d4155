"""`duban reminders explain`: for every step and recipient what was or will be sent, when, and why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.deliveries import recipient_of
from app.options import AsJson, DataDir

if TYPE_CHECKING:
    from datetime import datetime

    from app.wiring import Services
    from scheduler.explaining import Explained, Line

_reminders = typer.Typer(help="Reminders: why each was sent, will be sent, or is not.", no_args_is_help=True)

STATES = {
    "planned": "待发",
    "sent": "已发",
    "failed": "未送达",
    "cancelled": "已取消",
    "collapsed": "未发",
    "to-come": "将发",
    "silent": "不发",
}
REASONS = {
    "step": "到了该步的日子",
    "caught-up": "停机期间错过，补发最近一步",
    "urgent": "时限很短或已无工作日，立即告知",
    "known-late": "得知时安全日已到",
    "joined-late": "订阅时安全日已到",
    "unsigned": "尚无人签收",
    "overdue": "已过最晚的合法解读",
    "passed-over": "由后一步代替",
    "expired": "错过太久，按策略不再发",
    "closed": "已办结、豁免或不在办",
    "ended": "权利期限已过",
    "signed": "已签收，不再催签",
    "moved": "日期已改或重新打开，按新日期提醒",
    "no-channel": "没有可用的提醒渠道",
    "not-addressed": "该步不发给此角色",
    "before-known": "当时尚不知道这一事项",
    "before-joined": "当时尚未订阅",
}
_HOLDS = {"rest-day": "（顺延到工作时间）", "quiet-hours": "（避开免扰时段）"}
_ROLES = {"handler": "经办人", "head": "负责人", "regulator": "监管"}


def register(cli: typer.Typer) -> None:
    """Add this module's commands to `cli`."""
    cli.add_typer(_reminders, name="reminders")


@_reminders.callback()
def _group() -> None:
    """Keep `explain` a command of its own."""


@_reminders.command()
def explain(
    occurrence: Annotated[str, typer.Argument(metavar="OCCURRENCE", help="Its id; `duban list` prints them.")],
    *,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Explain every step of an occurrence for every recipient, and say what comes next."""
    from app import wiring
    from app.settings import read_policies
    from obligations.timetable import Timetable
    from scheduler.explaining import explain_reminders
    from store.workdays import calendar_in_force

    services = wiring.build(data=data)
    policies = read_policies(services.settings)
    with services.store.reading() as session:
        timetable = Timetable(policies.hours, calendar_in_force(session), services.settings.zone)
        found = explain_reminders(session, occurrence, policies=policies, timetable=timetable, now=services.clock.now())
        if as_json:
            typer.echo(json.dumps(_as_json(found, services), ensure_ascii=False, indent=2))
        else:
            _show(found, services)


def _as_json(found: Explained, services: Services) -> dict[str, Any]:
    upcoming = found.upcoming
    return {
        "occurrence": found.occurrence.id,
        "state": found.occurrence.state,
        "safe_on": found.occurrence.safe_on.isoformat() if found.occurrence.safe_on else None,
        "signed_by": found.occurrence.signed_by,
        "policies": list(found.policies),
        "next": _line(upcoming, services) if upcoming else None,
        "steps": [_line(line, services) for line in found.lines],
    }


def _line(line: Line, services: Services) -> dict[str, Any]:
    delivery = line.message.delivery if line.message else None
    last = line.message.attempts[-1] if line.message and line.message.attempts else None
    return {
        "step": line.step,
        "role": line.role,
        "channel": line.recipient.kind if line.recipient else None,
        "recipient": _recipient(line, services),
        "state": line.state,
        "reason": line.reason,
        "planned_at": _instant(line.planned_at, services),
        "send_at": _instant(line.send_at, services),
        "sent_at": _instant(delivery.finished_at, services) if delivery and line.state == "sent" else None,
        "held_by": line.held,
        "delivery": delivery.id if delivery else None,
        "trouble": last.reason if last else None,
    }


def _recipient(line: Line, services: Services) -> str | None:
    return recipient_of(line.recipient.kind, line.recipient.address, services) if line.recipient else None


def _instant(at: datetime | None, services: Services) -> str | None:
    return at.astimezone(services.settings.zone).isoformat(timespec="seconds") if at else None


def _show(found: Explained, services: Services) -> None:
    from app.tables import print_table
    from notifiers.wording import WORDINGS

    step = WORDINGS["zh"].step
    policies = "、".join(found.policies)
    typer.echo(f"{found.occurrence.id}：安全日 {found.occurrence.safe_on or '无，请立即办理'}，策略 {policies}")
    print_table(
        ("步骤", "含义", "收件人", "该步时间", "发送时间", "结果", "原因"),
        [
            (
                line.step,
                step(line.step),
                f"{_ROLES[line.role]} {_recipient(line, services) or ''}" if line.role else "（没有渠道）",
                _minute(line.planned_at, services),
                _minute(line.send_at, services) + (_HOLDS[line.held] if line.held else ""),
                STATES[line.state],
                REASONS[line.reason],
            )
            for line in found.lines
        ],
        whole=("步骤", "该步时间", "结果"),
    )
    upcoming = found.upcoming
    if upcoming is None:
        typer.echo("以后没有要发的提醒。")
    else:
        typer.echo(
            f"下一次：{_minute(upcoming.send_at, services)}，{step(upcoming.step)}（{REASONS[upcoming.reason]}）"
        )


def _minute(at: datetime | None, services: Services) -> str:
    return at.astimezone(services.settings.zone).strftime("%Y-%m-%d %H:%M") if at else "—"
