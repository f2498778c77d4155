"""The error of intake: one sentence that names the path and the right form."""

from __future__ import annotations

from pathlib import Path

from obligations.errors import DomainError


class BadSource(DomainError):
    """A file or folder cannot be read as notices; the message names it and says what would be accepted."""

    def __init__(self, path: Path | str, problem: str) -> None:
        super().__init__(f"cannot read {str(path)!r}: {problem}")
