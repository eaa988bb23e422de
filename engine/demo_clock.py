"""The demo clock: a hand that a visitor can move forward, kept in the database.

Only a demo database has one. From where it was put it runs on at the speed of real time, so all
processes that share the database agree. It never goes back: law does not.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, update

from engine.clock import SystemClock
from engine.errors import Conflict, Rejected
from store.database import Database, wake
from store.tables import installation

LOOK_AGAIN = timedelta(milliseconds=250)
FARTHEST = timedelta(days=400)  # in one move; calendars reach further than that
KINDS = ("timers", "rungs", "outbox", "jobs", "history")


class DemoClock:
    """`engine.clock.Clock` for demo mode. Reads the hand at most four times a second."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._real = SystemClock()
        self._lock = threading.Lock()
        self._ahead = timedelta()
        self._read_at = datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        real = self._real.now()
        with self._lock:
            if real - self._read_at > LOOK_AGAIN:
                self._ahead = self._hand(real)
                self._read_at = real
            return real + self._ahead

    def discipline(self, database_now: datetime) -> timedelta:
        """As `SystemClock.discipline`, for the real time the hand runs on with."""
        return self._real.discipline(database_now)

    def move_to(self, tx: Connection, instant: datetime) -> None:
        """Put the hand to `instant` (aware UTC), not before where it stands now, wherever another
        visitor has put it meanwhile. Raises `Rejected` if that would be back, or too far."""
        # The row is locked while we look, so of two visitors the later one sees the other's hand.
        row = tx.execute(_HAND.where(installation.c.mode == "demo").with_for_update()).first()
        if row is None:
            raise Conflict("demo.mode", "Expected a demo database; a real clock cannot be moved")
        real = self._real.now()
        now = real + _ahead(row, real)
        if not now <= instant <= now + FARTHEST:
            raise Rejected(
                "demo.clock",
                f"Expected a time from {now:%Y-%m-%d %H:%M} UTC on, at most 400 days ahead",
            )
        tx.execute(
            update(installation)
            .where(installation.c.id == 1)
            .values(demo_now=instant, demo_set_at=real)
        )
        for kind in KINDS:
            wake(tx, kind)

    def forget(self) -> None:
        """Read the hand again at the next `now` (after the move is committed)."""
        with self._lock:
            self._read_at = datetime.min.replace(tzinfo=UTC)

    def _hand(self, real: datetime) -> timedelta:
        with self._db.transaction(read_only=True) as tx:
            return _ahead(tx.execute(_HAND).first(), real)


_HAND = select(installation.c.demo_now, installation.c.demo_set_at).where(installation.c.id == 1)


def _ahead(row: Any, real: datetime) -> timedelta:
    """How far the hand is before real time."""
    if row is None or row.demo_now is None:
        return timedelta()
    # A process that read the hand a moment before it was put must not see time run backwards.
    elapsed = max(real - row.demo_set_at, timedelta())
    ahead: timedelta = row.demo_now + elapsed - real
    return ahead
