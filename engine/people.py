"""Offices, members of staff and their groups.

A person is who acts and is answerable; rights hang on the person's groups in their office. Ways
to sign in are `engine/accounts.py`; what others need of it is named here too. Leave and
substitutes are `engine/absences.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from engine import history, person_entries
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
from store.tables import memberships, offices, persons

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
    "groups_of",
    "join",
    "leave",
    "members",
    "of_office",
    "set_password",
    "sign_in",
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
    person = person_row(tx, person_id)
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
    office_id = person_row(tx, person_id).office_id
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


def _not_oneself(actor: Actor, person_id: UUID) -> None:
    if actor.person_id == person_id:
        raise Forbidden(
            "person.own_groups", "Nobody changes their own groups; ask another operator"
        )


def person_row(tx: Connection, person_id: UUID) -> Any:
    """The row of a person: id, office_id, left_on, display_name. Raises NotFound."""
    row = tx.execute(
        select(persons.c.id, persons.c.office_id, persons.c.left_on, persons.c.display_name).where(
            persons.c.id == person_id
        )
    ).first()
    if row is None:
        raise unknown("person")
    return row


def unknown(what: str) -> NotFound:
    """What is told of ids that there are none of, and of those of other offices."""
    return NotFound(f"{what}.unknown", f"There is no such {what} in your office")


def _note(
    tx: Connection, action: str, what: object, actor: Actor, now: datetime, **facts: str
) -> None:
    office_id = facts.pop("office_id")
    entry = history.Entry(
        action, actor, now, object_id=str(what), detail=facts, office_id=office_id
    )
    history.append(tx, entry)
