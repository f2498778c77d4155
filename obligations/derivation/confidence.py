"""Doubts: what makes a person look, and the confidence that is left."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from obligations.deadline import RecurringDeadline, WindowDeadline
from obligations.derivation.finding import Finding
from obligations.draft import Doubt
from obligations.grammar.reading import Boundary, Point
from obligations.roles import predicate
from obligations.roles.party import Party, Source

BEST = 0.98
"""Confidence of a draft without doubts."""
LEAST = 0.05

_OF_PARTY = {
    Source.SENTENCE: "party_inferred",
    Source.PARAGRAPH: "party_from_paragraph",
    Source.NEARBY: "party_from_other_item",
    Source.HEADING: "party_from_heading",
    Source.ADDRESSEE: "party_from_addressees",
    Source.ONE_OF_ADDRESSEES: "party_among_addressees",
    Source.CLASS: "party_not_written",
    Source.NONE: "party_unknown",
}
_DAY_FIELDS = ("day", "days", "weekday", "working_day", "time", "time_text")


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
    return round(max(LEAST, BEST - sum(kinds[doubt.code].weight for doubt in doubts)), 3)


def doubts_of_reading(finding: Finding) -> Iterator[Doubt]:
    """Yield what is doubtful about the time itself: its form, its missing day, the act it limits."""
    expression, deadline = finding.expression, finding.deadline
    yield from (Doubt(code) for code in finding.doubts)
    if isinstance(deadline, WindowDeadline) and "window" not in finding.doubts:
        yield Doubt("window")
    if isinstance(expression.reading, Point) and expression.boundary is Boundary.NONE:
        yield Doubt("bare_date")
    elif isinstance(expression.reading, Point) or expression.boundary is Boundary.BEFORE:
        yield Doubt("inclusive_boundary_assumed", finding.span.of(finding.passage.plain))
    if isinstance(deadline, RecurringDeadline) and not any(getattr(deadline, name) for name in _DAY_FIELDS):
        yield Doubt("no_day_in_period")
    if not predicate.works(finding.passage.after[:60]) and not predicate.works(finding.passage.before[-30:]):
        yield Doubt("act_far_away")


def doubts_of_party(party: Party) -> Iterator[Doubt]:
    """Yield what is doubtful about who is meant."""
    if party.source in _OF_PARTY:
        yield Doubt(_OF_PARTY[party.source], party.words)
