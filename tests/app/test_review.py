"""`duban review`: an operator settles what waits, and the decision survives the next ingest."""

from __future__ import annotations

import pytest

from tests.app.conftest import SAMPLES, Duban

FUEL = str(SAMPLES / "fuel-returns.txt")


@pytest.fixture
def held(duban: Duban) -> tuple[Duban, str]:
    """Everything of a notice waits; with it the id of its quarterly return."""
    duban.at("2026-07-06T09:00:00+08:00")
    duban.json("ingest", FUEL, "--review", "all")
    (quarterly,) = [row["id"] for row in duban.json("review", "list") if row["deadline"].get("freq") == "quarterly"]
    return duban, quarterly


def test_what_waits_is_listed_and_shown_with_its_sentence(held: tuple[Duban, str]) -> None:
    duban, quarterly = held
    assert quarterly in duban("review", "list").out
    shown = duban.json("review", "show", quarterly)
    assert shown["text"] in shown["evidence"]
    assert [unit["name"] for unit in shown["units"]] == ["官渡区商务局", "寻甸县商务局"]
    page = duban("review", "show", quarterly).out
    assert f"【{shown['text']}】" in page
    assert "官渡区商务局" in page


def test_confirm_correct_and_reject_settle_it_for_good(held: tuple[Duban, str]) -> None:
    duban, quarterly = held
    assert "已更正" in duban("review", "correct", quarterly, "--set", "responsible=官渡区", "--note", "寻甸已停用").out
    assert "新增事项 4 项" in duban("review", "confirm", quarterly).out
    duban.json("ingest", FUEL)
    assert {row["unit"] for row in duban.json("list")} == {"530111-shangwu"}
    assert "撤销 4 项" in duban("review", "reject", quarterly, "--note", "来文已废止").out
    duban.json("ingest", FUEL)
    assert duban.json("list") == []
    history = duban.json("review", "show", quarterly)["history"]
    assert [one["note"] for one in history] == ["寻甸已停用", "经人工核对", "来文已废止"]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        pytest.param(["show", "n9-o9"], "n9-o9", id="unknown"),
        pytest.param(["confirm", "n9-o9"], "n9-o9", id="unknown-to-confirm"),
        pytest.param(["correct", "QUARTERLY", "--set", "responsible", "--note", "x"], "FIELD=VALUE", id="no-value"),
        pytest.param(["correct", "QUARTERLY", "--set", "start=3", "--note", "x"], "start", id="no-such-field"),
        pytest.param(["correct", "QUARTERLY", "--set", "deadline={}", "--note", "x"], "kind", id="no-deadline"),
        pytest.param(["reject", "QUARTERLY", "--note", " "], "--note", id="without-a-reason"),
    ],
)
def test_what_cannot_be_settled_is_refused_in_one_sentence(
    held: tuple[Duban, str], arguments: list[str], named: str
) -> None:
    duban, quarterly = held
    assert named in duban.refuses("review", *[quarterly if one == "QUARTERLY" else one for one in arguments])
