"""Desks of an office: a counter for some people or matters, in some language, or a branch.

A desk says what it is for: processes or sections of them, languages, needs. What it does not say,
it does not ask for. Who sits at it is a list of people; what they may do their groups say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from engine import deployments
from engine.actors import OFFICE_KEEPERS, SUPERVISORS, Actor
from engine.errors import Forbidden, NotFound, Rejected
from engine.forms import Label
from engine.history import Entry, append
from engine.office_contacts import NAMES, NO_CONTACT, Contact, checked
from engine.permissions import HANDLERS
from engine.sections import SECTIONS, section_of
from store.prepared import Prepared
from store.tables import desk_people, desks, memberships

LANGUAGES = ("en", "hak", "nan", "indigenous", "vi", "id", "th", "sign")
"""Beside Mandarin, in which every desk serves: English, Hakka, Taiwanese, an indigenous language,
Vietnamese, Indonesian, Thai, sign language."""
NEEDS = ("elderly", "disabled", "pregnant", "infant")
KEEPERS = OFFICE_KEEPERS | SUPERVISORS
MAX_NAME = 80


@dataclass(frozen=True, slots=True)
class Desk:
    """One desk. `packages` are ids of processes or names of sections; `contact` is empty but for a
    branch, which has an address of its own."""

    id: UUID
    name: Label
    status: str
    packages: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    contact: Contact = NO_CONTACT
    people: tuple[UUID, ...] = ()

    @property
    def is_branch(self) -> bool:
        return bool(self.contact.address_zh)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody comes with. `language` None is Mandarin."""

    package_id: str
    language: str | None = None
    needs: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """What a keeper says of a desk; `contact` by the names of `engine.office_contacts`."""

    name_zh: str
    name_en: str
    packages: Sequence[str] = ()
    languages: Sequence[str] = ()
    needs: Sequence[str] = ()
    people: Sequence[UUID] = ()
    contact: Mapping[str, str] = field(default_factory=dict)
    is_open: bool = True


def desk_for(desks: Iterable[Desk], asked: Asked) -> Desk | None:
    """The desk that serves this, None where any does.

    A desk fits that serves everything it names. The one for a language comes before one for needs,
    for others cannot speak it; that before one for matters; then who names more.
    """
    fitting = [desk for desk in desks if _fits(desk, asked)]
    return max(fitting, key=_weight, default=None)


def _fits(desk: Desk, asked: Asked) -> bool:
    named = {asked.package_id, section_of(asked.package_id)}
    criteria = (
        (desk.languages, {asked.language}),
        (desk.needs, set(asked.needs)),
        (desk.packages, named),
    )
    said = [(set(wanted), given) for wanted, given in criteria if wanted]
    return desk.status == "open" and bool(said) and all(wanted & given for wanted, given in said)


def _weight(desk: Desk) -> tuple[bool, bool, bool]:
    return bool(desk.languages), bool(desk.needs), bool(desk.packages)


# --- reading ------------------------------------------------------------------------------------


def of_office(tx: Connection, office_id: str) -> list[Desk]:
    """The desks of an office, those in use first, by name; with their people."""
    seated: dict[UUID, list[UUID]] = {}
    for row in tx.execute(
        select(desk_people).where(desk_people.c.office_id == office_id).order_by("person_id")
    ):
        seated.setdefault(row.desk_id, []).append(row.person_id)
    rows = tx.execute(
        select(desks)
        .where(desks.c.office_id == office_id)
        .order_by(desks.c.status.desc(), desks.c.name_zh, desks.c.id)
    )
    return [_desk(row, tuple(seated.get(row.id, ()))) for row in rows]


def open_at(tx: Connection, office_id: str) -> list[Desk]:
    """The desks in use, without their people, the oldest first: one statement."""
    return [_desk(row) for row in _OPEN.all(tx, {"office": office_id})]


def named(tx: Connection, desk_id: UUID, office_id: str) -> Desk:
    """A desk in use. Raises NotFound, also for another office's."""
    found = next((each for each in open_at(tx, office_id) if each.id == desk_id), None)
    if found is None:
        raise _unknown()
    return found


def branch_of(tx: Connection, actor: Actor) -> Desk | None:
    """The branch at which somebody sits, if they sit at one alone."""
    sits = set(
        tx.scalars(select(desk_people.c.desk_id).where(desk_people.c.person_id == actor.person_id))
    )
    found = [each for each in open_at(tx, actor.office_id) if each.id in sits and each.is_branch]
    return found[0] if len(found) == 1 else None


_OPEN = Prepared(
    select(desks)
    .where(desks.c.office_id == bindparam("office"), desks.c.status == "open")
    .order_by(desks.c.created_at, desks.c.id)
)


def _desk(row: object, people: tuple[UUID, ...] = ()) -> Desk:
    get = row.__getattribute__
    return Desk(
        id=get("id"),
        name=Label(get("name_zh"), get("name_en")),
        status=get("status"),
        packages=tuple(get("packages")),
        languages=tuple(get("languages")),
        needs=tuple(get("needs")),
        contact=Contact(*(get(name) for name in NAMES)),
        people=people,
    )


# --- keeping ------------------------------------------------------------------------------------


def keep(tx: Connection, desk_id: UUID | None, given: Kept, actor: Actor, now: datetime) -> UUID:
    """Enter a desk of the actor's office (`desk_id` None), or change one. Returns its id.

    Raises Forbidden unless a supervisor or an operator, NotFound for another office's desk,
    Rejected for what is no name, process, language, need or handler of the office.
    """
    if not actor.groups & KEEPERS:
        raise Forbidden("desk.not_yours", "Only supervisors and operators change desks")
    row = {"status": "open" if given.is_open else "closed", **_checked(tx, given, actor)}
    if desk_id is None:
        found = uuid4()
        values = {"id": found, "office_id": actor.office_id, "created_at": now, **row}
        tx.execute(insert(desks).values(**values))
    else:
        found = desk_id
        here = (desks.c.id == desk_id, desks.c.office_id == actor.office_id)
        if tx.execute(update(desks).where(*here).values(**row)).rowcount != 1:
            raise _unknown()
        tx.execute(delete(desk_people).where(desk_people.c.desk_id == desk_id))
    seats = [
        {"desk_id": found, "person_id": each, "office_id": actor.office_id}
        for each in dict.fromkeys(given.people)
    ]
    if seats:
        tx.execute(insert(desk_people), seats)
    _tell(tx, found, given, actor, now)
    return found


def _checked(tx: Connection, given: Kept, actor: Actor) -> dict[str, object]:
    names = {"name_zh": given.name_zh.strip(), "name_en": given.name_en.strip()}
    if not all(0 < len(name) <= MAX_NAME for name in names.values()):
        raise Rejected(
            "desk.name", f"Give the desk a name of at most {MAX_NAME} characters in both languages"
        )
    known = {each.package.id for each in deployments.all_active(tx, actor.office_id)}
    for what, chosen, possible in (
        ("packages", given.packages, known | set(SECTIONS)),
        ("languages", given.languages, set(LANGUAGES)),
        ("needs", given.needs, set(NEEDS)),
    ):
        unknown = sorted(set(chosen) - possible)
        if unknown:
            raise Rejected(
                "desk.criterion", f"{unknown[0]!r} is none of the {what}", value=unknown[0]
            )
    _demand_handlers(tx, given.people, actor.office_id)
    contact = Contact(**{name: checked(name, text) for name, text in given.contact.items()})
    if (contact.open_zh or contact.telephone) and not contact.address_zh:
        raise Rejected("desk.address", "A desk with hours or a telephone of its own has an address")
    lists = {
        "packages": list(dict.fromkeys(given.packages)),
        "languages": list(dict.fromkeys(given.languages)),
        "needs": list(dict.fromkeys(given.needs)),
    }
    if not any(lists.values()) and not contact.address_zh:
        raise Rejected(
            "desk.nothing", "Say what the desk is for: processes, languages, needs, or an address"
        )
    return {**names, **lists, **asdict(contact)}


def _demand_handlers(tx: Connection, people: Sequence[UUID], office_id: str) -> None:
    wanted = set(people)
    if not wanted:
        return
    found = set(
        tx.scalars(
            select(memberships.c.person_id).where(
                memberships.c.office_id == office_id,
                memberships.c.person_id.in_(wanted),
                memberships.c.group_name.in_(sorted(HANDLERS)),
            )
        )
    )
    if found != wanted:
        raise Rejected("desk.person", "Only people of the office who work on cases sit at a desk")


def _tell(tx: Connection, desk_id: UUID, given: Kept, actor: Actor, now: datetime) -> None:
    action = "desk.kept" if given.is_open else "desk.closed"
    detail = {"desk": given.name_zh.strip(), "people": len(set(given.people))}
    append(tx, Entry(action, actor, now, object_id=str(desk_id), detail=detail))


def _unknown() -> NotFound:
    return NotFound("desk.unknown", "There is no such desk in use in your office")
