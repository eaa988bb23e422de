"""How somebody wants to hear of what concerns them: rows with who changed them, and when."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from engine.actors import Actor
from engine.errors import Forbidden, Rejected
from engine.history import Entry, append
from engine.notice_kinds import KINDS, Email, NoticeKind, Way, kind_of, lawful
from store.prepared import Listed
from store.tables import notice_choices, persons

LANGUAGES = ("zh-TW", "en")


@dataclass(frozen=True, slots=True)
class Choice:
    """How one kind reaches a person; `changed_by` is the name of who chose, None: nobody has."""

    kind: NoticeKind
    way: Way
    changed_by: str | None = None
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """Where mails to a person go, and in which language they are written."""

    email: str | None
    language: str


def choices_of(tx: Connection, actor: Actor) -> list[Choice]:
    """The actor's own, one for every kind there is."""
    rows = {
        row.kind: row
        for row in tx.execute(
            select(notice_choices, persons.c.display_name)
            .outerjoin(persons, persons.c.id == notice_choices.c.changed_by)
            .where(notice_choices.c.person_id == actor.person_id)
        )
    }
    found = []
    for name, kind in KINDS.items():
        row = rows.get(name)
        if row is None:
            found.append(Choice(kind, kind.usual))
        else:
            way = Way(row.in_app, Email(row.email))
            found.append(Choice(kind, way, row.display_name, row.changed_at))
    return found


def reader(tx: Connection, actor: Actor) -> Reader:
    """The actor as somebody who gets mails."""
    row = tx.execute(
        select(persons.c.email, persons.c.language).where(persons.c.id == actor.person_id)
    ).one()
    return Reader(row.email, row.language or LANGUAGES[0])


def choose(tx: Connection, ways: Mapping[str, Way], actor: Actor, now: datetime) -> int:
    """Choose how the kinds named in `ways` reach the actor. Returns how many changed.

    Raises Rejected for an unknown kind, and where a duty forbids the choice; nothing is changed
    then.
    """
    person_id = _person(actor)
    wanted = {name: lawful(kind_of(name), way) for name, way in ways.items()}
    present = {choice.kind.name: choice.way for choice in choices_of(tx, actor)}
    changed = {name: way for name, way in wanted.items() if way != present[name]}
    if not changed:
        return 0
    tx.execute(
        delete(notice_choices).where(
            notice_choices.c.person_id == person_id, notice_choices.c.kind.in_(list(changed))
        )
    )
    tx.execute(
        insert(notice_choices),
        [
            {
                "person_id": person_id,
                "kind": name,
                "office_id": actor.office_id,
                "in_app": way.in_app,
                "email": way.email.value,
                "changed_by": person_id,
                "changed_at": now,
            }
            for name, way in changed.items()
        ],
    )
    for name, way in changed.items():
        facts = {"kind": name, "in_app": way.in_app, "email": way.email.value}
        append(tx, _entry("notice_choice.changed", person_id, facts, actor, now))
    return len(changed)


def choose_language(tx: Connection, language: str, actor: Actor, now: datetime) -> None:
    """In which language mails to the actor are written: `zh-TW` or `en`."""
    if language not in LANGUAGES:
        raise Rejected(
            "notice_choice.language", f"Expected one of {', '.join(LANGUAGES)}, got {language!r}"
        )
    person_id = _person(actor)
    changed = tx.execute(
        update(persons)
        .where(persons.c.id == person_id, persons.c.language.is_distinct_from(language))
        .values(language=language)
    )
    if changed.rowcount:
        facts = {"language": language}
        append(tx, _entry("person.language_chosen", person_id, facts, actor, now))


_OF_KIND = Listed(
    notice_choices.c.person_id,
    select(notice_choices).where(notice_choices.c.kind == bindparam("kind")),
)


def ways_of(tx: Connection, kind: str, people: Collection[UUID]) -> dict[UUID, Way]:
    """How a kind reaches each of the people: as they chose, else as usual."""
    known = kind_of(kind)
    found = dict.fromkeys(people, known.usual)
    for row in _OF_KIND.all(tx, people, {"kind": kind}):
        found[row.person_id] = Way(row.in_app, Email(row.email))
    return found


def _person(actor: Actor) -> UUID:
    if actor.person_id is None:
        raise Forbidden("notice_choice.nobody", "Expected a person to choose, not the system")
    return actor.person_id


def _entry(
    action: str, person_id: UUID, facts: Mapping[str, object], actor: Actor, now: datetime
) -> Entry:
    return Entry(action, actor, now, object_id=str(person_id), detail=facts)
