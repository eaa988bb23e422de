"""What messages are due: those that cases threw, early ones wanted now, and those that expire."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    exists,
    insert,
    or_,
    select,
    update,
)

from engine import correlation, jobs
from engine.actors import system
from engine.bpmn.codec import decode, encode
from engine.due import do_next, place_of
from engine.events import CaseRef
from engine.history import append
from engine.ids import derived
from engine.projection import MESSAGE_JOB
from feel.values import to_feel
from store.database import Contended, Database, wake
from store.tables import cases, inbox, message_waits
from store.tables import jobs as jobs_table

log = structlog.get_logger()


def deliver_next(db: Database, now: datetime) -> bool:
    """One thing that messages are due: one thrown by a case, an early one that is wanted now
    (its case was suspended, or it crossed with the wait), or one that expired."""
    return do_next(db, _THROWN, now) or _give_wanted(db, now) or _expire(db, now)


def next_due(tx: Connection) -> datetime | None:
    return jobs.next_due(tx, MESSAGE_JOB)


def throw(
    tx: Connection,
    case: CaseRef,
    name: str,
    correlation_key: str | None,
    now: datetime,
    payload: Mapping[str, Any] | None = None,
) -> None:
    """Send a message in a case's name, as a job: a step never locks a second case. Once per key.

    `payload` holds FEEL values.
    """
    key = f"{name}/{correlation_key or ''}"
    row = {
        "id": derived(case.id, f"message:{key}"),
        "office_id": case.office_id,
        "kind": MESSAGE_JOB,
        "payload": {
            "key": f"{case.id}/{key}",
            "name": name,
            "correlation_key": correlation_key,
            "payload": encode(to_feel(dict(payload or {}))),
        },
        "due_at": now,
        "status": "waiting",
        "created_at": now,
        "fence": 0,
        "attempts": 0,
    }
    if tx.scalar(select(jobs_table.c.id).where(jobs_table.c.id == row["id"])) is None:
        tx.execute(insert(jobs_table), row)
        wake(tx, "jobs")


def _give_thrown(tx: Connection, row: Any, now: datetime) -> None:
    payload = row.payload
    correlation.correlate(
        tx,
        correlation.Incoming(
            peer=f"case:{row.case_id}",
            message_id=payload["key"],
            name=payload["name"],
            correlation_key=payload["correlation_key"],
            payload=decode(payload["payload"]),
            expires_at=row.created_at + correlation.KEPT,
        ),
        row.row_office_id,
        now,
    )


def _give_wanted(db: Database, now: datetime) -> bool:
    """Give an early message to a wait it missed: its case was suspended, or the two crossed."""
    row: Any = None
    try:
        with db.transaction() as tx:
            row = tx.execute(_WANTED, {"now": now}).first()
            if row is None:
                return False
            correlation.deliver(tx, correlation.stored(tx, row.id), system(row.office_id), now)
    except Contended:
        return True
    except Exception as error:
        if row is None:
            raise
        log.warning(
            "message failed", action="message.failed", message=str(row.id), place=place_of(error)
        )
        with db.transaction() as tx:
            correlation.set_aside(
                tx, correlation.stored(tx, row.id), f"it failed ({type(error).__name__})", now
            )
    return True


def _expire(db: Database, now: datetime) -> bool:
    with db.transaction() as tx:
        expired = tx.execute(_EXPIRE, {"now": now}).all()
        for row in expired:
            append(tx, correlation.told(row, "message.expired", now))
    return bool(expired)


def _is_wanted(wait: Any, message: Any) -> ColumnElement[bool]:
    return and_(
        wait.c.office_id == message.c.office_id,
        wait.c.name == message.c.name,
        wait.c.kind == "message",
        wait.c.status == "open",
    )


_exact = message_waits.alias("exact")
_WANTED = (
    select(inbox.c.id, inbox.c.office_id)
    .join(message_waits, _is_wanted(message_waits, inbox))
    .join(cases, cases.c.id == message_waits.c.case_id)
    .where(
        inbox.c.status == "early",
        inbox.c.expires_at > bindparam("now"),
        cases.c.status == "active",
        or_(
            message_waits.c.correlation_key == inbox.c.correlation_key,
            # A wait for the name alone comes after one with the very key, even a resting one.
            message_waits.c.correlation_key.is_(None)
            & ~exists().where(
                _is_wanted(_exact, inbox),
                _exact.c.correlation_key == inbox.c.correlation_key,
            ),
        ),
    )
    .order_by(inbox.c.received_at, inbox.c.id)
    .limit(1)
    .with_for_update(key_share=True, skip_locked=True, of=cases)
)
_EXPIRE = (
    update(inbox)
    .where(inbox.c.status == "early", inbox.c.expires_at <= bindparam("now"))
    .values(status="expired")
    .returning(inbox.c.id, inbox.c.office_id, inbox.c.name, inbox.c.peer)
)
_THROWN = jobs.kind_of(MESSAGE_JOB, _give_thrown)
