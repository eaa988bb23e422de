"""How the installation is: who works, what waits, the database, the chain, the clocks.

Cheap whatever the number of cases: everything is read from small tables or the ends of indexes,
and what could be many is counted no further than a thousand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, or_, select

from engine import sealing
from engine.due import MOST_ATTEMPTS
from engine.workers import LOST_AFTER, Worker
from store import backup
from store.database import Database
from store.tables import (
    cases,
    history,
    history_blocks,
    history_seals,
    installation,
    jobs,
    outbox,
    rungs,
    timers,
)
from store.tables import workers as worker_rows

AT_MOST = 1_000
"""Where counting stops: more than that is “many”."""


@dataclass(frozen=True, slots=True)
class WorkerState:
    """One process, alive or lost; `leases` are promises it is sending now."""

    worker: Worker
    is_alive: bool
    leases: int


@dataclass(frozen=True, slots=True)
class Due:
    """Work whose time has come and that nobody has done; `oldest` says since when."""

    kind: str
    count: int  # at most 1,000
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Vitals:
    """Times are aware UTC. `drift` is our clock minus the database's."""

    workers: tuple[WorkerState, ...]
    due: tuple[Due, ...]
    database: str
    size: int
    revision: str
    mode: str
    last_backup_at: datetime | None
    restored_at: datetime | None
    unsealed: int  # at most 1,000
    sealed_at: datetime | None
    drift: timedelta

    @property
    def alive(self) -> int:
        return sum(each.is_alive for each in self.workers)


def vitals(db: Database, tx: Connection, now: datetime, wall: datetime) -> Vitals:
    """Read everything. `now` is the cases' time, `wall` this machine's, undisciplined or not."""
    told = db.now(tx)
    known = tx.execute(select(installation)).first()
    return Vitals(
        workers=_workers(tx, told),
        due=_due(tx, now),
        database="postgresql" if db.is_postgresql else "sqlite",
        size=backup.size(tx),
        revision=str(tx.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()),
        mode=known.mode if known else "",
        last_backup_at=known.last_backup_at if known else None,
        restored_at=known.restored_at if known else None,
        unsealed=_unsealed(tx),
        sealed_at=tx.scalar(_LAST_SEAL),
        drift=wall - told,
    )


def _workers(tx: Connection, told: datetime) -> tuple[WorkerState, ...]:
    rows = tx.execute(
        select(worker_rows).order_by(worker_rows.c.started_at, worker_rows.c.id).limit(100)
    ).all()
    sending = tx.execute(
        select(outbox.c.lease_owner, func.count().label("leases"))
        .where(outbox.c.status == "sending", outbox.c.lease_owner.is_not(None))
        .group_by(outbox.c.lease_owner)
    )
    held = {row.lease_owner: row.leases for row in sending}
    return tuple(
        WorkerState(
            Worker(row.id, row.kind, row.started_at, row.seen_at, row.version),
            row.seen_at > told - LOST_AFTER,
            held.get(row.id, 0),
        )
        for row in rows
    )


def _due(tx: Connection, now: datetime) -> tuple[Due, ...]:
    active = cases.c.status == "active"
    of_active = timers.join(cases, cases.c.id == timers.c.case_id)
    not_put_off = or_(timers.c.not_before.is_(None), timers.c.not_before <= now)
    rung_free = or_(rungs.c.not_before.is_(None), rungs.c.not_before <= now)
    return (
        _count(
            tx,
            "timers",
            timers,
            timers.c.due_at,
            (
                *(timers.c.status == "waiting", timers.c.due_at <= now, not_put_off),
                *(timers.c.attempts < MOST_ATTEMPTS, active),
            ),
            of_active,
        ),
        _count(
            tx,
            "rungs",
            rungs,
            rungs.c.due_at,
            (rungs.c.status == "waiting", rungs.c.due_at <= now, rung_free),
        ),
        _count(tx, "jobs", jobs, jobs.c.due_at, (jobs.c.status == "waiting", jobs.c.due_at <= now)),
        _count(
            tx,
            "outbox",
            outbox,
            outbox.c.next_attempt_at,
            (outbox.c.status.in_(("queued", "sending")), outbox.c.next_attempt_at <= now),
        ),
    )


def _count(
    tx: Connection,
    kind: str,
    table: Table,
    since: ColumnElement[Any],
    which: Sequence[ColumnElement[bool]],
    source: Any = None,
) -> Due:
    found = select(since.label("since")).where(*which).order_by(since).limit(AT_MOST)
    some = found.select_from(table if source is None else source).subquery()
    row = tx.execute(select(func.count(), func.min(some.c.since))).one()
    return Due(kind, row[0], row[1])


def _unsealed(tx: Connection) -> int:
    some = (
        select(history.c.id)
        .where(history.c.id > sealing.highest_sealed(tx))
        .limit(AT_MOST)
        .subquery()
    )
    return int(tx.execute(select(func.count()).select_from(some)).scalar_one())


_LAST_SEAL = (
    select(history_blocks.c.sealed_at)
    .join(
        history_seals,
        (history_seals.c.office_id == history_blocks.c.office_id)
        & (history_seals.c.block == history_blocks.c.number),
    )
    .order_by(history_seals.c.history_id.desc())
    .limit(1)
)
