"""What is decided about one occurrence: when, for whom, why, and when to look again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obligations.policies import BadPolicy, Role, default_policies, parse_policies
from obligations.reminders import Decided, Reason, Situation, Subscriber, decide
from obligations.timetable import Timetable
from obligations.workdays.workcalendar import load_calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDAR = load_calendar()
POLICY = default_policies().of(unit="530113", notice="n", obligation="n-o1", freq=None)
TIMETABLE = Timetable(default_policies().hours, CALENDAR, SHANGHAI)


def at(text: str) -> datetime:
    """Return the instant that `text` names in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


LONG_AGO = at("2026-08-01T10:00")
# Due on 3 October 2026, a holiday: the safe day is 30 September, 8 October the latest lawful reading.
UNSIGNED = Situation(is_open=True, safe_on=date(2026, 9, 30), overdue_from=date(2026, 10, 9), known_at=LONG_AGO)
# Signed for, so that only the reminders of the date speak.
QUARTERLY = replace(UNSIGNED, is_signed=True)
CLERK = Subscriber("clerk", Role.HANDLER, LONG_AGO)
HEAD = Subscriber("head", Role.HEAD, LONG_AGO)
REGULATOR = Subscriber("regulator", Role.REGULATOR, LONG_AGO)


def sent(facts: Situation, now: datetime, *subscribers: Subscriber) -> list[tuple[str, str, Reason]]:
    """Return (subscriber, step, reason) of what is to be sent by `now`."""
    decision = decide(facts, POLICY, TIMETABLE, subscribers or (CLERK,), now=now)
    return [(d.subscriber, d.step, d.reason) for d in decision.steps if not d.collapsed]


def days_of(facts: Situation, *subscribers: Subscriber, until: str) -> dict[str, list[str]]:
    """Walk from one `next_at` to the next; return each subscriber's "step date" in order."""
    heard: dict[str, list[str]] = {subscriber.id: [] for subscriber in subscribers}
    seen: set[tuple[str, str]] = set()
    now: datetime | None = facts.known_at
    while now and now < at(until):
        decision = decide(facts, POLICY, TIMETABLE, subscribers, now=now)
        for step in decision.steps:
            if not step.collapsed and (step.subscriber, step.step) not in seen:
                seen.add((step.subscriber, step.step))
                heard[step.subscriber].append(f"{step.step} {step.send_at.astimezone(SHANGHAI):%m-%d}")
        assert decision.next_at is None or decision.next_at > now
        now = decision.next_at
    return heard


def test_the_ladder_climbs_over_working_days_only_and_the_regulator_hears_once_a_week() -> None:
    assert days_of(QUARTERLY, CLERK, HEAD, REGULATOR, until="2026-10-27T00:00") == {
        "clerk": ["T-7 09-20", "T-3 09-24", "T-1 09-29", "T-0 09-30", "+1 10-09"],
        "head": ["+1 10-09", "+6 10-15", "+11 10-22"],
        "regulator": ["+6 10-15", "+11 10-22"],
    }


def test_until_somebody_signs_a_handler_is_asked_to_and_no_longer_than_to_the_first_step() -> None:
    # 20 September is a worked Sunday, 25 September Mid-Autumn: 9 September lies 15 working days before the 30th.
    ladder = ["T-7 09-20", "T-3 09-24", "T-1 09-29", "T-0 09-30"]
    unsigned = days_of(UNSIGNED, CLERK, HEAD, until="2026-10-01T00:00")
    assert unsigned == {"clerk": ["S-15 09-09", "S-10 09-16", *ladder], "head": []}
    (asked,) = decide(UNSIGNED, POLICY, TIMETABLE, [CLERK], now=at("2026-09-09T09:00")).steps
    assert (asked.reason, asked.urgent, asked.collapsed) == (Reason.UNSIGNED, False, False)
    assert days_of(QUARTERLY, CLERK, HEAD, until="2026-10-01T00:00") == {"clerk": ladder, "head": []}


@pytest.mark.parametrize(
    ("known_at", "asked"),
    [
        pytest.param("2026-09-11T14:00", ["S-12 09-14"], id="on-the-next-working-morning-not-at-once"),
        pytest.param("2026-09-12T08:00", ["S-12 09-14"], id="not-on-a-saturday"),
        pytest.param("2026-09-14T08:59", ["S-12 09-14"], id="the-same-morning"),
        pytest.param("2026-09-18T09:01", [], id="not-when-the-first-reminder-speaks"),
    ],
)
def test_what_becomes_known_later_is_asked_to_be_signed_the_morning_after(known_at: str, asked: list[str]) -> None:
    facts = replace(UNSIGNED, known_at=at(known_at))
    assert days_of(facts, CLERK, until="2026-09-20T00:00")["clerk"] == asked


def test_nobody_signs_for_a_right_or_for_what_must_be_done_at_once() -> None:
    for facts in (replace(UNSIGNED, is_right=True), replace(UNSIGNED, act_now=True), replace(UNSIGNED, safe_on=None)):
        told = days_of(facts, CLERK, until="2026-12-01T00:00")["clerk"]
        assert not [step for step in told if step.startswith("S-")]


def test_steps_fall_on_nine_in_the_zone_spread_by_the_number_of_recipients() -> None:
    moment = at("2026-09-29T09:00")
    alone = decide(QUARTERLY, POLICY, TIMETABLE, [CLERK], now=moment, crowd=1).steps[-1]
    assert alone.planned_at == moment
    assert timedelta(0) <= alone.send_at - moment < timedelta(seconds=1)
    many = [Subscriber(f"s{n}", Role.HANDLER, LONG_AGO) for n in range(500)]
    steps = [d for d in decide(QUARTERLY, POLICY, TIMETABLE, many, now=moment, crowd=5000).steps if not d.collapsed]
    offsets = sorted(d.send_at - moment for d in steps)
    assert len({d.send_at.replace(second=0, microsecond=0) for d in steps}) == 20
    assert timedelta(0) <= offsets[0] < timedelta(minutes=1)
    assert timedelta(minutes=19) < offsets[-1] < timedelta(minutes=20)
    again = [d for d in decide(QUARTERLY, POLICY, TIMETABLE, many, now=moment, crowd=5000).steps if not d.collapsed]
    assert steps == again


def test_before_the_first_step_there_is_nothing_but_a_time_to_look_again() -> None:
    decision = decide(QUARTERLY, POLICY, TIMETABLE, [CLERK], now=at("2026-09-19T23:00"))
    assert decision.steps == ()
    assert decision.next_at == at("2026-09-20T09:00")


def test_after_downtime_the_latest_missed_step_goes_out_and_the_others_are_put_on_record() -> None:
    decision = decide(QUARTERLY, POLICY, TIMETABLE, [CLERK], now=at("2026-09-29T14:30"))
    assert [(d.step, d.reason, d.collapsed) for d in decision.steps] == [
        ("T-7", Reason.PASSED_OVER, True),
        ("T-3", Reason.PASSED_OVER, True),
        ("T-1", Reason.STEP, False),
    ]
    late = decide(QUARTERLY, POLICY, TIMETABLE, [CLERK], now=at("2026-09-28T14:30")).steps[-1]
    assert (late.step, late.reason, late.send_at) == ("T-3", Reason.CAUGHT_UP, at("2026-09-28T14:30"))


@pytest.mark.parametrize(
    ("now", "goes_out_on"),
    [
        pytest.param("2026-09-25T11:00", date(2026, 9, 28), id="a-holiday-waits-for-monday"),
        pytest.param("2026-09-20T23:00", date(2026, 9, 21), id="the-evening-waits-for-the-morning"),
        pytest.param("2026-09-20T11:00", date(2026, 9, 20), id="a-make-up-sunday-is-a-working-day"),
    ],
)
def test_a_missed_step_waits_for_working_hours(now: str, goes_out_on: date) -> None:
    step = decide(QUARTERLY, POLICY, TIMETABLE, [CLERK], now=at(now)).steps[-1]
    assert step.send_at.astimezone(SHANGHAI).date() == goes_out_on
    assert time(9) <= step.send_at.astimezone(SHANGHAI).time() < time(18)


def test_a_step_held_over_a_holiday_collapses_into_the_step_of_that_morning() -> None:
    held = decide(QUARTERLY, POLICY, TIMETABLE, [CLERK], now=at("2026-10-02T10:00")).steps[-1]
    assert (held.step, held.send_at.astimezone(SHANGHAI).date()) == ("T-0", date(2026, 10, 8))
    overdue = decide(QUARTERLY, POLICY, TIMETABLE, [CLERK], now=at("2026-10-09T09:00")).steps
    assert [(d.step, d.collapsed) for d in overdue[-2:]] == [("T-0", True), ("+1", False)]


def test_nothing_is_said_about_what_passed_before_the_duty_was_known() -> None:
    facts = replace(QUARTERLY, known_at=at("2026-09-28T15:00"))
    decision = decide(facts, POLICY, TIMETABLE, [CLERK], now=at("2026-09-28T15:00"))
    assert decision.steps == ()
    assert decision.next_at == at("2026-09-29T09:00")


def test_a_duty_whose_safe_day_has_come_is_told_at_once_even_on_a_holiday() -> None:
    facts = replace(QUARTERLY, known_at=at("2026-10-02T22:00"))
    (step,) = decide(facts, POLICY, TIMETABLE, [CLERK, HEAD], now=at("2026-10-02T22:00:03")).steps
    assert (step.subscriber, step.step, step.reason) == ("clerk", "now", Reason.KNOWN_LATE)
    assert step.urgent
    assert step.send_at == at("2026-10-02T22:00")


def test_a_duty_known_before_the_office_opens_on_its_safe_day_is_told_that_morning() -> None:
    facts = replace(QUARTERLY, known_at=at("2026-09-30T00:30"))
    assert sent(facts, at("2026-09-30T00:31")) == []
    assert sent(facts, at("2026-09-30T09:00")) == [("clerk", "T-0", Reason.STEP)]


def test_a_duty_in_hours_is_told_at_once_and_then_only_when_overdue() -> None:
    facts = replace(QUARTERLY, act_now=True, safe_on=None, known_at=at("2026-10-03T02:00"))
    assert sent(facts, at("2026-10-03T02:00")) == [("clerk", "now", Reason.URGENT)]
    assert days_of(facts, CLERK, until="2026-10-20T00:00")["clerk"] == ["now 10-03", "+1 10-09", "+6 10-15"]


def test_a_late_subscriber_hears_of_a_safe_day_that_has_come_in_working_hours() -> None:
    joined = Subscriber("new", Role.HANDLER, at("2026-10-03T20:00"))
    (step,) = decide(QUARTERLY, POLICY, TIMETABLE, [joined], now=at("2026-10-03T20:00:01")).steps
    assert (step.step, step.reason, step.urgent) == ("now", Reason.JOINED_LATE, False)
    assert step.send_at.astimezone(SHANGHAI).date() == date(2026, 10, 8)


def test_a_subscriber_hears_nothing_of_steps_before_the_subscription() -> None:
    joined = Subscriber("new", Role.HANDLER, at("2026-09-25T10:00"))
    assert sent(QUARTERLY, at("2026-09-25T10:01"), joined) == []
    assert sent(QUARTERLY, at("2026-09-29T09:00"), joined) == [("new", "T-1", Reason.STEP)]


def test_head_and_handler_stand_in_for_each_other_but_the_regulator_for_nobody() -> None:
    assert sent(QUARTERLY, at("2026-09-29T09:00"), HEAD) == [("head", "T-1", Reason.STEP)]
    assert sent(QUARTERLY, at("2026-09-29T09:00"), REGULATOR) == []
    assert sent(QUARTERLY, at("2026-10-15T09:00"), CLERK) == [("clerk", "+6", Reason.OVERDUE)]


def test_a_closed_occurrence_is_never_looked_at_again() -> None:
    decision = decide(replace(QUARTERLY, is_open=False), POLICY, TIMETABLE, [CLERK], now=at("2026-09-29T09:00"))
    assert decision.steps == ()
    assert decision.next_at is None


def test_a_clock_that_stands_before_the_records_still_reminds() -> None:
    future = at("2026-11-23T10:00")
    facts = replace(QUARTERLY, known_at=future)
    assert sent(facts, at("2026-09-29T09:00:02"), replace_since(CLERK, future)) == [("clerk", "T-1", Reason.STEP)]


def test_a_step_that_expires_is_put_on_record_instead() -> None:
    steps = tuple(replace(step, expires_after=1) for step in POLICY.steps)
    policy = replace(POLICY, steps=steps)
    in_time = decide(QUARTERLY, policy, TIMETABLE, [CLERK], now=at("2026-09-21T10:00")).steps
    assert [(d.step, d.reason) for d in in_time] == [("T-7", Reason.CAUGHT_UP)]
    too_late = decide(QUARTERLY, policy, TIMETABLE, [CLERK], now=at("2026-09-22T10:00")).steps
    assert [(d.step, d.reason, d.collapsed) for d in too_late] == [("T-7", Reason.EXPIRED, True)]


def replace_since(subscriber: Subscriber, since: datetime) -> Subscriber:
    return Subscriber(subscriber.id, subscriber.role, since)


DAYS_2024_2027 = 4 * 365
instants = st.integers(0, DAYS_2024_2027 * 24 * 60).map(
    lambda minutes: at("2024-01-01T00:00") + timedelta(minutes=minutes)
)


@given(
    known_at=instants,
    lead=st.integers(-5, 60),
    grace=st.integers(1, 12),
    later=st.integers(0, 60 * 24 * 120),
    role=st.sampled_from(Role),
)
def test_whatever_is_planned_falls_into_working_hours_and_only_the_latest_step_is_sent(
    known_at: datetime, lead: int, grace: int, later: int, role: Role
) -> None:
    safe_on = CALENDAR.previous_working(known_at.date() + timedelta(days=lead))
    facts = Situation(
        is_open=True, safe_on=safe_on, overdue_from=safe_on + timedelta(days=grace), known_at=known_at, act_now=False
    )
    now = known_at + timedelta(minutes=later)
    decision = decide(facts, POLICY, TIMETABLE, [Subscriber("one", role, known_at)], now=now)
    live = [d for d in decision.steps if not d.collapsed]
    assert len(live) <= 1
    for step in live:
        assert step.urgent or in_working_hours(step)
        assert all(d.planned_at <= step.planned_at for d in decision.steps)
        assert step.send_at >= step.planned_at >= known_at
    assert decision.next_at is not None
    assert decision.next_at > now


def in_working_hours(step: Decided) -> bool:
    local = step.send_at.astimezone(SHANGHAI)
    return CALENDAR.is_working(local.date()) and time(9) <= local.time() < time(18)


@given(minutes=st.integers(0, 100 * 24 * 60), later=st.timedeltas(timedelta(0), timedelta(days=40)))
def test_a_step_once_decided_stays_decided(minutes: int, later: timedelta) -> None:
    now = LONG_AGO + timedelta(minutes=minutes)
    first = {d.step: d.planned_at for d in decide(QUARTERLY, POLICY, TIMETABLE, [CLERK], now=now).steps}
    final = {d.step: d.planned_at for d in decide(QUARTERLY, POLICY, TIMETABLE, [CLERK], now=now + later).steps}
    assert first.items() <= final.items()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("no json", "not JSON"),
        ('{"policies": {}}', "rules"),
        ('["a list"]', "JSON object"),
    ],
)
def test_a_malformed_policy_is_refused_with_its_place(text: str, says: str) -> None:
    with pytest.raises(BadPolicy, match=says):
        parse_policies(text)


def document(**changes: object) -> str:
    """Return a document with one policy and `changes`."""
    policy = {"at_once": ["handler"], "steps": [{"before_safe_day": 0, "audience": ["handler"]}]}
    data: dict[str, object] = {
        "hours": {"from": "08:30", "until": "17:30"},
        "spread": {"seconds_each": 1, "minutes_at_most": 10},
        "policies": {"p": policy, "q": policy},
        "rules": [{"policy": "p", "unit": "530113"}, {"policy": "q"}],
    }
    return json.dumps(data | changes)


def steps(*given: object) -> dict[str, object]:
    return {"policies": {"p": {"at_once": ["handler"], "steps": list(given)}}, "rules": [{"policy": "p"}]}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (steps(), "needs a step on the safe day"),
        (steps({"before_safe_day": 0, "audience": ["mayor"]}), "audience in p"),
        (
            steps({"before_safe_day": 0, "overdue": 1, "audience": ["head"]}),
            "one of please_sign, before_safe_day and overdue",
        ),
        (steps({"before_safe_day": 0, "every": 1, "audience": ["head"]}), "comes once, without every"),
        (steps({"before_safe_day": -1, "audience": ["head"]}), "from 0 to 250"),
        ({"hours": {"from": "17:00", "until": "09:00"}}, "longer than the spread"),
        ({"hours": {"from": "nine", "until": "18:00"}}, "HH:MM"),
        ({"spread": {"seconds_each": -1, "minutes_at_most": 10}}, "seconds_each"),
        ({"rules": [{"policy": "x"}]}, "must name one of the policies"),
        ({"rules": [{"policy": "p", "unit": "530113"}]}, "for everything"),
        ({"rules": [{"policy": "p", "mood": "bad"}]}, "a notice, an obligation"),
        ({"rules": [{"policy": "p", "kind": "note"}, {"policy": "p"}]}, "duty or right"),
        ({"rules": [{"policy": "p", "freq": "sometimes"}, {"policy": "p"}]}, "freq of a rule"),
    ],
)
def test_a_policy_that_could_not_be_kept_is_refused(changes: dict[str, object], says: str) -> None:
    with pytest.raises(BadPolicy, match=says):
        parse_policies(document(**changes))


def test_the_first_rule_that_fits_names_the_policy() -> None:
    policies = parse_policies(document())
    assert policies.hours.opens == time(8, 30)
    assert policies.of(unit="530113", notice="n", obligation="n-o1", freq=None).name == "p"
    assert policies.of(unit="530181", notice="n", obligation="n-o1", freq=None).name == "q"


def test_a_rule_may_speak_of_rights_only() -> None:
    rights = parse_policies(document(rules=[{"policy": "p", "kind": "right"}, {"policy": "q"}]))
    named = [
        rights.of(unit="530113", notice="n", obligation="n-o1", freq=None, kind=kind).name for kind in ("right", "duty")
    ]
    assert named == ["p", "q"]


def test_what_repeats_every_day_is_not_announced_a_week_ahead() -> None:
    daily = default_policies().of(unit="530113", notice="n", obligation="n-o1", freq="daily")
    before = [step.before_safe_day for step in daily.steps if step.before_safe_day is not None]
    assert before == [0]


def test_a_right_is_reminded_of_until_it_ends_and_never_called_overdue() -> None:
    right = replace(QUARTERLY, is_right=True)
    assert days_of(right, CLERK, HEAD, until="2026-12-31T00:00") == {
        "clerk": ["T-7 09-20", "T-3 09-24", "T-1 09-29", "T-0 09-30"],
        "head": [],
    }
    late = Subscriber("new", Role.HANDLER, at("2026-10-12T20:00"))
    assert sent(right, at("2026-10-12T20:00"), late) == []
