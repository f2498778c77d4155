"""Keeps secrets unreadable in the database: encrypted under a key that lives outside it."""

from __future__ import annotations

import hmac
import os
from functools import lru_cache
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from store.errors import StoreError

OPENED = 16_384
"""Texts that stay open in memory: to decrypt anew for every message costs as much as to sign it."""


class BadKey(StoreError):
    """The key is malformed, or not the one the secrets were sealed with."""


class Vault:
    """Seals and opens short texts (webhook addresses and secrets) with one Fernet key."""

    def __init__(self, key: str) -> None:
        try:
            self._fernet = Fernet(key)
        except ValueError:
            raise BadKey(
                "the key must be 32 bytes as URL-safe base64 (44 characters); it was not printed here"
            ) from None
        self._key = key.encode()
        self._decrypt = lru_cache(maxsize=OPENED)(self._fernet.decrypt)

    def fingerprint(self, text: str) -> str:
        """Return what tells `text` from any other and betrays nothing of it: the same for the same key, always."""
        return hmac.digest(self._key, text.encode(), "sha256").hex()

    def seal(self, text: str) -> str:
        """Return `text` encrypted; two calls give two different results."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Return what `seal` was given.

        Raises:
            BadKey: it was sealed with another key.
        """
        try:
            return self._decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise BadKey("a stored secret was sealed with another key: restore the data folder's key file") from None


def open_vault(folder: Path, key: str | None) -> Vault:
    """Return the vault for `key`, or for the key file in `folder`, made on first use and readable by its owner only."""
    if key:
        return Vault(key)
    path = folder / "key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return Vault(path.read_text().strip())
    with os.fdopen(descriptor, "w") as file:
        file.write(Fernet.generate_key().decode())
    return Vault(path.read_text().strip())
