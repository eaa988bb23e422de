"""The outbox: a promise to send is a row, written in the transaction of its reason.

`enqueue` is the handler of the operations `agency.notify` and `agency.look_up`; `enqueue_mail` is
for what we tell people. Nothing here reaches the network (`agencies/dispatch.py` does).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import orjson
from sqlalchemy import ColumnElement, Connection, bindparam, func, insert, select, update

from agencies.answers import values_of
from agencies.directory import agency, refuse_foreign_fields
from engine import ids, keys
from engine.actors import system
from engine.clock import TAIPEI
from engine.errors import Rejected
from engine.events import CaseRef, CaseWithdrawn, ServiceTaskCancelled
from engine.history import Entry, append
from engine.service_tasks import Request
from store.database import wake
from store.prepared import Prepared
from store.tables import outbox

OPERATIONS = ("agency.notify", "agency.look_up", "agency.list")
LISTS_LEAVE = time(8, 0)  # Taipei, on the day of the list
_PROMISE = Prepared(insert(outbox))
_TO_PEER = (outbox.c.case_id == bindparam("case")) & (outbox.c.peer == bindparam("peer"))
_LAST_NUMBER = Prepared(select(func.max(outbox.c.number).label("last")).where(_TO_PEER))
_GIVEN_UP = Prepared(
    select(outbox)
    .where(
        _TO_PEER,
        outbox.c.operation == bindparam("operation"),
        outbox.c.kind == bindparam("kind"),
        outbox.c.last_error.is_not(None),  # an answer in time takes the error away
    )
    .order_by(outbox.c.number)
)


def enqueue(tx: Connection, request: Request, now: datetime) -> Mapping[str, Any] | None:
    """Promise to tell (or ask) an agency. The service task completes with the agency's answer.

    Inputs: `agency`, `kind`, and `fields` (notify) or `subject` and `purpose` (look-up). Asked for
    the same again after a failure, the same row is queued again: an agency sees one idempotency
    key. If it has answered meanwhile, that is the answer.
    """
    promise, content = _promise_of(request)
    failed = _failed_before(tx, request, promise, content)
    if failed is not None:
        return _asked_again(tx, failed, request.key, now)
    _promised(tx, request, promise, content, now)
    return None


def put_on_list(tx: Connection, request: Request, now: datetime) -> Mapping[str, Any]:
    """Promise to tell an agency on the day of its next list. The case does not wait for it.

    Inputs as of a notification, and `on`: the day (a date, Taipei). Result: `{listed_on}`.
    """
    on = request.inputs.get("on")
    if not isinstance(on, date) or isinstance(on, datetime):
        raise Rejected(
            "outbox.input",
            f"Expected the input 'on' of {request.element_id} to be the day of a list, a date",
            element=request.element_id,
            input="on",
        )
    promise, content = _promise_of(request)
    leaves = max(now, datetime.combine(on, LISTS_LEAVE, TAIPEI))
    _promised(tx, request, promise, content, now, leaves)
    return {"listed_on": on}


def repeat(tx: Connection, request: Request, now: datetime) -> Mapping[str, Any]:
    """Send what an agency took and never answered once more, under the same idempotency key.

    Inputs: `agency`, `kind`. Result: `{repeated}`, false where nothing unanswered has left.
    """
    to = agency(_text(request, "agency", 60))
    waiting = (
        (outbox.c.case_id == request.case.id)
        & (outbox.c.operation == "agency.notify")
        & (outbox.c.peer == to.id)
        & (outbox.c.kind == _text(request, "kind", 60))
        & (outbox.c.status == "sent")
        & outbox.c.answered_at.is_(None)
    )
    again = tx.execute(
        update(outbox).where(waiting).values(**_queued_again(now)).returning(outbox.c.id)
    ).all()
    for row in again:
        _tell(tx, request.case, "notification.retried", row.id, {"agency": to.id}, now)
    wake(tx, "outbox")
    return {"repeated": bool(again)}


def _promise_of(request: Request) -> tuple[dict[str, Any], bytes]:
    """What is promised to whom, and the fields as they will leave. Raises Rejected."""
    look_up = request.operation == "agency.look_up"
    to = agency(_text(request, "agency", 60))
    fields = request.inputs.get("subject" if look_up else "fields") or {}
    if not isinstance(fields, Mapping):
        raise Rejected("outbox.fields", f"Expected a context of fields for {to.id}", agency=to.id)
    kind = _text(request, "purpose" if look_up else "kind", 60)
    refuse_foreign_fields(to, fields, kind, look_up=look_up)
    if look_up and not fields.get("case_number"):
        raise Rejected(
            "outbox.no_case_number",
            f"Expected the look-up at {to.id} to name its case, but {request.element_id} gives no "
            f"case_number; add it to the subject",
            agency=to.id,
        )
    promise = {
        "operation": request.operation,
        "peer": to.id,
        "basis": _text(request, "basis", 12) if request.inputs.get("basis") is not None else None,
        "kind": kind,
        "field_names": sorted(fields),
    }
    return promise, _as_json(fields)


def _promised(
    tx: Connection,
    request: Request,
    promise: Mapping[str, Any],
    content: bytes,
    now: datetime,
    leaves: datetime | None = None,
) -> None:
    """Write the row and the history: for what purpose and, of a look-up, by whose deed."""
    row_id = ids.derived(request.case.id, request.key)
    row = {
        "id": row_id,
        "office_id": request.case.office_id,
        "case_id": request.case.id,
        "key": request.key,
        "number": _next_number(tx, request.case.id, promise["peer"]),
        "ciphertext": keys.seal(tx, request.case.id, "outbox", content, now),
    }
    _PROMISE.run(tx, {**row, **promise, **_queued(now), "next_attempt_at": leaves or now})
    facts = {
        "agency": promise["peer"],
        "fields": promise["field_names"],
        "basis": promise["basis"],
        "purpose": promise["kind"],
    }
    if promise["operation"] == "agency.look_up":
        facts["asked_by"] = None if request.by is None else str(request.by)
    _tell(tx, request.case, "notification.queued", row_id, facts, now)
    wake(tx, "outbox")


def enqueue_mail(
    tx: Connection, office_id: str, case_id: UUID | None, letter: Mapping[str, str], now: datetime
) -> UUID:
    """Promise a mail: `letter` has `to`, `subject`, `text`; `text` must hold no personal data."""
    return _enqueue_letter(tx, office_id, case_id, "mail", letter, now)


def enqueue_sms(
    tx: Connection, office_id: str, case_id: UUID | None, letter: Mapping[str, str], now: datetime
) -> UUID:
    """Promise a text message: `letter` has `to` (ten digits) and `text`, without personal data."""
    return _enqueue_letter(tx, office_id, case_id, "sms", letter, now)


def _enqueue_letter(  # sizes: exempt — the columns of one row
    tx: Connection,
    office_id: str,
    case_id: UUID | None,
    peer: str,
    letter: Mapping[str, str],
    now: datetime,
) -> UUID:
    row_id = uuid4()
    row = {
        "id": row_id,
        "office_id": office_id,
        "case_id": case_id,
        "number": 0,
        "operation": f"{peer}.send",
        "peer": peer,
        "kind": peer,
        "field_names": list(letter),
        "ciphertext": keys.seal_for_office(tx, office_id, "outbox", orjson.dumps(dict(letter))),
    }
    _PROMISE.run(tx, {**row, **_queued(now)})
    wake(tx, "outbox")
    return row_id


def forget(tx: Connection, event: ServiceTaskCancelled, now: datetime) -> None:
    """The case no longer wants the answer: what was not sent yet is not sent."""
    mine = (outbox.c.case_id == event.case.id) & (outbox.c.key == event.key)
    _cancel(tx, event.case, mine, "the case went on without it", now)


def forget_case(tx: Connection, event: CaseWithdrawn, now: datetime) -> None:
    """A withdrawn case tells no agency anything more; the applicant's mails still go."""
    mine = (outbox.c.case_id == event.case.id) & outbox.c.operation.in_(OPERATIONS)
    _cancel(tx, event.case, mine, "the case was withdrawn", now)


def _cancel(
    tx: Connection, case: CaseRef, which: ColumnElement[bool], why: str, now: datetime
) -> None:
    # Also what is on its way just now: should that try fail, there is no other.
    cancelled = tx.execute(
        update(outbox)
        .where(which, outbox.c.status.in_(("queued", "sending")))
        .values(status="failed", next_attempt_at=None, last_error=why)
        .returning(outbox.c.id, outbox.c.peer)
    ).all()
    for row in cancelled:
        _tell(tx, case, "notification.cancelled", row.id, {"agency": row.peer, "why": why}, now)


def _failed_before(
    tx: Connection, request: Request, promise: Mapping[str, Any], content: bytes
) -> Any:
    """The failed promise that this is asked for again: same place, same peer, same content.

    Other content is another promise: what an agency refused may not hide behind the old key.
    """
    asked = {name: promise[name] for name in ("peer", "operation", "kind")}
    for row in _GIVEN_UP.all(tx, {"case": request.case.id, **asked}):
        ended = row.status == "failed" or row.answered_at is not None
        if not ended or place_of(row.key) != place_of(request.key):
            continue
        if keys.open_sealed(tx, row.case_id, "outbox", row.ciphertext) == content:
            return row
    return None


def _asked_again(tx: Connection, row: Any, key: str, now: datetime) -> Mapping[str, Any] | None:
    tx.execute(update(outbox).where(outbox.c.id == row.id).values(key=key))
    if row.answered_at is None:
        queue_again(tx, row.id, now)
        return None
    # Used once: another turn of the diagram asks anew.
    tx.execute(update(outbox).where(outbox.c.id == row.id).values(last_error=None))
    return values_of(tx, row)


def place_of(key: str | None) -> str:
    """Where in the process a key lies, whichever turn it is: `pay#1/check#2` → `pay#1/check`."""
    return (key or "").rpartition("#")[0]


def queue_again(tx: Connection, row_id: UUID, now: datetime) -> bool:
    """Queue a failed promise again; False if it is not failed."""
    again = tx.execute(
        update(outbox)
        .where(outbox.c.id == row_id, outbox.c.status == "failed")
        .values(**_queued_again(now))
    )
    wake(tx, "outbox")
    return again.rowcount == 1


def _queued_again(now: datetime) -> dict[str, Any]:
    return {"status": "queued", "next_attempt_at": now, "attempts": 0, "last_error": None}


def _queued(now: datetime) -> dict[str, Any]:
    return {
        "status": "queued",
        "next_attempt_at": now,
        "created_at": now,
        "fence": 0,
        "attempts": 0,
    }


def _tell(
    tx: Connection,
    case: CaseRef,
    action: str,
    row_id: UUID,
    facts: Mapping[str, Any],
    now: datetime,
) -> None:
    append(
        tx,
        Entry(
            action,
            system(case.office_id),
            now,
            case_id=case.id,
            object_id=str(row_id),
            detail=facts,
        ),
    )


def _as_json(fields: Mapping[str, Any]) -> bytes:
    """Fields as an agency reads them: dates as ISO 8601, whole numbers as numbers."""
    return orjson.dumps(dict(fields), default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal) and value == value.to_integral_value() and abs(value) < 2**53:
        return int(value)
    return str(value)


def _next_number(tx: Connection, case_id: UUID, peer: str) -> int:
    return int(_LAST_NUMBER.first(tx, {"case": case_id, "peer": peer}).last or 0) + 1


def _text(request: Request, name: str, longest: int) -> str:
    value: Any = request.inputs.get(name)
    if not isinstance(value, str) or not value or len(value) > longest:
        raise Rejected(
            "outbox.input",
            f"Expected the input {name!r} of {request.element_id} to be text of at most {longest} "
            f"characters, but it is not; add or mend an hz:input for it",
            element=request.element_id,
            input=name,
        )
    return value
