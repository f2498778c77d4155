"""Line breaking for terminals: Chinese text breaks between characters, but not before 、。 or inside a number."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len
from rich.text import Text

# Marks that may not begin a line, and marks that may not end one (GB/T 15834 on the position of punctuation).
_NEVER_FIRST = frozenset("、。，,；;：:！!？?）)》】”’〕]％%…·")
_NEVER_LAST = frozenset("（(《【“‘〔[")


def fold(text: Text, width: int) -> Text:
    """Return `text` with line breaks so that no line is wider than `width` columns; styles stay."""
    lines = text.divide(list(_breaks(text.plain, max(width, 4))))
    for line in lines:
        line.rstrip()
    return Text("\n").join(lines)


def _breaks(words: str, width: int) -> Iterator[int]:
    """Yield the offsets at which a new line begins; linear, since a break lies at most one line back."""
    start = allowed = used = 0
    for index, char in enumerate(words):
        if char == "\n":
            start, allowed, used = index + 1, index + 1, 0
            continue
        if index > start and _may_break(words[index - 1], char):
            allowed = index
        used += cell_len(char)
        if used <= width or index == start:
            continue
        start = allowed if allowed > start else index
        used = cell_len(words[start : index + 1])
        allowed = start
        yield start


def _may_break(before: str, after: str) -> bool:
    if after in _NEVER_FIRST or before in _NEVER_LAST or after == " ":
        return False
    return not (_is_word(before) and _is_word(after))


def _is_word(char: str) -> bool:
    return char.isascii() and (char.isalnum() or char in "@._-/+:")
