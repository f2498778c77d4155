"""Whose calendar an address is, what its owner chose, and what becomes of it when it is replaced."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from icalendar import Calendar

from notifiers.ical import fragment
from obligations.workdays.workcalendar import load_calendar
from store import feeds
from store.errors import NotFound, Refused
from store.feed_items import Scope
from store.feeds import Choices
from store.occurrences import Move
from store.rows import FeedRow
from store.states import FeedScope
from tests.web import stock
from tests.web.conftest import Office
from tests.web.test_feeds import FIRST, events, settle
from web.guesses import PER_WINDOW, Guesses


def address(office: Office, scope: Scope | str = stock.DONGCHUAN, **choices: bool) -> str:
    with office.store.writing() as session:
        secret = feeds.create_feed(session, scope, now=office.clock.now(), label="值班手机", choices=Choices(**choices))
    return f"/feeds/{secret}.ics"


def the_feed(office: Office) -> str:
    with office.store.reading() as session:
        (row,) = feeds.list_feeds(session)
    return row.id


def units_of(entries: Mapping[str, Any]) -> set[str]:
    return {key.split(".")[1] for key in entries}


def test_a_persons_calendar_holds_the_units_that_were_named(office: Office) -> None:
    scope = Scope(FeedScope.PERSON, f"{stock.DONGCHUAN},{stock.ANNING}")
    entries = events(office.client.get(address(office, scope)))
    assert units_of(entries) == {stock.DONGCHUAN, stock.ANNING}


def test_a_notices_calendar_holds_what_follows_from_it(office: Office) -> None:
    stock.add_notice(office.store, "other", "请于2026年10月16日前报送。")
    day = {"kind": "fixed", "date": "2026-10-16"}
    stock.add_obligation(
        office.store, "请于2026年10月16日前报送。", "2026年10月16日前", day, stock.PANLONG, notice_id="other", seq=1
    )
    entries = events(office.client.get(address(office, Scope(FeedScope.NOTICE, "other"))))
    assert set(entries) == {f"other-o1.{stock.PANLONG}.once"}


def test_a_regulators_calendar_holds_what_is_filed_with_it(office: Office) -> None:
    filed = events(office.client.get(address(office, Scope(FeedScope.REGULATOR, "市燃气管理办公室"))))
    assert units_of(filed) == {stock.DONGCHUAN, stock.ANNING}
    assert FIRST in filed
    assert events(office.client.get(address(office, Scope(FeedScope.REGULATOR, "100%_")))) == {}


def test_residents_subscribe_to_a_right_and_to_nothing_else(office: Office) -> None:
    stock.add_notice(office.store, "posted", "自公示之日起15个工作日内可提出异议。", published_on=None)
    right = stock.add_obligation(
        office.store,
        "自公示之日起15个工作日内可提出异议。",
        "15个工作日内",
        {"kind": "fixed", "date": "2026-10-10"},
        stock.PANLONG,
        notice_id="posted",
        seq=1,
        kind="right",
        modality="may",
        action="提出异议",
    )
    entries = events(office.client.get(address(office, Scope(FeedScope.OBJECTION, right))))
    (entry,) = entries.values()
    assert (entry["DTSTART"], entry["SUMMARY"]) == ("20261010", "【截止】提出异议"), "a worked Saturday"
    with office.store.writing() as session, pytest.raises(Refused, match="only a right"):
        feeds.create_feed(session, Scope(FeedScope.OBJECTION, "gas-o1"), now=office.clock.now())


@pytest.mark.parametrize("kind", list(FeedScope))
def test_whose_calendar_it_is_must_exist(office: Office, kind: FeedScope) -> None:
    if kind is FeedScope.REGULATOR:
        return  # a name may be part of any
    with office.store.writing() as session, pytest.raises(NotFound, match="nobody"):
        feeds.create_feed(session, Scope(kind, "nobody"), now=office.clock.now())


def test_done_items_are_left_out_where_the_owner_wants_that(office: Office) -> None:
    shown, hidden = address(office), address(office, done=False)
    settle(office, FIRST, Move.CLOSE)
    assert events(office.client.get(shown))[FIRST]["SUMMARY"].startswith("【已办】")
    assert FIRST not in events(office.client.get(hidden))


def test_a_second_entry_stands_on_the_written_day(office: Office) -> None:
    entries = events(office.client.get(address(office, written=True)))
    assert entries[FIRST]["DTSTART"] == "20260930"
    second = entries[f"{FIRST}-written"]
    assert (second["DTSTART"], second["SUMMARY"]) == ("20261003", "【截止】原文日期：报送《管道巡检情况表》")
    settle(office, FIRST, Move.CLOSE)
    assert f"{FIRST}-written" not in events(office.client.get(address(office, written=True)))


def alarms_of(answer: httpx.Response) -> list[Any]:
    """Return the alarms of the first quarterly return."""
    found: Any = Calendar.from_ical(answer.content)
    (entry,) = [one for one in found.walk("VEVENT") + found.walk("VTODO") if FIRST in one["UID"]]
    return list(entry.walk("VALARM"))


@pytest.mark.parametrize(("kind", "related"), [("event", None), ("todo", "END")])
def test_alarms_ring_on_working_mornings_before_the_entry(office: Office, kind: str, related: str | None) -> None:
    path = address(office, alarms=True)
    alarms = alarms_of(office.client.get(path, params={"kind": kind}))
    midnight = datetime(2026, 9, 30, tzinfo=stock.SHANGHAI)
    rings = [midnight + alarm["TRIGGER"].dt for alarm in alarms]
    # Three and one working days before Wednesday the 30th: the 25th to the 27th are off.
    assert rings == [midnight.replace(day=24, hour=9), midnight.replace(day=29, hour=9)]
    assert all(load_calendar().is_working(ring.date()) for ring in rings)
    assert {alarm["ACTION"] for alarm in alarms} == {"DISPLAY"}
    assert all(alarm["DESCRIPTION"] for alarm in alarms)
    assert {alarm["TRIGGER"].params.get("RELATED") for alarm in alarms} == {related}
    settle(office, FIRST, Move.CLOSE)
    assert alarms_of(office.client.get(path)) == []


def test_compression_can_be_switched_off(office: Office) -> None:
    wish = {"accept-encoding": "gzip"}
    assert office.client.get(address(office), headers=wish).headers["content-encoding"] == "gzip"
    assert "content-encoding" not in office.client.get(address(office, gzip=False), headers=wish).headers


def test_every_choice_has_its_own_validator(office: Office) -> None:
    path = address(office)
    before = office.client.get(path).headers["etag"]
    with office.store.writing() as session:
        feeds.choose(session, the_feed(office), {"alarms": True})
    assert office.client.get(path, headers={"if-none-match": before}).status_code == 200


def test_a_replaced_address_says_so_for_two_weeks_and_is_gone_then(office: Office) -> None:
    old = address(office, alarms=True)
    with office.store.writing() as session:
        secret = feeds.rotate_feed(session, the_feed_of(office, old), now=office.clock.now())
    assert FIRST in events(office.client.get(f"/feeds/{secret}.ics")), "the new one holds what the old one held"
    with office.store.reading() as session:
        known = feeds.find_feed(session, secret)
        assert known
        assert known[0].choices.alarms
        row = session.get_one(FeedRow, known[0].id)
        assert row.label == "值班手机"
    (only,) = events(office.client.get(old)).values()
    assert "日历链接已更换" in only["SUMMARY"]
    assert "2026-10-05" in only["DESCRIPTION"]
    first = office.client.get(old).content
    office.clock.move_to(stock.NOW + timedelta(days=13, hours=23))
    assert office.client.get(old).content == first
    office.clock.move_to(stock.NOW + timedelta(days=14))
    assert office.client.get(old).status_code == 410
    with office.store.writing() as session, pytest.raises(Refused):
        feeds.rotate_feed(session, the_feed_of(office, old), now=office.clock.now())


def the_feed_of(office: Office, path: str) -> str:
    with office.store.reading() as session:
        known = feeds.find_feed(session, path.removeprefix("/feeds/").removesuffix(".ics"))
    assert known
    return known[0].id


def test_a_withdrawn_address_is_gone_at_once(office: Office) -> None:
    path = address(office)
    with office.store.writing() as session:
        feeds.revoke_feed(session, the_feed(office), now=office.clock.now())
    answer = office.client.get(path)
    assert answer.status_code == 410
    assert "BEGIN" not in answer.text


def test_one_occurrence_is_a_file_of_the_same_lines(office: Office) -> None:
    answer = office.client.get(f"/occurrences/{FIRST}.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    assert events(answer)[FIRST] == events(office.client.get(address(office)))[FIRST]
    assert office.client.get("/occurrences/nothing.ics").status_code == 404


def test_who_guesses_is_slowed_and_who_knows_is_not(office: Office) -> None:
    path = address(office)
    statuses = [office.client.get(f"/feeds/guess{n}.ics").status_code for n in range(PER_WINDOW + 5)]
    assert statuses == [404] * PER_WINDOW + [429] * 5
    assert office.client.get("/feeds/one-more.ics").headers["retry-after"] == "60"
    assert office.client.get(path).status_code == 200
    office.clock.move_to(stock.NOW + timedelta(seconds=60))
    assert office.client.get("/feeds/later.ics").status_code == 404


def test_guessers_are_remembered_within_bounds() -> None:
    guesses = Guesses(per_window=1, kept=3)
    assert [guesses.allow(name, stock.NOW) for name in "abcd"] == [True] * 4
    assert guesses.allow("d", stock.NOW) is False
    assert guesses.allow("a", stock.NOW) is True, "forgotten, as the oldest"


@pytest.mark.parametrize("subscribers", [50, pytest.param(1000, marks=pytest.mark.soak)])
def test_subscribers_who_poll_together_cause_no_writing(office: Office, subscribers: int) -> None:
    with office.store.writing() as session:
        secrets = [feeds.create_feed(session, stock.DONGCHUAN, now=office.clock.now()) for _ in range(subscribers)]
    held = {secret: office.client.get(f"/feeds/{secret}.ics").headers["etag"] for secret in secrets}
    before = fragment.cache_info()

    def poll(secret: str) -> int:
        return office.client.get(f"/feeds/{secret}.ics", headers={"if-none-match": held[secret]}).status_code

    with ThreadPoolExecutor(32) as readers:
        statuses = list(readers.map(poll, secrets * 4))
    assert statuses == [304] * 4 * subscribers
    assert fragment.cache_info() == before, "not one entry was looked up, let alone written"
