"""Who may read and change what: loopback names, the token, sessions, and forms of other sites."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from tests.web import stock
from tests.web.conftest import Office, OpenOffice

TOKEN = "一把长长的钥匙-0123456789"
FIRST = "/occurrences/gas-o1.530113-ranqi.2026Q4"


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8765", "localhost", "LOCALHOST:1", "[::1]", "[::1]:8765"])
def test_this_machine_is_open_by_its_own_names(still_office: Office, host: str) -> None:
    assert still_office.client.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8765", "127.0.0.1.evil.example", "localhost.", "[::2]", "10.0.0.8", "127.0.0.1:x"],
)
@pytest.mark.parametrize("path", ["/", "/api/board", "/login", "/nothing-here"])
def test_a_foreign_name_for_this_machine_reads_nothing(still_office: Office, host: str, path: str) -> None:
    answer = still_office.client.get(path, headers={"host": host})
    assert answer.status_code == 421
    assert "燃气" not in answer.text


def test_with_a_token_every_page_and_call_needs_it(open_office: OpenOffice) -> None:
    client = open_office(access_token="key-1").client
    for path in ("/", FIRST, "/units", "/notices/gas", "/undated", "/nothing-here"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["location"]) == (302, f"/login?then={path}")
        assert client.get(path, headers=bearer("key-1")).status_code in (200, 404)
    for path in ("/api/board", "/api/nothing-here"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="duban"')
        assert client.get(path, headers=bearer("key-1")).status_code in (200, 404)
    assert client.get("/static/style.css").status_code == 200
    assert client.get("/healthz").json() == {"alive": True}


def test_a_wrong_token_is_refused(open_office: OpenOffice) -> None:
    client = open_office(access_token="key-1").client
    for wrong in (
        "Bearer",
        "Bearer key-2",
        "Bearer key-1x",
        "Basic a2V5LTE6a2V5LTE=",
        "key-1",
        "bearer: key-1",
        "Bearer ÿ",
    ):
        answer = client.get("/api/board", headers=[(b"authorization", wrong.encode("latin-1"))])
        assert answer.status_code == 401, wrong


def test_the_log_in_form_opens_a_session_that_scripts_and_other_sites_cannot_use(open_office: OpenOffice) -> None:
    office = open_office(access_token=TOKEN)
    refused = office.client.post("/login", data={"token": "wrong", "then": "/units"})
    assert refused.status_code == 403
    assert "口令不对" in refused.text
    assert "set-cookie" not in refused.headers
    opened = office.client.post("/login", data={"token": TOKEN, "then": "/units?light=near"})
    assert (opened.status_code, opened.headers["location"]) == (302, "/units?light=near")
    cookie = opened.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=Lax", "Secure", "Path=/"} <= set(cookie.split("; "))
    assert TOKEN not in cookie
    session = {"cookie": cookie.split(";")[0]}
    assert office.client.get("/", headers=session).status_code == 200
    assert office.client.get("/", headers={"cookie": session["cookie"] + "x"}).status_code == 302
    office.clock.move_to(stock.NOW + timedelta(hours=12, seconds=1))
    assert office.client.get("/", headers=session).status_code == 302, "a session ends"


def test_a_new_token_closes_old_sessions(open_office: OpenOffice) -> None:
    first = open_office(access_token="key-1")
    cookie = first.client.post("/login", data={"token": "key-1"}).headers["set-cookie"].split(";")[0]
    second = open_office(access_token="key-2")
    assert first.client.get("/", headers={"cookie": cookie}).status_code == 200
    assert second.client.get("/", headers={"cookie": cookie}).status_code == 302


def test_log_in_leads_nowhere_else(open_office: OpenOffice) -> None:
    client = open_office(access_token="key-1").client
    for then in ("//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/\r\nx: y"):
        assert client.post("/login", data={"token": "key-1", "then": then}).headers["location"] == "/"


FOREIGN_FORMS = [
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "http://127.0.0.1:1"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
]


@pytest.mark.parametrize("headers", FOREIGN_FORMS)
def test_a_form_of_another_site_changes_nothing(office: Office, headers: dict[str, str]) -> None:
    for path in (FIRST, f"/api{FIRST}", "/logout"):
        answer = office.client.post(path, data={"verb": "close", "note": "x"}, headers=headers)
        assert answer.status_code == 403
    assert office.client.get(f"/api{FIRST}").json()["status"] == "open"


def test_our_own_form_and_a_program_are_heard(office: Office) -> None:
    own = {"origin": str(office.client.base_url).rstrip("/")}
    assert office.client.post(FIRST, data={"verb": "close", "note": "已报"}, headers=own).status_code == 303
    browser = {"sec-fetch-site": "same-origin", "origin": "null"}
    assert office.client.post(FIRST, data={"verb": "reopen", "note": "退回"}, headers=browser).status_code == 303
    assert office.client.post(f"/api{FIRST}", json={"verb": "waive", "note": "免报"}).json()["status"] == "waived"


def test_every_answer_carries_the_security_headers(office: Office) -> None:
    answers: list[httpx.Response] = [
        office.client.get(path)
        for path in ("/", "/api/board", "/nothing-here", office.feed(), "/healthz", "/static/style.css")
    ]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["x-frame-options"] == "DENY"
        assert "server" not in answer.headers
    assert answers[0].headers["cache-control"] == "private, no-store"


def test_metrics_are_for_who_knows_the_token(open_office: OpenOffice) -> None:
    office = open_office(access_token="open sesame", metrics=lambda: b"duban_due_deliveries 0.0\n")
    assert office.client.get("/metrics").status_code in (302, 401)
    answer = office.client.get("/metrics", headers={"authorization": "Bearer open sesame"})
    assert (answer.status_code, answer.text) == (200, "duban_due_deliveries 0.0\n")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
