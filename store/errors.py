"""Errors of the store; each message says what to do next."""


class StoreError(Exception):
    """Base of the errors the store declares; the command line prints it as one sentence."""


class CannotMigrate(StoreError):
    """The database has a schema that this release can neither use nor bring up to date."""


class NotFound(StoreError):
    """No record has the id that was given."""


class Refused(StoreError):
    """The record exists, but its state does not allow what was asked."""
