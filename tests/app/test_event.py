"""`duban event`: a repair crew reports that the danger is over, and learns its dates."""

from __future__ import annotations

import pytest

from tests.app.conftest import SAMPLES, Duban

CREW = "530113-shuiwu"


@pytest.fixture
def waiting(duban: Duban) -> Duban:
    """A duty to file within 5 days after the danger is over."""
    duban.at("2026-07-20T09:00:00+08:00")
    duban.json("ingest", str(SAMPLES / "pipe-repair.txt"))
    duban.at("2026-09-29T18:00:00+08:00")
    return duban


def test_a_reported_event_answers_with_the_duties_and_their_dates(waiting: Duban) -> None:
    told = waiting.json("event", CREW, "险情排除", "2026-09-29")
    assert told["event"] == {
        "target": CREW,
        "name": "险情排除",
        "happened_at": "2026-09-29T00:00:00+08:00",
        "replaces": None,
    }
    (obligation,) = told["obligations"]
    (occurrence,) = told["occurrences"]
    assert occurrence["id"].startswith(f"{obligation}.{CREW}.ev")
    assert (occurrence["written_on"], occurrence["safe_on"]) == ("2026-10-04", "2026-09-30")
    assert [reading["date"] for reading in occurrence["readings"]] == ["2026-10-04", "2026-10-08", "2026-10-12"]
    assert [row["id"] for row in waiting.json("list")] == [occurrence["id"]]


def test_a_moved_event_says_what_it_was_before(waiting: Duban) -> None:
    waiting.json("event", CREW, "险情排除", "2026-09-29")
    ran = waiting("event", CREW, "险情排除", "2026-09-28T08:30:00+08:00")
    assert "原为 2026-09-29" in ran.out
    told = waiting.json("event", CREW, "险情排除", "2026-09-27")
    assert told["event"]["replaces"] == "2026-09-28T08:30:00+08:00"
    assert [row["written_on"] for row in waiting.json("list")] == ["2026-10-02"]


def test_with_another_both_stand(waiting: Duban) -> None:
    waiting.json("event", CREW, "险情排除", "2026-09-27")
    waiting.json("event", CREW, "险情排除", "2026-09-29", "--another")
    assert sorted(row["written_on"] for row in waiting.json("list")) == ["2026-10-02", "2026-10-04"]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        pytest.param([CREW, "险情排除", "2026-09-30"], "2026-09-30", id="still-to-come"),
        pytest.param([CREW, "险情排除", "昨天"], "昨天", id="no-instant"),
        pytest.param([CREW, "爆管", "2026-09-29"], "险情排除", id="unknown-event"),
        pytest.param(["530199", "险情排除", "2026-09-29"], "530199", id="unknown-target"),
    ],
)
def test_what_cannot_be_an_event_is_refused_in_one_sentence(waiting: Duban, arguments: list[str], named: str) -> None:
    assert named in waiting.refuses("event", *arguments)
