"""What cannot go on without a person: open incidents and notifications that will not be retried."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, select

from store.tables import cases, incidents, outbox

MOST_SHOWN = 100


def trouble_count(tx: Connection, office_id: str) -> int:
    """Open incidents of the office, and dead letters that none of them tells of."""
    return int(
        tx.scalar(
            select(func.count()).where(
                incidents.c.office_id == office_id, incidents.c.status == "open"
            )
        )
        or 0
    )


def open_incidents(tx: Connection, office_id: str) -> Sequence[Row[Any]]:
    """The oldest first, with the case's number."""
    return tx.execute(
        select(incidents, cases.c.number)
        .outerjoin(cases, cases.c.id == incidents.c.case_id)
        .where(incidents.c.office_id == office_id, incidents.c.status == "open")
        .order_by(incidents.c.raised_at)
        .limit(MOST_SHOWN)
    ).all()


def dead_letters(tx: Connection, office_id: str) -> Sequence[Row[Any]]:
    """Notifications and mails that failed for good, the newest first."""
    return _letters(tx, office_id, ("failed",))


def waiting_letters(tx: Connection, office_id: str) -> Sequence[Row[Any]]:
    """What is queued, on its way, or sent and not yet confirmed."""
    return _letters(tx, office_id, ("queued", "sending", "sent"))


def _letters(tx: Connection, office_id: str, statuses: Sequence[str]) -> Sequence[Row[Any]]:
    return tx.execute(
        select(
            outbox.c.id,
            outbox.c.case_id,
            outbox.c.operation,
            outbox.c.peer,
            outbox.c.kind,
            outbox.c.status,
            outbox.c.attempts,
            outbox.c.last_error,
            outbox.c.next_attempt_at,
            outbox.c.created_at,
            outbox.c.sent_at,
            cases.c.number,
        )
        .outerjoin(cases, cases.c.id == outbox.c.case_id)
        .where(outbox.c.office_id == office_id, outbox.c.status.in_(statuses))
        .order_by(outbox.c.created_at.desc())
        .limit(MOST_SHOWN)
    ).all()
