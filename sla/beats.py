"""Beats: the work that time makes due, each in a thread of its own, ticked by APScheduler.

A beat drains what is due, then sleeps until its next due row and is woken early when one is
written. APScheduler (memory job store) only ticks; what is due, and who does it, the database
decides. Several workers may run: a row is taken by one.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from sqlalchemy import Connection

from engine.clock import Clock, SystemClock
from store.database import Database

log = structlog.get_logger()
LONGEST_SLEEP = timedelta(milliseconds=800)  # what a lost wake, or a moved clock, costs at most
SHORTEST_SLEEP = timedelta(milliseconds=20)
AFTER_A_FAULT = timedelta(seconds=1)
MOST_AT_ONCE = 500  # then other work gets its turn


@dataclass(frozen=True, slots=True)
class Beat:
    """`run(db, now)` does one due thing and says whether there was one; `next_due(tx)` when next.

    Without `next_due` it is run whenever it may be time. `kinds` are the words by which writers
    wake it (`store.database.wake`).
    """

    name: str
    run: Callable[[Database, datetime], bool]
    next_due: Callable[[Connection], datetime | None] | None
    kinds: tuple[str, ...]


class Worker:
    """Runs beats until stopped. One per process."""

    def __init__(self, db: Database, clock: Clock, beats: Sequence[Beat]) -> None:
        self._db, self._clock, self._beats = db, clock, tuple(beats)
        self._stopping = threading.Event()
        self._numbers = itertools.count(1)
        self._ticks = SystemClock()  # the scheduler's: the beats' clock may be a demo's
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(len(self._beats))},
            job_defaults={"misfire_grace_time": None},
        )

    def start(self) -> None:
        """Begin to tick. Returns at once."""
        self._scheduler.add_listener(self._died, EVENT_JOB_ERROR)
        for beat in self._beats:
            self._tick(beat, timedelta())
        self._scheduler.start()
        log.info("worker started", action="worker.started", beats=[b.name for b in self._beats])

    def stop(self) -> None:
        """Let every beat end what it is doing, then return."""
        self._stopping.set()
        for kind in sorted({kind for beat in self._beats for kind in beat.kinds}):
            self._db.wake(kind)
        # Its shutdown does not wait for a round in which it forgets what it has just begun.
        self._scheduler.pause()
        self._scheduler.get_jobs()
        self._scheduler.shutdown(wait=True)
        log.info("worker stopped", action="worker.stopped")

    def _tick(self, beat: Beat, after: timedelta) -> None:
        """Let the scheduler run a beat; it holds its thread until the worker stops."""
        when = DateTrigger(self._ticks.now() + after)
        # A number of its own: the scheduler may not yet have forgotten the job that died.
        name = f"{beat.name}#{next(self._numbers)}"
        self._scheduler.add_job(self._keep_time, when, args=(beat,), id=name)

    def _died(self, event: JobExecutionEvent) -> None:
        # Only what is no ordinary exception gets here. The beat is ticked again all the same.
        name = event.job_id.rpartition("#")[0]
        beat = next(beat for beat in self._beats if beat.name == name)
        log.error("beat died", action="beat.died", beat=beat.name, error=repr(event.exception))
        if not self._stopping.is_set():
            self._tick(beat, AFTER_A_FAULT)

    def _keep_time(self, beat: Beat) -> None:
        has_reason = True
        while not self._stopping.is_set():
            waiter = self._db.waiter(*beat.kinds)
            try:
                # Nobody called and nothing was due: then it is enough to ask what is due by now.
                busy = has_reason and self._drain(beat)
                wait = timedelta() if busy else self._until_next(beat)
            except Exception:
                # The beat goes on whatever happens: what failed is logged and looked at again.
                log.exception("beat failed", action="beat.failed", beat=beat.name)
                self._stopping.wait(AFTER_A_FAULT.total_seconds())
                has_reason = True
                continue
            is_called = wait > timedelta() and waiter.wait(wait.total_seconds())
            has_reason = is_called or wait < LONGEST_SLEEP or beat.next_due is None

    def _drain(self, beat: Beat) -> bool:
        """Do what is due. True if there may be more."""
        for _ in range(MOST_AT_ONCE):
            if self._stopping.is_set() or not beat.run(self._db, self._clock.now()):
                return False
        return True

    def _until_next(self, beat: Beat) -> timedelta:
        if beat.next_due is None:
            return LONGEST_SLEEP
        with self._db.transaction(read_only=True) as tx:
            due = beat.next_due(tx)
        if due is None:
            return LONGEST_SLEEP
        return max(SHORTEST_SLEEP, min(due - self._clock.now(), LONGEST_SLEEP))
