"""The outbox: a promise to send is a row, written in the transaction of its reason.

`enqueue` is the handler of the operations `agency.notify` and `agency.look_up`; `enqueue_mail` is
for what we tell people. Nothing here reaches the network (`agencies/dispatch.py` does).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
from sqlalchemy import Connection, func, insert, select, update

from agencies.directory import agency, refuse_foreign_fields
from engine import incidents, keys
from engine.actors import Actor, system
from engine.errors import Conflict, NotFound, Rejected
from engine.events import CaseWithdrawn, ServiceTaskCancelled
from engine.history import Entry, append
from engine.ids import derived
from engine.permissions import demand, may_mend
from engine.projection import element_of
from engine.service_tasks import Request
from store.database import wake
from store.tables import incidents as incident_rows
from store.tables import outbox

OPERATIONS = ("agency.notify", "agency.look_up")


def enqueue(tx: Connection, request: Request, now: datetime) -> None:
    """Promise to tell (or ask) an agency. The service task completes with the agency's answer.

    Inputs: `agency`, `kind`, and `fields` (notify) or `subject` and `purpose` (look-up). Asked
    again after a failure, the same row is queued again: an agency sees one idempotency key.
    """
    look_up = request.operation == "agency.look_up"
    to = agency(_text(request, "agency"))
    fields = request.inputs.get("subject" if look_up else "fields") or {}
    if not isinstance(fields, Mapping):
        raise Rejected("outbox.fields", f"Expected a context of fields for {to.id}", agency=to.id)
    refuse_foreign_fields(to, fields, look_up=look_up)
    row_id = derived(request.case.id, request.key)
    if _queue_again(tx, row_id, now):
        return
    tx.execute(
        insert(outbox).values(
            id=row_id,
            office_id=request.case.office_id,
            case_id=request.case.id,
            key=request.key,
            number=_next_number(tx, request.case.id, to.id),
            operation=request.operation,
            peer=to.id,
            basis=request.inputs.get("basis"),
            kind=_text(request, "purpose" if look_up else "kind"),
            field_names=sorted(fields),
            ciphertext=keys.seal(
                tx, request.case.id, "outbox", orjson.dumps(dict(fields), default=str), now
            ),
            status="queued",
            next_attempt_at=now,
            created_at=now,
            fence=0,
            attempts=0,
        )
    )
    append(
        tx,
        Entry(
            "notification.queued",
            system(request.case.office_id),
            now,
            case_id=request.case.id,
            object_id=str(row_id),
            purpose=_text(request, "purpose") if look_up else None,
            detail={"peer": to.id, "fields": sorted(fields), "basis": request.inputs.get("basis")},
        ),
    )
    wake(tx, "outbox")


def enqueue_mail(
    tx: Connection, office_id: str, case_id: UUID | None, letter: Mapping[str, str], now: datetime
) -> UUID:
    """Promise a mail: `letter` has `to`, `subject`, `text`; `text` must hold no personal data."""
    row_id = uuid4()
    tx.execute(
        insert(outbox).values(
            id=row_id,
            office_id=office_id,
            case_id=case_id,
            number=0,
            operation="mail.send",
            peer="mail",
            kind="mail",
            field_names=["to", "subject", "text"],
            ciphertext=keys.seal_for_office(tx, office_id, "outbox", orjson.dumps(dict(letter))),
            status="queued",
            next_attempt_at=now,
            created_at=now,
            fence=0,
            attempts=0,
        )
    )
    wake(tx, "outbox")
    return row_id


def forget(tx: Connection, event: ServiceTaskCancelled, now: datetime) -> None:
    """The case no longer wants the answer: what was not sent yet is not sent."""
    tx.execute(
        update(outbox)
        .where(outbox.c.id == derived(event.case.id, event.key), outbox.c.status == "queued")
        .values(status="failed", next_attempt_at=None, last_error="the case went on without it")
    )


def forget_case(tx: Connection, event: CaseWithdrawn, now: datetime) -> None:
    """A withdrawn case tells nobody anything more."""
    tx.execute(
        update(outbox)
        .where(
            outbox.c.case_id == event.case.id,
            outbox.c.status == "queued",
            outbox.c.operation.in_(OPERATIONS),
        )
        .values(status="failed", next_attempt_at=None, last_error="the case was withdrawn")
    )


def replay(tx: Connection, outbox_id: UUID, actor: Actor, now: datetime) -> None:
    """Send a failed promise again, by hand. Raises NotFound, Forbidden; Conflict if it is not
    failed.

    Where the process holds an incident for it, that is retried: the service task then asks anew,
    for the same row and with the same idempotency key.
    """
    row = tx.execute(select(outbox).where(outbox.c.id == outbox_id)).first()
    if row is None or row.office_id != actor.office_id:
        raise NotFound("outbox.not_found", "There is no such notification in your office")
    demand(may_mend(row.office_id, actor))
    incident = _incident_of(tx, row)
    if incident is not None:
        incidents.retry(tx, incident, {}, actor, now)
    elif not _queue_again(tx, outbox_id, now):
        raise Conflict(
            "outbox.not_failed", f"Expected a notification that failed, but it is {row.status}"
        )
    detail = {"peer": row.peer}
    append(
        tx,
        Entry(
            "notification.retried",
            actor,
            now,
            case_id=row.case_id,
            object_id=str(outbox_id),
            detail=detail,
        ),
    )
    wake(tx, "outbox")


def _incident_of(tx: Connection, row: Any) -> UUID | None:
    """The open incident that a failed promise has become."""
    told = incident_rows
    if row.status != "failed":
        return None
    is_about = (told.c.source == "outbox") & (told.c.source_id == str(row.id))
    if row.key is not None:
        is_about = is_about | (
            (told.c.source == "engine")
            & (told.c.case_id == row.case_id)
            & (told.c.element_id == element_of(row.key))
        )
    found: UUID | None = tx.scalar(
        select(told.c.id).where(told.c.status == "open", is_about).limit(1)
    )
    return found


def _queue_again(tx: Connection, row_id: UUID, now: datetime) -> bool:
    again = tx.execute(
        update(outbox)
        .where(outbox.c.id == row_id, outbox.c.status == "failed")
        .values(status="queued", next_attempt_at=now, attempts=0, last_error=None)
    )
    return again.rowcount == 1


def _next_number(tx: Connection, case_id: UUID, peer: str) -> int:
    last = tx.scalar(
        select(func.max(outbox.c.number)).where(outbox.c.case_id == case_id, outbox.c.peer == peer)
    )
    return int(last or 0) + 1


def _text(request: Request, name: str) -> str:
    value: Any = request.inputs.get(name)
    if not isinstance(value, str) or not value:
        raise Rejected(
            "outbox.input",
            f"Expected the input {name!r} of {request.element_id} to be text, but got {value!r}; "
            f"add an hz:input for it",
            element=request.element_id,
            input=name,
        )
    return value
