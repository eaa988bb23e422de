"""How a case is served: in which language, at which desk, where papers are collected, by whom.

A case of an office that wants one person to answer for it has an owner from its filing to its end;
the office says for which processes (`OWNED`). What people need is asked to find the desk, and is
not kept: the desk is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from engine import desks
from engine.actors import Actor
from engine.case_rows import Case
from engine.errors import Rejected
from engine.forms import Label
from engine.history import Entry
from engine.office_contacts import NAMES, Contact
from store.prepared import Prepared
from store.tables import case_service, office_settings, persons
from store.tables import desks as desk_rows

OWNED = "case.owned"
"""The setting of an office: the ids of the processes whose cases have an owner."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked when a case is filed. `language` None is Mandarin; `collect_id` a branch, None
    the office itself; `owner_id` who answers for it, None who files it. `desk_id` is a desk that
    was found before; `package_id` what it is really about, of an appointment."""

    language: str | None = None
    needs: Collection[str] = ()
    collect_id: UUID | None = None
    owner_id: UUID | None = None
    desk_id: UUID | None = None
    package_id: str | None = None


@dataclass(frozen=True, slots=True)
class Serving:
    """How a case is served. `collect` is the branch's name and how it is reached."""

    language: str | None
    desk: Label | None
    collect: tuple[Label, Contact] | None
    owner_id: UUID | None
    owner: str | None
    owned_since: datetime | None


NO_WISH = Wish()
NOBODY = Serving(None, None, None, None, None, None)


def enter(tx: Connection, case: Case, wish: Wish, actor: Actor, now: datetime) -> Sequence[Entry]:
    """Enter how a case that is being filed is served; what the history tells of it.

    Raises Rejected for a language or need that is none, NotFound for a branch that is none.
    """
    _demand_known(wish)
    offered = desks.open_at(tx, case.office_id)
    asked = desks.Asked(wish.package_id or case.package_id, wish.language, wish.needs)
    booked = next((each for each in offered if each.id == wish.desk_id), None)
    desk = booked or desks.desk_for(offered, asked)
    collect = None if wish.collect_id is None else _branch(tx, wish.collect_id, case.office_id)
    owner_id = _owner(tx, case, wish, actor)
    if desk is None and collect is None and owner_id is None and wish.language is None:
        return ()
    row = {
        "case_id": case.id,
        "office_id": case.office_id,
        "language": wish.language,
        "desk_id": None if desk is None else desk.id,
        "collect_id": None if collect is None else collect.id,
        "owner_id": owner_id,
        "owned_since": None if owner_id is None else now,
    }
    _ADD.run(tx, row)
    return list(_told(tx, case, desk, owner_id, actor, now))


def _demand_known(wish: Wish) -> None:
    if wish.language is not None and wish.language not in desks.LANGUAGES:
        raise Rejected("desk.criterion", "Expected a language of the list", value=wish.language)
    unknown = sorted(set(wish.needs) - set(desks.NEEDS))
    if unknown:
        raise Rejected("desk.criterion", "Expected needs of the list", value=unknown[0])


def _branch(tx: Connection, desk_id: UUID, office_id: str) -> desks.Desk:
    found = desks.named(tx, desk_id, office_id)
    if not found.is_branch:
        raise Rejected("desk.no_branch", "Papers are collected at the office or at a branch of it")
    return found


def _owner(tx: Connection, case: Case, wish: Wish, actor: Actor) -> UUID | None:
    """Who answers for it: who was named, else who takes it in; nobody where the office does not
    want it for this process, or nobody is there."""
    wanted = wish.owner_id or actor.person_id
    if wanted is None or case.package_id not in owned_packages(tx, case.office_id):
        return None
    return wanted


def _told(
    tx: Connection,
    case: Case,
    desk: desks.Desk | None,
    owner_id: UUID | None,
    actor: Actor,
    now: datetime,
) -> Sequence[Entry]:
    found = []
    if desk is not None:
        detail: Mapping[str, Any] = {"desk": desk.name.zh, "desk_en": desk.name.en}
        found.append(Entry("case.desk_chosen", actor, now, case_id=case.id, step=1, detail=detail))
    if owner_id is not None:
        name = tx.scalar(select(persons.c.display_name).where(persons.c.id == owner_id))
        detail = {"owner": name}
        found.append(Entry("case.owner_named", actor, now, case_id=case.id, step=1, detail=detail))
    return found


def owned_packages(tx: Connection, office_id: str) -> frozenset[str]:
    """The processes whose cases have an owner at the office."""
    row = _OWNED.first(tx, {"office": office_id, "name": OWNED})
    return frozenset(() if row is None else row.value)


def desk_id_of(tx: Connection, case_id: UUID) -> UUID | None:
    row = _DESK.first(tx, {"case": case_id})
    return None if row is None else row.desk_id


def answers_of(tx: Connection, case_id: UUID) -> Wish:
    """How a case is served, to be asked for again for one that follows from it."""
    row = _SERVED.first(tx, {"case": case_id})
    if row is None:
        return NO_WISH
    return Wish(row.language, collect_id=row.collect_id, owner_id=row.owner_id, desk_id=row.desk_id)


def of_case(tx: Connection, case_id: UUID) -> Serving:
    """How a case is served. The caller has checked who reads."""
    at, branch = desk_rows.alias("at"), desk_rows.alias("branch")
    row = tx.execute(
        select(
            case_service,
            at.c.name_zh,
            at.c.name_en,
            branch.c.name_zh.label("branch_zh"),
            branch.c.name_en.label("branch_en"),
            *(branch.c[name] for name in NAMES),
            persons.c.display_name,
        )
        .outerjoin(at, at.c.id == case_service.c.desk_id)
        .outerjoin(branch, branch.c.id == case_service.c.collect_id)
        .outerjoin(persons, persons.c.id == case_service.c.owner_id)
        .where(case_service.c.case_id == case_id)
    ).first()
    if row is None:
        return NOBODY
    contact = Contact(*(getattr(row, name) or "" for name in NAMES))
    return Serving(
        language=row.language,
        desk=None if row.name_zh is None else Label(row.name_zh, row.name_en),
        collect=None if row.branch_zh is None else (Label(row.branch_zh, row.branch_en), contact),
        owner_id=row.owner_id,
        owner=row.display_name,
        owned_since=row.owned_since,
    )


def set_owner(tx: Connection, case: Case, person_id: UUID | None, now: datetime) -> None:
    """Write who answers for a case from now on; whoever asks has judged it."""
    row = {
        "case_id": case.id,
        "office_id": case.office_id,
        "owner_id": person_id,
        "owned_since": None if person_id is None else now,
    }
    tx.execute(_SET_OWNER[tx.dialect.name], row)


_ADD = Prepared(insert(case_service))
_SERVED = Prepared(select(case_service).where(case_service.c.case_id == bindparam("case")))
_DESK = Prepared(select(case_service.c.desk_id).where(case_service.c.case_id == bindparam("case")))
_OWNED = Prepared(
    select(office_settings.c.value).where(
        office_settings.c.office_id == bindparam("office"),
        office_settings.c.name == bindparam("name"),
    )
)


def _upsert(insert_into: Any) -> Any:
    statement = insert_into(case_service)
    changed = {name: statement.excluded[name] for name in ("office_id", "owner_id", "owned_since")}
    return statement.on_conflict_do_update(index_elements=["case_id"], set_=changed)


_SET_OWNER = {"postgresql": _upsert(postgresql.insert), "sqlite": _upsert(sqlite.insert)}
