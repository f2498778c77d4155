"""Whether an obligation may become active by itself, or waits for a person; the rules are data."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class ActivationRules:
    """`least_confidence` lies in 0..1; `blocking` are codes of doubts."""

    least_confidence: float
    blocking: frozenset[str]

    def holds_back(self, doubts: Iterable[str], confidence: float) -> bool:
        """Whether a person must look first, given the codes of its doubts and its confidence."""
        return confidence < self.least_confidence or not self.blocking.isdisjoint(doubts)


@cache
def activation_rules() -> ActivationRules:
    """Return the packaged rules, `data/activation.toml`."""
    text = resources.files("obligations").joinpath("data/activation.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    return ActivationRules(float(data["least_confidence"]), frozenset(data["blocking"]))
