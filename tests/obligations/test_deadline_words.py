"""Deadlines read back as words in Chinese and English."""

from __future__ import annotations

from typing import Any

import pytest

from obligations.deadline import parse_deadline
from obligations.deadline_words import deadline_words

CASES: list[tuple[dict[str, Any], str, str]] = [
    ({"kind": "fixed", "date": "2024-03-29", "time": "17:00"}, "2024-03-29 周五 17:00", "Fri 2024-03-29 17:00"),
    ({"kind": "fixed", "date": "--03-05"}, "3月5日（年份未写明）", "03-05 (year not stated)"),
    ({"kind": "fixed", "date": "2024-03-29", "time_text": "下班前"}, "2024-03-29 周五 下班前", "Fri 2024-03-29 下班前"),
    (
        {"kind": "window", "from": "2024-04-09", "to": "2024-05-09", "to_time": "18:00"},
        "2024-04-09 周二 至 2024-05-09 周四 18:00",
        "Tue 2024-04-09 – Thu 2024-05-09 18:00",
    ),
    (
        {"kind": "recurring", "freq": "quarterly", "month_of_period": 1, "day": 3},
        "每季度第1个月3日",
        "every quarter in month 1 of it day 3",
    ),
    (
        {"kind": "recurring", "freq": "yearly", "month_of_period": 4, "day": -1, "reports_on": "previous"},
        "每年4月最后一日，报上一期",
        "every year month 4 last day, for the period before",
    ),
    (
        {"kind": "recurring", "freq": "monthly", "days": [5, 20], "roll": "following"},
        "每月5日、20日，遇休息日顺延",
        "every month day 5 and day 20, moved on from days off",
    ),
    ({"kind": "recurring", "freq": "weekly", "weekday": 3, "time": "14:00"}, "每周三 14:00", "every week Wed 14:00"),
    (
        {"kind": "recurring", "freq": "monthly", "working_day": -1},
        "每月倒数第1个工作日",
        "every month working day from the end",
    ),
    ({"kind": "recurring", "freq": "monthly", "working_day": 8}, "每月第8个工作日", "every month working day 8"),
    (
        {"kind": "recurring", "freq": "daily", "time": "08:00", "from": "2024-04-01", "until": "2024-09-30"},
        "每日 08:00（2024-04-01 – 2024-09-30）",
        "every day 08:00 (2024-04-01 – 2024-09-30)",
    ),
    (
        {"kind": "relative", "event": "险情排除", "offset": 3, "unit": "day"},
        "险情排除后3日内",
        "within 3 days after 险情排除",
    ),
    (
        {"kind": "relative", "event": "开工", "offset": 7, "unit": "working_day", "direction": "before"},
        "开工前7个工作日",
        "7 working days before 开工",
    ),
    ({"kind": "relative", "event": "修剪", "direction": "before"}, "修剪前", "before 修剪"),
    ({"kind": "vague", "word": "及时"}, "待定：未写明时间 及时", "undated: no time stated (及时)"),
    (
        {"kind": "duration", "value": 5, "unit": "working_day"},
        "待定：时长 5个工作日",
        "undated: a length of time (5 working days)",
    ),
]


@pytest.mark.parametrize(("data", "chinese", "english"), CASES, ids=[chinese for _, chinese, _ in CASES])
def test_a_deadline_is_read_back(data: dict[str, Any], chinese: str, english: str) -> None:
    deadline = parse_deadline(data)
    assert deadline_words(deadline) == chinese
    assert deadline_words(deadline, "en") == english
