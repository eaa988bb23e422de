"""What became of a promise, told to the case that waits for it.

The case goes on at once. If it rests (suspended), the outcome waits with the promise, and a job
tells the case as soon as it goes on.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import structlog
from sqlalchemy import Connection, bindparam, insert, select

from engine import jobs, keys, service_tasks
from engine.due import do_next
from engine.errors import Conflict, NotFound
from engine.ids import new_id
from engine.incidents import raise_incident
from engine.runtime import STALE
from store.database import Database, wake
from store.prepared import Prepared
from store.tables import cases, outbox
from store.tables import jobs as jobs_table

log = structlog.get_logger()
JOB = "outbox.outcome"
FAILED = "AGENCY_FAILED"  # the BPMN error by which a diagram takes a dead letter over
_LATER = frozenset({STALE, "case.suspended"})
_LOCK = Prepared(
    select(cases.c.id).where(cases.c.id == bindparam("case")).with_for_update(key_share=True)
)
PROMISE = Prepared(select(outbox).where(outbox.c.id == bindparam("promise")))
"""A row of the outbox by its id."""


def lock_case(tx: Connection, case_id: UUID | None) -> None:
    """Lock the case before its outbox row, as every step does."""
    _LOCK.first(tx, {"case": case_id})


def tell_case(tx: Connection, outbox_id: UUID, now: datetime) -> None:
    """Let the case go on with its answer, or with the failure. Nobody may wait for it any more."""
    try:
        # What a refused step had written is undone, and the answer itself is kept.
        with tx.begin_nested():
            _go_on(tx, outbox_id, now)
    except Conflict as held:
        if held.code in _LATER:
            _later(tx, outbox_id, now)
        else:
            log.info("nobody waits for it", action="outbox.orphan", code=held.code)


def list_refused(tx: Connection, row: Any, why: str, now: datetime) -> None:
    """An entry of an agency's list that it did not take. No case waits for it, perhaps it is long
    closed: a person has to see to it, so it is an incident of the promise."""
    raise_incident(
        tx,
        now,
        office_id=row.office_id,
        case_id=row.case_id,
        source="outbox",
        source_id=str(row.id),
        code="outbox.list_refused",
        message=f"Expected {row.peer} to take an entry of its list ({row.kind}), but it did not: "
        f"{why}. Settle it with them by phone or letter, then resolve this",
    )


def values_of(tx: Connection, row: Any) -> dict[str, Any]:
    """What an answered promise gives the process: how it ended and, of a look-up, what routing
    needs and the id to file it by. Everything else that was found stays sealed in the outbox."""
    values: dict[str, Any] = dict(row.answer)
    if row.answer_ciphertext is not None:
        found = orjson.loads(keys.open_sealed(tx, row.case_id, "outbox", row.answer_ciphertext))
        values["answer"] = for_routing(found)
    if row.operation == "agency.look_up":
        values["look_up_id"] = str(row.id)
    return values


def for_routing(found: Any) -> dict[str, Any]:
    """Truth values and whole numbers under plain names; never a text, which may be personal."""
    if not isinstance(found, dict):
        return {}
    return {
        name: value
        for name, value in found.items()
        if name.isidentifier() and (value is None or isinstance(value, (bool, int)))
    }


def deliver_next(db: Database, now: datetime) -> bool:
    """Tell one case that goes on again what it missed. False if there is none."""
    return do_next(db, _KIND, now)


def next_due(tx: Connection) -> datetime | None:
    return jobs.next_due(tx, JOB)


def _go_on(tx: Connection, outbox_id: UUID, now: datetime) -> None:
    row = PROMISE.first(tx, {"promise": outbox_id})
    if row.answered_at is not None:
        service_tasks.complete(tx, row.case_id, row.key, values_of(tx, row), now)
        return
    message = (
        f"Expected {row.peer} to take {row.operation}, but it did not: {row.last_error}. "
        f"Mend the cause, then retry"
    )
    service_tasks.fail(tx, row.case_id, row.key, message, now, error_code=FAILED)


def _later(tx: Connection, outbox_id: UUID, now: datetime) -> None:
    row = PROMISE.first(tx, {"promise": outbox_id})
    job = {
        "id": new_id(),
        "office_id": row.office_id,
        "kind": JOB,
        "case_id": row.case_id,
        "payload": {"outbox": str(outbox_id)},
        "due_at": now,
        "status": "waiting",
        "created_at": now,
        "fence": 0,
        "attempts": 0,
    }
    tx.execute(insert(jobs_table), job)
    wake(tx, "jobs")


def _deliver(tx: Connection, job: Any, now: datetime) -> None:
    try:
        _go_on(tx, UUID(job.payload["outbox"]), now)
    except (Conflict, NotFound) as gone:
        if gone.code in _LATER:
            raise
        log.info("nobody waits for it", action="outbox.orphan", code=gone.code)


_KIND = jobs.kind_of(JOB, _deliver, of_active_case=True)
