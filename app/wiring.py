"""Builds the real parts once, from the settings; tests build others."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.settings import Settings, read_settings
from scheduler.clock import Clock, SystemClock
from store.database import Store, open_store, sqlite_url
from store.vault import Vault, open_vault


@dataclass(frozen=True, slots=True)
class Services:
    """What commands and the daemon work with."""

    settings: Settings
    clock: Clock
    store: Store
    vault: Vault


def build(*, data: Path | None = None, clock: Clock | None = None) -> Services:
    """Open the store that the settings name; a fresh data folder is made, readable by its owner only."""
    settings = read_settings(data=data)
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    store = open_store(settings.database_url or sqlite_url(settings.data))
    return Services(settings, clock or SystemClock(settings.zone), store, open_vault(settings.data, settings.key))
