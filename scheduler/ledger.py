"""Writes for all senders of a process: whoever waits for the database shares the next transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock

from scheduler.clock import Clock
from store import attempts, deliveries, feed_items, summaries
from store.attempts import Opening, Outcome, Work
from store.database import Session, Store
from store.deliveries import Claim
from store.errors import Unavailable
from store.feed_items import FeedItem
from store.states import ChannelKind
from store.subjects import Subject, subjects_of
from store.summaries import Summary


@dataclass(frozen=True, slots=True)
class Begun:
    """An attempt that has been written down, and what its message is about; an e-mail also carries calendar entries."""

    work: Work
    subjects: Sequence[Subject]
    entries: Sequence[FeedItem] = ()
    summaries: Sequence[Summary] = ()


@dataclass(slots=True, eq=False)
class _Turn:
    outcomes: Sequence[Outcome]
    claims: Mapping[Claim, Opening | None]
    returned: Sequence[Claim]
    begun: list[Begun] = field(default_factory=list)
    error: Exception | None = None
    done: bool = False


class Ledger:
    """Settles attempts and starts others in one transaction, for any number of senders at once.

    Each turn is durable when it returns, so a crash leaves in doubt only what is on the wire.

    Args:
        blank: nobody reads the messages, as in a simulation; what they are about is not looked up,
            which costs more than everything else about them.
    """

    def __init__(self, store: Store, clock: Clock, *, blank: bool = False) -> None:
        self._store = store
        self._clock = clock
        self._blank = blank
        self._waiting: list[_Turn] = []
        self._guard = Lock()
        self.outage: Unavailable | None = None
        """Why the last turn could not be written, if that was the database's fault."""
        self._writer = Lock()

    def turn(
        self,
        outcomes: Sequence[Outcome] = (),
        claims: Sequence[Claim] = (),
        returned: Sequence[Claim] = (),
        opening: Opening | None = None,
    ) -> list[Begun]:
        """Write down how attempts ended, and begin those of `claims` that still have something to say.

        What is not urgent waits for the recipient's `opening` (`None`: for nothing). The claims
        `returned` are given back untried. Raises whatever kept the transaction from being
        written; then nothing of it is.
        """
        mine = _Turn(outcomes, dict.fromkeys(claims, opening), returned)
        with self._guard:
            self._waiting.append(mine)
        with self._writer:
            if not mine.done:
                with self._guard:
                    together, self._waiting = self._waiting, []
                self._write(together)
        if mine.error:
            raise mine.error
        return mine.begun

    def _write(self, turns: Sequence[_Turn]) -> None:
        """Write these turns down; an error is the error of each."""
        try:
            with self._store.writing() as session:
                attempts.settle(session, [outcome for turn in turns for outcome in turn.outcomes])
                claims = {claim: opening for turn in turns for claim, opening in turn.claims.items()}
                works = attempts.start(session, claims, now=self._clock.now())
                deliveries.give_back(session, [claim for turn in turns for claim in turn.returned])
                begun = self._begun(session, works)
        except Exception as error:
            self.outage = error if isinstance(error, Unavailable) else None
            for turn in turns:
                turn.error, turn.done = error, True
            return
        self.outage = None
        for turn in turns:
            turn.begun = [begun[claim] for claim in turn.claims if claim in begun]
            turn.done = True

    def _begun(self, session: Session, works: Sequence[Work]) -> dict[Claim, Begun]:
        """Return what the messages of these attempts are about, by claim."""
        if self._blank:
            return {work.claim: Begun(work, ()) for work in works}
        subjects = subjects_of(session, {name for work in works for name in work.steps})
        mailed = {name for work in works if work.recipient.kind == ChannelKind.EMAIL for name in work.steps}
        entries = feed_items.find_items(session, mailed) if mailed else {}
        telling = [work.claim.delivery_id for work in works if work.summaries]
        told = summaries.of_deliveries(session, telling) if telling else {}
        return {
            work.claim: Begun(
                work,
                [subjects[name] for name in work.steps],
                [entries[name] for name in work.steps if name in entries],
                told.get(work.claim.delivery_id, ()),
            )
            for work in works
        }
