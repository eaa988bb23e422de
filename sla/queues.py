"""Where too many tasks wait at the counter, a supervisor is asked to let the back office help (A4).

The office says how many are too many (`queue.counter_most`). Once a minute of its hours the beat
looks; a case of A4 is filed once, until its queue has fallen to the half of that: a queue that
swings about the number asks nobody twice.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from engine import case_rows, messages, office_choices, queues
from engine import cases as engine_cases
from engine.actors import system
from engine.clock import legal_day
from engine.errors import Rejected
from sla.benches import bench_of, lawful
from store.database import Database
from store.tables import definitions, message_waits

PACKAGE = "A4"
CHANNEL = "message"
GROUP = "counter"
MOST = "queue.counter_most"
FALLEN = "queue_fallen"
"""What a case of A4 waits for, by its number."""
EVERY = timedelta(minutes=1)


class Watch:
    """Looks at the queues once a minute; a beat."""

    def __init__(self) -> None:
        self._looked_at: datetime | None = None

    def run(self, db: Database, now: datetime) -> bool:
        """Look, if the last look is a minute old. Says that nothing more is due."""
        if self._looked_at is not None and timedelta() <= now - self._looked_at < EVERY:
            return False
        self._looked_at = now
        with db.transaction(read_only=True) as tx:
            places = [each for each in _deployed(tx) if _wanted(tx, each, now) is not None]
        for office_id in places:
            with db.transaction() as tx:
                look(tx, office_id, now)
        return False


def look(tx: Connection, office_id: str, now: datetime) -> None:
    """Ask for support where the queue is too long, or tell the case that it has fallen."""
    wanted = _wanted(tx, office_id, now)
    if isinstance(wanted, UUID):
        case = case_rows.load(tx, wanted, system(office_id)).ref
        messages.throw(tx, case, FALLEN, case.number, now)
    elif wanted is not None:
        filing = engine_cases.FileCase(PACKAGE, CHANNEL, {"matter": "queue", **wanted})
        engine_cases.file(tx, filing, system(office_id), now)


def _wanted(tx: Connection, office_id: str, now: datetime) -> UUID | dict[str, Any] | None:
    """The case whose queue has fallen; or with what a case is to be filed; or None."""
    most = office_choices.number(tx, office_id, MOST)
    if most == 0:
        return None
    length = queues.length(tx, office_id, GROUP, 2 * most)
    case = _open_case(tx, office_id)
    if case is not None:
        return case if length <= most // 2 else None
    if length <= most or not _is_open(tx, office_id, now):
        return None
    return {"queue_length": length, "queue_most": most}


def _is_open(tx: Connection, office_id: str, now: datetime) -> bool:
    """Whether the office is open: nobody is asked at night. Without a calendar it is not."""
    try:
        hours = lawful(lambda: bench_of(tx, office_id, now).calendar.opening(legal_day(now)))
    except Rejected:
        return False
    return hours is not None and hours[0] <= now < hours[1]


def _deployed(tx: Connection) -> list[str]:
    return list(
        tx.scalars(
            select(definitions.c.office_id)
            .where(definitions.c.package_id == PACKAGE, definitions.c.state == "active")
            .distinct()
            .order_by(definitions.c.office_id)
        )
    )


def _open_case(tx: Connection, office_id: str) -> UUID | None:
    case_id: UUID | None = tx.scalar(
        select(message_waits.c.case_id)
        .where(
            message_waits.c.office_id == office_id,
            message_waits.c.name == FALLEN,
            message_waits.c.status == "open",
        )
        .order_by(message_waits.c.created_at)
        .limit(1)
    )
    return case_id
