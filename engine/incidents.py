"""Incidents: what cannot go on without a person, and how a person mends it.

An incident of the process itself (`source` engine) is retried in the interpreter, with values put
right. One of a beat (timer, rung, outbox, message, job) means a row that was tried again and again;
retrying lets the beat try it anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NotRequired, TypedDict, Unpack
from uuid import UUID

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.sql.dml import Update

from engine import events, runtime
from engine.actors import Actor, system
from engine.bpmn.triggers import RetryIncident
from engine.errors import Conflict, NotFound, Rejected
from engine.events import CaseRef
from engine.history import Entry, append
from engine.ids import new_id
from engine.permissions import demand, may_mend
from engine.runtime import Deed
from store.database import wake
from store.tables import cases, inbox, incidents, jobs, outbox, rungs, timers

MAX_MESSAGE = 2_000


class About(TypedDict):
    """What an incident is about. `message` is a sentence without personal data."""

    office_id: str
    case_id: UUID | None
    source: str  # engine, timer, rung, outbox, message or job
    code: str
    message: str
    source_id: NotRequired[str | None]
    element_id: NotRequired[str | None]
    key: NotRequired[str | None]


def raise_incident(tx: Connection, now: datetime, **about: Unpack[About]) -> UUID:
    """Record an incident of a beat, tell the history, and announce it where it has a case."""
    incident_id = new_id()
    row = {
        "id": incident_id,
        "status": "open",
        "raised_at": now,
        **about,
        "message": about["message"][:MAX_MESSAGE],
    }
    tx.execute(insert(incidents), row)
    append(
        tx,
        Entry(
            "incident.raised",
            system(about["office_id"]),
            now,
            case_id=about["case_id"],
            element_id=about.get("element_id"),
            object_id=str(incident_id),
            detail={"code": about["code"], "message": row["message"]},
        ),
    )
    case = _case_ref(tx, about["case_id"])
    if case is not None:
        events.announce(tx, events.IncidentRaised(case, incident_id, about["code"]), now)
    return incident_id


def retry(
    tx: Connection,
    incident_id: UUID,
    values: Mapping[str, Any],
    actor: Actor,
    now: datetime,
) -> None:
    """Try again what failed. `values` put variables right first (process incidents only).

    Raises Conflict if it is not open, or the case has gone on. It may fail again: that is a new
    incident.
    """
    incident = _open(tx, incident_id, actor)
    entry = _entry(incident, "incident.retried", actor, now, code=incident.code)
    if incident.key is not None:
        trigger = RetryIncident(incident.key, values)
        runtime.apply(tx, incident.case_id, [trigger], Deed(actor, [entry]), now)
        return
    if values:
        raise Rejected("incident.values", "Only an incident of the process takes values")
    again = _again(incident.source, incident.source_id, now)
    if again is None or tx.execute(again).rowcount != 1:
        raise Conflict(
            "incident.nothing_to_retry", "What failed is no longer there; resolve the incident"
        )
    _close(tx, incident, actor, now, "retried")
    append(tx, entry)
    wake(tx, _KINDS[incident.source])


def resolve(
    tx: Connection, incident_id: UUID, resolution: str, actor: Actor, now: datetime
) -> None:
    """Close an incident that was mended otherwise. What it was about is not tried again.

    Refused while the process itself waits for it: that is retried, or its case withdrawn.
    """
    incident = _open(tx, incident_id, actor)
    if not resolution.strip():
        raise Rejected("incident.resolution", "Say how the incident was mended")
    if incident.key is not None and _case_goes_on(tx, incident.case_id):
        raise Conflict(
            "incident.process_waits",
            "The process waits at this element: retry the incident, with values put right",
        )
    _close(tx, incident, actor, now, resolution)
    append(tx, _entry(incident, "incident.resolved", actor, now, resolution=resolution))


def _open(tx: Connection, incident_id: UUID, actor: Actor) -> Any:
    incident = tx.execute(select(incidents).where(incidents.c.id == incident_id)).first()
    if incident is None:
        raise NotFound("incident.not_found", "There is no such incident in your office")
    demand(may_mend(incident.office_id, actor))
    if incident.status != "open":
        raise Conflict("incident.resolved", "The incident was resolved already")
    return incident


def _close(tx: Connection, incident: Any, actor: Actor, now: datetime, resolution: str) -> None:
    closed = tx.execute(
        update(incidents)
        .where(incidents.c.id == incident.id, incidents.c.status == "open")
        .values(
            status="resolved",
            resolved_at=now,
            resolved_by=actor.person_id,
            resolution=resolution,
        )
    )
    if closed.rowcount != 1:
        raise Conflict("incident.resolved", "Somebody else has resolved the incident")


def _again(source: str, source_id: str | None, now: datetime) -> Update | None:
    """The statement that lets a beat try the row anew."""
    if source_id is None or source not in _KINDS:
        return None
    row_id = UUID(source_id)
    anew: dict[str, Any] = {"attempts": 0, "last_error": None}
    match source:
        case "timer":
            statement = update(timers).where(timers.c.id == row_id, timers.c.status == "waiting")
            return statement.values(not_before=None, **anew)
        case "job":
            statement = update(jobs).where(jobs.c.id == row_id, jobs.c.status == "failed")
            return statement.values(status="waiting", due_at=now, ended_at=None, **anew)
        case "outbox":
            statement = update(outbox).where(outbox.c.id == row_id, outbox.c.status == "failed")
            return statement.values(status="queued", next_attempt_at=now, **anew)
        case "rung":
            statement = update(rungs).where(rungs.c.id == row_id, rungs.c.status != "fired")
            return statement.values(status="waiting", not_before=None, **anew)
        case _:
            statement = update(inbox).where(inbox.c.id == row_id, inbox.c.status == "quarantined")
            return statement.values(status="early", reason=None)


_KINDS: Mapping[str, str] = {
    "timer": "timers",
    "job": "jobs",
    "outbox": "outbox",
    "rung": "rungs",
    "message": "jobs",
}


def _case_goes_on(tx: Connection, case_id: UUID | None) -> bool:
    status = tx.scalar(select(cases.c.status).where(cases.c.id == case_id))
    return status in ("active", "suspended")


def _case_ref(tx: Connection, case_id: UUID | None) -> CaseRef | None:
    if case_id is None:
        return None
    row = tx.execute(
        select(
            cases.c.id,
            cases.c.number,
            cases.c.office_id,
            cases.c.package_id,
            cases.c.definition_id,
            cases.c.version,
        ).where(cases.c.id == case_id)
    ).first()
    return None if row is None else CaseRef(*row)


def _entry(incident: Any, action: str, actor: Actor, now: datetime, **detail: Any) -> Entry:
    return Entry(
        action,
        actor,
        now,
        case_id=incident.case_id,
        element_id=incident.element_id,
        object_id=str(incident.id),
        detail=detail,
        office_id=incident.office_id,
    )
