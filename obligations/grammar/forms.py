"""The language forms are written in: words of time, `?`, `|`, `+`, parentheses and {pieces}.

    sequence = (alternative) joined by "|"; atom = word | {piece} | "(" sequence ")", each with "?" or "+"

A form compiles to a regular expression over token codes. It is short, so what it matches is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from obligations.grammar.lexicon import CODES

LONGEST_LIST = 12
"""How often `+` repeats at most; longer lists are read in several bites."""

_WORD = re.compile(r"\s*(?:\{(?P<piece>\w+)\}|(?P<word>\w+)|(?P<sign>[?|()+]))\s*")


class Shape(NamedTuple):
    """A compiled form: its regular expression, the codes it can open with, whether it can be empty."""

    expression: str
    opens: frozenset[str]
    empty: bool


def compile_form(form: str, pieces: Mapping[str, str]) -> Shape:
    """Compile `form`; `pieces` are named forms it may use.

    Raises:
        ValueError: the form uses a word, piece or sign that does not exist, or its parentheses do not pair.
    """
    words: list[str] = []
    at = 0
    while at < len(form):
        found = _WORD.match(form, at)
        if found is None:
            raise ValueError(f"a form is made of words, ? | + ( ) and {{pieces}}, got {form[at:]!r}")
        words += ["(", *_words_of(pieces[found["piece"]]), ")"] if found["piece"] else [found[0].strip()]
        at = found.end()
    shape, end = _alternatives(words, 0)
    if end != len(words):
        raise ValueError(f"the parentheses of a form must pair, got {form!r}")
    return shape


def _words_of(form: str) -> list[str]:
    return [found[0].strip() for found in _WORD.finditer(form)]


def _alternatives(words: list[str], at: int) -> tuple[Shape, int]:
    shapes: list[Shape] = []
    while True:
        shape, at = _sequence(words, at)
        shapes.append(shape)
        if at == len(words) or words[at] != "|":
            break
        at += 1
    opens = frozenset().union(*(shape.opens for shape in shapes))
    return Shape("|".join(shape.expression for shape in shapes), opens, any(shape.empty for shape in shapes)), at


def _sequence(words: list[str], at: int) -> tuple[Shape, int]:
    expression, opens, empty = "", frozenset[str](), True
    while at < len(words) and words[at] not in ("|", ")"):
        atom, at = _atom(words, at)
        if at < len(words) and words[at] in ("?", "+"):
            repeat = "?" if words[at] == "?" else f"{{1,{LONGEST_LIST}}}"
            atom = Shape(f"(?:{atom.expression}){repeat}", atom.opens, atom.empty or words[at] == "?")
            at += 1
        opens = opens | atom.opens if empty else opens
        expression, empty = expression + atom.expression, empty and atom.empty
    return Shape(expression, opens, empty), at


def _atom(words: list[str], at: int) -> tuple[Shape, int]:
    if words[at] == "(":
        shape, end = _alternatives(words, at + 1)
        if end == len(words):
            raise ValueError(f"the parentheses of a form must pair, got {' '.join(words)!r}")
        return Shape(f"(?:{shape.expression})", shape.opens, shape.empty), end + 1
    if words[at] not in CODES:
        raise ValueError(f"a word of a form must be one of {', '.join(CODES)}, got {words[at]!r}")
    code = CODES[words[at]]
    return Shape(code, frozenset(code), False), at + 1
