"""What is kept for a time only and then forgotten: answers to calls, ended sessions, drafts."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from engine import account_states, filing_drafts, idempotency, sessions, task_drafts
from engine.clock import Clock
from store.database import Database

log = structlog.get_logger()
EVERY = timedelta(hours=1)


class Housekeeping:
    """Forgets once an hour, by the clock on the wall: a demo clock must not make it hurry."""

    def __init__(self, wall_clock: Clock) -> None:
        self._wall_clock = wall_clock
        self._next: datetime | None = None

    def run(self, db: Database, _now: datetime) -> bool:
        """Forget what is old enough, a part at a time. Says whether there may be more."""
        now = self._wall_clock.now()
        if self._next is not None and now < self._next:
            return False
        with db.transaction() as tx:
            forgotten = idempotency.prune(tx, now) + sessions.prune(tx, now)
            account_states.disable_unused(tx, now)
            forgotten += filing_drafts.prune(tx, now) + task_drafts.prune(tx, now)
        if forgotten == 0:
            self._next = now + EVERY
            return False
        log.info("forgot what was kept long enough", action="housekeeping.done", rows=forgotten)
        return True
