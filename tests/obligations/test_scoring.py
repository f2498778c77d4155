"""Scoring of derived obligations; the annotations here are invented."""

from __future__ import annotations

from typing import Any

import pytest

from obligations.deadline import parse_deadline
from obligations.draft import Draft, Modality, Tier
from obligations.notice import Span
from obligations.scoring import BadAnnotations, calibration, read_annotations, same_deadline, score

TEXT = "甲局于5月6日前报送,乙局每月3日前报送,力争6月底前完成。"
FIXED = {"kind": "fixed", "date": "2025-05-06"}
MONTHLY = {"kind": "recurring", "freq": "monthly", "day": 3}


def annotated(words: str, deadline: dict[str, Any], responsible: str, **more: Any) -> dict[str, Any]:
    start = TEXT.index(words)
    return {
        "id": f"a-{words}",
        "notice": "a",
        "tier": "core",
        "modality": "must",
        "responsible": responsible,
        "action": "报送",
        "deadline": deadline,
        "deadline_span": {"start": start, "end": start + len(words)},
        **more,
    }


def draft(words: str, deadline: dict[str, Any], responsible: str, confidence: float = 0.95) -> Draft:
    span = Span(TEXT.index(words), TEXT.index(words) + len(words))
    return Draft(
        span=span,
        text=words,
        tier=Tier.CORE,
        modality=Modality.MUST,
        responsible=responsible,
        responsible_units=(responsible,),
        action="报送",
        deadline=parse_deadline(deadline),
        evidence=Span(0, len(TEXT)),
        pattern="p",
        confidence=confidence,
    )


GOLD = {
    "obligations": [
        annotated("5月6日前", FIXED, "甲局"),
        annotated("每月3日前", MONTHLY, "乙局", responsible_alts=["乙局办公室"]),
        annotated("6月底前", {"kind": "fixed", "date": "2025-06-30"}, "甲局", tier="soft", modality="goal"),
    ],
    "distractors": ["b"],
}


def test_agreement_on_all_counts() -> None:
    drafts = [draft("5月6日前", FIXED, "甲局"), draft("每月3日前", MONTHLY, "乙局办公室")]
    result = score({"a": (TEXT, drafts), "b": ("乙。", [])}, read_annotations(GOLD))
    assert (result.precision, result.recall, result.f1) == (1, 1, 1)
    assert (result.exact_share, result.responsible_share, result.false_alarms) == (1, 1, 0)
    assert result.misses == []
    assert list(calibration(result)) == [(0.9, 2, 2)]


def test_every_kind_of_miss_is_told() -> None:
    drafts = [
        draft("5月6日前", FIXED | {"date": "2025-05-07"}, "丙厅"),
        draft("报送", FIXED, "甲局", confidence=0.3),
        draft("6月底前", {"kind": "fixed", "date": "2025-06-30"}, "甲局"),
    ]
    result = score({"a": (TEXT, drafts), "b": (TEXT, drafts[:1])}, read_annotations(GOLD))
    told = [(one.kind, one.where, one.words) for one in result.misses]
    assert told == [
        ("missed", "a-每月3日前", "每月3日前"),
        ("deadline", "a-5月6日前", "5月6日前"),
        ("responsible", "a-5月6日前", "5月6日前"),
        ("spurious", "a", "报送"),
        ("spurious", "b", "5月6日前"),
    ]
    assert (result.matched, result.spurious, result.missed, result.false_alarms) == (1, 2, 1, 1)
    assert list(calibration(result)) == [(0.9, 0, 2), (0.3, 0, 1)]


def test_one_draft_answers_for_one_annotation_only() -> None:
    gold = {"obligations": [annotated("5月6日前", FIXED, "甲局"), annotated("5月6日前", FIXED, "乙局")]}
    result = score({"a": (TEXT, [draft("5月6日前", FIXED, "甲局")])}, read_annotations(gold))
    assert (result.matched, result.missed) == (1, 1)
    assert [one.where for one in result.misses] == ["a-5月6日前"]


def test_a_wide_draft_makes_room_for_a_narrow_one() -> None:
    """The clause overlaps both annotations, the word one: both find a partner."""
    clause = draft("于5月6日前报送,乙局每月3日前", FIXED, "甲局")
    narrow = draft("5月6日前", FIXED, "甲局")
    result = score({"a": (TEXT, [clause, narrow])}, read_annotations(GOLD))
    assert (result.matched, result.missed, result.spurious) == (2, 0, 0)


def test_one_time_told_twice_is_no_error() -> None:
    result = score({"a": (TEXT, [draft("5月6日前", FIXED, "甲局")] * 2)}, read_annotations(GOLD))
    assert (result.matched, result.spurious) == (1, 0)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (
            {"kind": "recurring", "freq": "monthly", "day": 3},
            {"kind": "recurring", "freq": "monthly", "days": [3]},
            True,
        ),
        ({"kind": "fixed", "date": "2025-05-06", "time": "24:00"}, FIXED, True),
        ({"kind": "fixed", "date": "2025-05-06", "time": "9:00"}, FIXED | {"time": "09:00"}, True),
        ({"kind": "fixed", "date": "2025-05-06", "year_inherited_from": "title"}, FIXED, True),
        ({"kind": "fixed", "date": "2025-05-06", "roll": "following"}, FIXED, False),
        ({"kind": "fixed", "date": "--05-06"}, FIXED, False),
        (MONTHLY, MONTHLY | {"freq": "quarterly", "month_of_period": 1}, False),
        (
            {"kind": "relative", "offset": 3, "unit": "day"},
            {"kind": "relative", "offset": 3, "unit": "working_day"},
            False,
        ),
        (
            {"kind": "relative", "offset": 3, "unit": "day"},
            {"kind": "relative", "offset": 3, "unit": "day", "direction": "after"},
            True,
        ),
        ({"kind": "window", "to": "2025-05-09"}, {"kind": "window", "from": "2025-05-01", "to": "2025-05-09"}, True),
        (
            {"kind": "window", "from": "2025-05-02", "to": "2025-05-09"},
            {"kind": "window", "from": "2025-05-01", "to": "2025-05-09"},
            False,
        ),
        (FIXED, {"kind": "window", "to": "2025-05-06"}, False),
    ],
)
def test_when_two_deadlines_are_the_same(one: dict[str, Any], other: dict[str, Any], *, same: bool) -> None:
    assert same_deadline(one, other) is same


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ([], "JSON object"),
        ({"obligations": [{}]}, "annotated obligation 1 lacks or misstates 'deadline'"),
        ({"obligations": [5]}, "annotated obligation 1"),
        ({"obligations": [], "distractors": "b"}, "distractors"),
    ],
)
def test_annotations_of_another_form_are_refused(data: object, reason: str) -> None:
    with pytest.raises(BadAnnotations, match=reason):
        read_annotations(data)
