"""The line to each agency: what waits, since when it fails, what was given up; and pausing it.

A paused agency is sent nothing for the office that paused it; what is promised meanwhile waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from engine.actors import Actor
from engine.confidence import open_to
from engine.errors import Conflict, Rejected
from engine.history import Entry, append
from engine.permissions import demand, may_mend
from store.database import wake
from store.partial import among
from store.tables import outbox, paused_peers, persons


@dataclass(frozen=True, slots=True)
class Pause:
    reason: str
    by_name: str  # empty: the command line
    since: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """One peer of the office. `failing_since` is when the oldest promise that has failed at least
    once was made; `next_attempt_at` is None where nothing waits."""

    peer: str
    waiting: int
    dead: int
    failing_since: datetime | None
    next_attempt_at: datetime | None
    last_error: str | None
    pause: Pause | None


def lines(tx: Connection, actor: Actor) -> list[Line]:
    """Every peer with something open, or paused, by name. Read from the open rows alone."""
    is_dead = outbox.c.status == "failed"
    is_failing = (outbox.c.attempts > 0) & ~is_dead
    rows = tx.execute(
        select(
            outbox.c.peer,
            func.sum(case((is_dead, 0), else_=1)).label("waiting"),
            func.sum(case((is_dead, 1), else_=0)).label("dead"),
            func.min(case((is_failing, outbox.c.created_at))).label("failing_since"),
            func.min(case((~is_dead, outbox.c.next_attempt_at))).label("next_attempt_at"),
            func.max(case((is_failing, outbox.c.last_error))).label("last_error"),
        )
        .where(
            outbox.c.office_id == actor.office_id,
            open_to(actor, outbox.c.case_id),
            among(outbox.c.status, "queued", "sending", "failed"),
        )
        .group_by(outbox.c.peer)
    ).all()
    pauses = _pauses(tx, actor.office_id)
    found = {row.peer: _line(row, pauses.get(row.peer)) for row in rows}
    for peer, pause in pauses.items():
        found.setdefault(peer, Line(peer, 0, 0, None, None, None, pause))
    return [found[peer] for peer in sorted(found)]


def pause(tx: Connection, peer: str, reason: str, actor: Actor, now: datetime) -> None:
    """Send this peer nothing for the actor's office until somebody resumes it.

    Raises Forbidden unless the actor mends, Rejected without a reason, Conflict if it is paused.
    """
    demand(may_mend(actor.office_id, actor))
    if not reason.strip():
        raise Rejected("agency.pause_reason", "Say why nothing is to be sent")
    row = {"office_id": actor.office_id, "peer": peer, "reason": reason.strip()}
    try:
        with tx.begin_nested():
            tx.execute(insert(paused_peers).values(**row, paused_by=actor.person_id, paused_at=now))
    except IntegrityError as error:
        raise Conflict("agency.paused", "Somebody has paused it already") from error
    _tell(tx, "agency.paused", peer, {"reason": reason.strip()}, actor, now)


def resume(tx: Connection, peer: str, actor: Actor, now: datetime) -> None:
    """Send again. Raises Conflict if it is not paused."""
    demand(may_mend(actor.office_id, actor))
    gone = tx.execute(
        delete(paused_peers).where(
            paused_peers.c.office_id == actor.office_id, paused_peers.c.peer == peer
        )
    ).rowcount
    if gone != 1:
        raise Conflict("agency.not_paused", "It is not paused")
    _tell(tx, "agency.resumed", peer, {}, actor, now)
    wake(tx, "outbox")


def _pauses(tx: Connection, office_id: str) -> dict[str, Pause]:
    rows = tx.execute(
        select(paused_peers, persons.c.display_name)
        .outerjoin(persons, persons.c.id == paused_peers.c.paused_by)
        .where(paused_peers.c.office_id == office_id)
    )
    return {row.peer: Pause(row.reason, row.display_name or "", row.paused_at) for row in rows}


def _line(row: Any, pause: Pause | None) -> Line:
    return Line(
        row.peer,
        int(row.waiting),
        int(row.dead),
        row.failing_since,
        row.next_attempt_at,
        row.last_error,
        pause,
    )


def _tell(
    tx: Connection, action: str, peer: str, facts: dict[str, Any], actor: Actor, now: datetime
) -> None:
    detail = {"agency": peer, **facts}
    append(tx, Entry(action, actor, now, object_id=peer, detail=detail))
