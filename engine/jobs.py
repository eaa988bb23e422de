"""Jobs: work with a due time that is no timer of a diagram. One module does each kind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, null, or_, select
from sqlalchemy.sql.dml import Update
from sqlalchemy.sql.selectable import Select

from engine.due import Kind, waiting
from engine.errors import Conflict
from engine.runtime import STALE
from store.tables import cases, jobs


def kind_of(
    name: str, do: Callable[[Connection, Any, datetime], None], *, of_active_case: bool = False
) -> Kind:
    """How jobs of this kind are taken and done. With `of_active_case` a job waits while its case is
    suspended."""

    def take(tx: Connection, now: datetime) -> Any:
        return tx.execute(_next(name, now, of_active_case=of_active_case)).first()

    def finish(tx: Connection, row: Any, now: datetime) -> None:
        do(tx, row, now)
        done = tx.execute(
            waiting(jobs, row.row_id, row.attempts).values(status="done", ended_at=now)
        )
        if done.rowcount != 1:
            raise Conflict(STALE, "Another worker has done this job meanwhile")

    return Kind("job", jobs, _put_off, take, finish)


def in_steps(name: str, step: Callable[[Connection, Any, dict[str, Any], datetime], bool]) -> Kind:
    """A job too long for one transaction: `step(tx, row, payload, now)` does a part of it, notes in
    `payload` how far it is, and says whether that was the last. A step that fails is tried again
    as any job; one that succeeds sets the count of failures back."""

    def take(tx: Connection, now: datetime) -> Any:
        return tx.execute(_next(name, now, of_active_case=False)).first()

    def go_on(tx: Connection, row: Any, now: datetime) -> None:
        payload = dict(row.payload)
        ended = {"status": "done", "ended_at": now} if step(tx, row, payload, now) else {}
        kept = waiting(jobs, row.row_id, row.attempts)
        if tx.execute(kept.values(payload=payload, attempts=0, **ended)).rowcount != 1:
            raise Conflict(STALE, "Another worker has done this part meanwhile")

    return Kind("job", jobs, _put_off, take, go_on)


def next_due(tx: Connection, *names: str) -> datetime | None:
    """When the next job of these kinds is due, aware UTC."""
    due: datetime | None = tx.scalar(
        select(func.min(jobs.c.due_at))
        .outerjoin(cases, cases.c.id == jobs.c.case_id)
        .where(
            jobs.c.status == "waiting",
            jobs.c.kind.in_(names),
            or_(cases.c.id.is_(None), cases.c.status != "suspended"),
        )
    )
    return due


def _next(name: str, now: datetime, *, of_active_case: bool) -> Select[Any]:
    statement = select(
        jobs.c.id.label("row_id"),
        jobs.c.office_id.label("row_office_id"),
        jobs.c.case_id,
        jobs.c.payload,
        jobs.c.attempts,
        jobs.c.created_at,
        null().label("element_id"),
    ).where(jobs.c.kind == name, jobs.c.status == "waiting", jobs.c.due_at <= now)
    if of_active_case:
        # Others look further only where the case rests; ended cases are settled by the job itself.
        statement = statement.join(cases, cases.c.id == jobs.c.case_id).where(
            cases.c.status != "suspended"
        )
        return _ordered(statement).with_for_update(key_share=True, skip_locked=True, of=cases)
    return _ordered(statement).with_for_update(skip_locked=True, of=jobs)


def _ordered(statement: Select[Any]) -> Select[Any]:
    return statement.order_by(jobs.c.due_at, jobs.c.id).limit(1)


def _put_off(job_id: UUID, attempts: int, again: datetime | None) -> Update:
    if again is None:
        return waiting(jobs, job_id, attempts).values(status="failed")
    return waiting(jobs, job_id, attempts).values(due_at=again)
