"""The board's lights, counts and order, as the database computes them, against the rule stated for one occurrence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from obligations.kind import Kind
from obligations.status import LAST_DAY, LIGHTS, NEAR, NEAR_WORKING_DAYS, NORMAL, NOT_OPEN, Facts, light_of
from obligations.workdays.workcalendar import load_calendar
from store import board
from store.board import Scope
from store.database import Store
from store.errors import NotFound
from store.rows import NoticeRow, ObligationRow, OccurrenceRow, UnitRow
from store.states import OccurrenceState

TODAY = date(2026, 9, 21)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
CALENDAR = load_calendar()
WORDS = {status.value: light for status, light in LIGHTS.items()} | {
    board.LAST_DAY: LAST_DAY,
    board.NEAR: NEAR,
    board.NOT_OPEN: NOT_OPEN,
    board.NORMAL: NORMAL,
}
SCOPE = Scope(
    as_of=TODAY,
    second_day=CALENDAR.add_working_days(TODAY, 2),
    near_end=CALENDAR.add_working_days(TODAY, NEAR_WORKING_DAYS + 1),
)


def obligation(kind: Kind) -> ObligationRow:
    return ObligationRow(
        id=f"n-{kind}",
        notice_id="n",
        seq=1 if kind is Kind.DUTY else 2,
        kind=kind.value,
        start=0,
        end=1,
        text="前",
        evidence_start=0,
        evidence_end=1,
        tier="core",
        modality="must",
        responsible="",
        action="报送",
        deadline={"kind": "fixed", "date": "2026-09-30"},
        pattern="test",
        confidence=1.0,
        created_at=LONG_AGO,
    )


def cases() -> Iterator[Facts]:
    """Every state, with every date before, on and after the day in question, across the holiday and missing."""
    safe_days = [None, *(TODAY + timedelta(days=n) for n in (-40, -1, 0, 1, 2, 3, 4, 7))]
    ends = [TODAY + timedelta(days=n) for n in (-1, 0, 1)]
    for state, kind, safe_on, overdue_from in product(OccurrenceState, (Kind.DUTY, Kind.RIGHT), safe_days, ends):
        facts = Facts(state=state.value, kind=kind, overdue_from=overdue_from, safe_on=safe_on)
        if state in (OccurrenceState.CLOSED, OccurrenceState.WAIVED):
            yield from (replace(facts, finished_on=TODAY + timedelta(days=n)) for n in (-3, 0, 1))
        else:
            yield from (replace(facts, opens_on=day) for day in (None, TODAY, TODAY + timedelta(days=1)))


@pytest.fixture
def facts(store: Store) -> dict[str, Facts]:
    """Store one occurrence for each case; return the cases by id."""
    by_id = {f"n-{facts.kind}.u.{number}": facts for number, facts in enumerate(cases())}
    with store.writing() as session:
        session.add_all(UnitRow(code=code, name=code) for code in ("u", "v"))
        session.add(NoticeRow(id="n", sha256="n", text="前", ingested_at=LONG_AGO))
        session.flush()
        session.add_all(obligation(kind) for kind in (Kind.DUTY, Kind.RIGHT))
        session.flush()
        session.add_all(
            OccurrenceRow(
                id=id_,
                obligation_id=f"n-{facts.kind}",
                unit_code="u",
                period=id_,
                state=facts.state,
                written_on=TODAY,
                due_on=TODAY,
                due_at=LONG_AGO,
                safe_on=facts.safe_on,
                opens_on=facts.opens_on,
                overdue_from=facts.overdue_from,
                finished_on=facts.finished_on,
                known_at=LONG_AGO,
                changed_at=LONG_AGO,
            )
            for id_, facts in by_id.items()
        )
    return by_id


def test_the_database_and_the_rule_agree_on_every_light(store: Store, facts: dict[str, Facts]) -> None:
    with store.reading() as session:
        rows = board.list_rows(session, SCOPE, list(WORDS), limit=len(facts) + 1, offset=0)
        counts = board.count_by_light(session, SCOPE)
    assert {row.id for row in rows} == set(facts)
    wrong = []
    for row in rows:
        case = facts[row.id]
        left = CALENDAR.working_days_between(TODAY, case.safe_on) if case.safe_on else 0
        if WORDS[row.light] is not light_of(case, TODAY, left):
            wrong.append((row.light, light_of(case, TODAY, left).en, case))
    assert wrong == []
    assert counts == Counter(row.light for row in rows)
    assert set(counts) == set(WORDS) - {"undated"}, "every light was met"


def test_the_longest_overdue_come_first_then_the_earliest_safe_day(store: Store, facts: dict[str, Facts]) -> None:
    with store.reading() as session:
        rows = board.list_rows(session, SCOPE, board.PENDING, limit=len(facts), offset=0)
        second = board.list_rows(session, SCOPE, board.PENDING, limit=7, offset=5)
    overdue = [row for row in rows if row.light == "overdue"]
    rest = rows[len(overdue) :]
    assert overdue
    assert [row.overdue_from for row in overdue] == sorted(row.overdue_from for row in overdue)
    assert [row.safe_on or date.min for row in rest] == sorted(row.safe_on or date.min for row in rest)
    assert [row.id for row in second] == [row.id for row in rows[5:12]]


def test_a_filter_narrows_rows_and_counts_alike(store: Store, facts: dict[str, Facts]) -> None:
    nobody = Scope(as_of=TODAY, second_day=SCOPE.second_day, near_end=SCOPE.near_end, unit="v")
    elsewhere = Scope(as_of=TODAY, second_day=SCOPE.second_day, near_end=SCOPE.near_end, notice="other")
    with store.reading() as session:
        for scope in (nobody, elsewhere):
            assert board.count_by_light(session, scope) == {}
            assert board.list_rows(session, scope, list(WORDS), limit=10, offset=0) == []
        units = {unit.code: sum(counts.values()) for unit, counts in board.list_units(session, SCOPE)}
        with_work, with_dates = board.list_choices(session)
    assert units == {"u": len(facts), "v": 0}
    assert [choice.value for choice in with_work] == ["u"]
    assert [choice.value for choice in with_dates] == ["n"]


def test_an_unknown_id_is_said_to_be_unknown(store: Store) -> None:
    with store.reading() as session, pytest.raises(NotFound, match="nothing-of-the-kind"):
        board.find_case(session, "nothing-of-the-kind")
