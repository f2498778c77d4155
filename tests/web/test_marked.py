"""Marks in a text: whatever the spans, the text stays whole and every marked character is marked."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from web.marked import Piece, mark

SPANS = st.lists(st.tuples(st.integers(-3, 40), st.integers(-3, 40)), max_size=8)


@settings(deadline=None)  # the machine may be busy
@given(text=st.text(max_size=36), ends=SPANS)
def test_the_text_is_whole_and_each_character_is_under_its_marks(text: str, ends: list[tuple[int, int]]) -> None:
    spans = [(start, end, str(number)) for number, (start, end) in enumerate(ends)]
    pieces = mark(text, spans)
    assert "".join(piece.text for piece in pieces) == text
    position = 0
    for piece in pieces:
        for offset in range(position, position + len(piece.text)):
            assert set(piece.marks) == {name for start, end, name in spans if start <= offset < end}
        position += len(piece.text)


@settings(deadline=None)  # the machine may be busy
@given(text=st.text(min_size=1, max_size=36), ends=SPANS)
def test_each_mark_opens_once(text: str, ends: list[tuple[int, int]]) -> None:
    spans = [(start, end, str(number)) for number, (start, end) in enumerate(ends)]
    opened = [name for piece in mark(text, spans) for name in piece.opens]
    visible = {name for start, end, name in spans if max(0, start) < min(end, len(text))}
    assert sorted(opened) == sorted(visible)


def test_the_deadline_inside_its_sentence_is_told_apart() -> None:
    assert mark("一、每季度3日前报送。二", [(2, 11, "o1")], (2, 8)) == [
        Piece("一、"),
        Piece("每季度3日前", ("o1",), ("o1",), strong=True),
        Piece("报送。", ("o1",)),
        Piece("二"),
    ]
