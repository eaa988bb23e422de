"""What the system has told a member of staff in the application. Everybody reads their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, literal, select, tuple_, update

from engine.actors import Actor
from engine.cursors import Order, Page, checked_limit, page_of
from engine.errors import NotFound
from store.tables import cases, person_notices

_ORDER = Order("person_notices", ("instant", "uuid"))


@dataclass(frozen=True, slots=True)
class PersonNotice:
    """One notice. `kind` says what happened, `detail` has its facts (never personal data)."""

    id: UUID
    kind: str
    case_id: UUID | None
    case_number: str | None
    package_id: str | None
    detail: Mapping[str, Any]
    created_at: datetime
    read_at: datetime | None


def of_person(
    tx: Connection, actor: Actor, cursor: str | None, limit: int, *, unread: bool = False
) -> Page[PersonNotice]:
    """One page of the actor's own notices, the newest first."""
    table = person_notices
    wanted = (
        select(
            table,
            cases.c.number,
            cases.c.package_id,
            table.c.created_at.label("key_0"),
            table.c.id.label("key_1"),
        )
        .outerjoin(cases, cases.c.id == table.c.case_id)
        .where(table.c.person_id == actor.person_id)
        .order_by(table.c.created_at.desc(), table.c.id.desc())
        .limit(checked_limit(limit) + 1)
    )
    if unread:
        wanted = wanted.where(table.c.read_at.is_(None))
    if cursor is not None:
        created_at, notice_id = _ORDER.decode(cursor)
        seen = tuple_(
            literal(created_at, table.c.created_at.type), literal(notice_id, table.c.id.type)
        )
        wanted = wanted.where(tuple_(table.c.created_at, table.c.id) < seen)
    return page_of(tx.execute(wanted).all(), limit, _ORDER, _notice)


def mark_read(tx: Connection, notice_id: UUID, actor: Actor, now: datetime) -> None:
    """Note that the actor has read it. Twice is once. Raises NotFound for another's notice."""
    read = tx.execute(
        update(person_notices)
        .where(person_notices.c.id == notice_id, person_notices.c.person_id == actor.person_id)
        .values(
            read_at=func.coalesce(
                person_notices.c.read_at, literal(now, person_notices.c.read_at.type)
            )
        )
    )
    if read.rowcount != 1:
        raise NotFound("notification.not_found", "There is no such notice to you")


def _notice(row: Any) -> PersonNotice:
    return PersonNotice(
        id=row.id,
        kind=row.kind,
        case_id=row.case_id,
        case_number=row.number,
        package_id=row.package_id,
        detail=row.detail,
        created_at=row.created_at,
        read_at=row.read_at,
    )
