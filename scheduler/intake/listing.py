"""Listing pages saved as text: blocks headed by a line `YYYY-MM`, each holding one notice."""

from __future__ import annotations

import re

_LABEL = re.compile(r"(?:19|20)\d{2}-(?:0[1-9]|1[0-2])")


def split_listing(text: str) -> list[tuple[str, str]] | None:
    """Return (label, text) per block, or `None` if `text` is no listing page.

    A label says when the page listed the notice, never when the notice was issued. What stands above the first
    label is the page's own; the text of a block is its lines, stripped of white space around them.
    """
    blocks: list[tuple[str, list[str]]] = []
    for line in text.split("\n"):
        stripped = line.strip()
        if _LABEL.fullmatch(stripped):
            blocks.append((stripped, []))
        elif blocks and stripped:
            blocks[-1][1].append(stripped)
    found = [(label, "\n".join(lines)) for label, lines in blocks if lines]
    return found or None
