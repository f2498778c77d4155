"""Makes attempts: one delivery after the other, each written down before it is tried and marked after it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from notifiers.channel import Notifier
from notifiers.errors import DeliveryFailed, Reason
from notifiers.message import Receipt
from obligations.timetable import Timetable, parse_contact_hours
from scheduler.clock import Clock
from scheduler.composing import Composer
from scheduler.ledger import Begun, Ledger
from scheduler.metrics import Metrics
from scheduler.retry import wait_before_retry
from store.attempts import Channel, Failure, Outcome, Work
from store.deliveries import Claim
from store.errors import Unavailable

LOG = logging.getLogger(__name__)

LONGEST_REST = timedelta(seconds=30)
"""How long at most a server that does not answer is left alone before the next delivery is tried."""

PATIENCE = (0.1, 0.5, 2.0, 2.0, 2.0)
"""Seconds to wait between tries to write down what has happened; the last for as long as the database is away."""

_SERVER_IS_DOWN = frozenset(
    {Reason.UNREACHABLE, Reason.TIMEOUT, Reason.UNTRUSTED, Reason.THROTTLED, Reason.MISCONFIGURED}
)


class Sender:
    """Sends what it is given over channels of its own; belongs to one thread at a time.

    Args:
        at_once: how many attempts are written down together before the first of them is made.
            A process that is killed may repeat that many messages to a server, so a daemon
            takes 1; a simulation has nothing to fear.
    """

    def __init__(
        self,
        ledger: Ledger,
        clock: Clock,
        composer: Composer,
        notifiers: Mapping[str, Notifier],
        *,
        at_once: int = 1,
        metrics: Metrics | None = None,
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._composer = composer
        self._notifiers = notifiers
        self._at_once = at_once
        self._metrics = metrics

    def send(
        self,
        claims: Sequence[Claim],
        timetable: Timetable,
        go_on: Callable[[], bool] = lambda: True,
        pace: Callable[[], timedelta | None] = lambda: None,
    ) -> timedelta | None:
        """Send these deliveries in turn, and give back what is left when the server is down or `go_on` says no.

        What is not urgent waits while its recipient is not to be written to. While the ledger
        cannot be written nothing is sent. `pace` is asked before each batch how long to wait, `None`
        for not at all. Returns how long the receiving server should be left alone, `None` where it
        answers.
        """
        waiting = list(claims)
        outcomes: list[Outcome] = []
        rest: timedelta | None = None
        while waiting and rest is None and go_on() and (rest := pace()) is None:
            batch, waiting = waiting[: self._at_once], waiting[self._at_once :]
            begun = self._turn(go_on, outcomes, batch, timetable=timetable)
            outcomes = [self._attempt(each, timetable) for each in begun]
            rest = max((pause for outcome in outcomes if (pause := self._rest_after(outcome))), default=None)
        self._turn(go_on, outcomes, returned=waiting)
        return rest

    def close(self) -> None:
        """Let every connection go."""
        for notifier in self._notifiers.values():
            notifier.close()

    def _turn(
        self,
        go_on: Callable[[], bool],
        outcomes: Sequence[Outcome],
        claims: Sequence[Claim] = (),
        returned: Sequence[Claim] = (),
        timetable: Timetable | None = None,
    ) -> list[Begun]:
        """Have the ledger write; while it cannot, keep what has happened, and begin nothing that it may not know of."""
        pauses = iter(PATIENCE)
        opening = partial(_next_opening, timetable) if timetable else None
        while outcomes or claims or returned:
            about = {"outcomes": len(outcomes), "claims": len(claims)}
            try:
                return self._ledger.turn(outcomes, claims, returned, opening)
            except Unavailable as error:
                LOG.warning("the ledger could not be written", extra=about | {"reason": str(error)})
                pause = next(pauses, PATIENCE[-1] if go_on() else None)
            except Exception:
                LOG.exception("the ledger could not be written", extra=about)
                pause = next(pauses, None)
            if pause is None:
                break  # the leases end by themselves
            time.sleep(pause)
            claims, returned = (), [*returned, *claims]  # whether they were begun is not certain
        return []

    def _attempt(self, begun: Begun, timetable: Timetable) -> Outcome:
        """Make one attempt; whatever happens, it has an outcome."""
        work = begun.work
        extra = {"delivery": work.claim.delivery_id, "channel": work.recipient.kind, "attempt": work.attempt}
        try:
            receipt = self._make(begun, timetable)
        except DeliveryFailed as error:
            LOG.warning("not delivered", extra=extra | {"reason": error.reason, "detail": error.detail})
            failure = error
        except Exception:
            LOG.exception("an attempt broke", extra=extra)
            failure = DeliveryFailed(Reason.INTERNAL, retryable=True)
        else:
            LOG.info("delivered", extra=extra)
            if self._metrics:
                self._metrics.sent(work.recipient.kind)
            return Outcome(work=work, at=self._clock.now(), receipt=receipt.remote_id)
        if self._metrics:
            self._metrics.failed(work.recipient.kind, failure.reason)
        now = self._clock.now()
        return Outcome(work=work, at=now, failure=_failure(work, failure, timetable, now))

    def _make(self, begun: Begun, timetable: Timetable) -> Receipt:
        kind = begun.work.recipient.kind
        if kind not in self._notifiers:
            raise DeliveryFailed(Reason.MISCONFIGURED, retryable=True, detail=f"no {kind} channel is set up")
        today = timetable.day(self._clock.now())
        message = self._composer.message(begun, today=today, calendar=timetable.calendar)
        recipient = self._composer.recipient(begun.work.recipient)
        return self._notifiers[kind].send(message, recipient, now=self._clock.true_now())

    def _rest_after(self, outcome: Outcome) -> timedelta | None:
        """Return how long the server should be left alone after this outcome."""
        if outcome.failure is None or outcome.failure.reason not in _SERVER_IS_DOWN:
            return None
        retry_at = outcome.failure.retry_at
        return min(retry_at - outcome.at, LONGEST_REST) if retry_at else LONGEST_REST


def _failure(work: Work, error: DeliveryFailed, timetable: Timetable, now: datetime) -> Failure:
    """Decide what follows from a failed attempt."""
    wait = wait_before_retry(work.attempt, key=work.claim.delivery_id, retry_after=error.retry_after)
    retry_at: datetime | None = None
    if wait and error.retryable:
        retry_at = now + wait if work.claim.urgent else _next_opening(timetable, work.recipient, now + wait)
    return Failure(
        reason=error.reason,
        detail=error.detail,
        retry_at=retry_at,
        told_at=None if retry_at else timetable.briefing(now),
        breaks=error.ends_channel,
    )


def _next_opening(timetable: Timetable, channel: Channel, at: datetime) -> datetime:
    """Return when at or after `at` the recipient may be written to."""
    return timetable.within(parse_contact_hours(channel.zone, channel.quiet)).next_opening(at)
