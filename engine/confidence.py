"""Confidential cases in lists and figures: the same rule as `engine.permissions.may_see`, for the
database.

Lists leave them out, and figures do not count them, for everybody but who filed them and the chief
and the director of the office that has them: nobody learns from a list or a figure that there is
one. Nobody else is told of one either.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, bindparam, false, or_, select, true

from engine.actors import Actor
from engine.permissions import CONFIDANTS
from store.partial import unindexed
from store.prepared import Prepared
from store.tables import cases, memberships


def seen_by(actor: Actor) -> ColumnElement[bool]:
    """Whether a row of `cases` may stand in a list the actor reads."""
    if actor.is_system:
        return true()
    filed = false() if actor.person_id is None else cases.c.filed_by == actor.person_id
    in_charge = cases.c.office_id == actor.office_id if actor.groups & CONFIDANTS else false()
    return or_(cases.c.confidential.is_(False), and_(cases.c.confidential, or_(filed, in_charge)))


def seen_or_none(actor: Actor) -> ColumnElement[bool]:
    """As `seen_by`, for rows that may be of no case at all (an outer join)."""
    return or_(cases.c.id.is_(None), seen_by(actor))


def open_to(actor: Actor, case_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Whether a row of the actor's own office may be counted: a limit, a task, a promise of the
    case. It costs those nothing who see every case of their office.

    Looked up row by row, by the case's key, as figures are of a bounded number of rows: as a join
    or a set the planner might read all cases there are.
    """
    if actor.is_system or actor.groups & CONFIDANTS:
        return true()
    hidden = cases.alias("kept")
    is_hidden = and_(hidden.c.confidential, hidden.c.filed_by.is_distinct_from(actor.person_id))
    kept = select(is_hidden).where(hidden.c.id == case_id).scalar_subquery()
    return unindexed(kept).is_not(true())


def candidates(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The candidate groups of a confidential case's tasks (rows of `user_task_groups`): CONFIDANTS
    only, all of them where the diagram names none. A chase of it may name a whole office."""
    named: dict[Any, list[Mapping[str, Any]]] = {}
    for row in rows:
        named.setdefault(row["task_id"], []).append(row)
    found: list[dict[str, Any]] = []
    for mine in named.values():
        groups = sorted({row["group_name"] for row in mine} & CONFIDANTS) or sorted(CONFIDANTS)
        found += [{**mine[0], "group_name": group} for group in groups]
    return found


_CASE = Prepared(
    select(cases.c.confidential, cases.c.office_id, cases.c.filed_by).where(
        cases.c.id == bindparam("case")
    )
)


def may_be_told(tx: Connection, case_id: UUID | None, people: Collection[UUID]) -> tuple[UUID, ...]:
    """Those of `people` who may hear of a case, in their order: of a confidential one only who
    filed it and its CONFIDANTS."""
    if case_id is None or not people:
        return tuple(people)
    row = _CASE.first(tx, {"case": case_id})
    if row is None or not row.confidential:
        return tuple(people)
    allowed = set(
        tx.scalars(
            select(memberships.c.person_id).where(
                memberships.c.office_id == row.office_id,
                memberships.c.group_name.in_(sorted(CONFIDANTS)),
            )
        )
    )
    return tuple(each for each in people if each in allowed or each == row.filed_by)
