"""Subscriptions: a channel is checked, a secret shown once, nothing readable stored; listing, ending, rotating."""

from __future__ import annotations

from base64 import b64decode

import pytest

from tests.app.conftest import Duban

UNIT = "530113-gongxin"
ANNING = "530181-gongxin"
HOOK = "https://hooks.example.cn/token-1"


def test_an_address_is_subscribed_for_a_role(duban: Duban) -> None:
    told = duban.json("subscribe", UNIT, "--email", "zhang@example.cn", "--role", "head")
    assert {key: told[key] for key in ("unit", "channel", "role")} == {"unit": UNIT, "channel": "email", "role": "head"}
    assert "secret" not in told
    assert "zhang@example.cn" in repr(duban.contents()["recipient"])


def test_a_webhook_tells_its_secret_once_and_stores_neither_it_nor_the_address(duban: Duban) -> None:
    secret = duban.json("subscribe", UNIT, "--webhook", HOOK)["secret"]
    assert secret.startswith("whsec_")
    assert len(b64decode(secret.removeprefix("whsec_"))) >= 24
    assert UNIT in repr(duban.contents()["subscription"])
    stored = repr(duban.contents()["recipient"])
    assert "webhook" in stored
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


def test_an_address_that_is_known_keeps_its_secret_and_hears_of_another_unit(duban: Duban) -> None:
    assert duban.json("subscribe", UNIT, "--webhook", HOOK)["secret"]
    assert duban.json("subscribe", ANNING, "--webhook", HOOK)["secret"] is None
    assert "rotate-secret" in duban("subscribe", "530111-gongxin", "--webhook", HOOK).out
    assert len(duban.contents()["recipient"]) == 1


def test_the_list_shows_who_hears_of_what_and_when_without_showing_tokens(duban: Duban) -> None:
    duban.json("subscribe", ANNING, "--webhook", HOOK, "--quiet", "12:00-14:30")
    duban.json("subscribe", UNIT, "--email", "zhang@example.cn", "--role", "head", "--zone", "Asia/Urumqi")
    hook, mail = sorted(duban.json("subscriptions"), key=lambda one: one["channel"] == "email")
    assert {key: mail[key] for key in mail if key != "id"} == {
        "unit": UNIT,
        "role": "head",
        "channel": "email",
        "recipient": "zhang@example.cn",
        "state": "active",
        "trouble": None,
        "zone": "Asia/Urumqi",
        "quiet": None,
    }
    assert (hook["recipient"], hook["quiet"]) == ("https://hooks.example.cn/…", "12:00-14:30")
    assert [one["unit"] for one in duban.json("subscriptions", UNIT)] == [UNIT]
    assert "token-1" not in duban("subscriptions").out


def test_contact_hours_stay_unless_they_are_given_anew_and_an_empty_text_ends_them(duban: Duban) -> None:
    hours = ["--zone", "Asia/Urumqi", "--quiet", "12:00-14:30"]
    duban.json("subscribe", UNIT, "--email", "zhang@example.cn", *hours)
    duban.json("subscribe", ANNING, "--email", "zhang@example.cn", "--zone", "")
    assert {(one["zone"], one["quiet"]) for one in duban.json("subscriptions")} == {(None, "12:00-14:30")}


@pytest.mark.parametrize(
    ("option", "value", "named"),
    [
        ("--zone", "Asia/Dongchuan", "Asia/Dongchuan"),
        ("--quiet", "noon", "12:00-14:30"),
        ("--quiet", "08:00-18:00", "09:00-18:00"),
    ],
)
def test_contact_hours_that_cannot_be_kept_subscribe_nobody(duban: Duban, option: str, value: str, named: str) -> None:
    assert named in duban.refuses("subscribe", UNIT, "--email", "zhang@example.cn", option, value)


def test_who_unsubscribes_is_listed_no_more_and_may_come_back(duban: Duban) -> None:
    first = duban.json("subscribe", UNIT, "--email", "zhang@example.cn")["id"]
    assert "没有可用的渠道" in duban("unsubscribe", first).out
    assert duban.json("subscriptions") == []
    assert first in duban.refuses("unsubscribe", first)
    assert "no subscription 'nobody'" in duban.refuses("unsubscribe", "nobody")
    assert duban.json("subscribe", UNIT, "--email", "zhang@example.cn")["id"] == first


def test_a_secret_is_replaced_and_shown_once_and_only_a_webhook_has_one(duban: Duban) -> None:
    hook = duban.json("subscribe", UNIT, "--webhook", HOOK)
    told = duban.json("rotate-secret", hook["id"], "--keep", "48")
    assert told["secret"].startswith("whsec_")
    assert told["secret"] != hook["secret"]
    assert told["former_until"]
    stored = repr(duban.contents()["recipient"])
    assert told["secret"] not in stored
    assert duban.json("rotate-secret", hook["id"], "--keep", "0")["former_until"] is None
    mail = duban.json("subscribe", UNIT, "--email", "zhang@example.cn")["id"]
    assert "no webhook" in duban.refuses("rotate-secret", mail)
