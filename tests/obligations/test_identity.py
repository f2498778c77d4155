"""A later derivation of the same notice recognises what is stored by overlapping words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from obligations.identity import Trait, match
from obligations.notice import Span


def trait(start: int, end: int, action: str = "报送", responsible: str = "各县区") -> Trait:
    return Trait(Span(start, end), responsible, action)


def test_a_span_that_grew_is_still_the_same_obligation() -> None:
    assert match([trait(10, 16)], [trait(8, 18)]) == [0]


def test_words_elsewhere_are_another_obligation() -> None:
    assert match([trait(10, 16)], [trait(16, 20), trait(10, 16)]) == [None, 0]


def test_duties_that_share_one_date_are_told_apart_by_what_is_to_be_done() -> None:
    stored = [trait(10, 16, "核查"), trait(10, 16, "报送")]
    assert match(stored, [trait(10, 16, "报送"), trait(10, 16, "核查")]) == [1, 0]


def test_a_new_duty_before_the_others_does_not_take_their_identity() -> None:
    stored = [trait(10, 16, "核查"), trait(30, 36, "报送")]
    assert match(stored, [trait(2, 6), trait(10, 16, "核查"), trait(30, 36, "报送")]) == [None, 0, 1]


TRAITS = st.lists(
    st.builds(
        lambda start, length, action: trait(start, start + length, action),
        *[st.integers(0, 30)] * 2,
        st.sampled_from("甲乙"),
    ),
    max_size=8,
)


@given(TRAITS, TRAITS)
def test_matching_is_one_to_one_and_only_where_words_overlap(stored: list[Trait], drafts: list[Trait]) -> None:
    found = match(stored, drafts)
    used = [j for j in found if j is not None]
    assert len(found) == len(drafts)
    assert len(used) == len(set(used))
    for draft, j in zip(drafts, found, strict=True):
        if j is not None:
            old = stored[j].span
            assert draft.span == old or max(draft.span.start, old.start) < min(draft.span.end, old.end)


@given(TRAITS)
def test_an_unchanged_derivation_matches_completely(stored: list[Trait]) -> None:
    assert None not in match(stored, stored)
