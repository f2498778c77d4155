"""Channels are kept so that the database alone betrays neither an address with a token nor a secret."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet

from scheduler.clock import parse_instant
from store import recipients, subscriptions
from store.database import Store
from store.recipients import Address
from store.rows import Role
from store.states import ChannelKind
from store.vault import BadKey, Vault
from tests.records import furnish

HOOK = Address(ChannelKind.WEBHOOK, "https://hooks.example.cn/token-1")
SECRET = "whsec_c2VjcmV0"


def test_a_webhook_comes_back_with_its_own_key_only(store: Store) -> None:
    furnish(store)
    vault = Vault(Fernet.generate_key().decode())
    now = parse_instant("2026-11-23")
    with store.writing() as session:
        subscriptions.add(
            session, HOOK, unit_code="530113-gongxin", role=Role.HANDLER, vault=vault, now=now, secret=SECRET
        )
    with store.reading() as session:
        (known,) = subscriptions.of_unit(session, "530113-gongxin")
        assert recipients.find(session, HOOK, vault=vault) == known.recipient
    assert "token-1" not in repr(known.recipient)
    assert recipients.address_of(known.recipient, vault) == HOOK.text
    assert known.recipient.secret is not None
    assert vault.open(known.recipient.secret) == SECRET
    with pytest.raises(BadKey):
        recipients.address_of(known.recipient, Vault(Fernet.generate_key().decode()))
