"""Mails to staff: what is owed becomes a promise in the outbox, one mail for all that is due.

`engine.person_notices` says on each notice when its mail is owed: at once, or with the daily
digest. This beat writes the letter in the transaction that notes it, so each notice goes once;
how it travels, is tried again, or dies is the outbox's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select, update

from agencies.letters import Line, letter
from agencies.outbox import enqueue_mail
from store.database import Database
from store.prepared import Prepared
from store.tables import cases, person_notices, persons

MOST_AT_ONCE = 200


def write_next(db: Database, address: str, now: datetime) -> bool:
    """Write the mail that is owed the longest. False if none is due.

    `address` is where people find the system, for the links.
    """
    with db.transaction() as tx:
        person_id = tx.scalar(
            select(person_notices.c.person_id)
            .where(person_notices.c.mail_due_at <= now)
            .order_by(person_notices.c.mail_due_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if person_id is None:
            return False
        owed = _owed(tx, person_id, now)
        outbox_id = _promise(tx, person_id, owed, address, now)
        tx.execute(
            update(person_notices)
            .where(person_notices.c.id.in_([row.id for row in owed]))
            .values(mail_due_at=None, outbox_id=outbox_id)
        )
    return True


_EARLIEST = Prepared(
    select(func.min(person_notices.c.mail_due_at).label("due_at")).where(
        person_notices.c.mail_due_at.is_not(None)
    )
)


def next_due(tx: Connection) -> datetime | None:
    """When the next mail is owed; None if none is."""
    due: datetime | None = _EARLIEST.first(tx, {}).due_at
    return due


def _owed(tx: Connection, person_id: UUID, now: datetime) -> Sequence[Any]:
    """What one person is to be told by mail now, the oldest first."""
    return tx.execute(
        select(
            person_notices.c.id,
            person_notices.c.office_id,
            person_notices.c.kind,
            person_notices.c.case_id,
            cases.c.number,
        )
        .outerjoin(cases, cases.c.id == person_notices.c.case_id)
        .where(person_notices.c.person_id == person_id, person_notices.c.mail_due_at <= now)
        .order_by(person_notices.c.created_at, person_notices.c.id)
        .limit(MOST_AT_ONCE)
        .with_for_update(skip_locked=True, of=person_notices)
    ).all()


def _promise(
    tx: Connection, person_id: UUID, owed: Sequence[Any], address: str, now: datetime
) -> UUID | None:
    """None where there is nobody to write to any more: the notices stay in the application."""
    to = tx.execute(
        select(persons.c.email, persons.c.language).where(persons.c.id == person_id)
    ).one()
    if not to.email or not owed:
        return None
    lines = [Line(row.kind, row.case_id, row.number or "") for row in owed]
    written = letter(to.email, to.language or "zh-TW", lines, address)
    about = {row.case_id for row in owed}
    case_id = about.pop() if len(about) == 1 else None
    return enqueue_mail(tx, owed[0].office_id, case_id, asdict(written), now)
