"""`duban proof`: the record of one occurrence: who was reminded, when, how it ended, and who signed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.deliveries import recipient_of
from app.options import AsJson, DataDir

if TYPE_CHECKING:
    from datetime import datetime

    from app.wiring import Services
    from store.board import Case, Message

_OUTCOMES = {"started": "发送中断，结果未知", "delivered": "送达", "failed": "失败"}


def register(cli: typer.Typer) -> None:
    """Add this module's commands to `cli`."""
    cli.command("proof")(proof)


def proof(
    occurrence: Annotated[str, typer.Argument(metavar="OCCURRENCE", help="Its id; `duban list` prints them.")],
    *,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Print the record of one occurrence: reminders, attempts, results, receipts and the signature."""
    from app import wiring
    from store import board

    services = wiring.build(data=data)
    with services.store.reading() as session:
        case = board.find_case(session, occurrence)
        messages = board.list_messages(session, occurrence)
    document = _document(case, messages, services)
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2) if as_json else _text(document))


def _document(case: Case, messages: list[Message], services: Services) -> dict[str, Any]:
    row = case.occurrence
    return {
        "occurrence": row.id,
        "unit": case.unit.code,
        "unit_name": case.unit.name,
        "action": case.obligation.action,
        "notice": case.notice.id,
        "notice_title": case.notice.title,
        "doc_number": case.notice.doc_number,
        "written_on": row.written_on.isoformat(),
        "due_on": row.due_on.isoformat(),
        "safe_on": row.safe_on.isoformat() if row.safe_on else None,
        "state": row.state,
        "finished_on": row.finished_on.isoformat() if row.finished_on else None,
        "known_at": _instant(row.known_at, services),
        "signed_at": _instant(row.signed_at, services),
        "signed_by": row.signed_by,
        "made_at": _instant(services.clock.now(), services),
        "reminders": [_reminder(message, services) for message in messages],
    }


def _reminder(message: Message, services: Services) -> dict[str, Any]:
    return {
        "step": message.reminder.step,
        "reason": message.reminder.reason,
        "state": message.reminder.state,
        "role": message.reminder.role,
        "channel": message.recipient.kind,
        "recipient": recipient_of(message.recipient.kind, message.recipient.address, services),
        "planned_at": _instant(message.reminder.planned_at, services),
        "delivery": message.delivery.id if message.delivery else None,
        "attempts": [
            {
                "started_at": _instant(attempt.started_at, services),
                "finished_at": _instant(attempt.finished_at, services),
                "outcome": attempt.outcome,
                "reason": attempt.reason,
                "detail": attempt.detail,
                "receipt": attempt.receipt,
            }
            for attempt in message.attempts
        ],
    }


def _instant(at: datetime | None, services: Services) -> str | None:
    return at.astimezone(services.settings.zone).isoformat(timespec="seconds") if at else None


def _text(document: dict[str, Any]) -> str:
    from notifiers.wording import WORDINGS, flat

    words = {"planned": "待发", "sent": "已发", "failed": "未送达", "cancelled": "已取消", "collapsed": "并入后一步"}
    source = " ".join(filter(None, [f"《{document['notice_title'] or '无标题'}》", document["doc_number"]]))
    signed = f"{document['signed_by']}，{document['signed_at']}" if document["signed_at"] else "尚未签收"
    lines = [
        f"提醒送达记录  {document['occurrence']}",
        f"责任单位：{document['unit_name']}",
        f"事项：{flat(document['action'])}",
        f"依据：{flat(source)}",
        f"原文日期：{document['written_on']}  到期日：{document['due_on']}",
        f"安全日：{document['safe_on'] or '立即办理'}",
        f"立项：{document['known_at']}",
        f"签收：{signed}",
        "",
    ]
    for one in document["reminders"]:
        what = WORDINGS["zh"].step(one["step"])
        lines.append(f"{one['planned_at']}  {what}  {one['channel']}  {one['recipient']}  {words[one['state']]}")
        for attempt in one["attempts"]:
            told = [_OUTCOMES[attempt["outcome"]], attempt["reason"], attempt["detail"]]
            told += [f"回执 {attempt['receipt']}"] if attempt["receipt"] else []
            lines.append(f"    {attempt['finished_at'] or attempt['started_at']}  {' '.join(filter(None, told))}")
    lines += [] if document["reminders"] else ["还没有提醒记录。"]
    return "\n".join([*lines, "", f"制表时间：{document['made_at']}"])
