"""Plans reminders: looks at the occurrences whose time has come, and writes down what was decided about them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from obligations.errors import DomainError
from obligations.policies import Policies, Policy, Role
from obligations.reminders import Decided, Decision, Subscriber, decide
from obligations.timetable import Timetable
from store import reminders, summaries
from store.database import Session, Store
from store.reminders import PlanningCase
from store.workdays import calendar_in_force

LOG = logging.getLogger(__name__)
BATCH = 500
TRY_AGAIN = timedelta(days=1)
NOBODY = (Subscriber("nobody", Role.HANDLER, datetime.min.replace(tzinfo=UTC)),)
"""Stands for the handler that a unit does not have, so that what is not heard can be named."""


@dataclass(frozen=True, slots=True)
class Planner:
    """Turns `next_at` into reminders. Any number of planners may run at once; each reminder is made once."""

    store: Store
    policies: Policies
    zone: tzinfo

    def timetable(self) -> Timetable:
        """Return the office hours on the calendar that is in force."""
        with self.store.reading() as session:
            return Timetable(self.policies.hours, calendar_in_force(session), self.zone)

    def run(self, now: datetime, *, beat: Callable[[], None] = lambda: None, batch: int = BATCH) -> int:
        """Look at every occurrence whose `next_at` has come; return how many reminders are new.

        `beat` is called after every batch, each of which is one transaction.
        """
        with self.store.reading() as session:
            if not reminders.planning_is_due(session, now=now):
                return 0
        timetable = self.timetable()
        planned = 0
        while True:
            with self.store.writing() as session:
                cases = reminders.due_for_planning(session, now=now, limit=batch)
                planned += self._plan(session, cases, timetable, now)
            beat()
            if len(cases) < batch:
                return planned

    def _plan(self, session: Session, cases: Sequence[PlanningCase], timetable: Timetable, now: datetime) -> int:
        subscribers = reminders.subscribers_of(session, {case.unit_code for case in cases})
        crowd = reminders.count_recipients(session)
        decided: list[tuple[PlanningCase, Decided]] = []
        next_at: dict[str, datetime | None] = {}
        unheard: set[str] = set()
        for case in cases:
            ears = subscribers.get(case.unit_code)
            decision = self._decide(case, ears or NOBODY, timetable, now, crowd)
            next_at[case.occurrence_id] = decision.next_at
            if ears:
                decided += [(case, step) for step in decision.steps]
            elif any(not step.collapsed for step in decision.steps):
                unheard.add(case.unit_code)
        if unheard:
            LOG.warning("reminders reach nobody: units have no working channel", extra={"units": sorted(unheard)})
            told_at = timetable.briefing(now)
            day = timetable.day(told_at).isoformat()
            summaries.tell_of_silence(session, sorted(unheard), day, now=now, send_at=told_at)
        planned = reminders.record(session, decided)
        reminders.set_next(session, next_at)
        return planned

    def _decide(
        self, case: PlanningCase, ears: Sequence[Subscriber], timetable: Timetable, now: datetime, crowd: int
    ) -> Decision:
        """Decide for each subscriber by the policy that holds for it; look again when the first of them must."""
        present = frozenset(subscriber.role for subscriber in ears)
        decisions: list[Decision] = []
        for policy, listening in policies_of(case, ears, self.policies):
            try:
                decision = decide(
                    case.situation,
                    policy,
                    timetable,
                    listening,
                    now=now,
                    present=present,
                    recorded_until=case.next_at,
                    crowd=crowd,
                )
            except DomainError as error:
                # One occurrence that cannot be decided must not keep the others from being reminded.
                LOG.error("cannot plan an occurrence", extra={"occurrence": case.occurrence_id, "error": str(error)})
                decision = Decision((), now + TRY_AGAIN)
            decisions.append(decision)
        steps = tuple(step for decision in decisions for step in decision.steps)
        return Decision(steps, min((d.next_at for d in decisions if d.next_at), default=None))


def policies_of(
    case: PlanningCase, subscribers: Sequence[Subscriber], policies: Policies
) -> Collection[tuple[Policy, list[Subscriber]]]:
    """Return the subscribers of an occurrence's unit by the policy that holds for each."""
    found: dict[str, tuple[Policy, list[Subscriber]]] = {}
    for subscriber in subscribers:
        policy = policies.of(
            unit=case.unit_code,
            notice=case.notice_id,
            obligation=case.obligation_id,
            subscription=subscriber.subscription,
            freq=case.freq,
            kind=case.kind,
        )
        found.setdefault(policy.name, (policy, []))[1].append(subscriber)
    return found.values()
