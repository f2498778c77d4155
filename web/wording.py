"""Phrases that pages and feeds share."""

from __future__ import annotations

from collections.abc import Mapping

from web.texts import LANGUAGES, TEXTS


def ways_to_send(channel: Mapping[str, object], lang: str) -> list[tuple[str, str]]:
    """Return how a notice wants something sent, as pairs of a word and what the notice says, in a fixed order."""
    known = [key.removeprefix("how.") for key in TEXTS if key.startswith("how.")]
    return [(TEXTS[f"how.{key}"][LANGUAGES.index(lang)], str(channel[key])) for key in known if channel.get(key)]
