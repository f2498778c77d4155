"""Phrases that pages and feeds share."""

from __future__ import annotations

from collections.abc import Mapping

from notifiers.wording import WORDINGS
from store.rows import ChangeRow
from web.texts import LANGUAGES, TEXTS, language, translate


def ways_to_send(channel: Mapping[str, object], lang: str) -> list[tuple[str, str]]:
    """Return how a notice wants something sent, as pairs of a word and what the notice says, in a fixed order."""
    known = [key.removeprefix("how.") for key in TEXTS if key.startswith("how.")]
    return [(TEXTS[f"how.{key}"][LANGUAGES.index(lang)], str(channel[key])) for key in known if channel.get(key)]


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
