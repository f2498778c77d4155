"""What a visitor sees while something is wrong, and that reading goes on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy.event import listen

from store.errors import Trouble
from tests.web.conftest import Office, OpenOffice
from tests.web.stock import DONGCHUAN
from web.texts import TEXTS


@contextmanager
def locked(office: Office) -> Iterator[None]:
    """Let another program keep the database locked; the office waits for a moment only."""
    listen(office.store.engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout = 50"))
    office.store.engine.dispose()
    other = sqlite3.connect(office.folder / "duban.sqlite3", isolation_level=None)
    other.execute("begin immediate")
    yield
    other.execute("rollback")
    other.close()


def first_item(office: Office) -> str:
    return str(office.client.get("/api/board").json()["rows"][0]["id"])


def test_while_the_database_is_locked_pages_are_read_and_a_change_is_refused_with_its_reason(office: Office) -> None:
    item = first_item(office)
    with locked(office):
        assert office.client.get("/").status_code == 200
        assert office.client.get("/healthz").status_code == 200
        page = office.client.post(f"/occurrences/{item}", data={"verb": "close", "note": "已报"})
        call = office.client.post(f"/api/occurrences/{item}", json={"verb": "close", "note": "已报"})
    assert (page.status_code, call.status_code) == (503, 503)
    assert page.headers["retry-after"] == call.headers["retry-after"] == "30"
    assert "数据库正被别的程序占用" in page.text
    assert "没有保存" in call.json()["error"]["message"]
    again = office.client.post(f"/api/occurrences/{item}", json={"verb": "close", "note": "已报"})
    assert again.status_code == 200


def test_a_feed_of_an_office_without_database_is_503_and_never_empty(office: Office) -> None:
    path = office.feed(DONGCHUAN)
    assert office.client.get(path).status_code == 200
    listen(office.store.engine, "do_connect", _no_such_file)
    office.store.engine.dispose()
    answer = office.client.get(path)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "300")
    assert "VCALENDAR" not in answer.text
    board = office.client.get("/")
    assert board.status_code == 503
    assert "数据库文件无法读写" in board.text
    ready = office.client.get("/readyz")
    assert ready.status_code == 503
    assert "cannot be read or written" in ready.json()["checks"]["database"]


def _no_such_file(_dialect: object, _record: object, arguments: list[object], _parameters: object) -> None:
    arguments[0] = "/nowhere/duban.sqlite3"


@pytest.mark.parametrize("trouble", [*Trouble, "stopped", "failing"])
def test_every_page_says_in_both_languages_why_no_reminders_go_out(open_office: OpenOffice, trouble: str) -> None:
    office = open_office(trouble=lambda: trouble)
    for language, after in (("zh", "恢复后自动补发"), ("en", "What is due goes out afterwards")):
        page = office.client.get("/", params={"lang": language}).text
        assert 'role="alert"' in page
        assert TEXTS[f"trouble.{trouble}"][language == "en"].strip() in page
        assert after in page


def test_a_page_of_a_well_office_alarms_nobody(still_office: Office) -> None:
    assert 'role="alert"' not in still_office.client.get("/").text


def test_every_outage_has_words_for_who_wanted_to_change_something() -> None:
    assert {f"problem.{trouble}" for trouble in Trouble} <= TEXTS.keys()
