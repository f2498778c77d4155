"""Errors of the store; each message says what to do next."""

from __future__ import annotations

from enum import StrEnum


class StoreError(Exception):
    """Base of the errors the store declares; the command line prints it as one sentence."""


class CannotMigrate(StoreError):
    """The database has a schema that this release can neither use nor bring up to date."""


class NotFound(StoreError):
    """No record has the id that was given."""


class Refused(StoreError):
    """The record exists, but its state does not allow what was asked."""


class Trouble(StrEnum):
    """Why a database does not take or give anything for the time being."""

    BUSY = "busy"
    FULL = "full"
    DISK = "disk"
    AWAY = "away"


class Unavailable(StoreError):
    """The database cannot be used at the moment; nothing of the transaction was kept, and it may be tried again."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(_ADVICE[trouble])
        self.trouble = trouble


_ADVICE = {
    Trouble.BUSY: "the database is kept locked by another process: try again in a moment",
    Trouble.FULL: "the disk that holds the database is full: make room there",
    Trouble.DISK: "the database file cannot be read or written: check its disk and its permissions",
    Trouble.AWAY: "the database does not answer: check that it runs and can be reached",
}
