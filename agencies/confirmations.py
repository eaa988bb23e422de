"""What agencies answer: confirmations, rejections, look-up results. Each counts once.

An answer may come before we recorded that we sent: the row in the outbox is older than the call,
so it is always found. Signature, time and case are checked before anything is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import orjson
from sqlalchemy import Connection, bindparam, update

from agencies.answers import PROMISE, list_refused, lock_case, tell_case
from agencies.signatures import check
from agencies.transports import Endpoint
from engine import keys
from engine.actors import system
from engine.errors import NotFound, Rejected
from engine.history import Entry, append
from store.prepared import Prepared
from store.tables import outbox

STATUSES = ("confirmed", "rejected", "found", "none")
_STATUSES_OF: Mapping[str, tuple[str, ...]] = {
    "agency.notify": STATUSES[:2],
    "agency.look_up": STATUSES[2:],
    "agency.list": STATUSES[:2],
}
LONGEST = 1 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """`id` is our outbox id. `answer` is what a look-up found, else empty."""

    id: UUID
    status: str
    reference: str = ""
    reason: str = ""
    answer: Any = None


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it arrived: who says it is, the signature header, the raw body."""

    peer: str
    signature: str | None
    body: bytes


def accept(
    tx: Connection, endpoint: Endpoint, call: Call, now: datetime, database_now: datetime
) -> Literal["accepted", "duplicate"]:
    """Take an agency's answer and let its case go on.

    `duplicate` if it was answered before (the first answer stands). Raises `Forbidden` for a
    wrong signature, `Rejected` for a body we cannot read, `NotFound` for a promise that is not
    this peer's.
    """
    check(endpoint.secret, call.signature, call.body, database_now)
    answer = _read(call.body)
    row = _promise(tx, call.peer, answer)
    if not _answered_first(tx, row, answer, now):
        return "duplicate"
    _tell(tx, row, answer, now)
    if row.operation != "agency.list":
        tell_case(tx, row.id, now)
    elif answer.status == "rejected":
        list_refused(tx, row, answer.reason, now)
    return "accepted"


def _promise(tx: Connection, peer: str, answer: Answer) -> Any:
    row = PROMISE.first(tx, {"promise": answer.id})
    if row is None or row.peer != peer or row.key is None:
        raise NotFound("outbox.unknown", f"Expected an answer to one of our calls, not {answer.id}")
    if answer.status not in _STATUSES_OF[row.operation]:
        raise Rejected(
            "answer.status",
            f"Expected status to be one of {_STATUSES_OF[row.operation]} for this call, "
            f"but got another one",
        )
    lock_case(tx, row.case_id)
    return row


def _answered_first(tx: Connection, row: Any, answer: Answer, now: datetime) -> bool:
    sealed = None
    if answer.answer is not None:
        sealed = keys.seal(tx, row.case_id, "outbox", orjson.dumps(answer.answer), now)
    told = {"status": answer.status, "reference": answer.reference, "reason": answer.reason}
    values = {
        "promise": row.id,
        "now": now,
        # What was given up before the answer came keeps its error (see outbox.enqueue).
        "error": row.last_error if row.status == "failed" else None,
        "told": told,
        "sealed": sealed,
    }
    return _ANSWER.run(tx, values) == 1


_ANSWER = Prepared(
    update(outbox)
    .where(outbox.c.id == bindparam("promise"), outbox.c.answered_at.is_(None))
    .values(
        status="confirmed",
        answered_at=bindparam("now"),
        next_attempt_at=None,
        last_error=bindparam("error"),
        answer=bindparam("told"),
        answer_ciphertext=bindparam("sealed"),
    )
)


def _tell(tx: Connection, row: Any, answer: Answer, now: datetime) -> None:
    look_up = row.operation == "agency.look_up"
    entry = Entry(
        "notification.answered" if look_up else f"notification.{answer.status}",
        system(row.office_id),
        now,
        case_id=row.case_id,
        object_id=str(row.id),
        detail={"agency": row.peer, "reference": answer.reference, "reason": answer.reason},
    )
    append(tx, entry)


def _read(body: bytes) -> Answer:
    if len(body) > LONGEST:
        raise Rejected("answer.too_long", "Expected an answer of at most one megabyte")
    # PostgreSQL stores no NUL; refused on both databases, before anything is changed.
    if b"\\u0000" in body or b"\0" in body:
        raise Rejected("answer.unreadable", "Expected JSON without NUL characters")
    try:
        fields = orjson.loads(body)
        return Answer(
            id=UUID(fields["id"]),
            status=str(fields["status"]),
            reference=str(fields.get("reference", ""))[:120],
            reason=str(fields.get("reason", ""))[:500],
            answer=fields.get("answer"),
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise Rejected(
            "answer.unreadable", "Expected a JSON object with id and status (see the API)"
        ) from wrong
