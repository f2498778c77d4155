"""`docs/channels.md` tells receivers the truth."""

from __future__ import annotations

import json
import re
from pathlib import Path

from notifiers.errors import Reason
from notifiers.webhook import BODY_LIMIT, TEXT_LIMIT, to_json
from tests.notifiers.examples import a_message

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "channels.md").read_text("utf-8")


def test_the_body_shown_is_the_body_sent() -> None:
    shown = re.search(r"```json\n(.*?)```", PAGE, re.S)
    assert shown
    assert json.loads(to_json(a_message())) == json.loads(shown[1])


def test_every_reason_is_explained_and_no_other() -> None:
    table = PAGE.split("## Why an attempt failed")[1]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.M)) == {str(reason) for reason in Reason}


def test_the_limits_are_those_of_the_program() -> None:
    assert f"at most {BODY_LIMIT:,} bytes" in PAGE
    assert f"at most {TEXT_LIMIT:,} bytes" in PAGE
