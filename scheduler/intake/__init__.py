"""Intake: from files to notices. Reads files only; no database, no network."""

from scheduler.intake.errors import BadSource
from scheduler.intake.reading import read_notices

__all__ = ["BadSource", "read_notices"]
