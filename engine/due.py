"""Due rows, one at a time: take, do, and on failure put off; so a poisoned row harms no other.

The effect and the mark that it is done commit together, so it happens once. Rows are taken by
locking their case first, as everywhere (`SKIP LOCKED` on PostgreSQL: workers do not queue up
behind one case), and what was taken is judged again under that lock.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Connection, Select, Table, case, func, update
from sqlalchemy.sql.dml import Update

from engine.errors import Conflict, EngineError
from engine.incidents import raise_incident
from engine.runtime import STALE
from store.database import Contended, Database
from store.prepared import Prepared

log = structlog.get_logger()
DELAYS = (timedelta(seconds=1), timedelta(seconds=30), timedelta(minutes=5))
"""How long a row is put off after its first, second and third failure; then it is an incident."""
MOST_ATTEMPTS = len(DELAYS) + 1


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of due row. `take` answers the next row, locked, or None; `do` is its effect.

    Rows have row_id, row_office_id, case_id, element_id and attempts.
    """

    source: str  # of the incident
    table: Table
    put_off: Callable[[UUID, int, datetime | None], Update]  # None: not tried again
    take: Callable[[Connection, datetime], Any]
    do: Callable[[Connection, Any, datetime], None]


def do_next(db: Database, kind: Kind, now: datetime) -> bool:
    """Do the next due row. False if there is none; True also if it failed and was put off."""
    row: Any = None
    try:
        with db.transaction() as tx:
            row = kind.take(tx, now)
            if row is None:
                return False
            kind.do(tx, row, now)
    except Contended:
        return True
    except Conflict as conflict:
        # Losing a race costs no attempt: whoever won has moved the row, or it is taken again.
        if conflict.code != STALE:
            _failed(db, kind, row, conflict, now)
    except Exception as error:
        if row is None:
            raise
        _failed(db, kind, row, error, now)
    return True


def _failed(db: Database, kind: Kind, row: Any, error: Exception, now: datetime) -> None:
    # What an unforeseen error says may hold personal data; its type is enough to look further.
    told = error.message if isinstance(error, EngineError) else type(error).__name__
    log.warning(
        "due row failed",
        action="due.failed",
        source=kind.source,
        row=str(row.row_id),
        attempt=row.attempts + 1,
        error=type(error).__name__,
        place=place_of(error),
    )
    attempts = row.attempts + 1
    again = now + DELAYS[attempts - 1] if attempts <= len(DELAYS) else None
    with db.transaction() as tx:
        statement = kind.put_off(row.row_id, row.attempts, again).values(
            attempts=attempts, last_error=told
        )
        if tx.execute(statement).rowcount == 1 and again is None:
            raise_incident(
                tx,
                now,
                office_id=row.row_office_id,
                case_id=row.case_id,
                source=kind.source,
                source_id=str(row.row_id),
                element_id=row.element_id,
                code=f"{kind.source}.failed",
                message=f"Tried {attempts} times without success: {told}",
            )


class Earliest:
    """When the next of the `live` rows of `table` wants to be done, aware UTC; None if none does.

    Those put off after a failure are asked apart, each kind along an index of its own: a million
    rows may wait, and a handful was put off. The statements are made once: a beat asks after each
    of its deeds.
    """

    def __init__(self, table: Table, live: Select[Any]) -> None:
        due, again = table.c.due_at, table.c.not_before
        fresh = live.with_only_columns(due).where(again.is_(None)).order_by(due).limit(1)
        later = func.min(case((again > due, again), else_=due), type_=due.type).label("due_at")
        put_off = live.with_only_columns(later).where(again.is_not(None))
        self._ways = (Prepared(fresh), Prepared(put_off))

    def __call__(self, tx: Connection) -> datetime | None:
        found = [row.due_at for way in self._ways if (row := way.first(tx, {})) is not None]
        return min((each for each in found if each is not None), default=None)


def place_of(error: BaseException) -> list[str]:
    """Where it broke, innermost last; never what it held, which may be personal data."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]


def waiting(table: Table, row_id: UUID, attempts: int) -> Update:
    """The update of a row that still is as it was taken."""
    return update(table).where(
        table.c.id == row_id, table.c.status == "waiting", table.c.attempts == attempts
    )
