"""What the system tells a member of staff. Everybody reads their own.

A notice is a row; the mail that it owes (`mail_due_at`) is a due time on that row, which the beat
of `agencies/mails.py` makes a promise in the outbox. So whoever has something to tell needs to
know of no mail server, and a digest is a mail that is owed later.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
    update,
)

from engine.actors import Actor
from engine.confidence import may_be_told
from engine.cursors import Order, Page, checked_limit, page_of
from engine.errors import NotFound
from engine.ids import derived
from engine.notice_choices import ways_of
from engine.notice_kinds import mail_due_at
from store.database import wake
from store.prepared import Listed, Prepared
from store.tables import cases, outbox, person_notices, persons

_ORDER = Order("person_notices", ("instant", "uuid"))
MOST_OF_ONE_CASE = 20  # of one case, in a list grouped by case


@dataclass(frozen=True, slots=True)
class News:
    """What is told: its kind, its facts (never personal data), and what makes it once.

    `reason` is the id of what it tells of (a rung, a chase): told again, it is not told twice.
    """

    kind: str
    office_id: str
    case_id: UUID | None
    reason: UUID
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PersonNotice:
    """One notice. `kind` says what happened, `detail` has its facts (never personal data).

    `mail` is how far its mail has come: `owed`, or a status of the outbox; None where none goes.
    """

    id: UUID
    kind: str
    case_id: UUID | None
    case_number: str | None
    package_id: str | None
    detail: Mapping[str, Any]
    created_at: datetime
    read_at: datetime | None
    mail: str | None = None


@dataclass(frozen=True, slots=True)
class CaseNotices:
    """What was told of one case, the newest first. Without a case, one notice by itself."""

    case_id: UUID | None
    case_number: str | None
    package_id: str | None
    notices: tuple[PersonNotice, ...]

    @property
    def unread(self) -> int:
        return sum(notice.read_at is None for notice in self.notices)


# --- telling ------------------------------------------------------------------------------------


def tell(tx: Connection, news: News, people: Collection[UUID], now: datetime) -> None:
    """Tell those of `people` who may see the case, each in the way they chose. Twice is once."""
    wanted = dict.fromkeys(may_be_told(tx, news.case_id, people))
    if not wanted:
        return
    ways = ways_of(tx, news.kind, wanted)
    with_address = {row.id for row in _WITH_ADDRESS.all(tx, wanted, {})}
    ids = {person_id: derived(news.reason, str(person_id)) for person_id in wanted}
    known = {row.id for row in _KNOWN.all(tx, ids.values(), {})}
    fresh = [
        {
            "id": ids[person_id],
            "office_id": news.office_id,
            "person_id": person_id,
            "case_id": news.case_id,
            "kind": news.kind,
            "detail": dict(news.detail),
            "created_at": now,
            "read_at": None if ways[person_id].in_app else now,
            "mail_due_at": mail_due_at(ways[person_id].email, now)
            if person_id in with_address
            else None,
        }
        for person_id in wanted
        if ids[person_id] not in known
    ]
    _ADD.run_many(tx, fresh)
    if any(row["mail_due_at"] for row in fresh):
        wake(tx, "mails")


_WITH_ADDRESS = Listed(persons.c.id, select(persons.c.id).where(persons.c.email.is_not(None)))
_KNOWN = Listed(person_notices.c.id, select(person_notices.c.id))
_ADD = Prepared(insert(person_notices))


def lapse(tx: Connection, reason: UUID, people: Collection[UUID], now: datetime) -> None:
    """What these people were asked for has been done by somebody: it is no news any more."""
    ids = [derived(reason, str(person_id)) for person_id in people]
    tx.execute(
        update(person_notices)
        .where(person_notices.c.id.in_(ids), person_notices.c.read_at.is_(None))
        .values(read_at=now)
    )


# --- reading ------------------------------------------------------------------------------------


def of_person(
    tx: Connection, actor: Actor, cursor: str | None, limit: int, *, unread: bool = False
) -> Page[PersonNotice]:
    """One page of the actor's own notices, the newest first."""
    wanted = _newest_first(_mine(actor, unread=unread), cursor, limit)
    return page_of(tx.execute(wanted).all(), limit, _ORDER, _notice)


def by_case(
    tx: Connection, actor: Actor, cursor: str | None, limit: int, *, unread: bool = False
) -> Page[CaseNotices]:
    """The same, one entry for a case however often it was told of; the latest case first.

    An entry has the case's newest notices, at most `MOST_OF_ONE_CASE`.
    """
    later = person_notices.alias("later")
    newer = (
        select(later.c.id)
        .where(
            later.c.person_id == actor.person_id,
            later.c.case_id == person_notices.c.case_id,
            tuple_(later.c.created_at, later.c.id)
            > tuple_(person_notices.c.created_at, person_notices.c.id),
            *([later.c.read_at.is_(None)] if unread else []),
        )
        .exists()
    )
    latest = or_(person_notices.c.case_id.is_(None), ~newer)
    wanted = _newest_first([*_mine(actor, unread=unread), latest], cursor, limit)
    heads = page_of(tx.execute(wanted).all(), limit, _ORDER, _notice)
    asked = [head.case_id for head in heads.rows if head.case_id]
    others = _of_cases(tx, actor, asked, unread=unread)
    rows = tuple(
        CaseNotices(
            head.case_id,
            head.case_number,
            head.package_id,
            tuple(others.get(head.case_id, [head])) if head.case_id else (head,),
        )
        for head in heads.rows
    )
    return Page(rows, heads.next_cursor)


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


def mark_all_read(
    tx: Connection, actor: Actor, now: datetime, *, until: datetime, case_id: UUID | None = None
) -> int:
    """Note that the actor has read what was told `until` then; of one case, if it is named.

    What came after the page was made stays unread. Returns how many were marked.
    """
    wanted = update(person_notices).where(
        person_notices.c.person_id == actor.person_id,
        person_notices.c.read_at.is_(None),
        person_notices.c.created_at <= until,
    )
    if case_id is not None:
        wanted = wanted.where(person_notices.c.case_id == case_id)
    return tx.execute(wanted.values(read_at=now)).rowcount


def _mine(actor: Actor, *, unread: bool) -> list[ColumnElement[bool]]:
    mine = [person_notices.c.person_id == actor.person_id]
    return [*mine, person_notices.c.read_at.is_(None)] if unread else mine


def _of_cases(
    tx: Connection, actor: Actor, case_ids: Sequence[UUID], *, unread: bool
) -> dict[UUID | None, list[PersonNotice]]:
    if not case_ids:
        return {}
    place = func.row_number().over(
        partition_by=person_notices.c.case_id,
        order_by=(person_notices.c.created_at.desc(), person_notices.c.id.desc()),
    )
    conditions = [*_mine(actor, unread=unread), person_notices.c.case_id.in_(case_ids)]
    placed = select(person_notices.c.id, place.label("place")).where(*conditions).subquery()
    rows = tx.execute(
        _shown()
        .join(placed, placed.c.id == person_notices.c.id)
        .where(placed.c.place <= MOST_OF_ONE_CASE)
        .order_by(person_notices.c.created_at.desc(), person_notices.c.id.desc())
    ).all()
    found: dict[UUID | None, list[PersonNotice]] = {}
    for row in rows:
        found.setdefault(row.case_id, []).append(_notice(row))
    return found


def _shown() -> Select[Any]:
    return (
        select(
            person_notices,
            cases.c.number,
            cases.c.package_id,
            outbox.c.status.label("mail_status"),
            person_notices.c.created_at.label("key_0"),
            person_notices.c.id.label("key_1"),
        )
        .outerjoin(cases, cases.c.id == person_notices.c.case_id)
        .outerjoin(outbox, outbox.c.id == person_notices.c.outbox_id)
    )


def _newest_first(
    conditions: Sequence[ColumnElement[bool]], cursor: str | None, limit: int
) -> Select[Any]:
    table = person_notices
    wanted = (
        _shown()
        .where(*conditions)
        .order_by(table.c.created_at.desc(), table.c.id.desc())
        .limit(checked_limit(limit) + 1)
    )
    if cursor is None:
        return wanted
    created_at, notice_id = _ORDER.decode(cursor)
    seen = tuple_(literal(created_at, table.c.created_at.type), literal(notice_id, table.c.id.type))
    return wanted.where(tuple_(table.c.created_at, table.c.id) < seen)


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
        mail=row.mail_status or ("owed" if row.mail_due_at else None),
    )
