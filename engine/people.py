"""Offices, members of staff, their groups, and who stands in for whom.

A person is who acts and is answerable; rights hang on the person's groups in their office. Ways
to sign in are `engine/accounts.py`; what others need of it is named here too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from engine import events, history, person_entries
from engine.account_states import is_last_operator
from engine.accounts import (
    NewAccount,
    Refusal,
    authenticate,
    change_password,
    check_administrator,
    create_account,
    set_password,
    sign_in,
)
from engine.actors import SUPERVISORS, Actor
from engine.errors import Conflict, Forbidden, NotFound, Rejected
from engine.person_entries import PersonEntry
from store.tables import absences, memberships, offices, persons

__all__ = [
    "GROUPS",
    "Member",
    "NewAccount",
    "NewOffice",
    "NewPerson",
    "Refusal",
    "authenticate",
    "change_password",
    "create_account",
    "create_office",
    "create_person",
    "end_absence",
    "groups_of",
    "is_away",
    "join",
    "leave",
    "members",
    "of_office",
    "set_absence",
    "set_password",
    "sign_in",
    "stands_in_for",
    "substitute_of",
]

GROUPS = frozenset(
    {"counter", "reviewer", "records", "chief", "secretary", "director", "data", "field"}
    | {"petition", "control", "analyst", "operator", "auditor"}
)
GUARDED = frozenset({"operator", "auditor", "director", "secretary", "chief"})
"""Groups with power over others: asked for by one person, approved by another."""
CASE_WORKERS = frozenset(
    {"counter", "reviewer", "records", "data", "field", "petition"} | SUPERVISORS
)
LONGEST_CHAIN = 5  # substitutes of substitutes


@dataclass(frozen=True, slots=True)
class NewOffice:
    """`parent_id` is the city or the country; `code` (at most 12 characters) is in case numbers."""

    id: str
    code: str
    name_zh: str
    name_en: str
    city: str
    parent_id: str | None = None


@dataclass(frozen=True, slots=True)
class NewPerson:
    office_id: str
    display_name: str
    section: str = ""
    email: str | None = None
    latin_name: str = ""
    fictional: bool = False


@dataclass(frozen=True, slots=True)
class Absence:
    """Both days are included; they are days in Asia/Taipei."""

    person_id: UUID
    first_day: date
    last_day: date
    substitute_id: UUID | None = None


# --- offices and persons ------------------------------------------------------------------------


def create_office(tx: Connection, new: NewOffice, actor: Actor, now: datetime) -> str:
    """Found an office. Raises Conflict if its id or code is taken; only the system may."""
    if not actor.is_system:
        raise Forbidden("office.system_only", "Expected the command line to create an office")
    try:
        with tx.begin_nested():
            tx.execute(
                insert(offices).values(
                    id=new.id,
                    parent_id=new.parent_id,
                    code=new.code,
                    name_zh=new.name_zh,
                    name_en=new.name_en,
                    city=new.city,
                    created_at=now,
                )
            )
    except IntegrityError as error:
        raise Conflict(
            "office.taken",
            f"Expected a new office, but the id {new.id} or code {new.code} is taken, "
            f"or there is no parent {new.parent_id}",
        ) from error
    _note(tx, "office.created", new.id, actor, now, office=new.name_zh, office_id=new.id)
    return new.id


def create_person(tx: Connection, new: NewPerson, actor: Actor, now: datetime) -> UUID:
    """Enter a member of staff, without groups and without an account."""
    if not actor.is_system and actor.office_id != new.office_id:
        raise Forbidden("people.not_operator", "Expected an operator of the office to do this")
    check_administrator(actor, new.office_id)
    entry = PersonEntry(new.display_name, new.section, new.email or "", new.latin_name)
    person_entries.check(entry)
    person_id = uuid4()
    tx.execute(
        insert(persons).values(
            id=person_id,
            office_id=new.office_id,
            display_name=new.display_name.strip(),
            latin_name=new.latin_name.strip() or None,
            section=new.section,
            email=new.email,
            fictional=new.fictional,
            created_at=now,
        )
    )
    _note(tx, "person.created", person_id, actor, now, office_id=new.office_id)
    return person_id


# --- groups -------------------------------------------------------------------------------------


def join(tx: Connection, person_id: UUID, group: str, actor: Actor, now: datetime) -> None:
    """Put a person into a group of their office. Twice is once.

    Raises Rejected for an unknown group, Forbidden for one's own groups, Conflict where duties
    that are kept apart would meet, or where somebody else has to approve (`engine.grants`).
    """
    office_id = refuse_group(tx, person_id, group, actor)
    if group in GUARDED and not actor.is_system:
        raise Conflict(
            "person.four_eyes", f"Expected a second person to approve {group}; ask for the grant"
        )
    if group not in groups_of(tx, person_id):
        enter_group(tx, person_id, group, actor, now, office_id)


def refuse_group(tx: Connection, person_id: UUID, group: str, actor: Actor) -> str:
    """Judge whether a person may get a group. Returns their office; the refusals of `join`."""
    if group not in GROUPS:
        raise Rejected("person.group", f"Expected one of {', '.join(sorted(GROUPS))}, got {group}")
    person = _person(tx, person_id)
    check_administrator(actor, person.office_id)
    _not_oneself(actor, person_id)
    if person.left_on is not None:
        raise Conflict("person.has_left", "The person has left the service of the office")
    present = groups_of(tx, person_id) - {group}
    if present and "auditor" in present | {group}:
        raise Conflict(
            "person.auditor_apart",
            "Expected an auditor to be in no other group; take the others out",
        )
    if "operator" in present | {group} and (present | {group}) & CASE_WORKERS:
        raise Conflict(
            "person.operator_apart",
            "Who administers accounts does not work on cases; take the other groups out",
        )
    office_id: str = person.office_id
    return office_id


def enter_group(
    tx: Connection, person_id: UUID, group: str, actor: Actor, now: datetime, office_id: str
) -> None:
    """Write the membership, which has been judged."""
    tx.execute(
        insert(memberships).values(office_id=office_id, person_id=person_id, group_name=group)
    )
    _note(tx, "person.joined", person_id, actor, now, group=group, office_id=office_id)


def leave(tx: Connection, person_id: UUID, group: str, actor: Actor, now: datetime) -> None:
    """Take a person out of a group. Refused for one's own, and for the last operator."""
    office_id = _person(tx, person_id).office_id
    check_administrator(actor, office_id)
    _not_oneself(actor, person_id)
    if group == "operator" and is_last_operator(tx, office_id, person_id):
        raise Conflict(
            "person.last_operator", "Nobody else administers this office; name another one first"
        )
    gone = tx.execute(
        delete(memberships).where(
            memberships.c.person_id == person_id,
            memberships.c.office_id == office_id,
            memberships.c.group_name == group,
        )
    ).rowcount
    if gone:
        _note(tx, "person.left", person_id, actor, now, group=group, office_id=office_id)


def groups_of(tx: Connection, person_id: UUID) -> frozenset[str]:
    """The groups of a person in their own office."""
    return frozenset(
        tx.execute(
            select(memberships.c.group_name)
            .join(persons, persons.c.id == memberships.c.person_id)
            .where(
                memberships.c.person_id == person_id,
                memberships.c.office_id == persons.c.office_id,
            )
        ).scalars()
    )


def members(tx: Connection, office_id: str, group: str) -> list[tuple[UUID, str]]:
    """The ids and names of a group's members, by name."""
    rows = tx.execute(
        select(persons.c.id, persons.c.display_name)
        .join(memberships, memberships.c.person_id == persons.c.id)
        .where(
            memberships.c.office_id == office_id,
            persons.c.office_id == office_id,
            memberships.c.group_name == group,
        )
        .order_by(persons.c.display_name, persons.c.id)
    )
    return [(row.id, row.display_name) for row in rows]


@dataclass(frozen=True, slots=True)
class Member:
    """A member of staff, as colleagues see them."""

    id: UUID
    name: str
    section: str
    groups: tuple[str, ...]


def of_office(tx: Connection, office_id: str, group: str | None = None) -> list[Member]:
    """The members of staff of an office, by name; those of one group, if it is named."""
    rows = tx.execute(
        select(persons.c.id, persons.c.display_name, persons.c.section, memberships.c.group_name)
        .outerjoin(
            memberships,
            (memberships.c.person_id == persons.c.id)
            & (memberships.c.office_id == persons.c.office_id),
        )
        .where(persons.c.office_id == office_id, persons.c.left_on.is_(None))
        .order_by(persons.c.display_name, persons.c.id, memberships.c.group_name)
    ).all()
    found: dict[UUID, Member] = {}
    for row in rows:
        known = found.get(row.id, Member(row.id, row.display_name, row.section, ()))
        more = (row.group_name,) if row.group_name else ()
        found[row.id] = replace(known, groups=known.groups + more)
    return [member for member in found.values() if group is None or group in member.groups]


# --- absences -----------------------------------------------------------------------------------


def set_absence(tx: Connection, absence: Absence, actor: Actor, now: datetime) -> UUID:
    """Enter days of leave and who stands in: one's own, or as a supervisor of the office."""
    person = _person(tx, absence.person_id)
    _check_may_set(actor, person, "person")
    if absence.last_day < absence.first_day:
        raise Rejected("absence.days", "Expected the last day of leave not before the first")
    if absence.substitute_id is not None:
        _check_substitute(_person(tx, absence.substitute_id), person)
    absence_id = uuid4()
    tx.execute(
        insert(absences).values(
            id=absence_id,
            office_id=person.office_id,
            person_id=absence.person_id,
            substitute_id=absence.substitute_id,
            first_day=absence.first_day,
            last_day=absence.last_day,
        )
    )
    history.append(
        tx,
        history.Entry(
            "person.absence_set",
            actor,
            now,
            object_id=str(absence.person_id),
            office_id=person.office_id,
            detail={
                "first_day": absence.first_day.isoformat(),
                "last_day": absence.last_day.isoformat(),
                "substitute": str(absence.substitute_id) if absence.substitute_id else None,
            },
        ),
    )
    entered = events.AbsenceSet(
        person.office_id, person.display_name, absence.first_day, absence.last_day
    )
    events.announce(tx, entered, now)
    return absence_id


def is_away(tx: Connection, person_id: UUID, day: date) -> bool:
    """Whether leave of the person is entered for the day."""
    return _absence_on(tx, person_id, day) is not None


def substitute_of(tx: Connection, person_id: UUID, day: date) -> UUID | None:
    """Who stands in for a person on a day: None if they are there, or nobody was named.

    Where the substitute is away too, their substitute, at most five times on.
    """
    found, away = None, person_id
    seen = {person_id}
    for _ in range(LONGEST_CHAIN):
        row = _absence_on(tx, away, day)
        if row is None:
            return found  # `found` is at work; None: the person themselves is
        if row.substitute_id is None or row.substitute_id in seen:
            return None
        found = away = row.substitute_id
        seen.add(away)
    return None


def stands_in_for(tx: Connection, person_id: UUID, day: date) -> list[UUID]:
    """Whose direct substitute a person is on a day."""
    return list(
        tx.execute(
            select(absences.c.person_id)
            .where(
                absences.c.substitute_id == person_id,
                absences.c.first_day <= day,
                absences.c.last_day >= day,
            )
            .distinct()
            .order_by(absences.c.person_id)
        ).scalars()
    )


def _absence_on(tx: Connection, person_id: UUID, day: date) -> Any:
    # Of two that overlap, the one that names a substitute counts, then the one entered for later.
    return tx.execute(
        select(absences.c.substitute_id)
        .where(
            absences.c.person_id == person_id,
            absences.c.first_day <= day,
            absences.c.last_day >= day,
        )
        .order_by(absences.c.substitute_id.is_(None), absences.c.first_day.desc(), absences.c.id)
        .limit(1)
    ).first()


def _check_may_set(actor: Actor, person: Any, what: str) -> None:
    """Another office's people, and their leave, are as unknown as those there are none of."""
    if actor.is_system or actor.person_id == person.id:
        return
    if actor.office_id != person.office_id:
        raise _unknown(what)
    if not actor.groups & (SUPERVISORS | {"operator"}):
        raise Forbidden(
            "absence.not_yours",
            "Expected one's own absence, or a supervisor or operator of the office",
        )


def end_absence(tx: Connection, absence_id: UUID, actor: Actor, now: datetime) -> None:
    """Take an absence back: one's own, or as a supervisor or operator of the office."""
    row = tx.execute(select(absences).where(absences.c.id == absence_id)).first()
    if row is None:
        raise _unknown("absence")
    _check_may_set(actor, _person(tx, row.person_id), "absence")
    tx.execute(delete(absences).where(absences.c.id == absence_id))
    days = {"first_day": row.first_day.isoformat(), "last_day": row.last_day.isoformat()}
    _note(tx, "person.absence_ended", row.person_id, actor, now, **days, office_id=row.office_id)


def _not_oneself(actor: Actor, person_id: UUID) -> None:
    if actor.person_id == person_id:
        raise Forbidden(
            "person.own_groups", "Nobody changes their own groups; ask another operator"
        )


def _check_substitute(substitute: Any, person: Any) -> None:
    if substitute.office_id != person.office_id:
        raise _unknown("person")
    if substitute.id == person.id:
        raise Rejected(
            "absence.substitute", "Expected another person of the same office as the substitute"
        )


def _person(tx: Connection, person_id: UUID) -> Any:
    row = tx.execute(
        select(persons.c.id, persons.c.office_id, persons.c.left_on, persons.c.display_name).where(
            persons.c.id == person_id
        )
    ).first()
    if row is None:
        raise _unknown("person")
    return row


def _unknown(what: str) -> NotFound:
    return NotFound(f"{what}.unknown", f"There is no such {what} in your office")


def _note(
    tx: Connection, action: str, what: object, actor: Actor, now: datetime, **facts: str
) -> None:
    office_id = facts.pop("office_id")
    entry = history.Entry(
        action, actor, now, object_id=str(what), detail=facts, office_id=office_id
    )
    history.append(tx, entry)
