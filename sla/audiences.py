"""Whom a rung reaches: the one who has the work, or a group; and who stands in for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select

from engine.people import substitute_of
from store.tables import memberships, persons, user_task_groups, user_tasks

OWNER = "owner"
LAST_RESORT = ("chief", "director")


@dataclass(frozen=True, slots=True)
class Person:
    id: UUID
    email: str | None


@dataclass(frozen=True, slots=True)
class Firing:
    """A rung that fires, with all that its message needs."""

    rung: Row[Any]
    clock: Row[Any]
    case: Row[Any]


def reach(tx: Connection, firing: Firing, audiences: Iterable[str], day: date) -> list[Person]:
    """The people that the audiences of a rung are on `day`, each once.

    Whoever is absent is told together with the substitute. Where the audiences are empty, the
    chief and the director hear of it.
    """
    found = {
        person.id: person for audience in audiences for person in _audience(tx, firing, audience)
    }
    if not found:
        last = _members(tx, firing.rung.office_id, LAST_RESORT)
        found = {person.id: person for person in last}
    for person_id in list(found):
        instead = substitute_of(tx, person_id, day)
        if instead is not None and instead not in found:
            found.update((person.id, person) for person in _persons(tx, [instead]))
    return list(found.values())


def _audience(tx: Connection, firing: Firing, audience: str) -> Sequence[Person]:
    if audience != OWNER:
        return _members(tx, firing.rung.office_id, (audience,))
    tasks = _open_tasks(tx, firing)
    owners = [task.assignee_id for task in tasks if task.assignee_id is not None]
    if owners:
        return _persons(tx, owners)
    groups = tx.scalars(
        select(user_task_groups.c.group_name).where(
            user_task_groups.c.task_id.in_([task.id for task in tasks])
        )
    ).all()
    return _members(tx, firing.rung.office_id, tuple(set(groups)))


def _open_tasks(tx: Connection, firing: Firing) -> Sequence[Row[Any]]:
    wanted = select(user_tasks).where(
        user_tasks.c.case_id == firing.case.id,
        user_tasks.c.status.in_(("unclaimed", "claimed")),
    )
    if firing.clock.task_id is not None:
        wanted = wanted.where(user_tasks.c.id == firing.clock.task_id)
    return tx.execute(wanted).all()


def _members(tx: Connection, office_id: str, groups: tuple[str, ...]) -> list[Person]:
    rows = tx.execute(
        select(persons.c.id, persons.c.email)
        .join(memberships, memberships.c.person_id == persons.c.id)
        .where(memberships.c.office_id == office_id, memberships.c.group_name.in_(groups))
        .distinct()
    )
    return [Person(row.id, row.email) for row in rows]


def _persons(tx: Connection, person_ids: Sequence[UUID]) -> list[Person]:
    rows = tx.execute(select(persons.c.id, persons.c.email).where(persons.c.id.in_(person_ids)))
    return [Person(row.id, row.email) for row in rows]
