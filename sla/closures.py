"""An office is shut by decree: enter it, and move what it moves, in one transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from engine.actors import Actor
from sla.calendars import Closure, close_office
from sla.recalculation import Moved, recalculate
from store.tables import offices


def enter_closure(tx: Connection, closure: Closure, actor: Actor, now: datetime) -> list[Moved]:
    """Close an office (and the offices below it) and recompute their open clocks.

    Returns every clock that moved, with its due time before and after. Refusals as
    `sla.calendars.close_office`.
    """
    close_office(tx, closure, actor, now)
    moved: list[Moved] = []
    for office_id in _with_children(tx, closure.office_id):
        moved.extend(recalculate(tx, office_id, now))
    return moved


def _with_children(tx: Connection, office_id: str) -> list[str]:
    found = [office_id]
    for parent in found:
        found.extend(tx.scalars(select(offices.c.id).where(offices.c.parent_id == parent)))
    return found
