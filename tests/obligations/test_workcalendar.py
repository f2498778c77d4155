"""The calendar: official years, amendments, years without a notice, and counting against independent sources."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from datetime import date, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from obligations.errors import BadHolidayTable, OutsideCalendar
from obligations.workdays.holiday_tables import (
    HolidayNotice,
    Rest,
    YearTable,
    festivals,
    packaged_tables,
    statutory_rests,
    table_from_json,
    table_to_json,
)
from obligations.workdays.workcalendar import DayKind, DayStatus, WorkCalendar, changed_days, load_calendar
from tests.shared_files import shared

ONE_DAY = timedelta(days=1)
DAYS = st.dates(date(2015, 6, 1), date(2038, 12, 31))
COUNTS = st.integers(-40, 40)

# working days, weekdays off, weekend days worked: the official years in figures, and 2027 by statute
OFFICIAL = {
    2015: (249, 17, 5),
    2016: (250, 17, 6),
    2017: (249, 16, 5),
    2018: (250, 18, 7),
    2019: (250, 17, 6),
    2020: (249, 19, 6),
    2021: (250, 18, 7),
    2022: (249, 18, 7),
    2023: (249, 18, 7),
    2024: (251, 19, 8),
    2025: (248, 18, 5),
    2026: (248, 19, 6),
    2027: (248, 13, 0),
}


@pytest.fixture(scope="module")
def calendar() -> WorkCalendar:
    return load_calendar()


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


@pytest.mark.parametrize(("year", "figures"), OFFICIAL.items())
def test_each_year_adds_up_to_its_official_figures(
    calendar: WorkCalendar, year: int, figures: tuple[int, int, int]
) -> None:
    facts = [calendar.fact(day) for day in days_of(year)]
    working = sum(fact.working for fact in facts)
    off = sum(fact.kind is DayKind.HOLIDAY and fact.day.weekday() < 5 for fact in facts)
    worked = sum(fact.kind is DayKind.MAKE_UP for fact in facts)
    assert (working, off, worked) == figures


def test_the_packaged_notices_are_those_on_record() -> None:
    record = json.loads(shared("data/state_council_holidays.json").read_text(encoding="utf-8"))
    known = {
        (
            item["issued_on"],
            item.get("doc_number"),
            item["doc_number_checked"],
            json.dumps(item["rests"]),
            *item["works"],
        )
        for item in record["notices"] + record["amendments"]
    }
    packaged = {
        (n["issued_on"], n["doc_number"], n["doc_number_checked"], json.dumps(n["rests"]), *n["works"])
        for table in packaged_tables()
        for n in table_to_json(table)["notices"]
    }
    assert packaged == known
    assert len(known) == 15


@pytest.mark.parametrize(
    ("day", "kind", "name", "status"),
    [
        pytest.param("2026-10-03", DayKind.HOLIDAY, "国庆节", DayStatus.ANNOUNCED, id="saturday-inside-a-holiday"),
        pytest.param("2026-10-10", DayKind.MAKE_UP, None, DayStatus.ANNOUNCED, id="worked-saturday"),
        pytest.param("2026-01-04", DayKind.MAKE_UP, None, DayStatus.ANNOUNCED, id="sunday-worked-after-a-holiday"),
        pytest.param("2026-07-04", DayKind.WEEKEND, None, DayStatus.ANNOUNCED, id="plain-saturday"),
        pytest.param("2024-02-09", DayKind.WORKDAY, None, DayStatus.ANNOUNCED, id="only-encouraged-rest-is-work"),
        pytest.param("2018-12-29", DayKind.MAKE_UP, None, DayStatus.ANNOUNCED, id="set-by-the-next-years-notice"),
        pytest.param("2020-02-01", DayKind.HOLIDAY, "春节（延长）", DayStatus.ANNOUNCED, id="make-up-day-taken-back"),
        pytest.param("2026-12-27", DayKind.WEEKEND, None, DayStatus.ANNOUNCED, id="last-announced-day"),
        pytest.param("2026-12-28", DayKind.WORKDAY, None, DayStatus.TAIL, id="tail"),
        pytest.param("2027-01-01", DayKind.HOLIDAY, "元旦", DayStatus.PROVISIONAL, id="by-statute"),
        pytest.param("2027-02-09", DayKind.HOLIDAY, "春节补假", DayStatus.PROVISIONAL, id="given-back"),
    ],
)
def test_a_day_says_what_it_is_and_how_sure(
    calendar: WorkCalendar, day: str, kind: DayKind, name: str | None, status: DayStatus
) -> None:
    on = date.fromisoformat(day)
    fact = calendar.fact(on)
    assert (fact.kind, fact.name, fact.status) == (kind, name, status)
    assert calendar.status(on) is status
    assert calendar.holiday_name(on) == name
    assert calendar.is_working(on) == fact.working


def test_an_earlier_answer_can_be_reproduced() -> None:
    start = date(2020, 1, 23)
    assert load_calendar().add_working_days(start, 3) == date(2020, 2, 5)
    assert load_calendar(as_of=date(2020, 1, 25)).add_working_days(start, 3) == date(2020, 2, 3)
    assert load_calendar(as_of=date(2020, 1, 26)).add_working_days(start, 3) == date(2020, 2, 5)


def test_a_year_before_its_notice_is_provisional_and_follows_the_law_of_that_day() -> None:
    then = load_calendar(as_of=date(2024, 10, 1))
    assert then.status(date(2025, 5, 2)) is DayStatus.PROVISIONAL
    assert then.is_working(date(2025, 5, 2)), "one day of Labour Day before the revision of November 2024"
    assert not load_calendar(as_of=date(2024, 11, 10)).is_working(date(2025, 5, 2))
    assert then.is_provisional(date(2024, 12, 28), date(2024, 12, 28))
    assert not then.is_provisional(date(2015, 1, 1), date(2024, 12, 27))


def test_a_local_arrangement_lies_over_the_national_one(calendar: WorkCalendar) -> None:
    feast = Rest("开斋节", date(2026, 3, 20), date(2026, 3, 20))
    local = HolidayNotice(year=2026, issued_on=date(2026, 3, 1), rests=(feast,), scope="某自治州")
    there = load_calendar(extra=(YearTable(2026, (local,)),))
    assert [is_.name for _, is_ in changed_days(calendar, there)] == ["开斋节"]
    assert there.version != calendar.version
    assert load_calendar(as_of=date(2026, 2, 28), extra=(YearTable(2026, (local,)),)).is_working(feast.first)


def test_a_notice_for_the_next_year_settles_it_and_the_tail_before(calendar: WorkCalendar) -> None:
    notice = HolidayNotice(
        year=2027, issued_on=date(2026, 11, 20), rests=(Rest("元旦", date(2026, 12, 31), date(2027, 1, 2)),)
    )
    known = load_calendar(extra=(YearTable(2027, (notice,)),))
    assert calendar.is_provisional(date(2026, 12, 30), date(2026, 12, 31))
    assert not known.is_provisional(date(2026, 12, 30), date(2027, 12, 27))
    assert not known.is_working(date(2026, 12, 31))


def test_counting_agrees_with_a_brute_force_on_every_day(calendar: WorkCalendar) -> None:
    """Every start of 2018-01-01 to 2026-10-31 and seven counts, forwards and backwards, over sets built apart."""
    rests: set[date] = set()
    works: set[date] = set()
    for table in packaged_tables():
        for notice in table_to_json(table)["notices"]:
            for rest in notice["rests"]:
                first, last = date.fromisoformat(rest["from"]), date.fromisoformat(rest["to"])
                named = {first + timedelta(days=n) for n in range((last - first).days + 1)}
                rests |= named
                works -= named
            for day in map(date.fromisoformat, notice["works"]):
                works.add(day)
                rests.discard(day)
    span = [date(2016, 1, 1) + timedelta(days=n) for n in range((date(2026, 12, 27) - date(2016, 1, 1)).days + 1)]
    working = [day for day in span if day in works or (day.weekday() < 5 and day not in rests)]
    checked = 0
    for start in (day for day in span if date(2018, 1, 1) <= day <= date(2026, 10, 31)):
        after, before = bisect_right(working, start), bisect_left(working, start)
        for n in (1, 3, 5, 10, 15, 20, 30):
            assert calendar.add_working_days(start, n) == working[after + n - 1], (start, n)
            assert calendar.add_working_days(start, -n) == working[before - n], (start, -n)
            checked += 2
    assert checked == 3226 * 14


def test_counting_forwards_agrees_with_the_holidays_package_on_every_day(calendar: WorkCalendar) -> None:
    china = holidays.country_holidays("CN", years=range(2017, 2027))
    starts = [date(2018, 1, 1) + timedelta(days=n) for n in range(3226)]
    for start in starts:
        for n in (1, 3, 5, 10, 15, 20, 30):
            assert calendar.add_working_days(start, n) == china.get_nth_working_day(start, n), (start, n)
    assert starts[-1] == date(2026, 10, 31)


def test_festivals_of_the_static_table_agree_with_the_holidays_package() -> None:
    names = {"spring": "春节", "qingming": "清明节", "dragon_boat": "端午节", "mid_autumn": "中秋节"}
    for year, row in festivals().items():
        china = holidays.country_holidays("CN", years=year, language="zh_CN", observed=False)
        for festival, chinese in names.items():
            assert row[festival] == min(day for day, name in china.items() if chinese in name), (year, festival)
    assert set(festivals()) == set(range(2015, 2041))


def test_statutory_days_fall_on_thirteen_weekdays_unless_two_festivals_share_a_day() -> None:
    for year in range(2027, 2041):
        weekdays = {day for rest in statutory_rests(year) for day in rest.days() if day.weekday() < 5}
        shared_days = sum(festivals()[year]["mid_autumn"] == date(year, 10, n) for n in (1, 2, 3))
        assert len(weekdays) == 13 - shared_days, year


@given(day=DAYS, a=st.integers(0, 40), b=st.integers(0, 40), back=st.booleans())
def test_counting_in_two_steps_changes_nothing(day: date, a: int, b: int, back: bool) -> None:
    calendar, sign = load_calendar(), -1 if back else 1
    halfway = calendar.add_working_days(day, sign * a)
    assert calendar.add_working_days(halfway, sign * b) == calendar.add_working_days(day, sign * (a + b))


@given(day=DAYS, n=COUNTS)
def test_the_days_between_undo_the_count(day: date, n: int) -> None:
    calendar = load_calendar()
    assert calendar.working_days_between(day, calendar.add_working_days(day, n)) == n


@given(day=DAYS)
def test_the_nearest_working_days_enclose_a_day_of_rest(day: date) -> None:
    calendar = load_calendar()
    before, after = calendar.previous_working(day), calendar.next_working(day)
    assert before <= day <= after
    assert calendar.is_working(before)
    assert calendar.is_working(after)
    assert (before == day == after) == calendar.is_working(day)
    assert calendar.working_days_between(before, after) == (0 if calendar.is_working(day) else 1)


def test_leaving_the_calendar_is_refused_with_its_limits(calendar: WorkCalendar) -> None:
    with pytest.raises(OutsideCalendar, match="from 2015-01-01 to 2040-12-31"):
        calendar.is_working(date(2041, 1, 1))
    with pytest.raises(OutsideCalendar, match="10000 working days from 2026-01-01"):
        calendar.add_working_days(date(2026, 1, 1), 10_000)
    with pytest.raises(OutsideCalendar):
        calendar.add_working_days(date(2015, 1, 5), -2)
    with pytest.raises(OutsideCalendar):
        calendar.previous_working(date(2015, 1, 3))


def test_tables_read_back_what_they_write() -> None:
    for table in packaged_tables():
        assert table_from_json(json.loads(json.dumps(table_to_json(table)))) == table


@pytest.mark.parametrize(
    "data",
    [{"year": 2026}, {"year": 2026, "notices": [{"issued_on": "2026-13-01", "rests": [], "works": []}]}],
)
def test_a_malformed_table_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(BadHolidayTable, match="YYYY-MM-DD"):
        table_from_json(data)
