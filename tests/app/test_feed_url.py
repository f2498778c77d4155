"""`duban feed-url`: a secret address, printed once."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import cli
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
