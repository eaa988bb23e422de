"""Messages: news from outside, or from another case, for the one case that waits for it.

(office, name, correlation key) names at most one wait. None: the message is kept until it expires
and given to the wait that opens. Several: it is quarantined with an incident, since guessing would
change the wrong case. The same message of the same peer again does nothing. Every message is kept
and can be replayed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

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

from engine import inbox, jobs, runtime
from engine.actors import Actor, system
from engine.bpmn.codec import decode
from engine.bpmn.interpreter_variables import BadValues, from_outside
from engine.bpmn.triggers import ReceiveMessage
from engine.case_rows import load
from engine.due import do_next, place_of
from engine.errors import Conflict, NotFound, Rejected
from engine.events import CaseRef
from engine.history import Entry, append
from engine.ids import derived
from engine.inbox import Received
from engine.incidents import raise_incident
from engine.permissions import demand, may_handle, may_mend
from engine.projection import MESSAGE_JOB
from engine.runtime import Deed
from store.database import Contended, Database, wake
from store.tables import cases, message_waits
from store.tables import inbox as inbox_table
from store.tables import jobs as jobs_table

log = structlog.get_logger()
KEPT = timedelta(days=30)
"""How long a message from another case, or from a person, waits for somebody to want it."""


class Outcome(StrEnum):
    CORRELATED = "correlated"
    EARLY = "early"
    QUARANTINED = "quarantined"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as it came. `message_id` is the peer's own; `expires_at` is aware UTC."""

    peer: str
    message_id: str
    name: str
    correlation_key: str | None
    payload: Mapping[str, Any] = field(default_factory=dict)
    expires_at: datetime | None = None


def correlate(tx: Connection, incoming: Incoming, office_id: str, now: datetime) -> Outcome:
    """Keep the message and give it to the one case of the office that waits for it."""
    expires_at = incoming.expires_at or now + KEPT
    if expires_at <= now:
        raise Rejected("message.expired", "Expected a message that has not expired")
    try:
        from_outside(incoming.payload)
    except BadValues as bad:
        # At the door, not when some later step would stumble over it.
        raise Rejected("message.payload", f"The payload cannot be taken: {bad}") from bad
    row_id = inbox.keep(
        tx,
        office_id,
        incoming.peer,
        incoming.message_id,
        {
            "name": incoming.name,
            "correlation_key": incoming.correlation_key,
            "status": "early",
            "received_at": now,
            "expires_at": expires_at,
        },
        incoming.payload,
    )
    if row_id is None:
        return Outcome.DUPLICATE
    return _deliver(tx, _stored(tx, row_id), system(office_id), now)


def send_to_case(
    tx: Connection,
    case_id: UUID,
    name: str,
    payload: Mapping[str, Any],
    actor: Actor,
    now: datetime,
) -> None:
    """A person tells one case what it waits for. Raises Conflict if it does not wait for it."""
    case = load(tx, case_id, actor)
    demand(may_handle(case.facts, actor))
    case.demand_active()
    waits = _open_waits(tx, [message_waits.c.case_id == case_id, message_waits.c.name == name])
    if len(waits) != 1:
        count = "does not wait" if not waits else f"waits {len(waits)} times"
        raise Conflict(
            "message.not_awaited", f"Case {case.number} {count} for the message {name}", name=name
        )
    row_id = inbox.keep(
        tx,
        case.office_id,
        f"person:{actor.person_id}",
        str(uuid4()),
        {
            "name": name,
            "correlation_key": waits[0].correlation_key,
            "status": "correlated",
            "received_at": now,
            "expires_at": now + KEPT,
            "case_id": case_id,
        },
        payload,
    )
    entry = Entry(
        "message.sent",
        actor,
        now,
        case_id=case_id,
        step=case.ref.version,
        object_id=str(row_id),
        detail={"message": name},
        office_id=case.office_id,
    )
    trigger = ReceiveMessage(waits[0].key, payload)
    runtime.step(tx, case, [trigger], Deed(actor, [entry]), now)


def replay(tx: Connection, row_id: UUID, actor: Actor, now: datetime) -> Outcome:
    """Try again to give a message that was quarantined, expired or is still early."""
    message = _stored(tx, row_id)
    demand(may_mend(message.office_id, actor))
    if message.status == "correlated":
        raise Conflict("message.correlated", "The message has reached its case already")
    if message.status != "early":
        again = {"status": "early", "expires_at": max(message.expires_at, now + KEPT)}
        tx.execute(update(inbox_table).where(inbox_table.c.id == row_id).values(again))
    return _deliver(tx, _stored(tx, row_id), actor, now)


def deliver_next(db: Database, now: datetime) -> bool:
    """One thing that messages are due: one thrown by a case, an early one that is wanted now
    (its case was suspended, or it crossed with the wait), or one that expired."""
    return do_next(db, _THROWN, now) or _deliver_wanted(db, now) or _expire(db, now)


def next_due(tx: Connection) -> datetime | None:
    return jobs.next_due(tx, MESSAGE_JOB)


# --- delivering ---------------------------------------------------------------------------------


def _deliver(tx: Connection, message: Received, actor: Actor, now: datetime) -> Outcome:
    waits = _waiting_for(tx, message)
    if not waits:
        return Outcome.EARLY
    if len(waits) > 1:
        _set_aside(tx, message, f"{len(waits)} cases wait for it", now)
        return Outcome.QUARANTINED
    return _give(tx, message, waits[0], actor, now)


def _give(tx: Connection, message: Received, wait: Any, actor: Actor, now: datetime) -> Outcome:
    case = load(tx, wait.case_id, system(message.office_id))
    if case.status != "active":
        return Outcome.EARLY  # put off until the case goes on
    if not inbox.move(tx, message.id, "early", "correlated", case.id):
        return Outcome.DUPLICATE
    entry = Entry(
        "message.correlated",
        actor,
        now,
        case_id=case.id,
        step=case.ref.version,
        object_id=str(message.id),
        detail={"message": message.name, "peer": message.peer},
        office_id=case.office_id,
    )
    trigger = ReceiveMessage(wait.key, message.payload)
    runtime.step(tx, case, [trigger], Deed(actor, [entry]), now)
    return Outcome.CORRELATED


def _set_aside(tx: Connection, message: Received, reason: str, now: datetime) -> None:
    """Quarantine a message: nobody gets it until a person has looked."""
    if not inbox.move(tx, message.id, "early", "quarantined", reason=reason):
        return
    raise_incident(
        tx,
        now,
        office_id=message.office_id,
        case_id=None,
        source="message",
        source_id=str(message.id),
        code="message.quarantined",
        message=f"Expected to give the message {message.name} of {message.peer} to one case, but "
        f"{reason}. Mend the cause, then retry",
    )
    append(tx, _told(message, "message.quarantined", now, reason=reason))


def _waiting_for(tx: Connection, message: Received) -> list[Any]:
    """The open waits the message is for; those with its very key before those without any."""
    found = _open_waits(
        tx,
        [
            message_waits.c.office_id == message.office_id,
            message_waits.c.name == message.name,
            or_(
                message_waits.c.correlation_key == message.correlation_key,
                message_waits.c.correlation_key.is_(None),
            ),
        ],
    )
    exact = [wait for wait in found if wait.correlation_key == message.correlation_key]
    return exact or found


def _open_waits(tx: Connection, conditions: list[Any]) -> list[Any]:
    return list(
        tx.execute(
            select(message_waits.c.case_id, message_waits.c.key, message_waits.c.correlation_key)
            .where(message_waits.c.kind == "message", message_waits.c.status == "open", *conditions)
            .order_by(message_waits.c.created_at, message_waits.c.id)
            .limit(10)
        )
    )


def _stored(tx: Connection, row_id: UUID) -> Received:
    message = inbox.received(tx, row_id)
    if message is None:
        raise NotFound("message.not_found", f"There is no message {row_id}")
    return message


def throw(
    tx: Connection, case: CaseRef, name: str, correlation_key: str | None, now: datetime
) -> None:
    """Send a message in a case's name, as a job: a step never locks a second case. Once per key."""
    key = f"{name}/{correlation_key or ''}"
    row = {
        "id": derived(case.id, f"message:{key}"),
        "office_id": case.office_id,
        "kind": MESSAGE_JOB,
        "payload": {
            "key": f"{case.id}/{key}",
            "name": name,
            "correlation_key": correlation_key,
            "payload": {},
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


# --- what is due --------------------------------------------------------------------------------


def _deliver_thrown(tx: Connection, row: Any, now: datetime) -> None:
    payload = row.payload
    correlate(
        tx,
        Incoming(
            peer=f"case:{row.case_id}",
            message_id=payload["key"],
            name=payload["name"],
            correlation_key=payload["correlation_key"],
            payload=decode(payload["payload"]),
            expires_at=row.created_at + KEPT,
        ),
        row.row_office_id,
        now,
    )


def _deliver_wanted(db: Database, now: datetime) -> bool:
    """Give an early message to a wait it missed: its case was suspended, or the two crossed."""
    row: Any = None
    try:
        with db.transaction() as tx:
            row = tx.execute(_WANTED, {"now": now}).first()
            if row is None:
                return False
            _deliver(tx, _stored(tx, row.id), system(row.office_id), now)
    except Contended:
        return True
    except Exception as error:
        if row is None:
            raise
        log.warning(
            "message failed", action="message.failed", message=str(row.id), place=place_of(error)
        )
        with db.transaction() as tx:
            _set_aside(tx, _stored(tx, row.id), f"it failed ({type(error).__name__})", now)
    return True


def _expire(db: Database, now: datetime) -> bool:
    with db.transaction() as tx:
        expired = tx.execute(_EXPIRE, {"now": now}).all()
        for row in expired:
            append(tx, _told(row, "message.expired", now))
    return bool(expired)


def _told(message: Any, action: str, now: datetime, **detail: Any) -> Entry:
    return Entry(
        action,
        system(message.office_id),
        now,
        object_id=str(message.id),
        detail={"message": message.name, "peer": message.peer, **detail},
    )


def _is_wanted(wait: Any, message: Any) -> ColumnElement[bool]:
    return and_(
        wait.c.office_id == message.c.office_id,
        wait.c.name == message.c.name,
        wait.c.kind == "message",
        wait.c.status == "open",
    )


_exact = message_waits.alias("exact")
_WANTED = (
    select(inbox_table.c.id, inbox_table.c.office_id)
    .join(message_waits, _is_wanted(message_waits, inbox_table))
    .join(cases, cases.c.id == message_waits.c.case_id)
    .where(
        inbox_table.c.status == "early",
        inbox_table.c.expires_at > bindparam("now"),
        cases.c.status == "active",
        or_(
            message_waits.c.correlation_key == inbox_table.c.correlation_key,
            # A wait for the name alone comes after one with the very key, even a resting one.
            message_waits.c.correlation_key.is_(None)
            & ~exists().where(
                _is_wanted(_exact, inbox_table),
                _exact.c.correlation_key == inbox_table.c.correlation_key,
            ),
        ),
    )
    .order_by(inbox_table.c.received_at, inbox_table.c.id)
    .limit(1)
    .with_for_update(key_share=True, skip_locked=True, of=cases)
)
_EXPIRE = (
    update(inbox_table)
    .where(inbox_table.c.status == "early", inbox_table.c.expires_at <= bindparam("now"))
    .values(status="expired")
    .returning(inbox_table.c.id, inbox_table.c.office_id, inbox_table.c.name, inbox_table.c.peer)
)
_THROWN = jobs.kind_of(MESSAGE_JOB, _deliver_thrown)
