"""Whom a rung reaches: who has the work and who answers for the case, or a group; and who stands in
for them.

The process names who is told at least. An office may add groups to a point of every ladder
(`sla/ladder_additions.py`); it cannot take anybody away, since supervision is a duty.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, bindparam, select

from engine.absences import substitute_of
from engine.case_service import answers_of
from engine.confidence import may_be_told
from store.partial import among
from store.prepared import Listed, Prepared
from store.tables import ladder_additions, memberships, user_task_groups, user_tasks

OWNER = "owner"
LAST_RESORT = ("chief", "director")


@dataclass(frozen=True, slots=True)
class Firing:
    """A rung that fires, with all that its message needs."""

    rung: Row[Any]
    clock: Row[Any]
    case: Row[Any]


@dataclass(frozen=True, slots=True)
class Reached:
    """Who is told, each once, and as what: the audiences that led to them."""

    people: tuple[UUID, ...]
    audiences: tuple[str, ...]


NOBODY = Reached((), ())


def reach(tx: Connection, firing: Firing, audiences: Iterable[str], day: date) -> Reached:
    """The people that the audiences of a rung are on `day`, with those that the office adds.

    Whoever is absent is told together with the substitute. Where the audiences are empty, the
    chief and the director hear of it. Of a confidential case nobody hears who may not see it.
    """
    wanted = tuple(dict.fromkeys((*audiences, *_added(tx, firing))))
    found = dict.fromkeys(
        person_id for audience in wanted for person_id in _audience(tx, firing, audience)
    )
    found = dict.fromkeys(may_be_told(tx, firing.case.id, found))
    if not found:
        found = dict.fromkeys(members(tx, firing.rung.office_id, LAST_RESORT))
    for person_id in list(found):
        instead = substitute_of(tx, person_id, day)
        if instead is not None:
            found.setdefault(instead)
    return Reached(may_be_told(tx, firing.case.id, found), wanted)


def _added(tx: Connection, firing: Firing) -> Sequence[str]:
    if firing.rung.act == "delay":
        return ()  # asks for a deed of whom it names; another rung of that point tells the others
    point = {"office": firing.rung.office_id, "point": firing.rung.at_point}
    return [row.group_name for row in _ADDED.all(tx, point)]


def holders(
    tx: Connection, office_id: str, case_id: UUID, task_id: UUID | None = None
) -> Sequence[UUID]:
    """Who has the open work of a case (of one task, if it is named): who took it, else everybody
    who may."""
    if task_id is None:
        tasks = _OPEN.all(tx, {"case": case_id})
    else:
        tasks = _OPEN_TASK.all(tx, {"case": case_id, "task": task_id})
    owners = [task.assignee_id for task in tasks if task.assignee_id is not None]
    if owners:
        return owners
    groups = _GROUPS.all(tx, [task.id for task in tasks], {})
    return members(tx, office_id, tuple({row.group_name for row in groups}))


def members(tx: Connection, office_id: str, groups: tuple[str, ...]) -> Sequence[UUID]:
    """The people of some groups of an office, each once."""
    return [row.person_id for row in _MEMBERS.all(tx, groups, {"office": office_id})]


_ADDED = Prepared(
    select(ladder_additions.c.group_name)
    .where(
        ladder_additions.c.office_id == bindparam("office"),
        ladder_additions.c.at_point == bindparam("point"),
    )
    .order_by(ladder_additions.c.group_name)
)
_open = (
    select(user_tasks.c.id, user_tasks.c.assignee_id)
    .where(
        user_tasks.c.case_id == bindparam("case"),
        among(user_tasks.c.status, "unclaimed", "claimed"),
    )
    .order_by(user_tasks.c.created_at)
)
_OPEN = Prepared(_open)
_OPEN_TASK = Prepared(_open.where(user_tasks.c.id == bindparam("task")))
_GROUPS = Listed(user_task_groups.c.task_id, select(user_task_groups.c.group_name))
_MEMBERS = Listed(
    memberships.c.group_name,
    select(memberships.c.person_id)
    .where(memberships.c.office_id == bindparam("office"))
    .distinct()
    .order_by(memberships.c.person_id),
)


def _audience(tx: Connection, firing: Firing, audience: str) -> Sequence[UUID]:
    office_id = firing.rung.office_id
    if audience != OWNER:
        return members(tx, office_id, (audience,))
    answerable = answers_of(tx, firing.case.id).owner_id
    found = holders(tx, office_id, firing.case.id, firing.clock.task_id)
    return found if answerable is None else [*found, answerable]
