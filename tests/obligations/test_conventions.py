"""Conventions: named values with their source, and arguments."""

from __future__ import annotations

import re

import pytest

from obligations.dates.conventions import CONVENTIONS, parse_convention
from obligations.errors import BadConvention


def test_every_convention_of_the_calendar_page_has_a_source_in_both_languages() -> None:
    assert set(CONVENTIONS) == {
        "cn.plain",
        "cn.civil",
        "cn.workdays",
        "cn.admin_short",
        "cn.procedure",
        "cn.custody",
        "cn.tax15",
        "cn.stat_fixed",
        "cn.stat_holiday_only",
        "cn.report_safe",
        "cn.publicity_min",
        "cn.backward",
    }
    for convention in CONVENTIONS.values():
        assert convention.text("zh") != convention.text("en")
        assert convention.source.zh != convention.source.en


def test_numbers_of_days_can_be_given() -> None:
    short = parse_convention("cn.admin_short(7, 5,2,3)")
    assert short.name == "cn.admin_short(2,3,5,7)"
    assert [n for n in range(1, 11) if short.reads_as_working_days(n)] == [2, 3, 5, 7]
    assert parse_convention("cn.admin_short").reads_as_working_days(5)
    assert [n for n in range(1, 12) if parse_convention("cn.procedure").reads_as_working_days(n)] == [3, 5, 7, 10]
    assert parse_convention("cn.workdays").reads_as_working_days(60)
    assert not parse_convention("cn.civil").reads_as_working_days(3)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("cn.unknown", "the convention must be one of cn.plain, cn.civil"),
        ("", "the convention must be one of"),
        ("cn.civil(3)", "the conventions with arguments are cn.plain(up)"),
        ("cn.plain(sideways)", "the conventions with arguments are cn.plain(up)"),
        ("cn.admin_short(up)", "the conventions with arguments are cn.plain(up)"),
        ("cn.admin_short(0)", "takes numbers of days from 1 to 366"),
        ("cn.admin_short(3", "the convention must be one of"),
        ("cn.admin_short(2,a)", "the convention must be one of"),
    ],
)
def test_an_unknown_convention_is_refused(name: str, sentence: str) -> None:
    with pytest.raises(BadConvention, match=re.escape(sentence)):
        parse_convention(name)
