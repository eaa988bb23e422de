"""Colleagues to give work to."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, select

from engine.permissions import HANDLERS
from store.tables import memberships, persons


@dataclass(frozen=True, slots=True)
class Colleague:
    id: UUID
    name: str
    groups: tuple[str, ...]


def colleagues(tx: Connection, office_id: str) -> list[Colleague]:
    """Everybody of the office who works on cases, by name."""
    rows = tx.execute(
        select(persons.c.id, persons.c.display_name, memberships.c.group_name)
        .join(memberships, memberships.c.person_id == persons.c.id)
        .where(memberships.c.office_id == office_id, memberships.c.group_name.in_(HANDLERS))
        .order_by(persons.c.display_name, memberships.c.group_name)
    ).all()
    found: dict[UUID, Colleague] = {}
    for person_id, name, group in rows:
        known = found.get(person_id)
        groups = (*known.groups, group) if known else (group,)
        found[person_id] = Colleague(person_id, name, groups)
    return list(found.values())
