"""Dispatch: take the next due promise, try it with no lock held, record how it went.

Three transactions' worth of care: the lease (with a fence) says who is trying, the network is
touched between transactions, and the record is written only if the fence is still ours. What the
peer answered before we wrote `sent` is never overwritten.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
import structlog
from sqlalchemy import Connection, exists, insert, or_, select, update

from agencies.retry import MOST_ATTEMPTS, Outcome, next_attempt_at
from agencies.transports import Parcel, Receipt, Transport
from engine import incidents, keys, service_tasks
from engine.actors import system
from engine.errors import Conflict, NotFound
from engine.history import Entry, append
from store.database import Database
from store.tables import attempts, outbox

log = structlog.get_logger()
LEASE = timedelta(seconds=60)  # more than a transport's ten seconds, so only a dead worker loses it

_earlier = outbox.alias("earlier")
_DUE = (
    select(outbox)
    .where(
        outbox.c.status.in_(("queued", "sending")),
        # one in flight per case and peer, in order
        ~exists().where(
            _earlier.c.case_id == outbox.c.case_id,
            _earlier.c.peer == outbox.c.peer,
            _earlier.c.number < outbox.c.number,
            _earlier.c.status.in_(("queued", "sending")),
        ),
    )
    .order_by(outbox.c.next_attempt_at)
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class _Taken:
    row: Any
    fence: int
    body: Mapping[str, Any]


def send_next(
    db: Database, transports: Mapping[str, Transport], worker: str, now: datetime
) -> bool:
    """Try the next due promise. False if none is due.

    `transports` maps an operation to its way out. An operation without one stays queued.
    """
    with db.transaction() as tx:
        taken = _take(tx, tuple(transports), worker, now, db.now(tx))
    if taken is None:
        return False
    row = taken.row
    parcel = Parcel(str(row.id), row.peer, row.operation, row.kind, taken.body)
    with db.transaction(read_only=True) as tx:
        signed_at = db.now(tx)
    receipt = transports[row.operation](parcel, signed_at)
    with db.transaction() as tx:
        _record(tx, taken, receipt, now)
    return True


def next_due(tx: Connection, operations: tuple[str, ...]) -> datetime | None:
    """When the next promise wants a try; None if nothing is queued."""
    return tx.scalar(
        select(outbox.c.next_attempt_at)
        .where(outbox.c.status.in_(("queued", "sending")), outbox.c.operation.in_(operations))
        .order_by(outbox.c.next_attempt_at)
        .limit(1)
    )


def _take(
    tx: Connection, operations: tuple[str, ...], worker: str, now: datetime, database_now: datetime
) -> _Taken | None:
    free = or_(outbox.c.lease_until.is_(None), outbox.c.lease_until < database_now)
    wanted = _DUE.where(
        outbox.c.next_attempt_at <= now, outbox.c.operation.in_(operations), free
    ).with_for_update(skip_locked=True, of=outbox)
    row = tx.execute(wanted).first()
    if row is None:
        return None
    taken = tx.execute(
        update(outbox)
        .where(outbox.c.id == row.id, outbox.c.fence == row.fence)
        .values(
            status="sending",
            lease_owner=worker,
            lease_until=database_now + LEASE,
            fence=row.fence + 1,
            attempts=row.attempts + 1,
        )
    )
    if taken.rowcount == 0:
        return None
    return _Taken(row, row.fence + 1, _body(tx, row))


def _body(tx: Connection, row: Any) -> Mapping[str, Any]:
    if row.operation == "mail.send":
        opened = keys.open_for_office(tx, row.office_id, "outbox", row.ciphertext)
    else:
        opened = keys.open_sealed(tx, row.case_id, "outbox", row.ciphertext)
    body: Mapping[str, Any] = orjson.loads(opened)
    return body


def _record(tx: Connection, taken: _Taken, receipt: Receipt, now: datetime) -> None:
    row, number = taken.row, taken.row.attempts + 1
    _note_attempt(tx, taken, number, receipt, now)
    if receipt.outcome is Outcome.DELIVERED:
        _mark(tx, taken, _delivered(row, now))
        _tell(tx, row, "notification.sent", {"peer": row.peer, "attempt": number}, now)
    elif receipt.outcome is Outcome.PERMANENT or number >= MOST_ATTEMPTS:
        if _mark(
            tx, taken, {"status": "failed", "next_attempt_at": None, "last_error": receipt.detail}
        ):
            _give_up(tx, row, receipt, now)
    else:
        again = next_attempt_at(number, now, random.random())  # noqa: S311 — jitter, not a secret
        _mark(
            tx, taken, {"status": "queued", "next_attempt_at": again, "last_error": receipt.detail}
        )
        _tell(
            tx,
            row,
            "notification.attempt_failed",
            {"peer": row.peer, "attempt": number, "reason": receipt.detail},
            now,
        )


def _delivered(row: Any, now: datetime) -> dict[str, Any]:
    # Nobody confirms a mail: taken by the server is the end of it.
    done = "confirmed" if row.operation == "mail.send" else "sent"
    return {"status": done, "sent_at": now, "next_attempt_at": None, "last_error": None}


def _mark(tx: Connection, taken: _Taken, values: dict[str, Any]) -> bool:
    """Write how it went, unless the fence moved on or the answer was there before us."""
    marked = tx.execute(
        update(outbox)
        .where(
            outbox.c.id == taken.row.id,
            outbox.c.fence == taken.fence,
            outbox.c.status == "sending",
        )
        .values(lease_owner=None, lease_until=None, **values)
    )
    if marked.rowcount == 0 and "sent_at" in values:
        tx.execute(
            update(outbox)
            .where(outbox.c.id == taken.row.id, outbox.c.sent_at.is_(None))
            .values(sent_at=values["sent_at"], lease_owner=None, lease_until=None)
        )
    return marked.rowcount == 1


def _note_attempt(
    tx: Connection, taken: _Taken, number: int, receipt: Receipt, now: datetime
) -> None:
    tx.execute(
        insert(attempts).values(
            outbox_id=taken.row.id,
            number=taken.fence,
            office_id=taken.row.office_id,
            at=now,
            outcome=receipt.outcome.value,
            status_code=receipt.status_code,
            detail=receipt.detail,
        )
    )
    log.info(
        "notification tried",
        action="notification.tried",
        outbox=str(taken.row.id),
        peer=taken.row.peer,
        attempt=number,
        outcome=receipt.outcome.value,
    )


def _give_up(tx: Connection, row: Any, receipt: Receipt, now: datetime) -> None:
    """A dead letter: the diagram takes it over (`AGENCY_FAILED`), else it is an incident."""
    _tell(tx, row, "notification.failed", {"peer": row.peer, "reason": receipt.detail}, now)
    message = (
        f"Expected {row.peer} to take {row.operation}, but it did not: {receipt.detail}. "
        f"Mend the cause, then retry"
    )
    if row.key is None:
        incidents.raise_incident(
            tx,
            office_id=row.office_id,
            case_id=row.case_id,
            source="outbox",
            source_id=str(row.id),
            code="outbox.dead_letter",
            message=message,
            now=now,
        )
        return
    try:
        service_tasks.fail(tx, row.case_id, row.key, message, now, error_code="AGENCY_FAILED")
    except (Conflict, NotFound) as gone:
        # The case was closed or went another way meanwhile: the failed row is all there is to say.
        log.info("nobody waits for the failure", action="outbox.orphan", code=gone.code)


def _tell(tx: Connection, row: Any, action: str, detail: dict[str, Any], now: datetime) -> None:
    if row.case_id is not None:
        entry = Entry(
            action,
            system(row.office_id),
            now,
            case_id=row.case_id,
            object_id=str(row.id),
            detail=detail,
        )
        append(tx, entry)
