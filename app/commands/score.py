"""`duban score`: how well derivation agrees with an annotated folder, and where it does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from obligations.draft import Draft
    from obligations.scoring import Annotations, Score

_KINDS = {"missed": "漏", "spurious": "多", "deadline": "期限不符", "responsible": "单位不符"}


def register(cli: typer.Typer) -> None:
    """Add this module's commands to `cli`."""
    cli.command("score")(score)


def score(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder with notices.json and gold.json.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Derive DIR/notices.json, compare with DIR/gold.json, and print the figures and each miss."""
    from app.progress import showing
    from obligations.derivation import derive
    from obligations.scoring import score as compare
    from scheduler.intake import read_notices

    gold = _annotations(folder / "gold.json")
    notices = read_notices(folder / "notices.json")
    found: dict[str, tuple[str, Sequence[Draft]]] = {}
    with showing() as progress:
        for one in notices:
            progress(len(found), len(notices))
            found[one.id] = (one.text, derive(one).drafts)
    result = compare(found, gold)
    typer.echo(_json(result) if as_json else _text(result, len(notices)))


def _annotations(path: Path) -> Annotations:
    from obligations.scoring import BadAnnotations, read_annotations

    try:
        return read_annotations(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, RecursionError) as error:
        if isinstance(error, BadAnnotations):
            raise BadAnnotations(f"{str(path)!r}: {error}") from None
        raise BadAnnotations(
            f"cannot read {str(path)!r}: an annotated folder holds notices.json and gold.json, both JSON in UTF-8"
        ) from None


def _figures(result: Score) -> dict[str, float]:
    return {
        "precision": round(result.precision, 4),
        "recall": round(result.recall, 4),
        "f1": round(result.f1, 4),
        "exact": round(result.exact_share, 4),
        "responsible": round(result.responsible_share, 4),
    }


def _json(result: Score) -> str:
    from obligations.scoring import calibration

    counts = {name: getattr(result, name) for name in ("matched", "spurious", "missed", "false_alarms")}
    misses = [
        {"kind": one.kind, "where": one.where, "words": one.words, "got": one.got, "wanted": one.wanted}
        for one in result.misses
    ]
    curve = [{"from": low, "right": right, "of": count} for low, right, count in calibration(result)]
    return json.dumps(
        _figures(result) | counts | {"calibration": curve, "misses": misses}, ensure_ascii=False, indent=2
    )


def _text(result: Score, notices: int) -> str:
    from obligations.scoring import calibration

    figures = _figures(result)
    lines = [
        f"{notices} 份文件：对上 {result.matched}，漏 {result.missed}，多 {result.spurious}"
        f"（其中无义务文件误报 {result.false_alarms}）",
        f"精确率 {figures['precision']:.3f}  召回率 {figures['recall']:.3f}  F1 {figures['f1']:.3f}"
        f"  期限全对 {figures['exact']:.3f}  责任单位 {figures['responsible']:.3f}",
    ]
    lines += [f"置信 {low:.1f} 起：{count} 项中 {right} 项期限与单位都对" for low, right, count in calibration(result)]
    for one in result.misses:
        compared = "  ".join(
            part for part in (f"得 {one.got}" if one.got else "", f"应 {one.wanted}" if one.wanted else "") if part
        )
        lines.append(f"{_KINDS[one.kind]}  {one.where}  {one.words}  {compared}")
    return "\n".join(lines)
