"""How a try went, written down: the attempt, the promise, the history, and what follows."""

from __future__ import annotations

import random
from datetime import datetime
from functools import cache
from typing import Any

import structlog
from sqlalchemy import Connection, bindparam, insert, update

from agencies.answers import list_refused, lock_case, tell_case
from agencies.retry import MOST_ATTEMPTS, Outcome, next_attempt_at
from agencies.transports import Receipt
from engine.actors import system
from engine.history import Entry, append
from engine.incidents import raise_incident
from engine.operations import LETTERS
from store.partial import among
from store.prepared import Prepared
from store.tables import attempts, outbox

log = structlog.get_logger()
_ATTEMPT = Prepared(insert(attempts))


def record(tx: Connection, row: Any, fence: int, receipt: Receipt, now: datetime) -> None:
    """Write how the try under `fence` went; `row` is the promise as it was taken.

    Every try leaves its row in `attempts`. The promise itself changes only while the fence is
    ours: a sender that was given up for dead finds it moved on and changes nothing.
    """
    lock_case(tx, row.case_id)
    number = row.attempts + 1
    _note(tx, row, fence, receipt, now)
    if receipt.outcome is Outcome.DELIVERED:
        _delivered(tx, row, fence, now)
    elif receipt.outcome is Outcome.PERMANENT or number >= MOST_ATTEMPTS:
        _give_up(tx, row, fence, receipt, now)
    else:
        _try_again(tx, row, fence, receipt, now)


def _note(tx: Connection, row: Any, fence: int, receipt: Receipt, now: datetime) -> None:
    attempt = {
        "outbox_id": row.id,
        # The fence, which never begins anew: a promise sent again by hand goes on counting.
        "number": fence,
        "office_id": row.office_id,
        "at": now,
        "outcome": receipt.outcome.value,
        "status_code": receipt.status_code,
        "detail": receipt.detail,
    }
    _ATTEMPT.run(tx, attempt)
    log.info(
        "notification tried",
        action="notification.tried",
        outbox=str(row.id),
        peer=row.peer,
        attempt=row.attempts + 1,
        outcome=receipt.outcome.value,
    )


def _delivered(tx: Connection, row: Any, fence: int, now: datetime) -> None:
    # Nobody confirms a letter: taken by the server or the gateway is the end of it.
    done = "confirmed" if row.operation in LETTERS else "sent"
    sent = {"sent_at": now, "next_attempt_at": None}
    # A promise that was cancelled while it was on its way has left the house all the same.
    marked = _mark(
        tx, row, fence, ("sending", "failed"), {"status": done, "last_error": None, **sent}
    )
    if not marked:
        # The answer came before our own record. It stands; we only add when we had sent.
        marked = _mark(tx, row, fence, ("confirmed",), sent)
    if marked:
        _tell(tx, row, "notification.sent", {"attempt": row.attempts + 1}, now)


def _give_up(tx: Connection, row: Any, fence: int, receipt: Receipt, now: datetime) -> None:
    """A dead letter: the diagram takes it over (`AGENCY_FAILED`), else it is an incident."""
    dead = {"status": "failed", "next_attempt_at": None, "last_error": receipt.detail}
    if not _mark(tx, row, fence, ("sending",), dead):
        return
    _tell(tx, row, "notification.failed", {"why": receipt.detail}, now)
    if row.operation == "agency.list":
        list_refused(tx, row, receipt.detail, now)
        return
    if row.key is not None:
        tell_case(tx, row.id, now)
        return
    raise_incident(
        tx,
        now,
        office_id=row.office_id,
        case_id=row.case_id,
        source="outbox",
        source_id=str(row.id),
        code="outbox.dead_letter",
        message=f"Expected {row.peer} to take {row.operation}, but it did not: {receipt.detail}. "
        f"Mend the cause, then retry",
    )


def _try_again(tx: Connection, row: Any, fence: int, receipt: Receipt, now: datetime) -> None:
    number = row.attempts + 1
    again = next_attempt_at(number, now, random.random())  # noqa: S311 — jitter, not a secret
    waits = {"status": "queued", "next_attempt_at": again, "last_error": receipt.detail}
    if _mark(tx, row, fence, ("sending",), waits):
        facts = {"attempt": number, "why": receipt.detail}
        _tell(tx, row, "notification.attempt_failed", facts, now)


def _mark(
    tx: Connection, row: Any, fence: int, seen: tuple[str, ...], values: dict[str, Any]
) -> bool:
    """Change the promise if the fence is ours and it is as we expect it."""
    new = {f"new_{name}": value for name, value in values.items()}
    change = _marking(seen, tuple(values))
    return change.run(tx, {"promise": row.id, "under": fence, **new}) == 1


@cache
def _marking(seen: tuple[str, ...], changed: tuple[str, ...]) -> Prepared:
    mine = (outbox.c.id == bindparam("promise")) & (outbox.c.fence == bindparam("under"))
    new: dict[str, Any] = {name: bindparam(f"new_{name}") for name in changed}
    return Prepared(
        update(outbox)
        .where(mine, among(outbox.c.status, *seen))
        .values(lease_owner=None, lease_until=None, **new)
    )


def _tell(tx: Connection, row: Any, action: str, facts: dict[str, Any], now: datetime) -> None:
    if row.case_id is None:
        return
    if row.operation in LETTERS:
        action = action.replace("notification.", f"{row.operation.partition('.')[0]}.")
    append(
        tx,
        Entry(
            action,
            system(row.office_id),
            now,
            case_id=row.case_id,
            object_id=str(row.id),
            detail={"agency": row.peer, **facts},
        ),
    )
