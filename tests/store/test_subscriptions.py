"""Channels are kept so that the database alone betrays neither an address with a token nor a secret."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet

from scheduler.clock import parse_instant
from store import subscriptions
from store.database import Store
from store.rows import Role
from store.states import ChannelKind
from store.subscriptions import Channel
from store.vault import BadKey, Vault
from tests.records import furnish

HOOK = Channel(ChannelKind.WEBHOOK, "https://hooks.example.cn/token-1", "whsec_c2VjcmV0")


def test_a_webhook_comes_back_with_its_own_key_only(store: Store) -> None:
    furnish(store)
    vault = Vault(Fernet.generate_key().decode())
    now = parse_instant("2026-11-23")
    with store.writing() as session:
        row = subscriptions.add(session, HOOK, unit_code="530113-gongxin", role=Role.HANDLER, vault=vault, now=now)
    with store.reading() as session:
        (known,) = subscriptions.of_unit(session, "530113-gongxin")
    assert known.id == row.id
    assert "token-1" not in known.address
    assert subscriptions.address_of(known, vault) == HOOK.address
    assert known.secret is not None
    assert vault.open(known.secret) == HOOK.secret
    with pytest.raises(BadKey):
        subscriptions.address_of(known, Vault(Fernet.generate_key().decode()))
