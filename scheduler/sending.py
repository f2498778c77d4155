"""Makes attempts: one delivery after the other, each written down before it is tried and marked after it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from notifiers.channel import Notifier
from notifiers.errors import DeliveryFailed, Reason
from notifiers.message import Message, Recipient
from obligations.reminders import Timetable
from scheduler.clock import Clock
from scheduler.composing import Composer
from scheduler.retry import wait_before_retry
from store import deliveries
from store.database import Session, Store
from store.deliveries import Claim, Work
from store.subjects import subjects_of

LOG = logging.getLogger(__name__)

LONGEST_REST = timedelta(seconds=30)
"""How long at most a server that does not answer is left alone before the next delivery is tried."""

PATIENCE = (0.1, 0.5, 2.0, 5.0)
"""Seconds to wait between tries to write an outcome down while the database does not answer."""

_LANE_IS_DOWN = frozenset(
    {Reason.UNREACHABLE, Reason.TIMEOUT, Reason.UNTRUSTED, Reason.THROTTLED, Reason.MISCONFIGURED}
)

Mark = Callable[[Session], object]


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that has been written down, ready to be made."""

    work: Work
    message: Message
    recipient: Recipient


class Sender:
    """Sends what it is given over channels of its own; belongs to one thread at a time.

    The outcome of an attempt and the start of the next share a transaction, so that a crash
    leaves nothing in doubt but the one message that was on the wire.
    """

    def __init__(self, store: Store, clock: Clock, composer: Composer, notifiers: Mapping[str, Notifier]) -> None:
        self._store = store
        self._clock = clock
        self._composer = composer
        self._notifiers = notifiers

    def send(
        self, claims: Sequence[Claim], timetable: Timetable, go_on: Callable[[], bool] = lambda: True
    ) -> timedelta | None:
        """Send these deliveries in turn; give back what is left when the server is down or `go_on` says no.

        Returns how long the receiving server should be left alone, `None` where it answers.
        """
        waiting = list(claims)
        mark: Mark | None = None
        rest: timedelta | None = None
        while waiting and rest is None and go_on():
            attempt = self._turn(mark, waiting.pop(0), timetable)
            mark = None
            if attempt:
                mark, rest = self._make(attempt, timetable)
        if mark:
            self._persist(mark)
        if waiting:
            self._persist(lambda session: deliveries.give_back(session, waiting))
        return rest

    def close(self) -> None:
        """Let every connection go."""
        for notifier in self._notifiers.values():
            notifier.close()

    def _turn(self, mark: Mark | None, claim: Claim, timetable: Timetable) -> Attempt | None:
        """Keep the outcome of the attempt before, and write down the next if there still is something to say."""
        try:
            with self._store.writing() as session:
                if mark:
                    mark(session)
                return self._start(session, claim, timetable)
        except Exception:
            LOG.exception("an attempt could not be started", extra={"delivery": claim.delivery_id})
        if mark:
            self._persist(mark)
        return None

    def _start(self, session: Session, claim: Claim, timetable: Timetable) -> Attempt | None:
        now = self._clock.now()
        if not claim.urgent and timetable.next_opening(now) > now:
            deliveries.give_back(session, [claim])
            return None
        work = deliveries.start_attempt(session, claim, now=now)
        if work is None:
            return None
        subjects = subjects_of(session, work.steps)
        try:
            message = self._composer.message(work, subjects, today=timetable.day(now), calendar=timetable.calendar)
            return Attempt(work, message, self._composer.recipient(work))
        except Exception:
            LOG.exception("a message could not be written", extra={"delivery": claim.delivery_id})
            failure = DeliveryFailed(Reason.INTERNAL, retryable=True)
            self._failed(work, failure, timetable)[0](session)
            return None

    def _make(self, attempt: Attempt, timetable: Timetable) -> tuple[Mark, timedelta | None]:
        work = attempt.work
        extra = {"delivery": work.claim.delivery_id, "channel": work.kind, "attempt": work.attempt}
        try:
            stamp = self._clock.true_now()
            receipt = self._channel(work.kind).send(attempt.message, attempt.recipient, now=stamp)
        except DeliveryFailed as error:
            LOG.warning("not delivered", extra=extra | {"reason": error.reason, "detail": error.detail})
            return self._failed(work, error, timetable)
        except Exception:
            LOG.exception("a channel broke", extra=extra)
            return self._failed(work, DeliveryFailed(Reason.INTERNAL, retryable=True), timetable)
        LOG.info("delivered", extra=extra)
        now, remote_id = self._clock.now(), receipt.remote_id
        return lambda session: deliveries.mark_sent(session, work, now=now, receipt=remote_id), None

    def _channel(self, kind: str) -> Notifier:
        if kind not in self._notifiers:
            raise DeliveryFailed(Reason.MISCONFIGURED, retryable=True, detail=f"no {kind} channel is set up")
        return self._notifiers[kind]

    def _failed(self, work: Work, error: DeliveryFailed, timetable: Timetable) -> tuple[Mark, timedelta | None]:
        now = self._clock.now()
        retry_at: datetime | None = None
        rest: timedelta | None = None
        wait = wait_before_retry(work.attempt, key=work.claim.delivery_id, retry_after=error.retry_after)
        if wait and error.retryable:
            retry_at = now + wait if work.urgent else timetable.next_opening(now + wait)
        if error.reason in _LANE_IS_DOWN:
            rest = min(wait or LONGEST_REST, LONGEST_REST)

        def mark(session: Session) -> None:
            deliveries.mark_failed(
                session,
                work,
                now=now,
                reason=error.reason,
                detail=error.detail,
                retry_at=retry_at,
                breaks=error.ends_channel,
            )

        return mark, rest

    def _persist(self, mark: Mark) -> None:
        """Write an outcome down even if the database does not answer at once."""
        for pause in (*PATIENCE, None):
            try:
                with self._store.writing() as session:
                    mark(session)
                return
            except Exception:
                LOG.exception("an outcome could not be written down")
                if pause is not None:
                    time.sleep(pause)
