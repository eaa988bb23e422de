"""What the staff record says of a person, put right: the names, the section, the e-mail address.

Notices and mails go by it, so an address that is missing or has changed must not wait for a new
person to be entered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select, update

from engine import history
from engine.accounts import check_administrator
from engine.actors import Actor
from engine.errors import NotFound, Rejected
from store.tables import persons

MAX_NAME, MAX_SECTION, MAX_EMAIL = 80, 40, 254
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f][A-Za-z\u00c0-\u024f ,.'’-]*")
_ADDRESS = re.compile(r"[^@\s<>,;]{1,64}@[^@\s<>,;.]+(\.[^@\s<>,;.]+)+")


@dataclass(frozen=True, slots=True)
class PersonEntry:
    """`email` is empty for somebody who gets no mail, `latin_name` where English papers say the
    name itself."""

    name: str
    section: str = ""
    email: str = ""
    latin_name: str = ""


def correct(
    tx: Connection, person_id: UUID, entry: PersonEntry, actor: Actor, now: datetime
) -> None:
    """Write the entry; the history says which parts changed, never what they were.

    Raises NotFound for somebody of another office, Forbidden unless an operator asks, Rejected for
    an entry that cannot be one. What is as it was is no deed.
    """
    row = tx.execute(
        select(persons).where(persons.c.id == person_id, persons.c.office_id == actor.office_id)
    ).first()
    if row is None:
        raise NotFound("person.unknown", "There is no such person in your office")
    check_administrator(actor, row.office_id)
    check(entry)
    wanted = {
        "display_name": entry.name.strip(),
        "section": entry.section.strip(),
        "latin_name": entry.latin_name.strip() or None,
        "email": entry.email.strip() or None,
    }
    changed = [name for name, value in wanted.items() if getattr(row, name) != value]
    if not changed:
        return
    tx.execute(update(persons).where(persons.c.id == person_id).values(**wanted))
    history.append(
        tx,
        history.Entry(
            "person.changed",
            actor,
            now,
            object_id=str(person_id),
            office_id=row.office_id,
            detail={"parts": changed},
        ),
    )


def check(entry: PersonEntry) -> None:
    """Raise Rejected for what cannot be the entry of a person."""
    if not entry.name.strip():
        raise Rejected("person.name", "Expected the name of the person, but it is empty")
    if max(len(entry.name), len(entry.latin_name)) > MAX_NAME or len(entry.section) > MAX_SECTION:
        raise Rejected(
            "person.too_long",
            f"Expected a name of at most {MAX_NAME} and a section of at most {MAX_SECTION}"
            " characters",
        )
    if entry.latin_name.strip() and not _LATIN.fullmatch(entry.latin_name.strip()):
        raise Rejected(
            "person.latin_name", "Expected a name in Latin letters, such as LIN, Shih-Fan"
        )
    email = entry.email.strip()
    if email and (len(email) > MAX_EMAIL or not _ADDRESS.fullmatch(email)):
        raise Rejected("person.email", "Expected one e-mail address, such as name@example.gov.tw")
