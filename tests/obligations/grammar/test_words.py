"""The words of time: each piece says truly with which characters it can begin."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from obligations.grammar.lexicon import FOLLOWING, STARTING, Piece


@pytest.mark.parametrize("piece", [*STARTING, *FOLLOWING], ids=lambda piece: piece.name)
def test_a_piece_begins_only_with_the_characters_it_names(piece: Piece) -> None:
    """A character left out would make the scanner pass over words that the expression matches."""

    @settings(max_examples=60, deadline=None, database=None)
    @given(st.from_regex(f"后?(?:{piece.expression})"))
    def begins(text: str) -> None:
        for found in re.finditer(piece.expression, text):
            assert re.match(f"[{piece.opens}]", found[0]), found[0]

    begins()
