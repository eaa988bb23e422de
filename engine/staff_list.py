"""Members of staff as administrators see them: groups, sign-ins, passwords, leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, literal, or_, select, tuple_

from engine import actions, office_choices
from engine.actors import SUPERVISORS, Actor
from engine.clock import legal_day
from engine.cursors import Order, Page, checked_limit, page_of
from engine.errors import Forbidden, NotFound
from engine.sessions import IDLE
from store.tables import absences, accounts, history, memberships, persons, sessions

ADMINISTRATORS = frozenset({"operator"})
READERS = frozenset({"operator", "auditor", "control"}) | SUPERVISORS
MOST_HISTORY = 50
_ORDER = Order("staff", ("text", "uuid"))


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One way to sign in. `is_unused`: longer than the office allows; `password_days` its age."""

    id: UUID
    login: str
    status: str
    status_reason: str | None
    locked_until: datetime | None
    last_signed_in_at: datetime | None
    password_days: int | None
    must_change_password: bool
    has_password: bool
    is_unused: bool
    is_signed_in: bool


@dataclass(frozen=True, slots=True)
class AbsenceRow:
    id: UUID
    first_day: date
    last_day: date
    substitute_id: UUID | None
    substitute_name: str | None


@dataclass(frozen=True, slots=True)
class StaffRow:
    """One person. `absences` are those of today and later."""

    id: UUID
    name: str
    section: str
    latin_name: str | None
    email: str | None
    left_on: date | None
    created_at: datetime
    groups: tuple[str, ...]
    accounts: tuple[AccountRow, ...]
    absences: tuple[AbsenceRow, ...]

    def is_away(self, day: date) -> bool:
        return any(each.first_day <= day <= each.last_day for each in self.absences)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of what was done to a person and their accounts."""

    at: datetime
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class StaffFilter:
    text: str = ""
    left: bool = False


def staff(
    tx: Connection,
    actor: Actor,
    wanted: StaffFilter,
    cursor: str | None,
    limit: int,
    now: datetime,
) -> Page[StaffRow]:
    """One page of the people of the actor's office, by name. Raises Forbidden for others' eyes."""
    _refuse_stranger(actor)
    found = (
        select(
            persons,
            persons.c.display_name.label("key_0"),
            persons.c.id.label("key_1"),
        )
        .where(
            persons.c.office_id == actor.office_id,
            persons.c.left_on.is_not(None) if wanted.left else persons.c.left_on.is_(None),
        )
        .order_by(persons.c.display_name, persons.c.id)
        .limit(checked_limit(limit) + 1)
    )
    if wanted.text:
        part = f"%{wanted.text.replace('%', '').replace('_', '')}%"
        with_login = select(accounts.c.person_id).where(
            accounts.c.office_id == actor.office_id, accounts.c.login.like(part.lower())
        )
        found = found.where(
            or_(
                persons.c.display_name.like(part),
                persons.c.latin_name.like(part),
                persons.c.section.like(part),
                persons.c.id.in_(with_login),
            )
        )
    if cursor is not None:
        name, person_id = _ORDER.decode(cursor)
        seen = tuple_(
            literal(name, persons.c.display_name.type), literal(person_id, persons.c.id.type)
        )
        found = found.where(tuple_(persons.c.display_name, persons.c.id) > seen)
    rows = tx.execute(found).all()
    made = {row.id: row for row in _rows(tx, rows, actor.office_id, now)}
    return page_of(rows, limit, _ORDER, lambda row: made[row.id])


def person(tx: Connection, person_id: UUID, actor: Actor, now: datetime) -> StaffRow:
    """One person of the actor's office. Raises NotFound, Forbidden."""
    _refuse_stranger(actor)
    rows = tx.execute(
        select(persons).where(persons.c.id == person_id, persons.c.office_id == actor.office_id)
    ).all()
    if not rows:
        raise NotFound("person.unknown", "There is no such person in your office")
    return _rows(tx, rows, actor.office_id, now)[0]


def story(tx: Connection, row: StaffRow, actor: Actor) -> Sequence[Line]:
    """What was done to a person and their accounts, the newest first; at most fifty lines."""
    about = [str(row.id), *(str(account.id) for account in row.accounts)]
    found = tx.execute(
        select(history, persons.c.display_name)
        .outerjoin(persons, persons.c.id == history.c.person_id)
        .where(
            history.c.office_id == actor.office_id,
            history.c.object_id.in_(about),
            history.c.case_id.is_(None),
            # Signing in every day would hide what was done.
            history.c.action != "account.signed_in",
        )
        .order_by(history.c.id.desc())
        .limit(MOST_HISTORY)
    ).all()
    told = (
        (each.at, *actions.sentences(each.action, each.detail, each.display_name or ""))
        for each in found
    )
    return [Line(*line) for line in told]


def _refuse_stranger(actor: Actor) -> None:
    if not actor.is_system and not actor.groups & READERS:
        raise Forbidden("people.not_reader", "Only operators, supervisors and auditors see this")


# --- rows ---------------------------------------------------------------------------------------


def _rows(tx: Connection, rows: Sequence[Any], office_id: str, now: datetime) -> list[StaffRow]:
    ids = [row.id for row in rows]
    groups = _groups(tx, ids, office_id)
    ways = _accounts(tx, ids, office_id, now)
    away = _absences(tx, ids, legal_day(now))
    return [
        StaffRow(
            id=row.id,
            name=row.display_name,
            section=row.section,
            latin_name=row.latin_name,
            email=row.email,
            left_on=row.left_on,
            created_at=row.created_at,
            groups=tuple(groups.get(row.id, ())),
            accounts=tuple(ways.get(row.id, ())),
            absences=tuple(away.get(row.id, ())),
        )
        for row in rows
    ]


def _groups(tx: Connection, ids: Sequence[UUID], office_id: str) -> Mapping[UUID, list[str]]:
    found: dict[UUID, list[str]] = {}
    rows = tx.execute(
        select(memberships.c.person_id, memberships.c.group_name)
        .where(memberships.c.person_id.in_(ids), memberships.c.office_id == office_id)
        .order_by(memberships.c.group_name)
    )
    for row in rows:
        found.setdefault(row.person_id, []).append(row.group_name)
    return found


def _accounts(
    tx: Connection, ids: Sequence[UUID], office_id: str, now: datetime
) -> Mapping[UUID, list[AccountRow]]:
    unused_days = office_choices.number(tx, office_id, "people.unused_days")
    living = (
        select(func.count())
        .select_from(sessions)
        .where(
            sessions.c.account_id == accounts.c.id,
            sessions.c.ended_at.is_(None),
            sessions.c.seen_at > now - IDLE,
        )
        .scalar_subquery()
    )
    rows = tx.execute(
        select(accounts, living.label("living"))
        .where(accounts.c.person_id.in_(ids))
        .order_by(accounts.c.login)
    )
    found: dict[UUID, list[AccountRow]] = {}
    for row in rows:
        found.setdefault(row.person_id, []).append(_account(row, unused_days, now))
    return found


def _account(row: Any, unused_days: int, now: datetime) -> AccountRow:
    since = row.password_changed_at
    last = row.last_signed_in_at or row.created_at
    return AccountRow(
        id=row.id,
        login=row.login,
        status=row.status,
        status_reason=row.status_reason,
        locked_until=row.locked_until if row.locked_until and row.locked_until > now else None,
        last_signed_in_at=row.last_signed_in_at,
        password_days=None if since is None else (now - since).days,
        must_change_password=row.must_change_password,
        has_password=row.password_hash is not None,
        is_unused=unused_days > 0 and now - last > timedelta(days=unused_days),
        is_signed_in=row.living > 0,
    )


def _absences(tx: Connection, ids: Sequence[UUID], today: date) -> Mapping[UUID, list[AbsenceRow]]:
    deputy = persons.alias("deputy")
    rows = tx.execute(
        select(absences, deputy.c.display_name)
        .outerjoin(deputy, deputy.c.id == absences.c.substitute_id)
        .where(absences.c.person_id.in_(ids), absences.c.last_day >= today)
        .order_by(absences.c.first_day)
    )
    found: dict[UUID, list[AbsenceRow]] = {}
    for row in rows:
        made = AbsenceRow(row.id, row.first_day, row.last_day, row.substitute_id, row.display_name)
        found.setdefault(row.person_id, []).append(made)
    return found
