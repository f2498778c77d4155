"""Four independent parsers read what we write, whatever a notice says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifiers.ical import Entry, Heading, Kind, Standing, calendar, clean, one_line, uid
from tests.notifiers.test_ical import ANY_TEXT, ENTRY
from tests.web.readers.parsers import PARSERS, Seen

DOMAIN = "duban.example"
MARKS = {Standing.OPEN: "【截止】", Standing.DONE: "【已办】", Standing.CANCELLED: "【已取消】"}
OF_EVENT = {Standing.OPEN: "CONFIRMED", Standing.DONE: "CONFIRMED", Standing.CANCELLED: "CANCELLED"}
OF_TODO = {Standing.OPEN: "NEEDS-ACTION", Standing.DONE: "COMPLETED", Standing.CANCELLED: "CANCELLED"}

each_parser = pytest.mark.parametrize("parser", PARSERS)


def heading(text: str) -> Heading:
    return Heading(
        name=text or "x", description=f"x\n{text}", url="https://duban.example/units/1", changed_at=ENTRY.changed_at
    )


def expected(entry: Entry, kind: Kind, parser: str) -> Seen:
    title = one_line(entry.title)
    day = entry.day
    if parser == "ics" and kind is Kind.TODO:
        day = datetime.combine(entry.day, time(0), UTC)
    return Seen(
        MARKS[entry.standing] + title if kind is Kind.EVENT else title,
        clean(entry.description),
        day,
        (OF_EVENT if kind is Kind.EVENT else OF_TODO)[entry.standing],
    )


@each_parser
@settings(deadline=None, max_examples=40)  # the machine may be busy
@given(
    texts=st.lists(ANY_TEXT, min_size=1, max_size=3),
    day=st.dates(date(2000, 1, 1), date(2099, 12, 30)),
    standing=st.sampled_from(list(Standing)),
    kind=st.sampled_from(list(Kind)),
)
def test_whatever_a_notice_says_survives(
    parser: str, texts: list[str], day: date, standing: Standing, kind: Kind
) -> None:
    entries = [
        # A title that is blank space only would be no title; ours never is.
        replace(ENTRY, id=f"n-o{n}", title=f"报{text}送", description=f"原文{text}止", day=day, standing=standing)
        for n, text in enumerate(texts)
    ]
    seen = PARSERS[parser](calendar(heading(texts[0]), entries, kind=kind, domain=DOMAIN))
    assert seen == {uid(entry.id, kind, DOMAIN): expected(entry, kind, parser) for entry in entries}


@each_parser
def test_a_clock_is_the_same_instant_for_all(parser: str) -> None:
    entry = replace(ENTRY, until=datetime(2026, 9, 30, 9, 0, tzinfo=UTC))
    (event,) = PARSERS[parser](calendar(heading("x"), [entry], kind=Kind.EVENT, domain=DOMAIN)).values()
    (to_do,) = PARSERS[parser](calendar(heading("x"), [entry], kind=Kind.TODO, domain=DOMAIN)).values()
    assert event.day == datetime(2026, 9, 30, 8, 30, tzinfo=UTC), "half an hour long, ending with the deadline"
    assert to_do.day == datetime(2026, 9, 30, 9, 0, tzinfo=UTC)


@each_parser
def test_an_empty_feed_is_a_calendar(parser: str) -> None:
    assert PARSERS[parser](calendar(heading("x"), [], kind=Kind.EVENT, domain=DOMAIN)) == {}
