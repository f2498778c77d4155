"""What moved, as commands show it before anything is kept: earlier dates first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scheduler.expansion import Moved

_WORDS = {
    "zh": (
        ("提前", "顺延"),
        {
            "safe_on": "安全日",
            "due_on": "到期日",
            "written_on": "原文日期",
            "due_at": "截止时刻",
            "overdue_from": "逾期起算",
        },
        "请立即办理",
    ),
    "en": (
        ("earlier", "later"),
        {
            "safe_on": "safe",
            "due_on": "due",
            "written_on": "written",
            "due_at": "ends at",
            "overdue_from": "overdue from",
        },
        "act now",
    ),
}


def moves_json(moves: Sequence[Moved]) -> list[dict[str, Any]]:
    """Return each move with its dates before and after (`YYYY-MM-DD`, the instant in UTC, or null)."""

    def dates(of: Mapping[str, date | None]) -> dict[str, str | None]:
        return {name: day.isoformat() if day else None for name, day in of.items()}

    return [
        {"id": move.occurrence_id, "earlier": move.earlier, "was": dates(move.was), "now": dates(move.now)}
        for move in moves
    ]


def moves_text(moves: Sequence[Moved], lang: str) -> str:
    """Return a line for each move, and their number, in `lang` (`zh` or `en`)."""
    lines = [_line(move, lang) for move in moves]
    total = f"变动的事项 {len(moves)} 项。" if lang == "zh" else f"Occurrences that move: {len(moves)}."
    return "\n".join([*lines, total])


def _line(move: Moved, lang: str) -> str:
    """Name the safe day where it moved, else the due day, else the first of the others that did."""
    words, days, none = _WORDS[lang]
    name = next((name for name in days if move.was[name] != move.now[name]), "safe_on")
    was, now = (of[name] or none for of in (move.was, move.now))
    return f"{words[not move.earlier]}  {days[name]} {was} → {now}  {move.occurrence_id}"
