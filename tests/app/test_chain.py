"""`duban chain`: three hands, one quarter; how much room each leaves the next, and when the publicity must begin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.app.conftest import Duban

NOTICE = """滇城市财政局关于做好稳岗贴息申报工作的通知

各县(市)区财政局：

一、贴息名单由受理部门在本单位网站公示，公示期为5个工作日。
二、贴息经办银行应于每季末次月5日前将《贴息申请汇总表》报送滇城市就业服务中心。
三、滇城市就业服务中心接报后于每季末次月15日前审核完毕并报送滇城市财政局。

滇城市财政局
2026年6月15日
"""


@pytest.fixture
def loan(duban: Duban, tmp_path: Path) -> Duban:
    path = tmp_path / "loan.txt"
    path.write_text(NOTICE, "utf-8")
    duban.at("2026-06-16T09:00:00+08:00")
    duban.json("ingest", str(path))
    return duban


def autumn(duban: Duban, day: str) -> str:
    (found,) = [row["id"] for row in duban.json("list") if row["written_on"] == f"2026-10-{day}"]
    return str(found)


def steps(answer: dict[str, Any]) -> list[tuple[str, str, bool]]:
    return [(step["due_on"], step["safe_on"], step["holds_it"]) for step in answer["steps"]]


def test_the_room_between_two_limits_and_who_holds_it(loan: Duban) -> None:
    for day in ("05", "15"):
        answer = loan.json("chain", autumn(loan, day), "--as-of", "2026-09-28")
        assert steps(answer) == [("2026-10-05", "2026-09-30", True), ("2026-10-15", "2026-10-15", False)]
        # 5 to 15 October 2026: the 8th, 9th, Saturday the 10th, and the 12th to the 15th are worked.
        assert answer["steps"][0]["slack"] == {"days": 10, "working_days": 7, "left": 7}
        assert answer["steps"][1]["slack"] is None


def test_a_step_that_is_late_eats_the_room_of_the_next_and_one_that_is_done_hands_on(loan: Duban) -> None:
    claim, review = autumn(loan, "05"), autumn(loan, "15")
    assert loan.json("chain", review, "--as-of", "2026-10-12")["steps"][0]["slack"]["left"] == 3
    loan.at("2026-09-29T10:00:00+08:00")
    loan("close", claim, "--note", "已报送")
    answer = loan.json("chain", review)
    assert [step["holds_it"] for step in answer["steps"]] == [False, True]
    assert answer["steps"][0]["done_on"] == "2026-09-29"
    assert answer["steps"][0]["slack"]["left"] == 8, "30 September and the seven of October"


def test_a_publicity_that_begins_too_late_is_told_so_with_the_last_day(loan: Duban) -> None:
    claim = autumn(loan, "05")
    # Safe on 30 September, so over on the 29th: the 21st to the 24th and Monday the 28th and 29th are worked.
    (start,) = loan.json("chain", claim)["latest_starts"]
    assert (start["words"], start["start_by"], start["ends_on"]) == ("5个工作日", "2026-09-21", "2026-09-29")
    assert (
        "警告：2026-09-22 开始已来不及，最迟应于 2026-09-21 开始" in loan("chain", claim, "--start", "2026-09-22").out
    )
    assert "2026-09-21 开始来得及" in loan("chain", claim, "--start", "2026-09-21").out


def test_what_does_not_exist_is_refused(loan: Duban) -> None:
    assert "nothing-o1" in loan.refuses("chain", "nothing-o1")
    assert "someday" in loan.refuses("chain", autumn(loan, "05"), "--start", "someday")
