"""The word lists of `words.toml` as pieces of regular expressions."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources

_TABLE = tomllib.loads(resources.files("obligations.roles").joinpath("words.toml").read_text(encoding="utf-8"))


def one_of(words: Iterable[str], unless: Mapping[str, Sequence[str]] | None = None) -> str:
    """Return a regular expression for any of `words`, longest first, grouped by first character to be quick.

    `unless` keeps a word from counting behind or before certain characters: word → (before it, behind it).
    """
    groups: dict[str, list[str]] = defaultdict(list)
    for word in sorted(set(words), key=lambda word: (-len(word), word)):
        before, behind = (unless or {}).get(word, ("", ""))
        guard = rf"(?<![{before}]{word})" if before else ""
        groups[word[0]].append(word[1:] + guard + (f"(?![{behind}])" if behind else ""))
    return "(?:" + "|".join(f"{first}(?:{'|'.join(rest)})" for first, rest in groups.items()) + ")"


def words_of(name: str) -> list[str]:
    """Return the words of the list `name`."""
    return [re.escape(word) for word in _TABLE[name]["words"].split()]


def openings(name: str) -> str:
    """Return the first characters of the words of the list `name`, for the brackets of a regular expression."""
    return "".join(sorted({word[0] for word in words_of(name)}))


def _list(name: str) -> str:
    return one_of(words_of(name), _TABLE[name].get("unless"))


DELIVER = _list("deliver")
ACT = _list("act")
DUTY_VERB = one_of([*words_of("deliver"), *words_of("act")], _TABLE["deliver"]["unless"])
MODAL = _list("modal")
PREPOSITION = _list("preposition")
FOLLOW = _list("follow")
UNIT = _list("unit")
AGENT = _list("agent")
NOT_SUBJECT = _list("not_subject")
