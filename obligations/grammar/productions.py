"""The productions: named phrasings, read from `patterns.toml` and matched over runs of tokens."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from obligations.grammar.forms import compile_form
from obligations.grammar.readers import READERS, Reader
from obligations.grammar.reading import TimeExpression
from obligations.grammar.scanner import token_runs

_RUNS_KEPT = 4096
"""Notices write their times in few ways: what is read at a place of so many runs of codes is remembered."""


@dataclass(frozen=True, slots=True)
class Production:
    """A named phrasing: the codes it opens with, its shape over codes, its reader, its worked example."""

    name: str
    opens: frozenset[str]
    shape: re.Pattern[str]
    read: Reader
    example: str
    gives: Mapping[str, Any]


@cache
def productions() -> tuple[Production, ...]:
    """Return every production in the order of the data file."""
    source = resources.files("obligations.grammar").joinpath("patterns.toml").read_text(encoding="utf-8")
    table = tomllib.loads(source)
    pieces = table.pop("pieces")
    return tuple(_production(name, entry, pieces) for name, entry in table.items())


def _production(name: str, entry: Mapping[str, Any], pieces: Mapping[str, str]) -> Production:
    shape = compile_form(entry["form"], pieces)
    if shape.empty:
        raise ValueError(f"the form of {name} must hold at least one word that is not optional")
    reader = READERS[entry["reads"]]
    return Production(name, shape.opens, re.compile(shape.expression), reader, entry["example"], entry["gives"])


def find_times(text: str) -> Iterator[TimeExpression]:
    """Yield the time expressions of `text` (normalised), left to right, none overlapping.

    At one place the longest production wins, then the earlier in the data file.
    """
    for run in token_runs(text):
        codes = "".join(token.code for token in run)
        at = 0
        while at < len(run):
            found = _longest(codes, at)
            if found is None:
                at += 1
                continue
            production, end = found
            yield from production.read(production.name, text, run[at:end])
            at = end


@lru_cache(maxsize=_RUNS_KEPT)
def _longest(codes: str, at: int) -> tuple[Production, int] | None:
    best: tuple[Production, int] | None = None
    for production in _by_opening().get(codes[at], ()):
        found = production.shape.match(codes, at)
        if found and found.end() > (best[1] if best else at):
            best = production, found.end()
    return best


@cache
def _by_opening() -> Mapping[str, Sequence[Production]]:
    """Sort the productions by the tokens they can open with, so that few are tried at each place."""
    table: dict[str, list[Production]] = defaultdict(list)
    for production in productions():
        for code in production.opens:
            table[code].append(production)
    return table
