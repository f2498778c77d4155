"""The small language of forms, and the numerals under it."""

from __future__ import annotations

import re

import pytest

from obligations.grammar.forms import compile_form
from obligations.grammar.numerals import read_number, read_year

PIECES = {"date": "year? month day", "close": "before | within"}


def matches(form: str, codes: str) -> bool:
    return re.fullmatch(compile_form(form, PIECES).expression, codes) is not None


def test_a_form_reads_optional_words_choices_lists_and_pieces() -> None:
    assert matches("{date} clock? ({close})", "YMDCB")
    assert matches("{date} clock? ({close})", "MDL")
    assert not matches("{date} clock? ({close})", "MD")
    assert matches("month day (and month day)+", "MDSMDSMD")


def test_a_form_knows_what_it_can_open_with() -> None:
    shape = compile_form("by? {date} before", PIECES)
    assert shape.opens == {"b", "Y", "M"}
    assert not shape.empty


@pytest.mark.parametrize(
    ("form", "message"),
    [("month dya", "dya"), ("month (day", "parentheses"), ("month day)", "parentheses"), ("month & day", "&")],
)
def test_a_wrong_form_is_refused_with_the_wrong_word(form: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        compile_form(form, PIECES)


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("15", 15),
        ("1 5", 15),
        ("十", 10),
        ("十五", 15),
        ("二十", 20),
        ("廿三", 23),
        ("一百二十", 120),
        ("两", 2),
        ("三十一", 31),
    ],
)
def test_numbers(words: str, number: int) -> None:
    assert read_number(words) == number


@pytest.mark.parametrize("words", ["", "若干"])
def test_words_that_are_no_number_are_refused(words: str) -> None:
    with pytest.raises(ValueError, match="number"):
        read_number(words)


@pytest.mark.parametrize(("words", "year"), [("2024", 2024), ("二〇二四", 2024), ("二零一九", 2019), ("2 024", 2024)])
def test_years(words: str, year: int) -> None:
    assert read_year(words) == year
