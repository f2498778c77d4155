"""Settings: what is missing has a default, what cannot be used is named, and nothing secret is shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.settings import BadSetting, read_settings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "configuration.md"


def test_an_empty_variable_counts_as_missing() -> None:
    names = set(re.findall(r"`(DUBAN_[A-Z_]+)`", PAGE.read_text(encoding="utf-8")))
    assert len(names) > 10
    assert read_settings(dict.fromkeys(names, "")) == read_settings({})


@pytest.mark.parametrize(
    ("name", "value", "form"),
    [
        ("DUBAN_ZONE", "Beijing", "Asia/Shanghai"),
        ("DUBAN_LOG", "loud", "text or json"),
        ("DUBAN_OPERATOR_EMAIL", "ops at example.cn", "one mailbox"),
        ("DUBAN_OPERATOR_EMAIL", "ops@example.cn\nBcc: li@example.cn", "control characters"),
        ("DUBAN_MESSAGES_PER_MINUTE", "0", "from 1 to 1000000"),
        ("DUBAN_MESSAGES_PER_MINUTE", "many", "a whole number"),
        ("DUBAN_PING_URL", "ftp://watch.example/token", "https or http"),
    ],
)
def test_what_cannot_be_used_is_named_with_the_right_form(name: str, value: str, form: str) -> None:
    with pytest.raises(BadSetting, match=form) as caught:
        read_settings({name: value})
    assert name in str(caught.value)
    assert "token" not in str(caught.value)
