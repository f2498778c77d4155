"""Every production of the grammar reads its own example, and no other production reads it first."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from obligations.deadline import to_json
from obligations.derivation.completing import Memory, complete
from obligations.derivation.passage import Passage
from obligations.derivation.years import Dating
from obligations.grammar.productions import Production, find_times, productions
from obligations.normal import normalise
from obligations.notice import Span
from obligations.structure import Part, Sentence

PUBLISHED = date(2024, 3, 4)
WORDS = [
    "2024年",
    "9月",
    "6日",
    "前",
    "内",
    "每季度",
    "首月",
    "末",
    "次月",
    "至",
    "、",
    "17:00",
    "15个工作日",
    "各单位",
    "(周五)",
    "底",
]


def read(phrase: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the pattern and the deadline of each time in `phrase`, as if a notice of 2024-03-04 said nothing else."""
    plain = normalise(phrase)
    sentence = Sentence(Span(0, len(plain)), Part.BODY)
    memory = Memory(Dating(published=PUBLISHED))
    out = []
    for expression in find_times(plain):
        passage = Passage(plain, sentence, 0, expression.span)
        completed = complete(expression, passage, memory)
        assert completed is not None, f"{phrase} names a day that does not exist"
        deadline = to_json(completed.deadline)
        deadline.pop("marker", None)
        out.append((expression.pattern, deadline))
    return out


@pytest.mark.parametrize("production", productions(), ids=lambda production: production.name)
def test_a_production_reads_its_example(production: Production) -> None:
    assert read(production.example)[0] == (production.name, dict(production.gives))


@pytest.mark.parametrize(
    ("phrase", "deadline"),
    [
        pytest.param("2.5月6日前", {"kind": "fixed", "date": "2024-05-06"}, id="list-number-glued-to-the-date"),
        pytest.param("3 月 26 日 前", {"kind": "fixed", "date": "2024-03-26"}, id="spaced-digits"),
        pytest.param("９月６日（星期五）前", {"kind": "fixed", "date": "2024-09-06"}, id="full-width-and-weekday"),
        pytest.param("二〇二四年三月三十一日以前", {"kind": "fixed", "date": "2024-03-31"}, id="chinese-numerals"),
        pytest.param("元月15日前", {"kind": "fixed", "date": "2024-01-15"}, id="the-first-month"),
        pytest.param("5月10日中午12时前", {"kind": "fixed", "date": "2024-05-10", "time": "12:00"}, id="noon"),
        pytest.param("5月10日下午5点半前", {"kind": "fixed", "date": "2024-05-10", "time": "17:30"}, id="half-past"),
        pytest.param("5月10日24时前", {"kind": "fixed", "date": "2024-05-10", "time": "24:00"}, id="end-of-day"),
        pytest.param("2024.5.6前", {"kind": "fixed", "date": "2024-05-06"}, id="dotted-date"),
        pytest.param("2月底前", {"kind": "fixed", "date": "2024-02-29", "precision": "month"}, id="february"),
        pytest.param("明年1月10日前", {"kind": "fixed", "date": "2025-01-10"}, id="next-year"),
    ],
)
def test_spellings_of_a_day(phrase: str, deadline: dict[str, Any]) -> None:
    [(_, found)] = read(phrase)
    found.pop("year_inherited_from", None)
    assert found == deadline


@pytest.mark.parametrize(
    ("phrase", "rules"),
    [
        pytest.param("每年3月10日、9月20日前", [(3, 10), (9, 20)], id="different-days-stay-apart"),
        pytest.param("每年1月、4月、7月、10月的15日前", [(1, 15)], id="evenly-spaced-months-make-quarters"),
        pytest.param("每年6、12月10日前", [(6, 10)], id="numbers-share-the-word-month"),
    ],
)
def test_several_days_of_a_year(phrase: str, rules: list[tuple[int, int]]) -> None:
    assert [(found["month_of_period"], found["day"]) for _, found in read(phrase)] == rules


@pytest.mark.parametrize(
    "phrase", ["15分钟生活圈", "1∶1比例", "3月刊", "2024年度报告", "6日报", "第二条", "5月号楼", "月薪"]
)
def test_what_only_looks_like_a_time_is_none(phrase: str) -> None:
    assert [pattern for pattern, _ in read(phrase) if pattern not in ("count", "every-period")] == []


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=40).map("".join))
def test_spans_lie_in_the_text_and_in_order(text: str) -> None:
    plain = normalise(text)
    last = 0
    for expression in find_times(plain):
        assert last <= expression.span.start < expression.span.end <= len(plain)
        last = expression.span.end
