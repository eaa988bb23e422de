"""Messages: news from outside, or from another case, for the one case that waits for it.

(office, name, correlation key) names at most one wait. None: the message is kept until it expires
and given to the wait that opens. Several: it is quarantined with an incident, since guessing would
change the wrong case. The same message of the same peer again does nothing. Every message is kept
and can be replayed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, update

from engine import inbox, runtime
from engine.actors import Actor
from engine.bpmn.triggers import ReceiveMessage
from engine.case_rows import load
from engine.correlation import KEPT, Incoming, Outcome, correlate, deliver, open_waits, stored
from engine.errors import Conflict
from engine.history import Entry
from engine.message_beat import deliver_next, next_due, throw
from engine.permissions import demand, may_handle, may_mend
from store import tables

__all__ = [
    "KEPT",
    "Incoming",
    "Outcome",
    "correlate",
    "deliver_next",
    "next_due",
    "replay",
    "send_to_case",
    "throw",
]


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
    waits = open_waits(
        tx, [tables.message_waits.c.case_id == case_id, tables.message_waits.c.name == name]
    )
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
    runtime.step(tx, case, [trigger], runtime.Deed(actor, [entry]), now)


def replay(tx: Connection, row_id: UUID, actor: Actor, now: datetime) -> Outcome:
    """Try again to give a message that was quarantined, expired or is still early."""
    message = stored(tx, row_id)
    demand(may_mend(message.office_id, actor))
    if message.status == "correlated":
        raise Conflict("message.correlated", "The message has reached its case already")
    if message.status != "early":
        again = {"status": "early", "expires_at": max(message.expires_at, now + KEPT)}
        tx.execute(update(tables.inbox).where(tables.inbox.c.id == row_id).values(again))
    return deliver(tx, stored(tx, row_id), actor, now)
