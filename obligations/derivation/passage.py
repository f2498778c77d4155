"""The words around a time: its clause, its sentence, what comes before and behind, all bounded."""

from __future__ import annotations

import re
from dataclasses import dataclass

from obligations.derivation.once import once
from obligations.notice import Span
from obligations.structure import Sentence

REACH = 240
"""How many characters of context are looked at on either side of a time."""

_OPEN, _CLOSE = "(《“", ")》”"
# The colon of a clock (17:30) parts nothing.
_EDGE = re.compile(r"[()《》“”,;。!?\n:](?<!\d:(?=\d\d))")


@dataclass(frozen=True)
class Passage:
    """One time in its sentence. All texts are normalised; offsets refer to the whole notice."""

    plain: str
    sentence: Sentence
    number: int  # of the sentence in the notice
    span: Span
    document: str = ""  # the title of the notice
    since: int = 0  # where the words of the duty before it in the clause end
    stop: int | None = None  # where the words of the next duty in the sentence begin
    whole: Span | None = None  # of the list of times that this one belongs to

    @once
    def start(self) -> int:
        """Where the sentence begins, at most `REACH` before the time."""
        return max(self.sentence.span.start, self.span.start - REACH)

    @once
    def end(self) -> int:
        """Where the sentence ends, at most `REACH` behind the time."""
        last = self.span.end if self.whole is None else max(self.whole.end, self.span.end)
        end = self.sentence.span.end if self.stop is None else self.stop
        return max(self.span.end, min(end, last + REACH))

    @once
    def behind(self) -> int:
        """Where the words behind the time, or behind the list it stands in, begin."""
        return max(self.span.end, min(self.whole.end, self.end)) if self.whole else self.span.end

    @once
    def clause(self) -> Span:
        """The clause that holds the time: between the nearest commas or colons outside brackets."""
        start, depth = self.start, 0
        for edge in reversed([*_EDGE.finditer(self.plain, self.start, self.span.start)]):
            char = edge[0]
            if char in _CLOSE:
                depth += 1
            elif char in _OPEN and depth:
                depth -= 1
            elif depth == 0:
                start = edge.end()
                break
        start = min(max(start, self.since), self.span.start)
        return Span(start, clause_end(self.plain, self.behind, self.end))

    @once
    def bracketed(self) -> bool:
        """Whether the time stands in brackets that open in its sentence."""
        return self.bracket is not None

    @once
    def bracket(self) -> int | None:
        """Where the words inside the brackets around the time begin, if it stands in any."""
        depth = 0
        for edge in reversed([*_EDGE.finditer(self.plain, self.start, self.span.start)]):
            if edge[0] == ")":
                depth += 1
            elif edge[0] == "(":
                if depth == 0:
                    return edge.end()
                depth -= 1
        return None

    @once
    def lead(self) -> str:
        """The words of the clause before the time, or before the list it stands in."""
        return self.plain[self.clause.start : min(self.span.start, self.whole.start) if self.whole else self.span.start]

    @once
    def tail(self) -> str:
        """The words of the clause behind the time, or behind the list it stands in."""
        return self.plain[self.behind : self.clause.end]

    @once
    def before(self) -> str:
        """The words of the sentence before the time."""
        return self.plain[self.start : self.span.start]

    @once
    def after(self) -> str:
        """The words of the sentence behind the time, or behind the list it stands in."""
        return self.plain[self.behind : self.end]

    @property
    def words(self) -> str:
        """The words of the time itself."""
        return self.plain[self.span.start : self.span.end]

    @once
    def title(self) -> str:
        """The titles of the headings above, outermost first."""
        return "|".join(heading.title.of(self.plain)[:40] for heading in self.sentence.headings)


def clause_end(plain: str, at: int, limit: int) -> int:
    """Return where the clause that runs at `at` ends: the next comma, colon or stop outside brackets."""
    depth = 0
    for edge in _EDGE.finditer(plain, at, limit):
        char = edge[0]
        if char in _OPEN:
            depth += 1
        elif char in _CLOSE and depth:
            depth -= 1
        elif depth == 0:
            return edge.start()
    return max(at, limit)


def clauses(plain: str, start: int, end: int) -> list[Span]:
    """Cut the words between the offsets at commas and colons outside brackets."""
    out: list[Span] = []
    while start < end:
        stop = clause_end(plain, start, end)
        if stop > start:
            out.append(Span(start, stop))
        start = stop + 1
    return out
