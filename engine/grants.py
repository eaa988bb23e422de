"""Groups that give power over others: one person asks, another one approves.

Neither who asks nor who is to have the group decides; the database refuses it as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from engine import history
from engine.actors import Actor
from engine.errors import Conflict, Forbidden, NotFound, Rejected
from engine.people import GUARDED, enter_group, groups_of, join, refuse_group
from store.tables import grants, persons

DECIDERS = frozenset({"operator", "director", "secretary"})


@dataclass(frozen=True, slots=True)
class Grant:
    """One that waits. `asked_by_name` is empty where the command line asked."""

    id: UUID
    person_id: UUID
    person_name: str
    group: str
    reason: str
    asked_by: UUID | None
    asked_by_name: str
    asked_at: datetime


def grant(
    tx: Connection, person_id: UUID, group: str, reason: str, actor: Actor, now: datetime
) -> UUID | None:
    """Give a person a group; where two people are needed, ask for it and return what waits.

    Raises what `people.join` raises; Conflict if it is asked for already; Rejected without reason.
    """
    if group not in GUARDED or actor.is_system:
        join(tx, person_id, group, actor, now)
        return None
    office_id = refuse_group(tx, person_id, group, actor)
    if not reason.strip():
        raise Rejected("grant.reason", "Say why the person needs this group")
    if group in groups_of(tx, person_id):
        raise Conflict("grant.has_it", "The person is in this group already")
    grant_id = uuid4()
    row = {"id": grant_id, "office_id": office_id, "person_id": person_id, "group_name": group}
    asked = {"asked_by": actor.person_id, "asked_at": now, "reason": reason.strip()}
    try:
        with tx.begin_nested():
            tx.execute(insert(grants).values(**row, **asked, status="waiting"))
    except IntegrityError as error:
        raise Conflict("grant.asked", "It is asked for already and waits for approval") from error
    _note(
        tx,
        "person.grant_asked",
        person_id,
        {"group": group, "reason": reason.strip()},
        actor,
        now,
    )
    return grant_id


def decide(tx: Connection, grant_id: UUID, actor: Actor, now: datetime, *, approve: bool) -> None:
    """Approve or refuse. Raises Forbidden for who asked, who would have it, and others' offices."""
    row = tx.execute(select(grants).where(grants.c.id == grant_id)).first()
    if row is None or row.office_id != actor.office_id:
        raise NotFound("grant.unknown", "There is no such request in your office")
    if not actor.groups & DECIDERS:
        raise Forbidden("grant.not_decider", "Operators, the secretary and the director decide it")
    if actor.person_id in (row.asked_by, row.person_id):
        raise Forbidden(
            "grant.four_eyes", "It is decided by neither who asked nor who would have it"
        )
    status = "approved" if approve else "refused"
    decided = tx.execute(
        update(grants)
        .where(grants.c.id == grant_id, grants.c.status == "waiting")
        .values(status=status, decided_by=actor.person_id, decided_at=now)
    )
    if decided.rowcount != 1:
        raise Conflict("grant.decided", "Somebody has decided it already")
    _note(tx, f"person.grant_{status}", row.person_id, {"group": row.group_name}, actor, now)
    if approve:
        # Judged anew as it is now: since it was asked, other groups may have come.
        operator = Actor(
            actor.person_id, actor.account_id, row.office_id, frozenset({"operator"}), actor.name
        )
        refuse_group(tx, row.person_id, row.group_name, operator)
        if row.group_name not in groups_of(tx, row.person_id):
            enter_group(tx, row.person_id, row.group_name, actor, now, row.office_id)


def waiting(tx: Connection, office_id: str, person_id: UUID | None = None) -> list[Grant]:
    """What waits for a second person, the oldest first."""
    asker = persons.alias("asker")
    wanted = (
        select(grants, persons.c.display_name, asker.c.display_name.label("asker_name"))
        .join(persons, persons.c.id == grants.c.person_id)
        .outerjoin(asker, asker.c.id == grants.c.asked_by)
        .where(grants.c.office_id == office_id, grants.c.status == "waiting")
        .order_by(grants.c.asked_at)
    )
    if person_id is not None:
        wanted = wanted.where(grants.c.person_id == person_id)
    return [
        Grant(
            row.id,
            row.person_id,
            row.display_name,
            row.group_name,
            row.reason,
            row.asked_by,
            row.asker_name or "",
            row.asked_at,
        )
        for row in tx.execute(wanted)
    ]


def _note(
    tx: Connection,
    action: str,
    person_id: UUID,
    detail: dict[str, str],
    actor: Actor,
    now: datetime,
) -> None:
    history.append(tx, history.Entry(action, actor, now, object_id=str(person_id), detail=detail))
