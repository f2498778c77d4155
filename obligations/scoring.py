"""How well derived obligations agree with annotated ones.

Scored are duties that bind by a time one can compute with: tier core, modality must or must_not, a fixed, recurring,
relative or window deadline. Drafts and annotations are paired one to one where their time expressions overlap. A draft
on an annotated expression that is not scored (goals, rights, limits) counts neither for nor against, nor does a second
one with the same deadline. An exact deadline has the same form, dates, numbers, clock and stated roll; who is meant is
compared by the characters of the name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from obligations.deadline import to_json
from obligations.draft import Draft
from obligations.errors import DomainError
from obligations.notice import Span

SAME_NAME = 0.6  # F1 of the characters from which two names count as the same party
_SAME_AS_NONE: dict[str, tuple[object, ...]] = {
    "time": ("24:00", "23:59"),
    "to_time": ("24:00", "23:59"),
    "roll": ("unadjusted", "none", ""),
    "direction": ("after",),
    "interval": (1,),
}
# Per form, the fields that must agree; the values below are the same as none.
_FIELDS = {
    "fixed": ("date", "time", "roll"),
    "recurring": ("freq", "interval", "month_of_period", "days", "weekday", "working_day", "time", "roll"),
    "relative": ("offset", "unit", "direction", "time"),
    "window": ("to", "to_time"),
}
_PERIODS_OF_MONTHS = ("quarterly", "half_yearly", "yearly")
_PUNCTUATION = re.compile(r"[\W_]+")


class BadAnnotations(DomainError):
    """An annotated folder or its gold.json does not have the documented form."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """One annotated obligation. `span` is that of its time expression, `None` where it has none of its own."""

    id: str
    notice: str
    span: Span | None
    scored: bool
    deadlines: tuple[Mapping[str, Any], ...]
    parties: tuple[str, ...]
    action: str


@dataclass(frozen=True, slots=True)
class Annotations:
    """What gold.json holds; `distractors` are ids of notices that ask for nothing."""

    obligations: tuple[Annotation, ...]
    distractors: frozenset[str]


@dataclass(frozen=True, slots=True)
class Miss:
    """One disagreement: `kind` is missed, spurious, deadline or responsible; `got` and `wanted` are as compared."""

    kind: str
    where: str
    words: str
    got: str = ""
    wanted: str = ""


@dataclass(slots=True)
class Score:
    """Counts over any number of notices; the ratios are 0 where nothing was counted."""

    matched: int = 0
    spurious: int = 0
    missed: int = 0
    exact: int = 0
    responsible: int = 0
    false_alarms: int = 0
    misses: list[Miss] = field(default_factory=list)
    confident: Counter[tuple[float, bool]] = field(default_factory=Counter)

    @property
    def precision(self) -> float:
        return _ratio(self.matched, self.matched + self.spurious)

    @property
    def recall(self) -> float:
        return _ratio(self.matched, self.matched + self.missed)

    @property
    def f1(self) -> float:
        return _ratio(2 * self.matched, 2 * self.matched + self.spurious + self.missed)

    @property
    def exact_share(self) -> float:
        return _ratio(self.exact, self.matched)

    @property
    def responsible_share(self) -> float:
        return _ratio(self.responsible, self.matched)


def read_annotations(data: object) -> Annotations:
    """Return the annotations in `data`, the decoded gold.json: `{"obligations": […], "distractors": […]}`.

    Raises:
        BadAnnotations: a part is missing or has another form; the message names it.
    """
    if not isinstance(data, dict) or not isinstance(data.get("obligations"), list):
        raise BadAnnotations('annotations must be a JSON object {"obligations": […], "distractors": […]}')
    found = tuple(_annotation(item, number) for number, item in enumerate(data["obligations"], start=1))
    distractors = data.get("distractors", [])
    if not isinstance(distractors, list) or not all(isinstance(one, str) for one in distractors):
        raise BadAnnotations("distractors must be a list of notice ids")
    return Annotations(found, frozenset(distractors))


def _annotation(item: Any, number: int) -> Annotation:
    try:
        deadline = item["deadline"]
        marked = item["deadline_span"]
        timed = bool(deadline) and deadline["kind"] in _FIELDS and marked is not None
        return Annotation(
            id=str(item.get("id", number)),
            notice=item["notice"],
            span=Span(int(marked["start"]), int(marked["end"])) if marked else None,
            scored=timed and item["tier"] == "core" and item["modality"] in ("must", "must_not"),
            deadlines=(deadline, *item.get("deadline_alts", ())) if deadline else (),
            parties=(item["responsible"] or "", *(item.get("responsible_alts") or ())),
            action=item["action"] or "",
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise BadAnnotations(f"annotated obligation {number} lacks or misstates {error}") from None


def score(notices: Mapping[str, tuple[str, Sequence[Draft]]], gold: Annotations) -> Score:
    """Compare what was derived, by notice id (text, drafts), with `gold`, notice by notice."""
    total = Score()
    for notice, (text, drafts) in notices.items():
        annotated = [one for one in gold.obligations if one.notice == notice]
        timed = [draft for draft in drafts if _is_scored(draft)]
        if notice in gold.distractors:
            total.false_alarms += len(timed)
        _score_notice(total, notice, text, timed, annotated)
    return total


def _is_scored(draft: Draft) -> bool:
    data = to_json(draft.deadline)
    if draft.tier != "core" or draft.modality not in ("must", "must_not") or data["kind"] not in _FIELDS:
        return False
    if data["kind"] == "relative":
        return data["offset"] is not None
    if data["kind"] == "recurring":
        return bool(data["freq"] != "unspecified")
    return bool(data.get("date") or data.get("to"))


def _score_notice(
    total: Score, notice: str, text: str, drafts: Sequence[Draft], annotated: Sequence[Annotation]
) -> None:
    wanted = [one for one in annotated if one.scored]
    pairs = _paired(drafts, wanted)
    for index, one in enumerate(wanted):
        if index not in pairs.values():
            total.missed += 1
            total.misses.append(Miss("missed", one.id, _words(text, one.span), wanted=one.action))
    for index, draft in enumerate(drafts):
        found = pairs.get(index)
        if found is not None:
            _compare(total, draft, wanted[found])
        elif not any(_excused(draft, one) for one in annotated):
            total.spurious += 1
            total.confident[_tenth(draft.confidence), False] += 1
            total.misses.append(Miss("spurious", notice, draft.text, got=_shown(to_json(draft.deadline))))


def _excused(draft: Draft, one: Annotation) -> bool:
    """Tell whether a draft without a pair is no error: on an expression that is not scored, or one time told twice."""
    if one.span is None or not _overlap(draft.span, one.span):
        return False
    return not one.scored or any(same_deadline(to_json(draft.deadline), deadline) for deadline in one.deadlines)


def _compare(total: Score, draft: Draft, one: Annotation) -> None:
    got = to_json(draft.deadline)
    exact = any(same_deadline(got, deadline) for deadline in one.deadlines)
    party = any(_alike(draft.responsible, name) >= SAME_NAME for name in one.parties)
    total.matched += 1
    total.exact += exact
    total.responsible += party
    total.confident[_tenth(draft.confidence), exact and party] += 1
    if not exact:
        total.misses.append(Miss("deadline", one.id, draft.text, _shown(got), _shown(one.deadlines[0])))
    if not party:
        total.misses.append(Miss("responsible", one.id, draft.text, draft.responsible, one.parties[0]))


def same_deadline(got: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Tell whether two deadlines in JSON form ask for the same dates, clock and roll."""
    kind = wanted.get("kind")
    if got.get("kind") != kind or kind not in _FIELDS:
        return False
    if kind == "window" and got.get("from") and wanted.get("from") and got["from"] != wanted["from"]:
        return False
    return all(_value(got, name) == _value(wanted, name) for name in _FIELDS[kind])


def _value(deadline: Mapping[str, Any], name: str) -> object:
    """Return a field as compared: a day and a list of one day are the same, as are no roll and none stated."""
    value = deadline.get(name)
    if name == "days":
        return sorted(value or ([deadline["day"]] if deadline.get("day") is not None else []))
    if name == "month_of_period" and deadline.get("freq") not in _PERIODS_OF_MONTHS:
        return None
    if value in _SAME_AS_NONE.get(name, ()):
        return None
    return str(value).zfill(5) if name in ("time", "to_time") and value else value


def _paired(drafts: Sequence[Draft], wanted: Sequence[Annotation]) -> dict[int, int]:
    """Return draft → annotation, as many pairs as possible; among equal choices the better agreement goes first."""
    ranked: dict[int, list[tuple[float, int]]] = {}
    for index, draft in enumerate(drafts):
        near = [at for at, one in enumerate(wanted) if one.span and _overlap(draft.span, one.span)]
        if near:
            ranked[index] = sorted((-_agreement(draft, wanted[at]), at) for at in near)
    choices = {index: [at for _, at in found] for index, found in ranked.items()}
    order = sorted(ranked, key=lambda index: ranked[index][0])
    taken: dict[int, int] = {}  # annotation → draft
    for index in order:
        _place(index, choices, taken, set())
    return {draft: at for at, draft in taken.items()}


def _place(index: int, choices: Mapping[int, Sequence[int]], taken: dict[int, int], tried: set[int]) -> bool:
    """Give draft `index` an annotation, moving others aside where they have another choice (augmenting path)."""
    for at in choices[index]:
        if at in tried:
            continue
        tried.add(at)
        if at not in taken or _place(taken[at], choices, taken, tried):
            taken[at] = index
            return True
    return False


def _agreement(draft: Draft, one: Annotation) -> float:
    assert one.span is not None, "only annotations with a span are paired"
    exact = any(same_deadline(to_json(draft.deadline), deadline) for deadline in one.deadlines)
    party = max(_alike(draft.responsible, name) for name in one.parties)
    union = max(draft.span.end, one.span.end) - min(draft.span.start, one.span.start)
    return 3 * exact + 2 * party + _overlap(draft.span, one.span) / union


def _alike(one: str, other: str) -> float:
    """Return the F1 of the characters of two names, punctuation left out."""
    first, second = (Counter(_PUNCTUATION.sub("", words)) for words in (one, other))
    if not first or not second:
        return float(first == second)
    return 2 * (first & second).total() / (first.total() + second.total())


def _overlap(one: Span, other: Span) -> int:
    return max(0, min(one.end, other.end) - max(one.start, other.start))


def _words(text: str, span: Span | None) -> str:
    return span.of(text) if span else ""


def _shown(deadline: Mapping[str, Any]) -> str:
    return " ".join(f"{key}={value}" for key, value in deadline.items() if value is not None)


def _tenth(confidence: float) -> float:
    return min(int(confidence * 10), 9) / 10


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def calibration(score: Score) -> Iterable[tuple[float, int, int]]:
    """Yield per tenth of confidence: its lower bound, how many drafts were right in time and party, how many in all."""
    for low in sorted({low for low, _ in score.confident}, reverse=True):
        right = score.confident[low, True]
        yield low, right, right + score.confident[low, False]
