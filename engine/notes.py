"""Words people leave on a case: comments, and what is said with a deed. All under the case's key.

History tells that something was said, by whom and with which class of error, never the words: they
name persons, and history cannot forget.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Connection, insert, select

from engine import case_rows
from engine.actors import Actor
from engine.case_rows import Case
from engine.errors import Rejected
from engine.history import Entry, append
from engine.keyring import CaseKey
from engine.permissions import HANDLERS, demand, may_handle
from engine.person_notices import News, tell
from store.tables import case_notes, deed_notes, memberships, persons

MAX_NOTE = 4_000
COMMENT, HANDOVER, RETURN, WITHDRAWAL = "comment", "handover", "return", "withdrawal"
SUSPENSION, RESUMPTION = "suspension", "resumption"
MIGRATION, TOKEN = "migration", "token"


@dataclass(frozen=True, slots=True)
class Note:
    """`kind`: `comment`, or the deed it was said with, as above. No `author`: the system."""

    id: UUID
    kind: str
    author: str
    person_id: UUID | None
    at: datetime
    text: str
    task_id: UUID | None = None
    error_class: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What is said with a deed. `task_id` None: about the whole case."""

    kind: str
    text: str
    task_id: UUID | None = None
    error_class: str | None = None


@dataclass(frozen=True, slots=True)
class Home:
    """The case words are left on, and its key."""

    case_id: UUID
    office_id: str
    key: CaseKey


# --- comments -----------------------------------------------------------------------------------


def comment(
    tx: Connection,
    case_id: UUID,
    text: str,
    actor: Actor,
    now: datetime,
    mentioned: Collection[UUID] = (),
) -> UUID:
    """Add a comment, and tell those it mentions: colleagues who work on cases in the office.

    Somebody is also mentioned by `@` and their whole name in the text. Raises Rejected for an empty
    text, and for somebody who is not such a colleague.
    """
    case = case_rows.load(tx, case_id, actor, lock=False)
    demand(may_handle(case.facts, actor))
    said = checked_text(text)
    to_tell = _mentioned(tx, case, said, mentioned)
    home = Home(case.id, case.office_id, case.key)
    note_id = leave(tx, home, said, actor.person_id, now)
    entry = Entry(
        "case.annotated",
        actor,
        now,
        case_id=case.id,
        object_id=str(note_id),
        detail={"mentioned": len(to_tell)} if to_tell else {},
        office_id=case.office_id,
    )
    append(tx, entry)
    news = News("case.mentioned", case.office_id, case.id, note_id, {"by": actor.name})
    tell(tx, news, [each for each in to_tell if each != actor.person_id], now)
    return note_id


def leave(
    tx: Connection,
    home: Home,
    text: str,
    person_id: UUID | None,
    now: datetime,
    note_id: UUID | None = None,
) -> UUID:
    """Put words on a case without telling of them in its history: the deed they go with does."""
    kept_as = note_id or uuid4()
    row = {
        "id": kept_as,
        "office_id": home.office_id,
        "case_id": home.case_id,
        "person_id": person_id,
        "at": now,
        "ciphertext": home.key.seal("case_notes", checked_text(text).encode()),
    }
    tx.execute(insert(case_notes), row)
    return kept_as


def _mentioned(tx: Connection, case: Case, text: str, named: Collection[UUID]) -> list[UUID]:
    """Who is to be told, without double; the longest name wins where one begins another."""
    if not named and "@" not in text:
        return []
    colleagues = {
        row.id: row.display_name
        for row in tx.execute(
            select(persons.c.id, persons.c.display_name)
            .join(memberships, memberships.c.person_id == persons.c.id)
            .where(
                memberships.c.office_id == case.office_id, memberships.c.group_name.in_(HANDLERS)
            )
        )
    }
    if not set(named) <= set(colleagues):
        raise Rejected("comment.mention", "Expected colleagues who work on cases in this office")
    found = dict.fromkeys(named)
    rest = text
    for person_id, name in sorted(colleagues.items(), key=lambda each: -len(each[1])):
        if f"@{name}" in rest:
            rest = rest.replace(f"@{name}", "")
            found[person_id] = None
    return list(found)


# --- what is said with a deed -------------------------------------------------------------------


def say(
    tx: Connection, case_id: UUID, key: CaseKey, said: Said, actor: Actor, now: datetime
) -> UUID:
    """Keep the words of a deed. The verb has checked that the actor may do it."""
    note_id = uuid4()
    row = {
        "id": note_id,
        "office_id": actor.office_id,
        "case_id": case_id,
        "task_id": said.task_id,
        "kind": said.kind,
        "error_class": said.error_class,
        "person_id": actor.person_id,
        "at": now,
        "ciphertext": key.seal("deed_notes", checked_text(said.text).encode()),
    }
    tx.execute(insert(deed_notes), row)
    return note_id


def last_said(tx: Connection, case: Case, kind: str, task_id: UUID | None = None) -> Note | None:
    """The last words of this kind, of the task where one is named; None if there are none."""
    wanted = (
        select(deed_notes, persons.c.display_name)
        .outerjoin(persons, persons.c.id == deed_notes.c.person_id)
        .where(deed_notes.c.case_id == case.id, deed_notes.c.kind == kind)
        .order_by(deed_notes.c.at.desc(), deed_notes.c.id.desc())
        .limit(1)
    )
    if task_id is not None:
        wanted = wanted.where(deed_notes.c.task_id == task_id)
    row = tx.execute(wanted).first()
    if row is None:
        return None
    text = case.key.open("deed_notes", row.ciphertext).decode()
    return Note(
        row.id,
        row.kind,
        row.display_name or "",
        row.person_id,
        row.at,
        text,
        row.task_id,
        row.error_class,
    )


def of_case(tx: Connection, case: Case) -> tuple[Note, ...]:
    """Every comment and all that was said with deeds, the oldest first."""
    comments = tx.execute(
        select(case_notes, persons.c.display_name)
        .outerjoin(persons, persons.c.id == case_notes.c.person_id)
        .where(case_notes.c.case_id == case.id)
    )
    deeds = tx.execute(
        select(deed_notes, persons.c.display_name)
        .outerjoin(persons, persons.c.id == deed_notes.c.person_id)
        .where(deed_notes.c.case_id == case.id)
    )
    found = [
        Note(
            row.id,
            COMMENT,
            row.display_name or "",
            row.person_id,
            row.at,
            case.key.open("case_notes", row.ciphertext).decode(),
        )
        for row in comments
    ]
    found += [
        Note(
            row.id,
            row.kind,
            row.display_name or "",
            row.person_id,
            row.at,
            case.key.open("deed_notes", row.ciphertext).decode(),
            row.task_id,
            row.error_class,
        )
        for row in deeds
    ]
    return tuple(sorted(found, key=lambda note: (note.at, str(note.id))))


def checked_text(text: str) -> str:
    """The words without blanks around them. Raises Rejected if there are none, or too many."""
    plain = text.strip()
    if not plain:
        raise Rejected("case.note", "Write the note first")
    if len(plain) > MAX_NOTE:
        raise Rejected("case.note", f"The text is longer than {MAX_NOTE} characters; shorten it")
    return plain
