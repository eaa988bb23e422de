"""An extension that a clerk asks for and somebody of the right rank decides on.

Asking moves nothing: the period runs on, and an extension granted too late is refused by law. One
request is open for a clock at a time; it lapses when the clock is extended without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, insert, select, update

from engine import case_rows, confidence, person_notices
from engine.actors import Actor
from engine.errors import Conflict, Forbidden, NotFound, Rejected
from engine.history import Entry, append
from engine.permissions import demand, may_handle
from engine.person_notices import News
from sla import extensions
from sla.approvers import approvers, days_of, reach_of
from sla.clocks import explained
from sla.extension_law import Longer, demand_grantable, demand_rank
from sla.spans import Unit
from store.tables import clocks, extension_requests, memberships, persons

ASKED, DECIDED = "extension.asked", "extension.decided"
MAX_WHY = 500


@dataclass(frozen=True, slots=True)
class Request:
    """One request: `asked`, `granted`, `refused`, `withdrawn` or `lapsed`. `approvers` are the
    groups that may grant it, the lowest first."""

    id: UUID
    case_id: UUID
    clock_id: UUID
    clock: str
    length: int
    unit: str
    reason: str
    status: str
    asked_by: UUID
    asker: str
    asked_at: datetime
    decider: str
    decided_at: datetime | None
    decided_why: str
    approvers: tuple[str, ...]


def ask(tx: Connection, clock_id: UUID, longer: Longer, actor: Actor, now: datetime) -> UUID:
    """Ask for the one extension of a clock, and tell those who may grant it. Returns the id.

    Raises NotFound, Forbidden unless the actor works on cases, Rejected or Conflict for an
    extension that could not be granted, Conflict if one is asked for already.
    """
    clock, _ = explained(tx, clock_id, actor)
    case = case_rows.load(tx, clock.case_id, actor)
    demand(may_handle(case.facts, actor))
    entry = demand_grantable(tx, clock, longer, now)
    if _open_of(tx, clock_id) is not None:
        raise Conflict("extension.asked_before", "An extension of this limit is asked for already")
    request_id = uuid4()
    tx.execute(
        insert(extension_requests).values(
            id=request_id,
            office_id=actor.office_id,
            case_id=clock.case_id,
            clock_id=clock_id,
            length=longer.length,
            unit=longer.unit.value,
            reason=entry.detail["reason"],
            status="asked",
            asked_by=actor.person_id,
            asked_at=now,
            decided_why="",
        )
    )
    request = find(tx, request_id, actor)
    _tell_history(tx, request, "clock.extension_asked", actor, now)
    able = [each for each in _people(tx, request, actor.office_id) if each != actor.person_id]
    news = News(ASKED, actor.office_id, clock.case_id, request_id, {"clock": clock.name})
    person_notices.tell(tx, news, able, now)
    return request_id


def grant(tx: Connection, request_id: UUID, actor: Actor, now: datetime) -> datetime:
    """Grant it: the clock is extended, and the applicant told by letter. Returns the new end.

    Raises as `extensions.extend`, Conflict for one that was decided, Forbidden for who asked.
    """
    request = _decided_by(tx, request_id, actor)
    _decide(tx, request, "granted", "", actor, now)
    longer = Longer(request.length, Unit(request.unit), request.reason)
    return extensions.extend(tx, request.clock_id, longer, actor, now)


def refuse(tx: Connection, request_id: UUID, why: str, actor: Actor, now: datetime) -> None:
    """Refuse it, saying why. Raises as `grant`, and Rejected without a reason."""
    request = _decided_by(tx, request_id, actor)
    if not why.strip() or len(why) > MAX_WHY:
        raise Rejected("extension.refusal_reason", "Say why the extension is refused")
    _decide(tx, request, "refused", why.strip(), actor, now)


def withdraw(tx: Connection, request_id: UUID, actor: Actor, now: datetime) -> None:
    """Take one's own request back. Raises NotFound, Conflict, or Forbidden for another's."""
    request = _waiting(tx, request_id, actor)
    if request.asked_by != actor.person_id:
        raise Forbidden("extension.not_asker", "Only who asked for an extension takes it back")
    _decide(tx, request, "withdrawn", "", actor, now)


# --- reading ------------------------------------------------------------------------------------


def find(tx: Connection, request_id: UUID, actor: Actor) -> Request:
    """A request of the actor's office. Raises NotFound."""
    wanted = (
        extension_requests.c.id == request_id,
        confidence.open_to(actor, extension_requests.c.case_id),
    )
    row = tx.execute(_REQUESTS.where(*wanted)).first()
    if row is None or row.office_id != actor.office_id:
        raise NotFound("extension.unknown", "There is no such request in your office")
    return _request(tx, row)


def of_case(tx: Connection, case_id: UUID) -> Sequence[Request]:
    """What was asked for in a case, the newest first; the caller has judged who reads it."""
    rows = tx.execute(
        _REQUESTS.where(extension_requests.c.case_id == case_id).order_by(
            extension_requests.c.asked_at.desc(), extension_requests.c.id
        )
    )
    return [_request(tx, row) for row in rows]


def waiting_for(tx: Connection, actor: Actor, limit: int = 200) -> Sequence[Request]:
    """The open requests of the actor's office, the oldest first."""
    rows = tx.execute(
        _REQUESTS.where(
            extension_requests.c.office_id == actor.office_id,
            extension_requests.c.status == "asked",
            confidence.open_to(actor, extension_requests.c.case_id),
        )
        .order_by(extension_requests.c.asked_at, extension_requests.c.id)
        .limit(limit)
    )
    return [_request(tx, row) for row in rows]


_asker, _decider = persons.alias("asker"), persons.alias("decider")
_REQUESTS = (
    select(
        extension_requests,
        clocks.c.name.label("clock"),
        _asker.c.display_name.label("asker"),
        _decider.c.display_name.label("decider"),
    )
    .join(clocks, clocks.c.id == extension_requests.c.clock_id)
    .join(_asker, _asker.c.id == extension_requests.c.asked_by)
    .outerjoin(_decider, _decider.c.id == extension_requests.c.decided_by)
)


def _request(tx: Connection, row: Any) -> Request:
    days = days_of(row.length, Unit(row.unit))
    return Request(
        id=row.id,
        case_id=row.case_id,
        clock_id=row.clock_id,
        clock=row.clock,
        length=row.length,
        unit=row.unit,
        reason=row.reason,
        status=row.status,
        asked_by=row.asked_by,
        asker=row.asker,
        asked_at=row.asked_at,
        decider=row.decider or "",
        decided_at=row.decided_at,
        decided_why=row.decided_why,
        approvers=approvers(days, reach_of(tx, row.office_id)),
    )


def _open_of(tx: Connection, clock_id: UUID) -> UUID | None:
    found: UUID | None = tx.scalar(
        select(extension_requests.c.id).where(
            extension_requests.c.clock_id == clock_id, extension_requests.c.status == "asked"
        )
    )
    return found


# --- deciding -----------------------------------------------------------------------------------


def _waiting(tx: Connection, request_id: UUID, actor: Actor) -> Request:
    # Of two who decide at once the second waits here, and is told that it was decided.
    held = select(extension_requests.c.id).where(extension_requests.c.id == request_id)
    tx.execute(held.with_for_update()).all()
    request = find(tx, request_id, actor)
    if request.status != "asked":
        raise Conflict("extension.decided", f"The request was decided already: {request.status}")
    return request


def _decided_by(tx: Connection, request_id: UUID, actor: Actor) -> Request:
    request = _waiting(tx, request_id, actor)
    if request.asked_by == actor.person_id:
        raise Forbidden(
            "extension.four_eyes", "An extension is granted or refused by somebody else"
        )
    longer = Longer(request.length, Unit(request.unit), request.reason)
    demand_rank(tx, longer, actor)
    return request


def _decide(
    tx: Connection, request: Request, status: str, why: str, actor: Actor, now: datetime
) -> None:
    tx.execute(
        update(extension_requests)
        .where(extension_requests.c.id == request.id, extension_requests.c.status == "asked")
        .values(status=status, decided_by=actor.person_id, decided_at=now, decided_why=why)
    )
    person_notices.lapse(tx, request.id, _people(tx, request, actor.office_id), now)
    if status == "withdrawn":
        _tell_history(tx, request, "clock.extension_withdrawn", actor, now)
        return
    if status == "refused":
        _tell_history(tx, request, "clock.extension_refused", actor, now, why)
    detail = {"clock": request.clock, "status": status}
    # The asker was not told of the request, so this is the first and only notice of it.
    news = News(DECIDED, actor.office_id, request.case_id, request.id, detail)
    person_notices.tell(tx, news, [request.asked_by], now)


def _people(tx: Connection, request: Request, office_id: str) -> Sequence[UUID]:
    """Who may grant it, and works in the office."""
    return tx.scalars(
        select(memberships.c.person_id)
        .join(persons, persons.c.id == memberships.c.person_id)
        .where(
            memberships.c.office_id == office_id,
            memberships.c.group_name.in_(request.approvers),
            persons.c.left_on.is_(None),
        )
        .distinct()
        .order_by(memberships.c.person_id)
    ).all()


def _tell_history(
    tx: Connection, request: Request, action: str, actor: Actor, now: datetime, why: str = ""
) -> None:
    facts = {"clock": request.clock, "reason": why or request.reason}
    append(
        tx,
        Entry(
            action,
            actor,
            now,
            case_id=request.case_id,
            object_id=str(request.clock_id),
            detail=facts,
            office_id=actor.office_id,
        ),
    )
