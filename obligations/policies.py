"""Reminder policies as data: which steps, on which working days, for whom, within which hours.

`data/policies.json` holds the default; a file of the same form replaces it. Its `hours` and
`spread` say when messages may go out, `policies` holds ladders of steps by name, and the first
of its `rules` that fits an occurrence and a subscription names the ladder: a rule may ask for a `unit`,
a `notice`, an `obligation` and a `subscription` by their ids, for a `freq` of repetition (`daily`,
`weekly` …) and for a `kind` (`duty` or `right`); one that asks for nothing fits everything.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from obligations.deadline import Freq
from obligations.errors import DomainError
from obligations.kind import Kind

AT_ONCE = "now"


class BadPolicy(DomainError):
    """A file of reminder policies does not have the documented form."""


class Role(StrEnum):
    """Who a subscription speaks to: the handler of the duty, the unit's head, or its regulator."""

    HANDLER = "handler"
    HEAD = "head"
    REGULATOR = "regulator"


# Who hears a step when nobody of its audience can be reached. A regulator never stands in for the unit.
STAND_IN = {Role.HANDLER: Role.HEAD, Role.HEAD: Role.HANDLER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One rung of the ladder: so many working days before the safe day, or from the first overdue day on.

    Exactly one of `please_sign`, `before_safe_day` (0 = the safe day itself) and `overdue` (1 = the
    first working day on which it is overdue) is set. `please_sign` asks the unit to sign for a duty
    (签收), from so many working days before the safe day, or from when it is known, until somebody
    has signed or the first step before the safe day speaks. With `every` an overdue step comes
    again after that many working days for ever, and a request to sign while it lasts.
    `expires_after` (working days) is how late the step may still be sent; `None` never drops it.
    """

    please_sign: int | None = None
    before_safe_day: int | None = None
    overdue: int | None = None
    every: int | None = None
    audience: frozenset[Role]
    expires_after: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One ladder of steps, earliest first; `at_once` hears of a duty that cannot wait for a working day."""

    name: str
    at_once: frozenset[Role]
    steps: tuple[Step, ...]

    @property
    def first_before_safe_day(self) -> int:
        """How many working days before the safe day the first reminder of the date itself comes."""
        return max(step.before_safe_day for step in self.steps if step.before_safe_day is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeHours:
    """When messages may go out on a working day: from `opens` to `closes` (exclusive), in the recipient's zone.

    Steps fall on `opens`. So that not everybody is written to in the same second, they are
    spread over `seconds_each` for every recipient, `spread_at_most` in all.
    """

    opens: time
    closes: time
    seconds_each: float
    spread_at_most: timedelta

    def spread(self, recipient: str, recipients: int) -> timedelta:
        """Return how long after `opens` one of `recipients` is written to: the same for the same recipient."""
        window = min(self.spread_at_most, timedelta(seconds=self.seconds_each * recipients))
        return timedelta(milliseconds=round(window / timedelta(milliseconds=1) * _place_of(recipient)))


@lru_cache(maxsize=16_384)
def _place_of(recipient: str) -> float:
    """Return where among all a recipient stands, from 0 to 1: always the same."""
    return int.from_bytes(sha256(recipient.encode()).digest()[:4]) / 2**32


@dataclass(frozen=True, slots=True)
class Rule:
    """Names the policy of the occurrences it fits; a field that is `None` fits every one."""

    policy: Policy
    unit: str | None = None
    notice: str | None = None
    obligation: str | None = None
    subscription: str | None = None
    freq: str | None = None
    kind: str | None = None

    def fits(
        self, *, unit: str, notice: str, obligation: str, subscription: str | None, freq: str | None, kind: str
    ) -> bool:
        """Whether the rule speaks of all these; `freq` is `None` for what does not repeat."""
        return (
            (self.unit is None or self.unit == unit)
            and (self.notice is None or self.notice == notice)
            and (self.obligation is None or self.obligation == obligation)
            and (self.subscription is None or self.subscription == subscription)
            and (self.freq is None or self.freq == freq)
            and (self.kind is None or self.kind == kind)
        )


@dataclass(frozen=True, slots=True)
class Policies:
    """The hours of the service, and its rules in order; the last one fits everything."""

    hours: OfficeHours
    rules: tuple[Rule, ...]

    def of(
        self,
        *,
        unit: str,
        notice: str,
        obligation: str,
        freq: str | None,
        kind: str = Kind.DUTY,
        subscription: str | None = None,
    ) -> Policy:
        """Return the policy of an occurrence for a subscription (`None`: for none in particular)."""
        return next(
            rule.policy
            for rule in self.rules
            if rule.fits(
                unit=unit, notice=notice, obligation=obligation, subscription=subscription, freq=freq, kind=kind
            )
        )


@cache
def default_policies() -> Policies:
    """Return the packaged policies."""
    return parse_policies((files("obligations") / "data" / "policies.json").read_text(encoding="utf-8"))


def parse_policies(text: str) -> Policies:
    """Return the policies that `text`, a JSON document, describes.

    Raises:
        BadPolicy: the document does not have the documented form; the message names the place.
    """
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadPolicy(f"the policies are not JSON: {error}") from None
    whole = _object(data, "the file of policies", {"hours", "spread", "policies", "rules"})
    hours = _hours(whole["hours"], whole["spread"])
    named = {name: _policy(name, value) for name, value in _object(whole["policies"], "policies").items()}
    rules = tuple(_rule(value, named) for value in _list(whole["rules"], "rules"))
    if not rules or rules[-1] != Rule(rules[-1].policy):
        raise BadPolicy('the last rule must name a policy for everything, as {"policy": "county_office"}')
    return Policies(hours, rules)


def _hours(hours: object, spread: object) -> OfficeHours:
    window = _object(hours, "hours", {"from", "until"})
    spreading = _object(spread, "spread", {"seconds_each", "minutes_at_most"})
    opens, closes = _time(window["from"]), _time(window["until"])
    spread_at_most = timedelta(minutes=_number(spreading["minutes_at_most"], 0, 600, "minutes_at_most"))
    if timedelta(hours=closes.hour - opens.hour, minutes=closes.minute - opens.minute) <= spread_at_most:
        raise BadPolicy(f"the hours must be longer than the spread of {spread_at_most}, got {opens} to {closes}")
    seconds_each = _number(spreading["seconds_each"], 0, 600, "seconds_each")
    return OfficeHours(opens=opens, closes=closes, seconds_each=seconds_each, spread_at_most=spread_at_most)


def _policy(name: str, value: object) -> Policy:
    data = _object(value, f"policy {name}", {"at_once", "steps"})
    steps = [_step(item, name) for item in _list(data["steps"], f"steps of {name}")]
    if not any(step.before_safe_day == 0 for step in steps):
        raise BadPolicy(f'policy {name} needs a step on the safe day itself: {{"before_safe_day": 0, …}}')
    return Policy(name=name, at_once=_audience(data["at_once"], name), steps=tuple(sorted(steps, key=_place)))


def _place(step: Step) -> int:
    return step.overdue if step.overdue is not None else -(step.please_sign or step.before_safe_day or 0)


def _step(value: object, name: str) -> Step:
    data = _object(value, f"step of {name}")
    moments = {"please_sign", "before_safe_day", "overdue"}
    unknown = set(data) - moments - {"every", "audience", "expires_after"}
    if unknown or "audience" not in data or len(moments & set(data)) != 1:
        raise BadPolicy(
            f"a step has an audience and one of please_sign, before_safe_day and overdue, got {value!r} in {name}"
        )
    if "every" in data and "before_safe_day" in data:
        raise BadPolicy(f"a step before the safe day comes once, without every, got {value!r} in {name}")
    return Step(
        please_sign=_days(data.get("please_sign"), 1, name),
        before_safe_day=_days(data.get("before_safe_day"), 0, name),
        overdue=_days(data.get("overdue"), 1, name),
        every=_days(data.get("every"), 1, name),
        audience=_audience(data["audience"], name),
        expires_after=_days(data.get("expires_after"), 0, name),
    )


def _rule(value: object, named: dict[str, Policy]) -> Rule:
    data = dict(_object(value, "a rule"))
    policy = data.pop("policy", None)
    if policy not in named:
        raise BadPolicy(f"a rule must name one of the policies {', '.join(named)}, got {policy!r}")
    asked = {"unit", "notice", "obligation", "subscription", "freq", "kind"}
    if set(data) - asked or not all(isinstance(v, str) for v in data.values()):
        raise BadPolicy(
            f"a rule may ask for a unit, a notice, an obligation, a subscription, a freq and a kind, got {value!r}"
        )
    if data.get("kind") not in {None, Kind.DUTY.value, Kind.RIGHT.value}:
        raise BadPolicy(f"the kind of a rule must be duty or right, got {data['kind']!r}")
    if data.get("freq") not in {None, *map(str, Freq)}:
        raise BadPolicy(f"the freq of a rule must be one of {', '.join(Freq)}, got {data['freq']!r}")
    return Rule(named[policy], **data)


def _audience(value: object, name: str) -> frozenset[Role]:
    roles = _list(value, f"audience in {name}")
    known = [str(role) for role in Role]
    if not roles or any(role not in known for role in roles):
        raise BadPolicy(f"an audience in {name} must be a list of {', '.join(known)}, got {value!r}")
    return frozenset(Role(role) for role in roles)


def _object(value: object, what: str, keys: Iterable[str] = ()) -> dict[str, Any]:
    wanted = set(keys)
    if not isinstance(value, dict) or (wanted and set(value) != wanted):
        fields = f" with {', '.join(sorted(wanted))}" if wanted else ""
        raise BadPolicy(f"{what} must be a JSON object{fields}, got {value!r}")
    return value


def _list(value: object, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise BadPolicy(f"{what} must be a list, got {value!r}")
    return value


def _number(value: object, low: float, high: float, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise BadPolicy(f"{what} must be a number from {low} to {high}, got {value!r}")
    return value


def _days(value: object, low: int, name: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= 250:
        raise BadPolicy(f"a number of working days in {name} must be whole, from {low} to 250, got {value!r}")
    return value


def _time(value: object) -> time:
    try:
        return time.fromisoformat(str(value))
    except ValueError:
        raise BadPolicy(f"hours must be written HH:MM, got {value!r}") from None
