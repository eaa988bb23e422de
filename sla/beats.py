"""Beats: the work that time makes due, each in a thread of its own, ticked by APScheduler.

A beat drains what is due, then sleeps until its next due row and is woken early when one is
written. APScheduler (memory job store) only ticks; what is due, and who does it, the database
decides. Several workers may run: a row is taken by one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import Connection

from engine.clock import Clock
from store.database import Database

log = structlog.get_logger()
LONGEST_SLEEP = timedelta(milliseconds=800)  # what a lost wake, or a moved clock, costs at most
MOST_AT_ONCE = 500  # then other work gets its turn


@dataclass(frozen=True, slots=True)
class Beat:
    """`run(db, now)` does one due thing and says whether there was one; `next_due(tx)` when next.

    `kinds` are the words by which writers wake it (`store.database.wake`).
    """

    name: str
    run: Callable[[Database, datetime], bool]
    next_due: Callable[[Connection], datetime | None]
    kinds: tuple[str, ...]


class Worker:
    """Runs beats until stopped. One per process."""

    def __init__(self, db: Database, clock: Clock, beats: Sequence[Beat]) -> None:
        self._db, self._clock, self._beats = db, clock, tuple(beats)
        self._stopping = threading.Event()
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(len(self._beats))},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Begin to tick. Returns at once."""
        for beat in self._beats:
            # The job holds its thread while it sleeps; the interval only brings it back should it
            # ever end.
            self._scheduler.add_job(
                self._keep_time,
                IntervalTrigger(seconds=1),
                args=(beat,),
                id=beat.name,
                next_run_time=datetime.now(tz=self._scheduler.timezone),  # noqa: TID251
            )
        self._scheduler.start()
        log.info("worker started", action="worker.started", beats=[b.name for b in self._beats])

    def stop(self) -> None:
        """Let every beat end what it is doing, then return."""
        self._stopping.set()
        for beat in self._beats:
            for kind in beat.kinds:
                self._db.wake(kind)
        self._scheduler.shutdown(wait=True)

    def _keep_time(self, beat: Beat) -> None:
        while not self._stopping.is_set():
            waiter = self._db.waiter(*beat.kinds)
            try:
                busy = self._drain(beat)
                wait = timedelta() if busy else self._until_next(beat)
            except Exception:
                # The beat goes on whatever happens: what failed is logged and looked at again.
                log.exception("beat failed", action="beat.failed", beat=beat.name)
                wait = timedelta(seconds=1)
            if wait > timedelta():
                waiter.wait(wait.total_seconds())

    def _drain(self, beat: Beat) -> bool:
        """Do what is due. True if there may be more."""
        for _ in range(MOST_AT_ONCE):
            if self._stopping.is_set() or not beat.run(self._db, self._clock.now()):
                return False
        return True

    def _until_next(self, beat: Beat) -> timedelta:
        with self._db.transaction(read_only=True) as tx:
            due = beat.next_due(tx)
        if due is None:
            return LONGEST_SLEEP
        return max(timedelta(milliseconds=20), min(due - self._clock.now(), LONGEST_SLEEP))
