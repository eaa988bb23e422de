"""The rows of messages that came: kept, sealed with the office's key, so each can be replayed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection, bindparam, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert

from engine import keys
from engine.bpmn.codec import decode, encode
from engine.events import CaseRef
from engine.ids import derived
from feel.values import to_feel
from store.prepared import Prepared
from store.tables import former_offices, inbox

NAMESPACE = UUID("6a1de2f0-6f43-5d0e-9d3b-3c2c6a4b9d10")


@dataclass(frozen=True, slots=True)
class Received:
    """One stored message. `payload` holds FEEL values."""

    id: UUID
    office_id: str
    peer: str
    message_id: str
    name: str
    correlation_key: str | None
    status: str
    expires_at: datetime
    payload: Mapping[str, Any]


def keep(
    tx: Connection,
    office_id: str,
    peer: str,
    message_id: str,
    columns: Mapping[str, Any],
    payload: Mapping[str, Any],
) -> UUID | None:
    """Store a message that came; None if the peer has sent this one before.

    `columns` are name, correlation_key, status, received_at, expires_at and, if known, case_id.
    """
    row_id = derived(NAMESPACE, f"{peer}\0{message_id}")
    sealed = keys.seal_for_office(tx, office_id, "inbox", orjson.dumps(encode(to_feel(payload))))
    added = tx.execute(
        _ADD[tx.dialect.name],
        {
            "id": row_id,
            "office_id": office_id,
            "peer": peer,
            "message_id": message_id,
            "ciphertext": sealed,
            **columns,
        },
    )
    return None if added.first() is None else row_id


def early(
    tx: Connection, case: CaseRef, name: str, correlation_key: str | None, now: datetime
) -> Received | None:
    """The oldest message that came before anybody waited for it: to the office that has the case,
    or with this very key to one that had it."""
    asked = {"office": case.office_id, "case": case.id, "message": name, "key": correlation_key}
    row = _EARLY.first(tx, {**asked, "now": now})
    return None if row is None else _received(tx, row)


def received(tx: Connection, row_id: UUID) -> Received | None:
    row = tx.execute(select(inbox).where(inbox.c.id == row_id)).first()
    return None if row is None else _received(tx, row)


def move(
    tx: Connection,
    row_id: UUID,
    seen: str,
    to: str,
    case_id: UUID | None = None,
    reason: str | None = None,
) -> bool:
    """Change a message's status if it still is what was seen."""
    moved = tx.execute(
        update(inbox)
        .where(inbox.c.id == row_id, inbox.c.status == seen)
        .values(status=to, case_id=case_id, reason=reason)
    )
    return moved.rowcount == 1


def forward(tx: Connection, message: Received, office_id: str) -> Received:
    """Give an early message to another office, sealed with that office's key."""
    sealed = keys.seal_for_office(
        tx, office_id, "inbox", orjson.dumps(encode(to_feel(message.payload)))
    )
    tx.execute(
        update(inbox)
        .where(inbox.c.id == message.id, inbox.c.status == "early")
        .values(office_id=office_id, ciphertext=sealed)
    )
    return replace(message, office_id=office_id)


def _received(tx: Connection, row: Any) -> Received:
    opened = keys.open_for_office(tx, row.office_id, "inbox", row.ciphertext)
    return Received(
        id=row.id,
        office_id=row.office_id,
        peer=row.peer,
        message_id=row.message_id,
        name=row.name,
        correlation_key=row.correlation_key,
        status=row.status,
        expires_at=row.expires_at,
        payload=decode(orjson.loads(opened)),
    )


_ADD: Mapping[str, Insert] = {
    "postgresql": postgresql.insert(inbox)
    .on_conflict_do_nothing(index_elements=["peer", "message_id"])
    .returning(inbox.c.id),
    "sqlite": sqlite.insert(inbox)
    .on_conflict_do_nothing(index_elements=["peer", "message_id"])
    .returning(inbox.c.id),
}
_EARLY = Prepared(
    select(inbox)
    .where(
        or_(
            inbox.c.office_id == bindparam("office"),
            (inbox.c.correlation_key == bindparam("key"))
            & inbox.c.office_id.in_(
                select(former_offices.c.office_id).where(
                    former_offices.c.case_id == bindparam("case")
                )
            ),
        ),
        inbox.c.name == bindparam("message"),
        inbox.c.status == "early",
        inbox.c.expires_at > bindparam("now"),
        # A wait without a correlation key is for the name alone.
        or_(
            inbox.c.correlation_key == bindparam("key"),
            bindparam("key", type_=inbox.c.correlation_key.type).is_(None),
        ),
    )
    .order_by(inbox.c.received_at, inbox.c.id)
    .limit(1)
)
