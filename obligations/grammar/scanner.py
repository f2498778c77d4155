"""From text to runs of tokens: words of time that stand directly beside each other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from obligations.grammar.lexicon import FOLLOWING, STARTING, Piece, Token

_TRIGGER = re.compile(
    r"[0-9一二三四五六七八九十两廿元正半每逐按各今明次翌去后同本当上下第年季月周星会纳财即自从印发公截最至不中午早晚傍凌夜前岁全]"
    r"(?<!\d\d(?!季))"  # inside a number only a quarter can begin
)
_GAP = re.compile(r" {0,2}的?(?:份的)? {0,2}")


class _Words:
    """Reads one word of time; of all pieces only those are tried that can begin with the character at hand."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = pieces
        self._readers = {piece.name: piece.read for piece in pieces}
        self._opening_with: dict[str, re.Pattern[str] | None] = {}

    def read(self, text: str, at: int) -> list[Token]:
        """Return the tokens of the first piece that matches at `at`, none if there is no such piece."""
        character = text[at]
        if character not in self._opening_with:
            self._opening_with[character] = self._alternatives(character)
        pattern = self._opening_with[character]
        found = pattern.match(text, at) if pattern else None
        if found is None or found.lastgroup is None or found.end() == at:
            return []
        return self._readers[found.lastgroup](found[0], at)

    def _alternatives(self, character: str) -> re.Pattern[str] | None:
        tried = [piece for piece in self._pieces if re.match(f"[{piece.opens}]", character)]
        return re.compile("|".join(f"(?P<{piece.name}>{piece.expression})" for piece in tried)) if tried else None


_START = _Words(STARTING)
_NEXT = _Words((*FOLLOWING, *STARTING))


def token_runs(text: str) -> Iterator[list[Token]]:
    """Yield the runs of adjacent tokens in `text`, in order, none overlapping.

    Spaces and 的 between two tokens do not part them. One pass, each character looked at a
    bounded number of times.
    """
    done = 0
    for trigger in _TRIGGER.finditer(text):
        at = trigger.start()
        if at < done:
            continue
        run: list[Token] = []
        found = _START.read(text, at)
        while found:
            run += found
            done = run[-1].end
            gap = _GAP.match(text, done)
            at = gap.end() if gap else done
            found = _NEXT.read(text, at) if at < len(text) else []
        if run:
            yield run
