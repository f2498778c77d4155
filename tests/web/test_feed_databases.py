"""A calendar is the same bytes on either database, a day later, and after a restart."""

from __future__ import annotations

from datetime import timedelta

from notifiers.ical import fragment
from scheduler.clock import ManualClock
from store.database import Store, open_store
from tests.web import stock
from tests.web.conftest import Office, served


def test_bytes_do_not_depend_on_the_database_the_day_or_the_process(
    store: Store, database_url: str, still_office: Office
) -> None:
    expected = still_office.client.get(still_office.feed())
    stock.fill(store)
    clock = ManualClock(stock.NOW)
    with served(store, clock) as office:
        path = office.feed()
        first = office.client.get(path)
        clock.move_to(stock.NOW + timedelta(days=1))
        second = office.client.get(path)
    fragment.cache_clear()
    again = open_store(database_url)
    try:
        with served(again, clock) as office:
            third = office.client.get(path)
    finally:
        again.close()
    assert first.content == second.content == third.content == expected.content
    assert b"BEGIN:VEVENT" in first.content
    assert {answer.headers["etag"] for answer in (first, second, third)} == {expected.headers["etag"]}


def test_oversized_requests_are_refused_and_leak_nothing(still_office: Office) -> None:
    path = still_office.feed()
    secret = path.removeprefix("/feeds/").removesuffix(".ics")
    long_header = still_office.client.get(path, headers={"x-long": "y" * 40_000})
    assert long_header.status_code == 431
    long_query = still_office.client.get(path, params={"kind": "z" * 20_000})
    assert long_query.status_code == 400
    for answer in (long_header, long_query):
        assert "BEGIN:VCALENDAR" not in answer.text
        assert secret not in answer.text
        assert len(answer.content) < 1_000
