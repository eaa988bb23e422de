"""How much cannot go on without a person: the figure at the operations desk."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from store.tables import incidents


def trouble_count(tx: Connection, office_id: str) -> int:
    """Open incidents of the office."""
    open_here = (incidents.c.office_id == office_id, incidents.c.status == "open")
    return int(tx.scalar(select(func.count()).select_from(incidents).where(*open_here)) or 0)
