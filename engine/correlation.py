"""Finding the one case a message is for, and giving it the message.

(office, name, correlation key) names at most one wait. None: the message is kept until it expires
and given to the wait that opens. Several: it is quarantined with an incident, since guessing would
change the wrong case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, or_, select

from engine import inbox, runtime
from engine.actors import Actor, system
from engine.bpmn.interpreter_variables import BadValues, from_outside
from engine.bpmn.triggers import ReceiveMessage
from engine.case_rows import load
from engine.errors import NotFound, Rejected
from engine.history import Entry, append
from engine.incidents import raise_incident
from store.tables import former_offices, message_waits

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
    return deliver(tx, stored(tx, row_id), system(office_id), now)


def deliver(tx: Connection, message: inbox.Received, actor: Actor, now: datetime) -> Outcome:
    waits = _waiting_for(tx, message)
    if not waits:
        return Outcome.EARLY
    if len(waits) > 1:
        set_aside(tx, message, f"{len(waits)} cases wait for it", now)
        return Outcome.QUARANTINED
    message = _follow(tx, message, waits[0], actor, now)
    return _give(tx, message, waits[0], actor, now)


def _give(
    tx: Connection, message: inbox.Received, wait: Any, actor: Actor, now: datetime
) -> Outcome:
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
    runtime.step(tx, case, [trigger], runtime.Deed(actor, [entry]), now)
    return Outcome.CORRELATED


def _follow(
    tx: Connection, message: inbox.Received, wait: Any, actor: Actor, now: datetime
) -> inbox.Received:
    """Send a message after a case that was handed over; the office it came to keeps a line of it.

    It belongs to the other office from then on, also while it waits for a case that rests."""
    if wait.office_id == message.office_id:
        return message
    detail = {"message": message.name, "peer": message.peer, "to_office": wait.office_id}
    here = replace(actor, office_id=message.office_id)
    append(tx, Entry("message.forwarded", here, now, object_id=str(message.id), detail=detail))
    return inbox.forward(tx, message, wait.office_id)


def set_aside(tx: Connection, message: inbox.Received, reason: str, now: datetime) -> None:
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
    append(tx, told(message, "message.quarantined", now, reason=reason))


def _waiting_for(tx: Connection, message: inbox.Received) -> list[Any]:
    """The open waits the message is for: those with its very key, in the office it came to, else
    of cases that were handed over from there; then those without any key."""
    found = open_waits(
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
    return exact or _elsewhere(tx, message) or found


def _elsewhere(tx: Connection, message: inbox.Received) -> list[Any]:
    """Waits with the message's very key in cases that its office had once."""
    if message.correlation_key is None:
        return []
    gone = select(former_offices.c.case_id).where(former_offices.c.office_id == message.office_id)
    return open_waits(
        tx,
        [
            message_waits.c.case_id.in_(gone),
            message_waits.c.office_id != message.office_id,
            message_waits.c.name == message.name,
            message_waits.c.correlation_key == message.correlation_key,
        ],
    )


def open_waits(tx: Connection, conditions: list[Any]) -> list[Any]:
    return list(
        tx.execute(
            select(
                message_waits.c.case_id,
                message_waits.c.office_id,
                message_waits.c.key,
                message_waits.c.correlation_key,
            )
            .where(message_waits.c.kind == "message", message_waits.c.status == "open", *conditions)
            .order_by(message_waits.c.created_at, message_waits.c.id)
            .limit(10)
        )
    )


def stored(tx: Connection, row_id: UUID) -> inbox.Received:
    message = inbox.received(tx, row_id)
    if message is None:
        raise NotFound("message.not_found", f"There is no message {row_id}")
    return message


def told(message: Any, action: str, now: datetime, **detail: Any) -> Entry:
    return Entry(
        action,
        system(message.office_id),
        now,
        object_id=str(message.id),
        detail={"message": message.name, "peer": message.peer, **detail},
    )
