"""Doubts and the confidence that follows from them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from obligations.draft import Doubt

BEST = 0.98
"""Confidence of a draft without doubts: measured, see `docs`."""


@dataclass(frozen=True, slots=True)
class DoubtKind:
    """A stable doubt code: its Chinese text, whether it keeps an obligation waiting, what it takes off."""

    code: str
    text: str
    blocks: bool
    weight: float


@cache
def doubt_kinds() -> Mapping[str, DoubtKind]:
    """Return every doubt by its code."""
    source = resources.files("obligations.derivation").joinpath("doubts.toml").read_text(encoding="utf-8")
    return {
        code: DoubtKind(code, entry["text"], entry["blocks"], entry["weight"])
        for code, entry in tomllib.loads(source).items()
    }


def confidence(doubts: Iterable[Doubt]) -> float:
    """Return 0..1: how often a draft with these doubts is right in span, deadline and party."""
    kinds = doubt_kinds()
    return round(max(0.05, BEST - sum(kinds[doubt.code].weight for doubt in doubts)), 3)


def blocking(doubts: Iterable[Doubt]) -> bool:
    """Tell whether a person has to look before an obligation with these doubts takes effect."""
    return any(doubt_kinds()[doubt.code].blocks for doubt in doubts)
