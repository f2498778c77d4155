"""`duban feed-url`: a secret address, printed once."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.calendar_clients import client_of
from app.cli import cli
from obligations.errors import BadQuestion
from store.database import open_store, sqlite_url
from store.errors import NotFound
from store.feeds import find_feed
from store.rows import FeedRow

RUNNER = CliRunner()


def test_an_address_of_32_random_bytes_is_printed_and_only_its_digest_kept(tmp_path: Path) -> None:
    arguments = ["feed-url", "530111-gongxin", "--data", str(tmp_path), "--label", "值班手机"]
    done = RUNNER.invoke(cli, [*arguments, "--json"], catch_exceptions=False)
    answer = json.loads(done.stdout)
    assert answer["unit"] == "530111-gongxin"
    secret = re.fullmatch(r"/feeds/([\w-]{43})\.ics", answer["path"])
    assert secret
    store = open_store(sqlite_url(tmp_path))
    with store.reading() as session:
        known = find_feed(session, secret[1])
        assert known
        row = session.get(FeedRow, known[0].id)
        assert row
        assert (row.label, row.unit_code) == ("值班手机", "530111-gongxin")
    store.close()
    assert not [file.name for file in tmp_path.iterdir() if secret[1].encode() in file.read_bytes()]
    again = RUNNER.invoke(cli, arguments, catch_exceptions=False)
    assert secret[1] not in again.stdout, "each call makes a new one"


def test_an_unknown_unit_gets_no_address(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="nobody"):
        RUNNER.invoke(cli, ["feed-url", "nobody", "--data", str(tmp_path)], catch_exceptions=False)


def run(folder: Path, *arguments: str) -> str:
    done = RUNNER.invoke(cli, [*arguments, "--data", str(folder)], catch_exceptions=False)
    assert done.exit_code == 0
    return done.stdout


def test_addresses_are_listed_changed_replaced_and_withdrawn(tmp_path: Path) -> None:
    run(tmp_path, "feed-url", "530111-gongxin", "530113-gongxin", "--label", "值班", "--alarms", "--json")
    (feed,) = json.loads(run(tmp_path, "feeds", "list", "--json"))
    assert (feed["scope"], feed["target"]) == ("person", "530111-gongxin,530113-gongxin")
    assert (feed["label"], feed["alarms"], feed["written"], feed["state"]) == ("值班", True, False, "active")
    changed = json.loads(run(tmp_path, "feeds", "set", feed["id"], "--no-alarms", "--written", "--json"))
    assert (changed["alarms"], changed["written"], changed["label"]) == (False, True, "值班")
    again = json.loads(run(tmp_path, "feeds", "rotate", feed["id"], "--json"))
    assert again["replaces"] == feed["id"]
    old, new = json.loads(run(tmp_path, "feeds", "list", "--json"))
    assert (old["state"], new["state"], new["written"], new["label"]) == ("replaced", "active", True, "值班")
    run(tmp_path, "feeds", "revoke", new["id"])
    assert json.loads(run(tmp_path, "feeds", "list", "--json"))[1]["state"] == "revoked"
    assert again["path"].split("/")[2].removesuffix(".ics") not in run(tmp_path, "feeds", "list")


def test_a_qr_code_holds_an_address_that_phones_reach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadQuestion, match="DUBAN_PUBLIC_URL"):
        RUNNER.invoke(cli, ["feed-url", "530111-gongxin", "--qr", "--data", str(tmp_path)], catch_exceptions=False)
    assert json.loads(run(tmp_path, "feeds", "list", "--json")) == [], "nothing was made"
    monkeypatch.setenv("DUBAN_PUBLIC_URL", "https://duban.example")
    drawn = run(tmp_path, "feed-url", "530111-gongxin", "--qr")
    assert "https://duban.example/feeds/" in drawn
    assert drawn.count("█") > 100


def test_an_address_is_for_one_thing(tmp_path: Path) -> None:
    for arguments in ([], ["530111-gongxin", "--notice", "n1"]):
        with pytest.raises(BadQuestion, match="exactly one"):
            RUNNER.invoke(cli, ["feed-url", *arguments, "--data", str(tmp_path)], catch_exceptions=False)


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Google-Calendar-Importer", "Google 日历"),
        ("Microsoft.Exchange/15.20", "Outlook"),
        ("iOS/19.1 dataaccessd/1.0", "Apple 日历"),
        ("Mozilla/5.0 (X11) Gecko/20100101 Thunderbird/153.0", "Thunderbird"),
        ("Evolution/3.46", "GNOME 日历"),
        ("curl/8", "其他程序"),
        (None, "其他程序"),
    ],
)
def test_a_program_is_known_by_its_user_agent(user_agent: str | None, name: str) -> None:
    assert client_of(user_agent).name == name
