"""What is done once a day: occurrences kept 13 months ahead, and the database kept in shape; and what has run out."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date

from scheduler.clock import Clock
from scheduler.expansion import Expansion, expand
from store import obligations, recipients
from store.database import Store

LOG = logging.getLogger(__name__)
BATCH = 50


class Housekeeping:
    """Ends what has run out at every call, and does the day's work at the first on a civil date, or of the process."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._done_on: date | None = None

    def run(self, beat: Callable[[], None] = lambda: None) -> bool:
        """Do today's work unless it is done; where it fails half-way the next call does it again.

        Returns whether there was any of it to do.
        """
        with self._store.writing() as session:
            recipients.drop_former_secrets(session, now=self._clock.now())
        today = self._clock.today()
        if self._done_on == today:
            return False
        grown = expand_all(self._store, self._clock, beat)
        self._store.tidy()
        self._done_on = today
        counts = {"made": grown.created, "withdrawn": grown.retired, "moved": len(grown.moved)}
        LOG.info("occurrences are up to date", extra=counts)
        return True


def expand_all(store: Store, clock: Clock, beat: Callable[[], None] = lambda: None) -> Expansion:
    """Bring the occurrences of every active obligation up to date, some obligations to a transaction."""
    with store.reading() as session:
        ids = sorted(obligations.active_ids(session))
    grown = Expansion()
    for at in range(0, len(ids), BATCH):
        with store.writing() as session:
            grown.add(expand(session, now=clock.now(), obligation_ids=ids[at : at + BATCH], zone=clock.zone))
        beat()
    return grown
