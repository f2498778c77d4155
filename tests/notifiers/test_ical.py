"""Calendar text: what readers get, byte for byte where it matters, and any text a notice can hold."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from notifiers.ical import Entry, Heading, Kind, Standing, calendar, clean, fragment, one_line, uid

CHANGED = datetime(2026, 9, 1, 1, tzinfo=UTC)
ENTRY = Entry(
    id="gas-o1.530113-ranqi.2026Q4",
    title="报送《管道巡检情况表》",
    day=date(2026, 9, 30),
    sequence=2,
    created_at=datetime(2026, 8, 31, 2, tzinfo=UTC),
    changed_at=CHANGED,
    description="安全日 2026-09-30 周三；原文日期 2026-10-03 周六\n原文：“每季度首月3日前”",
    url="https://duban.example/occurrences/gas-o1.530113-ranqi.2026Q4",
    categories=("督办", "每季度"),
)
TIMED = replace(ENTRY, id="gas-o3", until=datetime(2026, 9, 30, 9, tzinfo=UTC))
HEADING = Heading(
    name="东川区燃气管理站", description="待办期限", url="https://duban.example/units/530113", changed_at=CHANGED
)

# Every code point that UTF-8 can carry, with more of those that calendars trip over.
ANY_TEXT = st.text(
    st.one_of(st.characters(), st.sampled_from('\r\n\t\\;,:"、；，【】〔〕👩‍👩‍👧‍👦é\x85\u2028\ufeff\x00')), max_size=300
)


def write(*entries: Entry, kind: Kind = Kind.EVENT) -> bytes:
    return calendar(HEADING, entries, kind=kind, domain="duban.example")


def lines(data: bytes) -> list[str]:
    """Return the content lines, unfolded."""
    return data.decode().replace("\r\n ", "").split("\r\n")


def read_one(data: bytes, name: str) -> Any:
    (component,) = Calendar.from_ical(data).walk(name)
    return component


def test_a_day_is_an_all_day_entry_that_blocks_nobody() -> None:
    assert lines(fragment(ENTRY, Kind.EVENT, "duban.example")) == [
        "BEGIN:VEVENT",
        "SUMMARY:【截止】报送《管道巡检情况表》",
        "DTSTART;VALUE=DATE:20260930",
        "DTEND;VALUE=DATE:20261001",
        "DTSTAMP:20260901T010000Z",
        "UID:gas-o1.530113-ranqi.2026Q4@duban.example",
        "SEQUENCE:2",
        "CATEGORIES:督办,每季度",
        "CREATED:20260831T020000Z",
        "DESCRIPTION:安全日 2026-09-30 周三；原文日期 2026-10-03 周六\\n原文：“每季度首月3日前”",
        "LAST-MODIFIED:20260901T010000Z",
        "STATUS:CONFIRMED",
        "TRANSP:TRANSPARENT",
        "URL:https://duban.example/occurrences/gas-o1.530113-ranqi.2026Q4",
        "X-MICROSOFT-CDO-BUSYSTATUS:FREE",
        "END:VEVENT",
        "",
    ]


def test_a_to_do_has_a_due_day_no_busy_time_and_a_uid_of_its_own() -> None:
    todo = lines(fragment(ENTRY, Kind.TODO, "duban.example"))
    assert "DUE;VALUE=DATE:20260930" in todo
    assert "STATUS:NEEDS-ACTION" in todo
    assert "UID:gas-o1.530113-ranqi.2026Q4-todo@duban.example" in todo
    assert "SUMMARY:报送《管道巡检情况表》" in todo
    assert not [line for line in todo if line.startswith(("TRANSP", "DTSTART", "X-MICROSOFT"))]


def test_a_clock_is_kept_in_utc_and_the_event_has_a_length() -> None:
    event = lines(fragment(TIMED, Kind.EVENT, "duban.example"))
    assert {"DTSTART:20260930T083000Z", "DTEND:20260930T090000Z"} <= set(event)
    assert "DUE:20260930T090000Z" in lines(fragment(TIMED, Kind.TODO, "duban.example"))


@pytest.mark.parametrize(
    ("entry", "title", "status", "todo"),
    [
        (ENTRY, "【截止】", "CONFIRMED", "NEEDS-ACTION"),
        (replace(ENTRY, moved=True), "【改期】", "CONFIRMED", "NEEDS-ACTION"),
        (replace(ENTRY, provisional=True), "【截止】【暂定】", "CONFIRMED", "NEEDS-ACTION"),
        (replace(ENTRY, moved=True, provisional=True), "【改期】【暂定】", "CONFIRMED", "NEEDS-ACTION"),
        (replace(ENTRY, standing=Standing.DONE, moved=True), "【已办】", "CONFIRMED", "COMPLETED"),
        (replace(ENTRY, standing=Standing.CANCELLED, provisional=True), "【已取消】", "CANCELLED", "CANCELLED"),
    ],
)
def test_the_title_says_the_state_first(entry: Entry, title: str, status: str, todo: str) -> None:
    event = read_one(write(entry), "VEVENT")
    assert event["SUMMARY"] == f"{title}报送《管道巡检情况表》"
    assert event["STATUS"] == status
    assert read_one(write(entry, kind=Kind.TODO), "VTODO")["STATUS"] == todo


def test_a_finished_to_do_says_when() -> None:
    todo = read_one(write(replace(ENTRY, standing=Standing.DONE), kind=Kind.TODO), "VTODO")
    assert todo["COMPLETED"].dt == CHANGED
    assert todo["PERCENT-COMPLETE"] == 100


def test_the_calendar_has_a_name_a_refresh_hint_no_method_and_no_uid() -> None:
    head = lines(write(ENTRY))[: lines(write(ENTRY)).index("BEGIN:VEVENT")]
    assert head[0] == "BEGIN:VCALENDAR"
    assert {
        "VERSION:2.0",
        "CALSCALE:GREGORIAN",
        "NAME:东川区燃气管理站",
        "X-WR-CALNAME:东川区燃气管理站",
        "DESCRIPTION:待办期限",
        "X-WR-CALDESC:待办期限",
        "X-WR-TIMEZONE:Asia/Shanghai",
        "LAST-MODIFIED:20260901T010000Z",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
        "X-PUBLISHED-TTL:PT6H",
        "URL:https://duban.example/units/530113",
    } <= set(head)
    assert not [line for line in head if line.startswith(("METHOD", "UID", "SOURCE"))]


def test_equal_data_give_equal_bytes_in_the_order_of_the_uids() -> None:
    entries = [replace(ENTRY, id=name) for name in ("b", "a", "c")]
    assert write(*entries) == write(*reversed(entries))
    assert re.findall(rb"UID:(\w)@", write(*entries)) == [b"a", b"b", b"c"]


def test_an_unchanged_item_is_written_once() -> None:
    entry = replace(ENTRY, id="written-once")
    before = fragment.cache_info()
    for _ in range(5):
        write(entry)
    after = fragment.cache_info()
    assert (after.misses - before.misses, after.hits - before.hits) == (1, 4)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a\r\nb\rc\x85d\u2028e\u2029f", "a\nb\nc\nd\ne\nf"),
        ("\ufeff通\x00知\x1b\x7f\x9f", "通知"),
        ("e\u0301", "é"),
        ("\ud800x", "x"),
        ("👩\u200d👧，；、\\", "👩\u200d👧，；、\\"),
    ],
)
def test_control_characters_go_and_everything_else_stays(text: str, kept: str) -> None:
    assert clean(text) == kept


@settings(deadline=None)  # the machine may be busy
@given(title=ANY_TEXT, description=ANY_TEXT, day=st.dates(date(2000, 1, 1), date(2099, 12, 30)))
def test_any_text_survives(title: str, description: str, day: date) -> None:
    entry = replace(ENTRY, title=title, description=description, day=day, categories=(title or "x",))
    data = write(entry)
    event = read_one(data, "VEVENT")
    assert event["SUMMARY"] == "【截止】" + one_line(title)
    assert event["DESCRIPTION"] == clean(description)
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (day, day + timedelta(days=1))
    assert event["UID"] == uid(ENTRY.id, Kind.EVENT, "duban.example")
    assert read_one(write(entry, kind=Kind.TODO), "VTODO")["DESCRIPTION"] == clean(description)


@settings(deadline=None)  # the machine may be busy
@given(title=ANY_TEXT, description=ANY_TEXT)
def test_no_line_is_long_or_cuts_a_character_or_holds_a_control_character(title: str, description: str) -> None:
    data = write(replace(ENTRY, title=title, description=description))
    assert data.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in data.replace(b"\r\n", b"")
    for line in data.split(b"\r\n"):
        assert len(line) <= 75
        assert not re.search(r"[\x00-\x1f\x7f-\x9f]", line.decode("utf-8"))
