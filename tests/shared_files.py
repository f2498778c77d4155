"""Where the annotated notices and calendar facts lie when they are beside the checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


def shared(path: str) -> Path:
    """Return the file or folder `path` of the annotated material, or skip the test where it is absent."""
    found = SHARED / path
    if not found.exists():
        pytest.skip(f"needs the annotated material: place it at {SHARED} so that {path} exists there")
    return found
