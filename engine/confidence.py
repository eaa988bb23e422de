"""Confidential cases in lists: the same rule as `engine.permissions.may_see`, for the database.

A list leaves them out for everybody but who filed them, and the chief and the director of the
office that has them, so that nobody learns from a list that there is one.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false, or_, true

from engine.actors import Actor
from engine.permissions import CONFIDANTS
from store.tables import cases


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
