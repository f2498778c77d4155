"""`duban subscribe`: a channel is checked, a secret is shown once, and nothing readable is stored."""

from __future__ import annotations

from base64 import b64decode

import pytest

from tests.app.conftest import Duban

UNIT = "530113-gongxin"
HOOK = "https://hooks.example.cn/token-1"


def test_an_address_is_subscribed_for_a_role(duban: Duban) -> None:
    told = duban.json("subscribe", UNIT, "--email", "zhang@example.cn", "--role", "head")
    assert {key: told[key] for key in ("unit", "channel", "role")} == {"unit": UNIT, "channel": "email", "role": "head"}
    assert "secret" not in told
    assert "zhang@example.cn" in repr(duban.contents()["subscription"])


def test_a_webhook_tells_its_secret_once_and_stores_neither_it_nor_the_address(duban: Duban) -> None:
    secret = duban.json("subscribe", UNIT, "--webhook", HOOK)["secret"]
    assert secret.startswith("whsec_")
    assert len(b64decode(secret.removeprefix("whsec_"))) >= 24
    stored = repr(duban.contents()["subscription"])
    assert UNIT in stored
    assert secret not in stored
    assert "token-1" not in stored
    assert "whsec_" in duban("subscribe", UNIT, "--webhook", HOOK + "-2").out


@pytest.mark.parametrize("channel", [["--email", "zhang@example.cn"], ["--webhook", HOOK]])
def test_the_same_channel_twice_is_refused_and_in_another_role_it_is_not(duban: Duban, channel: list[str]) -> None:
    duban.json("subscribe", UNIT, *channel)
    assert "already" in duban.refuses("subscribe", UNIT, *channel)
    duban.json("subscribe", UNIT, *channel, "--role", "regulator")
    assert len(duban.contents()["subscription"]) == 2


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        pytest.param(["530199", "--email", "zhang@example.cn"], "530199", id="unknown-unit"),
        pytest.param([UNIT, "--email", "zhang at example.cn"], "zhang at example.cn", id="no-address"),
        pytest.param([UNIT, "--email", "zhang@example.cn\nBcc: li@example.cn"], "zhang@example.cn", id="second-header"),
        pytest.param([UNIT, "--webhook", "hooks.example.cn"], "absolute URL", id="no-url"),
        pytest.param([UNIT, "--webhook", "ftp://hooks.example.cn/x"], "absolute URL", id="not-http"),
        pytest.param([UNIT, "--email", "zhang@example.cn", "--role", "boss"], "boss", id="unknown-role"),
        pytest.param([UNIT], "--email", id="no-channel"),
        pytest.param([UNIT, "--email", "a@example.cn", "--webhook", HOOK], "--webhook", id="two-channels"),
    ],
)
def test_what_cannot_be_subscribed_is_refused_in_one_sentence(duban: Duban, arguments: list[str], named: str) -> None:
    assert named in duban.refuses("subscribe", *arguments)
