"""One spelling for the characters that notices write in several ways, without moving an offset."""

from __future__ import annotations

import re

# Full-width forms U+FF01..U+FF5E fold to ASCII; the rest are look-alikes seen in published notices.
_FOLD = {chr(wide): chr(wide - 0xFEE0) for wide in range(0xFF01, 0xFF5F)} | {
    "\u3000": " ",
    "\u00a0": " ",
    "\t": " ",
    "∶": ":",
    "﹕": ":",
    "﹤": "<",
    "﹥": ">",
    "﹙": "(",
    "﹚": ")",
    "–": "-",
    "—": "-",
    "―": "-",
    "‐": "-",
    "−": "-",
    "~": "-",
    "～": "-",
    "［": "[",
    "］": "]",
    "〈": "《",
    "〉": "》",
    "○": "〇",
    "Ｏ": "O",
}
_VARIANT = re.compile(f"[{re.escape(''.join(_FOLD))}]")


def normalise(text: str) -> str:
    """Return `text` with variant characters folded; the same length, so offsets refer to both alike."""
    return _VARIANT.sub(lambda found: _FOLD[found[0]], text)
