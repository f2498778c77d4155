"""Which convention counts for which duty: the choice of a unit or a regulator, as data.

A notice's own words win; a rule here comes next; where none fits, `cn.plain` leaves the
written date and lists the other readings.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from obligations.dates.conventions import parse_convention
from obligations.deadline import Freq
from obligations.errors import BadConvention

CONDITIONS: Final = ("unit", "regulator", "notice", "obligation", "freq")
FORM: Final = '{"rules": [{"convention": "cn.report_safe", "regulator": "市工信局", "note": "谁、何时、为何这样定"}]}'


@dataclass(frozen=True, slots=True, kw_only=True)
class ConventionRule:
    """Names the convention of the duties it fits; a condition that is `None` fits every duty.

    `unit`, `notice` and `obligation` are ids; `regulator` is part of the name of who receives the
    filing (else of the issuer), as the notice writes it; `freq` is how often it repeats. `note` says who decided so and
    why: it stands in the trace of every date that follows from the rule.
    """

    convention: str
    note: str
    unit: str | None = None
    regulator: str | None = None
    notice: str | None = None
    obligation: str | None = None
    freq: str | None = None

    def fits(self, duty: Mapping[str, str | None]) -> bool:
        """Whether the rule speaks of this duty."""
        if self.regulator is not None and self.regulator not in (duty["regulator"] or ""):
            return False
        same = (name for name in CONDITIONS if name != "regulator")
        return all(getattr(self, name) in (None, duty[name]) for name in same)


@dataclass(frozen=True, slots=True)
class ConventionRules:
    """The rules in order; the first that fits decides."""

    rules: tuple[ConventionRule, ...] = ()

    def of(self, **duty: str | None) -> ConventionRule | None:
        """Return the rule for a duty, given by all of `CONDITIONS`; `None`: nobody chose."""
        return next((rule for rule in self.rules if rule.fits(duty)), None)


def rules_from_json(data: Any) -> ConventionRules:
    """Return the rules that `data` holds, in the form of `FORM`.

    Raises:
        BadConvention: an unknown convention, field or frequency, or a rule without a note.
    """
    if not isinstance(data, Mapping) or set(data) != {"rules"} or not isinstance(data["rules"], list):
        raise BadConvention(f"the choice of conventions must look like {FORM}, got {_short(data)}")
    return ConventionRules(tuple(_rule(value) for value in data["rules"]))


def parse_rules(text: str) -> dict[str, Any]:
    """Return the JSON document `text` once it has been checked; errors as in `rules_from_json`."""
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadConvention(f"the choice of conventions is not JSON ({error}); it must look like {FORM}") from None
    rules_from_json(data)
    checked: dict[str, Any] = data
    return checked


def _rule(value: Any) -> ConventionRule:
    if not isinstance(value, Mapping) or not all(isinstance(part, str) and part.strip() for part in value.values()):
        raise BadConvention(f"a rule must be an object of words as in {FORM}, got {_short(value)}")
    unknown = sorted(set(value) - {"convention", "note", *CONDITIONS})
    if unknown:
        raise BadConvention(f"a rule may ask for {', '.join(CONDITIONS)}, got {unknown[0]!r}")
    if "convention" not in value or "note" not in value:
        raise BadConvention(f"a rule needs a convention and a note that says who decided so, got {_short(value)}")
    if value.get("freq") not in {None, *map(str, Freq)}:
        raise BadConvention(f"the freq of a rule must be one of {', '.join(Freq)}, got {value['freq']!r}")
    return ConventionRule(**{**value, "convention": parse_convention(value["convention"]).name})


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:80]}…"
