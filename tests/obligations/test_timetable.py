"""When messages may go out: office hours on working days, in the recipient's zone, without its quiet hours."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obligations.policies import default_policies
from obligations.timetable import BadContactHours, Timetable, check_contact_hours, parse_contact_hours
from obligations.workdays.workcalendar import load_calendar
from scheduler.clock import SHANGHAI

HOURS = default_policies().hours  # 09:00-18:00, spread over twenty minutes at most
TIMETABLE = Timetable(HOURS, load_calendar(), SHANGHAI)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


def first(text: str, *, zone: str | None = None, quiet: str | None = None) -> datetime:
    return TIMETABLE.within(parse_contact_hours(zone, quiet)).next_opening(at(text))


@pytest.mark.parametrize(
    ("asked", "opens"),
    [
        ("2026-09-29T08:59", "2026-09-29T09:00"),
        ("2026-09-29T09:00", "2026-09-29T09:00"),
        ("2026-09-29T17:59", "2026-09-29T17:59"),
        ("2026-09-29T18:00", "2026-09-30T09:00"),
        pytest.param("2026-09-30T18:00", "2026-10-08T09:00", id="over-the-national-day"),
        pytest.param("2026-09-19T12:00", "2026-09-20T09:00", id="a-make-up-sunday"),
    ],
)
def test_messages_go_out_in_office_hours_of_working_days(asked: str, opens: str) -> None:
    assert first(asked) == at(opens)


@pytest.mark.parametrize(
    ("quiet", "asked", "opens"),
    [
        ("12:00-14:30", "2026-09-29T11:59", "2026-09-29T11:59"),
        ("12:00-14:30", "2026-09-29T12:00", "2026-09-29T14:30"),
        ("12:00-14:30", "2026-09-29T14:30", "2026-09-29T14:30"),
        pytest.param("17:00-10:00", "2026-09-29T09:00", "2026-09-29T10:00", id="over-night"),
        pytest.param("17:00-10:00", "2026-09-29T17:00", "2026-09-30T10:00", id="over-night-the-evening"),
        pytest.param("13:00-18:00", "2026-09-30T14:00", "2026-10-08T09:00", id="afternoon-before-a-holiday"),
        pytest.param("06:00-11:00", "2026-10-01T09:00", "2026-10-08T11:00", id="morning-after-a-holiday"),
    ],
)
def test_quiet_hours_are_left_out(quiet: str, asked: str, opens: str) -> None:
    assert first(asked, quiet=quiet) == at(opens)


def test_a_recipient_has_the_office_hours_of_its_own_zone() -> None:
    # Urumqi keeps UTC+6: its nine o'clock is eleven in Shanghai, and its six o'clock eight.
    assert first("2026-09-29T09:00", zone="Asia/Urumqi") == at("2026-09-29T11:00")
    assert first("2026-09-29T19:59", zone="Asia/Urumqi") == at("2026-09-29T19:59")
    assert first("2026-09-29T20:00", zone="Asia/Urumqi") == at("2026-09-30T11:00")


@pytest.mark.parametrize(
    ("zone", "quiet", "named"),
    [
        ("Mars/Olympus", None, "Mars/Olympus"),
        ("../etc/passwd", None, "Asia/Shanghai"),
        (None, "12-14", "12:00-14:30"),
        (None, "12:00-25:00", "12:00-14:30"),
        (None, "12:00-12:00", "different"),
        pytest.param(None, "08:00-19:00", "09:00-18:00", id="nothing-left"),
        pytest.param(None, "18:30-18:00", "09:00-18:00", id="nothing-left-but-the-evening"),
    ],
)
def test_what_cannot_be_kept_is_refused(zone: str | None, quiet: str | None, named: str) -> None:
    with pytest.raises(BadContactHours, match=named):
        check_contact_hours(zone, quiet, HOURS)


def test_the_operator_is_told_once_a_working_day_after_the_mornings_messages() -> None:
    assert TIMETABLE.briefing(at("2026-09-29T09:00:05")) == at("2026-09-29T09:20")
    assert TIMETABLE.briefing(at("2026-09-29T09:20:01")) == at("2026-09-30T09:20")
    assert TIMETABLE.briefing(at("2026-09-30T12:00")) == at("2026-10-08T09:20")
    assert TIMETABLE.briefing(at("2026-10-03T12:00")) == at("2026-10-08T09:20")


@given(
    minute=st.integers(0, 60 * 24 * 40),
    zone=st.sampled_from([None, "Asia/Urumqi", "Asia/Tokyo", "Europe/London", "America/New_York"]),
    quiet=st.sampled_from([None, "12:00-14:30", "17:00-10:00", "09:00-09:01"]),
)
def test_what_opens_is_open_and_not_long_after(minute: int, zone: str | None, quiet: str | None) -> None:
    timetable = TIMETABLE.within(parse_contact_hours(zone, quiet))
    asked = datetime.fromtimestamp(at("2026-09-10T00:00").timestamp() + 60 * minute, SHANGHAI)
    opens = timetable.next_opening(asked)
    local = opens.astimezone(timetable.zone)
    assert opens >= asked
    assert timetable.is_open(opens)
    assert TIMETABLE.calendar.is_working(local.date())
    assert "09:00" <= f"{local:%H:%M}" < "18:00"
    assert (opens - asked).days < 10
