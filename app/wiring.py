"""Builds the real parts once, from the settings; tests build others."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.settings import Settings, read_settings
from obligations.units import packaged_directory_file
from scheduler.clock import Clock, SystemClock
from scheduler.ingest import Desk
from store.database import Session, Store, open_store, sqlite_url
from store.units import directory_in_force, has_directory, put_directory
from store.vault import Vault, open_vault
from store.workdays import calendar_in_force


@dataclass(frozen=True, slots=True)
class Services:
    """What commands and the daemon work with."""

    settings: Settings
    clock: Clock
    store: Store
    vault: Vault

    def desk(self, session: Session, *, hold_all: bool = False) -> Desk:
        """Return what notices are worked up with now: the directory and the calendar in force."""
        directory = directory_in_force(session)
        assert directory, "build puts one in force"
        return Desk(
            now=self.clock.now(),
            directory=directory,
            calendar=calendar_in_force(session),
            zone=self.settings.zone,
            hold_all=hold_all,
        )


def build(*, data: Path | None = None, clock: Clock | None = None, settings: Settings | None = None) -> Services:
    """Open the store that the settings name; without `settings`, those of the environment.

    A fresh data folder is made, readable by its owner only; a fresh store gets the packaged sample directory of units.
    """
    settings = settings or read_settings(data=data)
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    store = open_store(settings.database_url or sqlite_url(settings.data))
    services = Services(settings, clock or SystemClock(settings.zone), store, open_vault(settings.data, settings.key))
    with store.reading() as session:
        known = has_directory(session)
    if not known:
        with store.writing() as session:
            put_directory(session, packaged_directory_file(), now=services.clock.now())
    return services
