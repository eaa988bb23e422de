"""What a worker would have done, in the order of time: each due thing at its own moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Connection, func, select

from agencies import answers, dispatch, mails
from engine import list_work, messages, signals, timers
from sla import closures, escalation
from store.database import Database
from store.prepared import Prepared
from store.tables import jobs
from web.demo_office.player import Stage

ADDRESS = "http://127.0.0.1"
OPERATIONS = ("agency.notify", "agency.look_up", "agency.list", "mail.send", "sms.send")


class _Beat:
    """One beat of a worker, and when it is due next, as far as was asked. It is asked anew where a
    writer has woken it; without a `kind` after every commit: a writer does not wake anybody for
    what is due some time later (`engine.runtime`)."""

    def __init__(
        self,
        db: Database,
        run: Callable[[datetime], bool],
        next_due: Callable[[Connection], datetime | None],
        kind: str | None = None,
    ) -> None:
        self.run, self._next_due = run, next_due
        self._waiter = db.waiter(kind) if kind else None
        self.asked_at = -1  # how many commits there were when it was asked; -1: to be asked
        self.due: datetime | None = None

    def is_stale(self, commits: int) -> bool:
        if self._waiter is not None and self.asked_at >= 0:
            return self._waiter.wait(0)
        return self.asked_at != commits

    def ask(self, tx: Connection, commits: int) -> None:
        self.due, self.asked_at = self._next_due(tx), commits

    def look_again(self) -> None:
        self.asked_at = -1


def _next_job(tx: Connection) -> datetime | None:
    due: datetime | None = _EARLIEST_JOB.first(tx, {}).due_at
    return due


_EARLIEST_JOB = Prepared(
    select(func.min(jobs.c.due_at).label("due_at")).where(jobs.c.status == "waiting")
)


def _do_jobs(db: Database, now: datetime) -> bool:
    """One job of any kind: all are woken by one word."""
    return (
        closures.advance_next(db, now)
        or answers.deliver_next(db, now)
        or signals.deliver_next(db, now)
        or messages.deliver_next(db, now)
        or list_work.advance_next(db, now)
    )


class Beats:
    """All of them on one stage. `drain` goes through the time up to a moment.

    At one moment everything else comes before the ladder: so an act of that moment counts, and
    the replay knows which was first.
    """

    def __init__(self, stage: Stage, ways: escalation.Ways) -> None:
        db = self._db = stage.db
        transports = dict.fromkeys(OPERATIONS, stage.transport)
        self.now = datetime.min.replace(tzinfo=UTC)
        self.done = 0
        self._quick = (
            _Beat(db, lambda now: timers.fire_next(db, now), timers.next_due),
            _Beat(db, lambda now: _do_jobs(db, now), _next_job, "jobs"),
            _Beat(db, lambda now: mails.write_next(db, ADDRESS, now), mails.next_due, "mails"),
            _Beat(
                db,
                lambda now: dispatch.send_next(db, transports, "demo", now),
                lambda tx: dispatch.next_due(tx, OPERATIONS),
                "outbox",
            ),
        )
        self._ladder = _Beat(
            db,
            lambda now: escalation.fire_next_rung(db, ways, now),
            escalation.next_due,
        )
        self._all = (*self._quick, self._ladder)

    def drain(self, until: datetime) -> None:
        """Do what is due up to `until`, aware UTC, and come to it."""
        stuck: set[_Beat] = set()  # what says that it is due, and finds nothing to do
        for beat in self._all:
            if beat.asked_at != self._db.commits:
                beat.look_again()
        while True:
            self._ask()
            first = min(
                ((beat.due, beat) for beat in self._all if beat not in stuck and beat.due),
                key=lambda each: each[0],
                default=None,
            )
            if first is None or first[0] > until:
                break
            self.now = max(self.now, first[0])
            if self._do_due():
                stuck.clear()
                continue
            self._ask()
            if first[1].due == first[0]:
                stuck.add(first[1])
        self.now = max(self.now, until)

    def _ask(self) -> None:
        """When each is due, as the database says now; nothing is asked twice of the same state."""
        commits = self._db.commits
        stale = [beat for beat in self._all if beat.is_stale(commits)]
        if stale:
            with self._db.transaction(read_only=True) as tx:
                for beat in stale:
                    beat.ask(tx, commits)

    def _do_due(self) -> bool:
        did = False
        while self._do_quick() or self._do(self._ladder):
            did = True
        return did

    def _do_quick(self) -> bool:
        did = [self._do(each) for each in self._quick]  # all of them, not until one has
        return any(did)

    def _do(self, beat: _Beat) -> bool:
        self._ask()
        if beat.due is None or beat.due > self.now:
            return False
        did = beat.run(self.now)
        beat.look_again()
        self.done += did
        return did
