"""Workers: which processes are alive, told and judged by the database's clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from store.database import Database
from store.tables import workers

TOLD_EVERY = timedelta(seconds=5)
LOST_AFTER = timedelta(seconds=20)
FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Worker:
    """One process. Times are the database's, aware UTC."""

    name: str
    kind: str  # serve or worker
    started_at: datetime
    seen_at: datetime
    version: str | None = None


def alive(tx: Connection, database_now: datetime) -> list[Worker]:
    """The workers that were heard of in the last twenty seconds, the oldest first.

    None: timers, ladders and notifications stand still until one is started.
    """
    rows = tx.execute(
        select(
            workers.c.id,
            workers.c.kind,
            workers.c.started_at,
            workers.c.seen_at,
            workers.c.version,
        )
        .where(workers.c.seen_at > database_now - LOST_AFTER)
        .order_by(workers.c.started_at, workers.c.id)
    )
    return [Worker(*row) for row in rows]


@dataclass(slots=True)
class Pulse:
    """The beat of one worker: says every few seconds that it lives.

    `discipline` is told the database's time, so that the worker's clock follows it.
    """

    name: str
    kind: str
    discipline: Callable[[datetime], object]
    version: str = ""
    _next: float = field(default=0.0, init=False)  # by the monotonic clock

    def tell(self, db: Database, now: datetime) -> bool:
        """Tell, if it is time. Always False: there is nothing more to do."""
        if time.monotonic() < self._next:
            return False
        with db.transaction() as tx:
            database_now = db.now(tx)
            self._write(tx, database_now)
        self.discipline(database_now)
        self._next = time.monotonic() + TOLD_EVERY.total_seconds()
        return False

    def end(self, db: Database) -> None:
        """The worker stops in good order: nobody needs to wait for it."""
        with db.transaction() as tx:
            tx.execute(delete(workers).where(workers.c.id == self.name))

    def _write(self, tx: Connection, database_now: datetime) -> None:
        told = tx.execute(
            update(workers).where(workers.c.id == self.name).values(seen_at=database_now)
        )
        if told.rowcount == 0:
            row = {"id": self.name, "kind": self.kind, "version": self.version}
            tx.execute(
                insert(workers), {**row, "started_at": database_now, "seen_at": database_now}
            )
            tx.execute(delete(workers).where(workers.c.seen_at < database_now - FORGOTTEN_AFTER))
