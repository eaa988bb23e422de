"""How much cannot go on without a person: the figure at the operations desk."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from engine.actors import Actor
from engine.confidence import open_to
from store.tables import incidents


def trouble_count(tx: Connection, actor: Actor) -> int:
    """Open incidents of the actor's office, of cases that the actor sees."""
    open_here = (
        incidents.c.office_id == actor.office_id,
        incidents.c.status == "open",
        open_to(actor, incidents.c.case_id),
    )
    return int(tx.scalar(select(func.count()).select_from(incidents).where(*open_here)) or 0)
