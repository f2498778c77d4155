"""Whether an obligation may become active by itself, or waits for a person; the rules are data."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import cache
from importlib import resources

from obligations.derivation.confidence import doubt_kinds


def waits(doubts: Iterable[str], confidence: float, least: float | None = None) -> bool:
    """Whether a person must look first, given the codes of its doubts and its confidence (0..1).

    A doubt that this release no longer knows does not hold anything back. `least` takes the
    place of the packaged threshold.
    """
    kinds = doubt_kinds()
    blocked = any(kinds[code].blocks for code in doubts if code in kinds)
    return blocked or confidence < (least_confidence() if least is None else least)


@cache
def least_confidence() -> float:
    """Return the confidence from which on an obligation may become active by itself."""
    text = resources.files("obligations").joinpath("data/activation.toml").read_text(encoding="utf-8")
    return float(tomllib.loads(text)["least_confidence"])
