"""Deadlines as values: what the words of a notice say about time, before any date is computed.

The JSON forms are the contract of `duban derive --json` and `duban due --deadline`;
`parse_deadline` and `to_json` are each other's inverse.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any, ClassVar

from obligations.errors import BadDeadline


class Freq(StrEnum):
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "half_yearly"
    YEARLY = "yearly"
    UNSPECIFIED = "unspecified"


class Unit(StrEnum):
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WORKING_DAY = "working_day"
    MONTH = "month"
    YEAR = "year"


class Direction(StrEnum):
    """Where the due point lies from the event; only AFTER and BEFORE carry a number."""

    AFTER = "after"
    BEFORE = "before"
    AT = "at"
    DURING = "during"
    UNTIL = "until"


class Roll(StrEnum):
    """What happens to a date that is not a working day."""

    UNADJUSTED = "unadjusted"
    FOLLOWING = "following"
    PRECEDING = "preceding"
    MODIFIED_FOLLOWING = "modified_following"
    MODIFIED_PRECEDING = "modified_preceding"
    FOLLOWING_HOLIDAY_ONLY = "following_holiday_only"


class MonthEnd(StrEnum):
    """Where a sum of months lands when the target month is too short, or starts at a month's end (EOM)."""

    DOWN = "down"
    UP = "up"
    EOM = "eom"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Adjusted:
    """What a notice may add to any computable deadline; `None` where it says nothing."""

    roll: Roll | None = None
    count_start: bool | None = None
    month_end: MonthEnd | None = None
    marker: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedDeadline(_Adjusted):
    """A named day. `date` is `YYYY-MM-DD`, or `--MM-DD` where no year can be derived.

    `time` is `HH:MM` up to `24:00`; `time_text` keeps words that name no clock (下班前).
    """

    kind: ClassVar[str] = "fixed"
    date: str
    time: str | None = None
    time_text: str | None = None
    precision: str | None = None
    year_inherited_from: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurringDeadline(_Adjusted):
    """A repeated day. The month is counted inside the period in which the date falls (yearly: month number).

    Exactly one of `day` (−1 = month end), `days`, `weekday` (1 = Monday) and `working_day`
    (−1 = last) says which day; daily rules have none. `from_`/`until` bound it, both inclusive.
    """

    kind: ClassVar[str] = "recurring"
    freq: Freq
    interval: int | None = None
    month_of_period: int | None = None
    day: int | None = None
    days: tuple[int, ...] | None = None
    weekday: int | None = None
    working_day: int | None = None
    time: str | None = None
    time_text: str | None = None
    from_time: str | None = None
    to_time: str | None = None
    reports_on: str | None = None
    first_due: str | None = None
    from_: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RelativeDeadline(_Adjusted):
    """A distance from an event. `offset` is `None` where the notice gives an event and no number."""

    kind: ClassVar[str] = "relative"
    event: str
    offset: int | None = None
    unit: Unit | None = None
    direction: Direction = Direction.AFTER
    time: str | None = None
    time_text: str | None = None
    urgency: str | None = None
    span: str | None = None
    via: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowDeadline(_Adjusted):
    """A span of days, both ends included; the duty ends on `to`. Ends are `YYYY-MM-DD` or `--MM-DD`."""

    kind: ClassVar[str] = "window"
    from_: str | None = None
    to: str | None = None
    alternative_from: str | None = None
    from_time: str | None = None
    to_time: str | None = None
    time_text: str | None = None
    precision: str | None = None
    event: str | None = None
    period: str | None = None
    year_inherited_from: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Undated:
    """A time that yields no date: `why` is vague, unspecified, set_elsewhere, duration or validity.

    `upper_bound` and `not_before` are inferred from a neighbouring step: a date, an instant
    without offset, or (`upper_bound`) the deadline of that step.
    """

    WHYS: ClassVar[tuple[str, ...]] = ("vague", "unspecified", "set_elsewhere", "duration", "validity")
    why: str
    word: str | None = None
    event: str | None = None
    where: str | None = None
    set_by: str | None = None
    state: str | None = None
    value: int | None = None
    unit: Unit | None = None
    op: str | None = None
    starts: str | None = None
    direction: Direction | None = None
    anchor: str | None = None
    in_title: bool | None = None
    from_: str | None = None
    to: str | None = None
    from_event: str | None = None
    from_resolved_by: str | None = None
    upper_bound: Deadline | str | None = None
    not_before: str | None = None

    @property
    def kind(self) -> str:
        return self.why


Deadline = FixedDeadline | RecurringDeadline | RelativeDeadline | WindowDeadline | Undated

_KINDS: dict[str, type[FixedDeadline | RecurringDeadline | RelativeDeadline | WindowDeadline]] = {
    c.kind: c for c in (FixedDeadline, RecurringDeadline, RelativeDeadline, WindowDeadline)
}
_ENUMS: dict[str, type[StrEnum]] = {
    "freq": Freq,
    "unit": Unit,
    "direction": Direction,
    "roll": Roll,
    "month_end": MonthEnd,
}
_INTS: dict[str, tuple[int, int]] = {
    "offset": (0, 100_000),
    "interval": (1, 100),
    "month_of_period": (1, 12),
    "day": (-1, 31),
    "weekday": (1, 7),
    "working_day": (-31, 31),
    "value": (0, 100_000),
}
_MONTHS_IN: dict[Freq, int] = {Freq.MONTHLY: 1, Freq.QUARTERLY: 3, Freq.HALF_YEARLY: 6, Freq.YEARLY: 12}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH_DAY = re.compile(r"--([0-9]{2})-([0-9]{2})")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00")
_DATE_FIELDS = frozenset({"date", "to", "from_", "alternative_from", "until", "first_due"})
_FLAGS = frozenset({"count_start", "in_title"})
_TIME_FIELDS = frozenset({"time", "from_time", "to_time"})


def parse_deadline(data: object) -> Deadline:
    """Return the deadline that `data`, a decoded JSON object, describes.

    Raises:
        BadDeadline: a field is unknown, missing or out of range; the message names it.
    """
    if not isinstance(data, dict):
        raise BadDeadline(f'a deadline must be a JSON object such as {{"kind": "fixed", …}}, got {data!r}')
    kind = data.get("kind")
    if kind in Undated.WHYS:
        return Undated(why=str(kind), **_checked(Undated, data))
    if not isinstance(kind, str) or kind not in _KINDS:
        forms = ", ".join([*_KINDS, *Undated.WHYS])
        raise BadDeadline(f"the deadline's kind must be one of {forms}, got {kind!r}")
    values = _checked(_KINDS[kind], data)
    _check_required(kind, values)
    if kind == "recurring":
        _check_recurring(values)
    _check_order(values, "from_", "to" if kind == "window" else "until")
    return _KINDS[kind](**values)


def to_json(deadline: Deadline) -> dict[str, Any]:
    """Return `deadline` as a JSON object without empty fields (a relative deadline always shows its `offset`)."""
    out: dict[str, Any] = {"kind": deadline.kind}
    for field in fields(deadline):
        value = getattr(deadline, field.name)
        if field.name == "why" or (value is None and field.name != "offset"):
            continue
        if isinstance(value, tuple):
            value = list(value)
        elif isinstance(value, Deadline):
            value = to_json(value)
        out[field.name.rstrip("_")] = str(value) if isinstance(value, StrEnum) else value
    return out


def _checked(cls: type, data: dict[str, Any]) -> dict[str, Any]:
    known = {field.name.rstrip("_"): field.name for field in fields(cls) if field.name != "why"}
    values: dict[str, Any] = {}
    for key, value in data.items():
        if key == "kind":
            continue
        if key not in known:
            raise BadDeadline(f"a {data['kind']} deadline has no field {key!r}; it may have {', '.join(sorted(known))}")
        if value is not None:
            values[known[key]] = _checked_value(known[key], value)
    return values


def _checked_value(name: str, value: Any) -> Any:
    if name in _ENUMS:
        options = [str(member) for member in _ENUMS[name]]
        if value not in options:
            raise BadDeadline(f"{name} must be one of {', '.join(options)}, got {value!r}")
        return _ENUMS[name](value)
    if name in _INTS:
        return _checked_int(name, value)
    if name == "days":
        if not isinstance(value, list) or not value:
            raise BadDeadline(f"days must be a list of days of the month such as [5, 20], got {value!r}")
        return tuple(_checked_int("day", day) for day in value)
    if name in _FLAGS:
        if not isinstance(value, bool):
            raise BadDeadline(f"{name} must be true or false, got {value!r}")
        return value
    if name == "upper_bound" and isinstance(value, dict):
        return parse_deadline(value)
    if not isinstance(value, str):
        raise BadDeadline(f"{name.rstrip('_')} must be text, got {value!r}")
    if name in _DATE_FIELDS:
        _check_date(name, value)
    if name in _TIME_FIELDS and not _TIME.fullmatch(value):
        raise BadDeadline(f"{name} must be HH:MM between 00:00 and 24:00, got {value!r}")
    return value


def _checked_int(name: str, value: Any) -> int:
    low, high = _INTS[name]
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise BadDeadline(f"{name} must be a whole number from {low} to {high}, got {value!r}")
    if value == 0 and name in ("day", "working_day"):
        raise BadDeadline(f"{name} must be a day from 1, or -1 for the last, got 0")
    return value


def _check_date(name: str, value: str) -> None:
    month_day = _MONTH_DAY.fullmatch(value)
    iso = f"2000-{month_day[1]}-{month_day[2]}" if month_day else value
    try:
        if not _DATE.fullmatch(iso):
            raise ValueError
        date.fromisoformat(iso)
    except ValueError:
        raise BadDeadline(f"{name.rstrip('_')} must be a real date as YYYY-MM-DD (or --MM-DD), got {value!r}") from None


def _check_required(kind: str, values: dict[str, Any]) -> None:
    for name in {"fixed": ("date",), "recurring": ("freq",), "relative": ("event",)}.get(kind, ()):
        if name not in values:
            raise BadDeadline(f"a {kind} deadline needs the field {name!r}")
    if kind == "relative" and ("offset" in values) != ("unit" in values):
        raise BadDeadline("a relative deadline needs offset and unit together, or neither")


def _check_recurring(values: dict[str, Any]) -> None:
    freq = values["freq"]
    days = [name for name in ("day", "days", "weekday", "working_day") if name in values]
    if len(days) > 1:
        raise BadDeadline(
            f"a recurring deadline takes one of day, days, weekday, working_day, got {' and '.join(days)}"
        )
    allowed = {Freq.DAILY: (), Freq.WEEKLY: ("weekday", "working_day")}.get(freq, ("day", "days", "working_day"))
    if days and days[0] not in allowed and freq is not Freq.UNSPECIFIED:
        raise BadDeadline(f"a {freq} deadline takes {' or '.join(allowed) or 'no day'}, got {days[0]}")
    reports_on = values.get("reports_on")
    if reports_on not in (None, "previous", "current"):
        raise BadDeadline(f"reports_on must be previous or current, got {reports_on!r}")
    month = values.get("month_of_period")
    if month is not None and month > _MONTHS_IN.get(freq, 0):
        raise BadDeadline(f"month_of_period must be at most {_MONTHS_IN.get(freq, 0)} for {freq}, got {month}")


def _check_order(values: dict[str, Any], first: str, last: str) -> None:
    begin, end = values.get(first), values.get(last)
    if begin and end and not begin.startswith("--") and not end.startswith("--") and begin > end:
        raise BadDeadline(f"{last} must not lie before {first.rstrip('_')}, got {end} before {begin}")
