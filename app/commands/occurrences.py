"""`duban list`, `sign`, `close`, `waive`, `reopen`, `fix-reading`: the occurrences and what a person does with them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app import options
from app.options import AsJson, DataDir, Note

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from app.wiring import Services
    from obligations.workdays.workcalendar import WorkCalendar
    from store.occurrences import Listed
    from store.rows import ObligationRow

Occurrence = Annotated[str, typer.Argument(metavar="OCCURRENCE", help="Its id; `duban list` prints them.")]


def register(cli: typer.Typer) -> None:
    """Add this module's commands to `cli`."""
    cli.command("list")(list_occurrences)
    cli.command("sign")(sign)
    cli.command("close")(close)
    cli.command("waive")(waive)
    cli.command("reopen")(reopen)
    cli.command("fix-reading")(fix_reading)


def list_occurrences(
    *,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what is past its latest reading.")] = False,
    unit: Annotated[str | None, typer.Option(metavar="UNIT", help="Only one unit, by its code.")] = None,
    as_of: Annotated[str | None, typer.Option(metavar="DAY", help="Judge by this day, not by today.")] = None,
    undated: Annotated[
        bool, typer.Option("--undated", help="Instead: duties without a date, and what is missing.")
    ] = False,
    all_: Annotated[
        bool, typer.Option("--all", help="Also show what is historic or done; JSON has it always.")
    ] = False,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List occurrences by safe day, earliest first."""
    from app import wiring
    from obligations.status import PENDING, Status, status_of
    from store import obligations, occurrences, units
    from store.workdays import calendar_in_force

    day = options.day("--as-of", as_of)
    services = wiring.build(data=data)
    day = day or services.clock.today()
    with services.store.reading() as session:
        if unit is not None:
            units.get(session, unit)
        waiting = obligations.undated(session, unit_code=unit)
        rows = [] if undated else occurrences.listing(session, unit_code=unit)
        calendar = calendar_in_force(session)
    if overdue:
        rows = [row for row in rows if status_of(row.facts, day) is Status.OVERDUE]
    zone = services.settings.zone
    if as_json:
        shown = [_undated_json(one) for one in waiting] if undated else [_as_json(row, day, zone) for row in rows]
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    if not undated:
        pending = [row for row in rows if all_ or status_of(row.facts, day) in PENDING]
        _show(pending, day, calendar)
        if len(pending) < len(rows):
            typer.echo(f"另有历史或已办结 {len(rows) - len(pending)} 项，--all 列出。")
    if undated:
        _show_undated(waiting)
    elif waiting and not overdue:
        typer.echo(f"另有待定 {len(waiting)} 项（日期尚不能确定），--undated 列出。")


def sign(
    occurrence: Occurrence,
    *,
    by: Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who signs; else the unit itself.")] = None,
    data: DataDir = None,
) -> None:
    """Sign for an occurrence (签收): the unit knows of it. Reminders of its date go on."""
    from app import wiring
    from obligations.errors import BadQuestion
    from store import occurrences

    if by is not None and not 1 <= len(by.strip()) <= 60:
        raise BadQuestion(f"--by must be a name of 1 to 60 characters, got {by!r}")
    services = wiring.build(data=data)
    with services.store.writing() as session:
        row = occurrences.sign(session, occurrence, by=by and by.strip(), now=services.clock.now())
    typer.echo(f"{row.id}：已由{row.signed_by}签收；期限提醒照常，直到销号")


def close(occurrence: Occurrence, *, note: Note, data: DataDir = None) -> None:
    """Close an occurrence: it is done (销号). Nothing more is reminded of."""
    _move("close", occurrence, note, data)


def waive(occurrence: Occurrence, *, note: Note, data: DataDir = None) -> None:
    """Waive an occurrence: it need not be done (豁免)."""
    _move("waive", occurrence, note, data)


def reopen(occurrence: Occurrence, *, note: Note, data: DataDir = None) -> None:
    """Reopen an occurrence that was closed or waived."""
    _move("reopen", occurrence, note, data)


def fix_reading(
    occurrence: Occurrence,
    reading: Annotated[str, typer.Argument(metavar="READING", help="Its convention (cn.civil) or its date.")],
    *,
    note: Note,
    data: DataDir = None,
) -> None:
    """Make one lawful reading of a date binding; the others stay in the history."""
    from app import wiring
    from scheduler.review import fix_reading

    reason = options.said(note)
    services = wiring.build(data=data)
    with services.store.writing() as session:
        row = fix_reading(session, occurrence, reading, note=reason, desk=services.desk(session))
    typer.echo(f"{row.id}：以 {row.fixed_reading} 为准，到期日 {row.due_on}，安全日 {row.safe_on or '请立即办理'}")


def _move(how: str, occurrence: str, note: str, data: Path | None) -> None:
    from app import wiring
    from store import occurrences

    reason = options.said(note)
    services: Services = wiring.build(data=data)
    with services.store.writing() as session:
        row = occurrences.move(
            session,
            occurrence,
            occurrences.Move(how),
            note=reason,
            now=services.clock.now(),
            today=services.clock.today(),
        )
    words = {"closed": "已销号", "waived": "已豁免", "open": "已重开"}
    typer.echo(f"{row.id}：{words[row.state]}（{reason}）")


def _as_json(row: Listed, day: date, zone: ZoneInfo) -> dict[str, Any]:
    from obligations.status import days_overdue, status_of

    one = row.occurrence
    return {
        "id": one.id,
        "unit": one.unit_code,
        "obligation": one.obligation_id,
        "written_on": one.written_on.isoformat(),
        "due_on": one.due_on.isoformat(),
        "safe_on": one.safe_on.isoformat() if one.safe_on else None,
        "status": status_of(row.facts, day),
        "days_overdue": days_overdue(row.facts, day),
        "notice": row.obligation.notice_id,
        "provisional": one.provisional,
        "signed_at": one.signed_at.astimezone(zone).isoformat(timespec="seconds") if one.signed_at else None,
        "signed_by": one.signed_by,
    }


def _undated_json(one: ObligationRow) -> dict[str, Any]:
    return {"obligation": one.id, "notice": one.notice_id, "action": one.action, "missing": one.missing}


def _show(rows: list[Listed], day: date, calendar: WorkCalendar) -> None:
    from app.tables import print_table
    from obligations.status import days_overdue, light_of

    shown = []
    for row in rows:
        one = row.occurrence
        left = calendar.working_days_between(day, one.safe_on) if one.safe_on else 0
        late = days_overdue(row.facts, day)
        shown.append(
            (
                light_of(row.facts, day, left).text(),
                one.safe_on.isoformat() if one.safe_on else "请立即办理",
                one.written_on.isoformat() + ("（暂定）" if one.provisional else ""),
                row.unit.name,
                row.obligation.action[:26],
                f"逾期 {late} 天" if late else "",
                one.signed_by or "",
                one.id,
            )
        )
    print_table(
        ("状态", "安全日", "原文日期", "责任单位", "事项", "逾期", "签收", "编号"),
        shown,
        whole=("状态", "安全日", "原文日期", "编号"),
    )
    typer.echo(f"{day}：{len(rows)} 项。")


def _show_undated(rows: list[ObligationRow]) -> None:
    from app.tables import print_table
    from obligations.dates.missing import Missing

    print_table(
        ("编号", "责任主体", "事项", "原文", "缺少什么"),
        [
            (
                one.id,
                one.responsible or "未写明",
                one.action[:26],
                one.text,
                "；".join(Missing(part).text(about=one.deadline.get("event", "")) for part in one.missing),
            )
            for one in rows
        ],
        whole=("编号",),
    )
    typer.echo(f"待定 {len(rows)} 项。")
