"""Conventions (口径规则): the named ways of counting a period and of moving a date off a day of rest.

A notice's own words win over a convention; a policy of the unit or the regulator chooses
one; where nobody chose, `cn.plain` leaves the written date and lists the other readings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from obligations.dates import citations as cite
from obligations.dates.citations import Source
from obligations.deadline import MonthEnd, Roll
from obligations.errors import BadConvention


@dataclass(frozen=True, slots=True, kw_only=True)
class Convention:
    """How one field of law counts.

    `working_counts` are the numbers of days that are read as working days: a set of numbers,
    or `None` for every number. `roll` is what happens to a last day of rest; a
    following one does not apply to counts backwards, where no text grants it. `month_end` rounds a sum of months
    into a short month, `month_end_before` does so backwards, where `None` means that a person
    must be asked. `extends` adds the tax extension to named days, whose period begins with the
    month; `excludes_day` reads "by day X" as ending the day before. `lists_readings` shows the
    other readings beside the date. `cutoff` is the clock time (`HH:MM`) at which the last day
    ends when the notice names none.
    """

    name: str
    zh: str
    en: str
    source: Source
    working_counts: frozenset[int] | None = frozenset()
    count_start: bool = False
    roll: Roll = Roll.UNADJUSTED
    month_end: MonthEnd = MonthEnd.DOWN
    month_end_before: MonthEnd | None = MonthEnd.DOWN
    extends: bool = False
    excludes_day: bool = False
    lists_readings: bool = False
    cutoff: str = "24:00"

    def reads_as_working_days(self, days: int) -> bool:
        """Whether a count of `days` days means working days here."""
        return self.working_counts is None or days in self.working_counts

    def text(self, lang: str) -> str:
        """Return the short description in `lang`, `zh` or `en`."""
        return self.en if lang == "en" else self.zh


_ALL = (
    Convention(
        name="cn.plain",
        zh="按原文所写日期，不调整，另列其他解读",
        en="the written date, unadjusted; other readings are listed beside it",
        source=cite.CIVIL_201,
        month_end_before=None,
        lists_readings=True,
    ),
    Convention(
        name="cn.civil",
        zh="民法：自然日，起算日不计，末日为休息日的顺延",
        en="civil law: calendar days, opening day out, a last day of rest moves to the next working day",
        source=cite.CIVIL_203,
        roll=Roll.FOLLOWING,
    ),
    Convention(
        name="cn.workdays",
        zh="许可类：期限以工作日计",
        en="licences: periods are counted in working days",
        source=cite.LICENSING_82,
        working_counts=None,
    ),
    Convention(
        name="cn.admin_short",
        zh="处罚、强制类：所列日数按工作日计，其余按自然日并顺延",
        en="penalties and coercion: the listed numbers are working days, others calendar days that roll",
        source=cite.PENALTY_85,
        working_counts=frozenset({2, 3, 5, 7}),
        roll=Roll.FOLLOWING,
    ),
    Convention(
        name="cn.procedure",
        zh="诉讼、复议：自然日并顺延，所列日数按工作日计",
        en="courts and reconsideration: calendar days that roll, the listed numbers are working days",
        source=cite.RECONSIDERATION_88,
        working_counts=frozenset({3, 5, 7, 10}),
        roll=Roll.FOLLOWING,
    ),
    Convention(
        name="cn.custody",
        zh="限制人身自由：自然日，不因休息日顺延，月末起算至月末",
        en="custody: calendar days, never moved by a day of rest, month's end to month's end",
        source=cite.CRIMINAL_PROCEDURE_105,
        month_end=MonthEnd.EOM,
        month_end_before=MonthEnd.EOM,
    ),
    Convention(
        name="cn.tax15",
        zh="申报纳税：期内连续 3 日以上休假的，按休假日数顺延工作日；否则末日遇休息日顺延",
        en="tax filing: three or more days off in a row in the period extend it by as many working days, else it rolls",
        source=cite.TAX_PRACTICE,
        roll=Roll.FOLLOWING,
        extends=True,
    ),
    Convention(
        name="cn.stat_fixed",
        zh="统计报表：制度所列日期，不调整",
        en="statistics: the date in the table, unadjusted",
        source=cite.STATISTICS_TABLE,
    ),
    Convention(
        name="cn.stat_holiday_only",
        zh="统计报表：法定节假日顺延，双休日不顺延",
        en="statistics: holidays roll, weekends do not",
        source=cite.STATISTICS_26,
        roll=Roll.FOLLOWING_HOLIDAY_ONLY,
    ),
    Convention(
        name="cn.report_safe",
        zh="内部报送：遇休息日提前，当日 17:00 前",
        en="internal reports: a day of rest moves the date earlier, by 17:00",
        source=cite.REPORT_PRACTICE,
        roll=Roll.PRECEDING,
        cutoff="17:00",
    ),
    Convention(
        name="cn.publicity_min",
        zh="公示：不少于所写的工作日数，发布当日不计",
        en="publicity: no fewer than the stated working days, the day of posting out",
        source=cite.PUBLICITY,
        working_counts=None,
    ),
    Convention(
        name="cn.backward",
        zh="届满前、会前等倒数期限：遇休息日提前，短月取月末",
        en="counted backwards from an event: a day of rest moves the date earlier, short months round down",
        source=cite.BACKWARD_PRACTICE,
        roll=Roll.PRECEDING,
    ),
)

CONVENTIONS: dict[str, Convention] = {convention.name: convention for convention in _ALL}
PLAIN = CONVENTIONS["cn.plain"]
_TAKES_NUMBERS = ("cn.admin_short", "cn.procedure")
_CALL = re.compile(r"(cn\.[a-z0-9_]+)(?:\(\s*([0-9]+(?:\s*,\s*[0-9]+)*|[a-z]+)\s*\))?")
_SETTLED = {
    "up": replace(PLAIN, name="cn.plain(up)", month_end_before=MonthEnd.UP),
    "down": replace(PLAIN, name="cn.plain(down)", month_end_before=MonthEnd.DOWN),
    "exclusive": replace(PLAIN, name="cn.plain(exclusive)", excludes_day=True, source=cite.BEFORE_EXCLUSIVE),
}
"""`cn.plain` with one of its open questions settled: how short months round backwards, what "by day X" includes."""


@lru_cache(maxsize=256)
def parse_convention(name: str) -> Convention:
    """Return the convention called `name`, for instance `cn.civil` or `cn.admin_short(2,3,5,7)`.

    `cn.admin_short` and `cn.procedure` take the numbers of days that are read as working
    days; without them they take those of the Penalty Law art. 85 and of the Reconsideration
    Law art. 88. The Coercion Law art. 69 is `cn.admin_short(1,2,3,4,5,6,7,8,9,10)`.
    `cn.plain` takes `up`, `down` or `exclusive`, which settle what it otherwise asks.

    Raises:
        BadConvention: the name is unknown, or its arguments are malformed.
    """
    match = _CALL.fullmatch(name.strip())
    known = CONVENTIONS.get(match[1]) if match else None
    if match is None or known is None:
        raise BadConvention(f"the convention must be one of {', '.join(CONVENTIONS)}, got {name!r}")
    argument = match[2]
    if argument is None:
        return known
    if known is PLAIN and argument in _SETTLED:
        return _SETTLED[argument]
    if known.name not in _TAKES_NUMBERS or not argument[0].isdigit():
        forms = "cn.plain(up), cn.plain(down), cn.plain(exclusive), cn.admin_short(2,3,5,7) and cn.procedure(3,5,7,10)"
        raise BadConvention(f"the conventions with arguments are {forms}, got {name!r}")
    numbers = sorted({int(part) for part in argument.split(",")})
    if numbers[0] < 1 or numbers[-1] > 366:
        raise BadConvention(f"{known.name} takes numbers of days from 1 to 366, got {name!r}")
    called = f"{known.name}({','.join(map(str, numbers))})"
    return replace(known, name=called, working_counts=frozenset(numbers))
