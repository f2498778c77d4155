"""Feeds over HTTP: one test per rule of the wire."""

from __future__ import annotations

import gzip
import logging
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

import httpx
import pytest
from icalendar import Calendar

from notifiers.ical import fragment
from store.database import open_store, sqlite_url
from store.feeds import find_feed
from store.occurrences import Move, move
from store.rows import FeedRow
from tests.web import stock
from tests.web.conftest import Office, OpenOffice, served

FIRST = "gas-o1.530113-ranqi.2026Q4"


def events(answer: httpx.Response) -> dict[str, dict[str, str]]:
    """Return the properties of each event (or to-do) by occurrence."""
    assert answer.status_code == 200
    found = [*Calendar.from_ical(answer.content).walk("VEVENT"), *Calendar.from_ical(answer.content).walk("VTODO")]
    return {
        str(one["UID"]).split("@")[0].removesuffix("-todo"): {name: _written(one[name]) for name in one}
        for one in found
    }


def _written(value: object) -> str:
    to_ical = getattr(value, "to_ical", None)
    return to_ical().decode() if to_ical else str(value)


def settle(office: Office, occurrence_id: str, how: Move) -> None:
    with office.store.writing() as session:
        move(session, occurrence_id, how, note="试", now=office.clock.now(), today=office.clock.today())


def test_the_safe_day_is_the_entry_and_the_text_names_the_written_date_and_the_sentence(still_office: Office) -> None:
    entry = events(still_office.client.get(still_office.feed()))[FIRST]
    assert (entry["DTSTART"], entry["DTEND"]) == ("20260930", "20261001")
    assert entry["UID"] == f"{FIRST}@duban.example"
    assert entry["URL"] == f"https://duban.example/occurrences/{FIRST}"
    for words in (
        "安全日 2026-09-30 周三",
        "原文日期 2026-10-03 周六",
        stock.QUARTERLY,
        "市燃气管理办公室",
        "滇燃〔2026〕8号",
        "国庆节",
    ):
        assert words in entry["DESCRIPTION"]


def test_a_deadline_with_a_clock_keeps_it_in_utc(still_office: Office) -> None:
    entry = events(still_office.client.get(still_office.feed()))["gas-o3.530113-ranqi.once"]
    assert (entry["DTSTART"], entry["DTEND"]) == ("20260930T083000Z", "20260930T090000Z")
    assert entry["PRIORITY"] == "1", "the notice names a penalty"


def test_beyond_the_announced_year_the_title_says_so(still_office: Office) -> None:
    found = events(still_office.client.get(still_office.feed()))
    titles = {
        key.rpartition(".")[2]: entry["SUMMARY"].partition("报")[0] for key, entry in found.items() if "o1" in key
    }
    assert titles == {"2026Q4": "【截止】", **dict.fromkeys(("2027Q1", "2027Q2", "2027Q3"), "【截止】【暂定】")}


def test_to_dos_are_a_variant_of_their_own(still_office: Office) -> None:
    path = still_office.feed()
    plain, todo = still_office.client.get(path), still_office.client.get(path, params={"kind": "todo"})
    assert b"VTODO" not in plain.content
    assert b"VEVENT" not in todo.content
    assert events(todo).keys() == events(plain).keys()
    assert todo.headers["etag"] != plain.headers["etag"]
    assert still_office.client.get(path, params={"kind": "event"}).content == plain.content


def test_an_unknown_variant_is_refused_without_a_calendar(still_office: Office) -> None:
    answer = still_office.client.get(still_office.feed(), params={"kind": "journal"})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/plain; charset=utf-8")


def test_headers_of_a_full_answer(still_office: Office) -> None:
    answer = still_office.client.get(still_office.feed())
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["content-disposition"] == "inline"
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert answer.headers["etag"].strip('"').isalnum()
    assert "set-cookie" not in answer.headers
    assert parsedate_to_datetime(answer.headers["last-modified"]) <= stock.NOW


def test_head_is_get_without_a_body(still_office: Office) -> None:
    path = still_office.feed()
    full, head = still_office.client.get(path), still_office.client.head(path)
    assert head.content == b""
    drop = {"date"}
    assert {k: v for k, v in head.headers.items() if k not in drop} == {
        k: v for k, v in full.headers.items() if k not in drop
    }


@pytest.mark.parametrize("form", ['"{tag}"', 'W/"{tag}"', '"other", "{tag}"', '"a", W/"b" , W/"{tag}"', "*"])
def test_a_reader_that_has_it_gets_304_with_the_same_validators(still_office: Office, form: str) -> None:
    path = still_office.feed()
    full = still_office.client.get(path)
    held = form.format(tag=full.headers["etag"].strip('"'))
    answer = still_office.client.get(path, headers={"if-none-match": held})
    assert (answer.status_code, answer.content) == (304, b"")
    for name in ("etag", "last-modified", "cache-control", "vary"):
        assert answer.headers[name] == full.headers[name]
    assert "content-type" not in answer.headers


@pytest.mark.parametrize("held", ['"other"', "", "nonsense,,", '"unclosed'])
def test_a_reader_that_holds_something_else_gets_it_all_whatever_its_date_says(still_office: Office, held: str) -> None:
    answer = still_office.client.get(
        still_office.feed(), headers={"if-none-match": held, "if-modified-since": "Fri, 31 Dec 2100 00:00:00 GMT"}
    )
    assert answer.status_code == 200


def test_by_date_only_what_did_not_change_since_is_304(still_office: Office) -> None:
    path = still_office.feed()
    changed = parsedate_to_datetime(still_office.client.get(path).headers["last-modified"])
    for shift, status in ((0, 304), (3600, 304), (-1, 200)):
        since = format_datetime(changed + timedelta(seconds=shift), usegmt=True)
        assert still_office.client.get(path, headers={"if-modified-since": since}).status_code == status
    assert still_office.client.get(path, headers={"if-modified-since": "yesterday"}).status_code == 200


def test_gzip_only_when_asked_for_by_name(still_office: Office) -> None:
    path = still_office.feed()
    plain = still_office.client.get(path)
    for wish in ("", "identity", "br", "*", "gzip;q=0"):
        answer = still_office.client.get(path, headers={"accept-encoding": wish})
        assert "content-encoding" not in answer.headers, wish
    zipped = still_office.client.get(path, headers={"accept-encoding": "br;q=1, gzip;q=0.5"})
    assert zipped.headers["content-encoding"] == "gzip"
    assert int(zipped.headers["content-length"]) < len(plain.content) / 2
    assert zipped.content == plain.content
    assert zipped.headers["etag"] != plain.headers["etag"], "two representations, two strong validators"
    again = still_office.client.get(path, headers={"accept-encoding": "gzip", "if-none-match": zipped.headers["etag"]})
    assert again.status_code == 304
    assert gzip.decompress(gzip.compress(plain.content)) == plain.content


def test_a_change_moves_every_mark_of_the_item_and_leaves_the_others(office: Office) -> None:
    path = office.feed()
    before = office.client.get(path)
    office.clock.move_to(stock.NOW + timedelta(hours=1))
    settle(office, FIRST, Move.CLOSE)
    after = office.client.get(path, headers={"if-none-match": before.headers["etag"]})
    was, now = events(before), events(after)
    assert now[FIRST]["SUMMARY"] == "【已办】报送《管道巡检情况表》"
    assert int(now[FIRST]["SEQUENCE"]) == int(was[FIRST]["SEQUENCE"]) + 1
    assert now[FIRST]["DTSTAMP"] == now[FIRST]["LAST-MODIFIED"] == "20260921T015940Z"
    assert {key: entry for key, entry in now.items() if key != FIRST} == {k: e for k, e in was.items() if k != FIRST}
    settle(office, FIRST, Move.REOPEN)
    settle(office, FIRST, Move.WAIVE)
    waived = events(office.client.get(path))[FIRST]
    assert (waived["STATUS"], waived["SUMMARY"]) == ("CANCELLED", "【已取消】报送《管道巡检情况表》")


def test_bytes_are_equal_a_day_later_and_after_a_restart(office: Office) -> None:
    path = office.feed()
    first = office.client.get(path)
    office.clock.move_to(stock.NOW + timedelta(days=1))
    second = office.client.get(path)
    fragment.cache_clear()
    reopened = open_store(sqlite_url(office.folder))
    with served(reopened, office.clock) as restarted:
        third = restarted.client.get(path)
    reopened.close()
    assert first.content == second.content == third.content
    assert {answer.headers["etag"] for answer in (first, second, third)} == {first.headers["etag"]}
    assert {answer.headers["last-modified"] for answer in (first, second, third)} == {first.headers["last-modified"]}


def test_an_unchanged_feed_is_polled_without_writing_it_again(office: Office) -> None:
    path = office.feed()
    etag = office.client.get(path).headers["etag"]
    before = fragment.cache_info()
    answers = [office.client.get(path, headers={"if-none-match": etag}).status_code for _ in range(20)]
    answers += [office.client.get(path).status_code for _ in range(20)]
    assert answers == [304] * 20 + [200] * 20
    assert fragment.cache_info() == before


def test_what_is_settled_stays_sixty_days_and_its_going_moves_last_modified(office: Office) -> None:
    path = office.feed()
    settle(office, FIRST, Move.WAIVE)
    seen = []
    for days in (0, 60, 61, 62):
        office.clock.move_to(stock.NOW + timedelta(days=days))
        answer = office.client.get(path)
        seen.append((FIRST in events(answer), answer.headers["last-modified"]))
    assert [there for there, _ in seen] == [True, True, False, False]
    assert seen[0][1] == seen[1][1]
    assert parsedate_to_datetime(seen[2][1]) == datetime(2026, 11, 20, 16, tzinfo=UTC), "midnight in Shanghai"
    assert seen[3][1] == seen[2][1]


def test_what_lies_far_ahead_enters_thirteen_months_before_at_midnight(office: Office) -> None:
    far = {"kind": "fixed", "date": "2027-12-10"}
    stock.add_obligation(office.store, stock.TIMED, "2026年9月30日", far, stock.DONGCHUAN, seq=8)
    path = office.feed()
    seen = []
    for day in (9, 10, 11):
        office.clock.move_to(datetime(2026, 11, day, 12, tzinfo=stock.SHANGHAI))
        answer = office.client.get(path)
        seen.append(("gas-o8.530113-ranqi.once" in events(answer), answer.headers["last-modified"]))
    assert [there for there, _ in seen] == [False, True, True]
    assert parsedate_to_datetime(seen[1][1]) == datetime(2026, 11, 9, 16, tzinfo=UTC), "midnight in Shanghai"
    assert seen[2][1] == seen[1][1]


def test_a_right_that_ended_leaves_after_sixty_days_and_a_duty_stays(office: Office) -> None:
    soon = {"kind": "fixed", "date": "2026-09-24"}  # overdue, or ended, from the 25th
    for seq, kind in ((8, "right"), (9, "duty")):
        stock.add_obligation(office.store, stock.TIMED, "2026年9月30日", soon, stock.DONGCHUAN, seq=seq, kind=kind)
    path = office.feed()
    seen = {}
    for day in (1, 60, 61, 62):
        office.clock.move_to(datetime(2026, 9, 25, 12, tzinfo=stock.SHANGHAI) + timedelta(days=day))
        answer = office.client.get(path)
        found = {key.split(".")[0] for key in events(answer)}
        seen[day] = ("gas-o8" in found, "gas-o9" in found, answer.headers["last-modified"])
    assert {day: (right, duty) for day, (right, duty, _) in seen.items()} == {
        1: (True, True),
        60: (True, True),
        61: (False, True),
        62: (False, True),
    }
    assert seen[1][2] == seen[60][2] != seen[61][2] == seen[62][2]


def test_last_modified_never_goes_back(office: Office) -> None:
    path = office.feed()
    marks = [parsedate_to_datetime(office.client.get(path).headers["last-modified"])]
    for hours, how in ((1, Move.CLOSE), (2, Move.REOPEN), (3, Move.WAIVE)):
        office.clock.move_to(stock.NOW + timedelta(hours=hours))
        settle(office, FIRST, how)
        marks.append(parsedate_to_datetime(office.client.get(path).headers["last-modified"]))
    assert marks == sorted(set(marks))


def test_a_fault_is_503_and_never_an_empty_calendar(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    path = office.feed()
    with office.store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE occurrence RENAME TO elsewhere")
    with caplog.at_level(logging.ERROR):
        answer = office.client.get(path)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "300")
    assert b"VCALENDAR" not in answer.content
    assert "internal error at /feeds/<secret>.ics" in caplog.text
    assert path.removeprefix("/feeds/").removesuffix(".ics") not in caplog.text


def test_the_log_of_the_server_names_no_secret(still_office: Office, caplog: pytest.LogCaptureFixture) -> None:
    path = still_office.feed()
    with caplog.at_level(logging.INFO, logger="waitress"):
        logging.getLogger("waitress").info("Client disconnected while serving %s", f"{path}?kind=todo")
    assert caplog.messages == ["Client disconnected while serving /feeds/…"]


@pytest.mark.parametrize(
    "path",
    [
        "/feeds/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.ics",
        "/feeds/.ics",
        "/feeds/x",
        "/feeds/../feeds/x.ics",
        "/feeds//x.ics",
        "/feeds/%2e%2e%2fetc%2fpasswd.ics",
        "/feeds/" + "x" * 5000 + ".ics",
        "/feeds/%00.ics",
        "/feeds/%ff%fe.ics",
        "/feeds/",
    ],
)
def test_unknown_addresses_answer_404_and_echo_nothing(still_office: Office, path: str) -> None:
    answer = still_office.client.get(path)
    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers
    assert path.removeprefix("/feeds/").removesuffix(".ics") in ("", "x") or "xxxx" not in answer.text


def test_the_whole_secret_counts(still_office: Office) -> None:
    path = still_office.feed()
    secret = path.removeprefix("/feeds/").removesuffix(".ics")
    assert len(secret) == 43
    for wrong in (secret[:-1], secret.swapcase(), secret + "=", f" {secret}"):
        assert still_office.client.get(f"/feeds/{wrong}.ics").status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_only_reading_is_allowed(still_office: Office, method: str) -> None:
    answer = still_office.client.request(method, still_office.feed())
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]


def test_a_withdrawn_address_is_gone(office: Office) -> None:
    path = office.feed()
    with office.store.writing() as session:
        known = find_feed(session, path.removeprefix("/feeds/").removesuffix(".ics"))
        assert known is not None
        row = session.get(FeedRow, known[0].id)
        assert row is not None
        row.revoked_at = office.clock.now()
    assert office.client.get(path).status_code == 410


def test_only_the_digest_is_stored_and_the_owner_sees_who_came(office: Office) -> None:
    path = office.feed()
    secret = path.removeprefix("/feeds/").removesuffix(".ics")
    office.client.get(path, headers={"user-agent": "Calendar/1.0 \tx" + "y" * 200})
    with office.store.reading() as session:
        known = find_feed(session, secret)
    assert known is not None
    found, _ = known
    assert found.fetched_at == office.clock.now()
    assert found.client is not None
    assert found.client.startswith("Calendar/1.0 x")
    assert len(found.client) == 80
    assert not [file.name for file in office.folder.iterdir() if secret.encode() in file.read_bytes()]


def test_a_feed_needs_no_token_and_no_name_of_this_machine(open_office: OpenOffice) -> None:
    office = open_office(access_token="open sesame")
    assert office.client.get(office.feed(), headers={"host": "duban.example"}).status_code == 200
    assert office.client.get("/", follow_redirects=False).status_code == 302
