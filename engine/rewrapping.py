"""Rotating the master key: every data key is wrapped anew, a batch to a transaction.

What is re-wrapped names its new master key, so work that was broken off goes on where it stopped.
The sealed data themselves are not touched: only the wrapping of their keys changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, bindparam, func, select, update

from engine import keys
from engine.actors import system
from engine.history import Entry, append
from store.database import Database
from store.tables import data_keys, drafts, offices

BATCH = 500
_WRAPPED = ((data_keys, data_keys.c.case_id), (drafts, drafts.c.id))


def rewrap_all(db: Database) -> int:
    """Wrap every data key with the current master key. Returns how many were wrapped anew."""
    done = 0
    for table, owner in _WRAPPED:
        after: UUID | None = UUID(int=0)
        while after is not None:
            done_here, after = db.run(partial(_rewrap_some, table, owner, after))
            done += done_here
    return done


def in_use(tx: Connection) -> dict[str, int]:
    """How many data keys are wrapped with which master key."""
    found: dict[str, int] = {}
    for table, _ in _WRAPPED:
        counted = (
            select(table.c.master_key_id, func.count())
            .where(table.c.wrapped.is_not(None))
            .group_by(table.c.master_key_id)
        )
        for key_id, count in tx.execute(counted):
            found[key_id] = found.get(key_id, 0) + count
    return found


def _rewrap_some(table: Table, owner: Any, after: UUID, tx: Connection) -> tuple[int, UUID | None]:
    """Wrap the next batch. Answers how many, and after which row to go on (None: the end)."""
    keyring = keys.current()
    rows = tx.execute(
        select(owner.label("owner"), table.c.wrapped)
        .where(
            owner > after,
            table.c.wrapped.is_not(None),
            table.c.master_key_id != keyring.current_id,
        )
        .order_by(owner)
        .limit(BATCH)
        .with_for_update()
    ).all()
    for row in rows:
        anew = keyring.rewrap(str(row.owner), row.wrapped)
        tx.execute(
            update(table)
            .where(owner == bindparam("of"), table.c.wrapped == bindparam("seen"))
            .values(master_key_id=anew.master_key_id, wrapped=anew.wrapped),
            _seen(row),
        )
    return len(rows), rows[-1].owner if len(rows) == BATCH else None


def _seen(row: Any) -> Mapping[str, Any]:
    return {"of": row.owner, "seen": row.wrapped}


def tell(tx: Connection, key_id: str, count: int, now: datetime) -> None:
    """Write the rotation into the history of the office at the top."""
    top = tx.scalar(select(offices.c.id).where(offices.c.parent_id.is_(None)).limit(1))
    if top is not None:
        facts = {"key": key_id, "count": count}
        append(tx, Entry("keys.rotated", system(top), now, detail=facts, office_id=top))
