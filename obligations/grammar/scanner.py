"""From text to runs of tokens: words of time that stand directly beside each other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from obligations.grammar.lexicon import FOLLOWING, STARTING, Piece, Token

_TRIGGER = re.compile(
    r"[0-9一二三四五六七八九十两廿元正半每逐按各今明次翌去后同本当上下第年季月周星会纳财即自从印发公截最至不中午早晚傍凌夜前岁全]"
)
_GAP = re.compile(r" {0,2}的?(?:份的)? {0,2}")


def _compiled(pieces: Sequence[Piece]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?P<{piece.name}>{piece.expression})" for piece in pieces))


_READERS = {piece.name: piece.read for piece in (*STARTING, *FOLLOWING)}
_START = _compiled(STARTING)
_FOLLOW = _compiled(FOLLOWING)


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
        found = _read(_START, text, at)
        while found:
            run += found
            done = run[-1].end
            gap = _GAP.match(text, done)
            at = gap.end() if gap else done
            found = _read(_FOLLOW, text, at) or _read(_START, text, at)
        if run:
            yield run


def _read(pattern: re.Pattern[str], text: str, at: int) -> list[Token]:
    found = pattern.match(text, at)
    if found is None or found.lastgroup is None or found.end() == at:
        return []
    return _READERS[found.lastgroup](found[0], at)
