"""`duban review`: settle what waits for a person."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app import options
from app.options import AsJson, DataDir, Note
from obligations.errors import BadQuestion

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scheduler.expansion import Expansion
    from store.rows import NoticeRow, ObligationRow

Obligation = Annotated[str, typer.Argument(metavar="OBLIGATION", help="Its id, such as n4-o6.")]


def register(cli: typer.Typer) -> None:
    """Add this module's commands to `cli`."""
    review = typer.Typer(help="Settle what waits for a person.", no_args_is_help=True)
    review.command("list")(list_waiting)
    review.command("show")(show)
    review.command("confirm")(confirm)
    review.command("reject")(reject)
    review.command("correct")(correct)
    cli.add_typer(review, name="review")


def list_waiting(*, data: DataDir = None, as_json: AsJson = False) -> None:
    """List the obligations that wait for a person."""
    from app import wiring
    from app.tables import print_table
    from store import obligations

    services = wiring.build(data=data)
    with services.store.reading() as session:
        rows = obligations.waiting(session)
    if as_json:
        typer.echo(json.dumps([_as_json(row) for row in rows], ensure_ascii=False, indent=2))
        return
    print_table(
        ("编号", "原文", "责任主体", "事项", "疑点", "把握"),
        [
            (
                row.id,
                row.text,
                row.responsible or "未写明",
                row.action[:40],
                "；".join(_doubt(doubt) for doubt in row.doubts),
                f"{row.confidence:.2f}",
            )
            for row in rows
        ],
        whole=("编号", "把握"),
    )
    typer.echo(f"待审 {len(rows)} 条：duban review show|confirm|reject|correct 编号。")


def show(obligation: Obligation, *, data: DataDir = None, as_json: AsJson = False) -> None:
    """Show one obligation with its sentence, its doubts, whom it falls on, and what people decided about it."""
    from app import wiring
    from store import changes, notices, obligations

    services = wiring.build(data=data)
    with services.store.reading() as session:
        row = obligations.get(session, obligation)
        notice = notices.get(session, row.notice_id)
        units = obligations.assigned(session, [row.id]).get(row.id, [])
        history = changes.of_obligation(session, row.id)
        zone = services.settings.zone
    shown = _as_json(row) | {
        "evidence": notice.text[row.evidence_start : row.evidence_end],
        "units": [{"code": unit.code, "name": unit.name, "in_directory": unit.in_directory} for unit in units],
        "history": [
            {"at": one.at.astimezone(zone).isoformat(), "old": one.old, "new": one.new, "note": one.reason}
            for one in history
        ],
    }
    typer.echo(json.dumps(shown, ensure_ascii=False, indent=2) if as_json else _page(row, notice, shown))


def confirm(obligation: Obligation, *, note: Note = "经人工核对", data: DataDir = None) -> None:
    """Confirm that an obligation is right: it becomes active."""
    from scheduler import review

    _settle(review.confirm, obligation, note, data, "已确认")


def reject(obligation: Obligation, *, note: Note, data: DataDir = None) -> None:
    """Reject what is no obligation: it is retired, and its open occurrences are withdrawn."""
    from scheduler import review

    _settle(review.reject, obligation, note, data, "已驳回")


def correct(
    obligation: Obligation,
    *,
    values: Annotated[
        list[str],
        typer.Option("--set", metavar="FIELD=VALUE", help="A field and what it should be; may be given several times."),
    ],
    note: Note,
    data: DataDir = None,
) -> None:
    """Correct fields of an obligation; a correction survives later ingests and better grammars."""
    from functools import partial

    from scheduler import review

    pairs = {}
    for text in values:
        name, separator, value = text.partition("=")
        if not separator:
            raise BadQuestion(f"--set must be FIELD=VALUE such as responsible=东川区, got {text!r}")
        pairs[name.strip()] = value
    _settle(partial(review.correct, values=pairs), obligation, note, data, "已更正")


def _settle(decide: Callable[..., Expansion], obligation: str, note: str, data: Path | None, word: str) -> None:
    from app import wiring

    reason = options.said(note)
    services = wiring.build(data=data)
    with services.store.writing() as session:
        done = decide(session, obligation, note=reason, desk=services.desk(session))
    typer.echo(f"{obligation}：{word}（{reason}）。新增事项 {done.created} 项，撤销 {done.retired} 项。")
    for move in done.moves():
        typer.echo(f"  {move.occurrence_id}：安全日 {move.was['safe_on']} → {move.now['safe_on']}")


def _as_json(row: ObligationRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "notice": row.notice_id,
        "state": row.state,
        "kind": row.kind,
        "text": row.text,
        "responsible": row.responsible,
        "action": row.action,
        "deliverable": row.deliverable,
        "recipient": row.recipient,
        "deadline": row.deadline,
        "tier": row.tier,
        "modality": row.modality,
        "pattern": row.pattern,
        "doubts": row.doubts,
        "party_notes": row.party_notes,
        "missing": row.missing,
        "confidence": row.confidence,
        "corrected": row.corrected,
    }


def _doubt(doubt: dict[str, str]) -> str:
    from obligations.derivation.confidence import doubt_kinds

    kind = doubt_kinds().get(doubt["code"])
    return (kind.text if kind else doubt["code"]) + (f"（{doubt['about']}）" if doubt.get("about") else "")


def _page(row: ObligationRow, notice: NoticeRow, shown: dict[str, Any]) -> str:
    """Return the obligation as lines, with its time marked in its sentence."""
    from obligations.dates.missing import Missing
    from obligations.units.resolution import MEANINGS

    before = notice.text[row.evidence_start : row.start]
    after = notice.text[row.end : row.evidence_end]
    lines = [
        f"{row.id}  {notice.title or notice.id}",
        f"  {before}【{row.text}】{after}",
        f"  事项    {row.action}" + (f" → {row.recipient}" if row.recipient else ""),
        f"  责任    {row.responsible or '未写明'}：" + "、".join(unit["name"] for unit in shown["units"]),
        *(f"          {MEANINGS[one['code']]}（{one['about']}）" for one in row.party_notes),
        f"  期限    {json.dumps(row.deadline, ensure_ascii=False)}",
        f"  句式    {row.pattern}    把握 {row.confidence:.2f}    状态 {row.state}    类别 {row.kind}",
        *(f"  疑点    {_doubt(doubt)}" for doubt in row.doubts),
        *(f"  待定    {Missing(part).text()}" for part in row.missing),
        *(f"  {one['at']}  {one['note']}  {json.dumps(one['new'], ensure_ascii=False)}" for one in shown["history"]),
    ]
    return "\n".join(lines)
