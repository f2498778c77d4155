"""Phrases that pages and feeds share."""

from __future__ import annotations

from notifiers.wording import WORDINGS
from store.rows import ChangeRow
from web.texts import language, translate


def step_name(step: str) -> str:
    """Return the step of a reminder in words."""
    return WORDINGS["en" if language() == "en" else "zh"].step(step)


def period_name(period: str) -> str:
    """Return the last part of an occurrence's id as a person reads it: `2026Q4`, once, or the event that set it off."""
    if period.startswith("ev"):
        return translate("period.event", n=period.removeprefix("ev"))
    return translate(f"period.{period}") or period


def differences(change: ChangeRow) -> list[tuple[str, str, str]]:
    """Return what a change changed: the word for each field, what it was, what it is."""
    fields = sorted({*change.old, *change.new})
    return [
        (translate(f"field.{name}") or name, _shown(change.old.get(name)), _shown(change.new.get(name)))
        for name in fields
        if change.old.get(name) != change.new.get(name)
    ]


def _shown(value: object) -> str:
    if value is None or value == "":
        return "—"
    return translate(f"state.{value}") or str(value)
