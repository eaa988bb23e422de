"""How an office is reached: what is printed on the papers that people take home."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, select, update

from engine.actors import OFFICE_KEEPERS, Actor
from engine.errors import Forbidden, NotFound, Rejected
from engine.history import Entry, append
from store.tables import offices

LENGTHS: Mapping[str, int] = {
    name: getattr(offices.c[name].type, "length", 0)
    for name in ("address_zh", "address_en", "telephone", "open_zh", "open_en")
}
_TELEPHONE = re.compile(r"[\d\s()+\-#轉ext.、,]*")


@dataclass(frozen=True, slots=True)
class Contact:
    """Empty is not said. `open_zh`, `open_en` are the opening hours in words."""

    address_zh: str = ""
    address_en: str = ""
    telephone: str = ""
    open_zh: str = ""
    open_en: str = ""


NO_CONTACT = Contact()
NAMES = tuple(field.name for field in fields(Contact))


def of_office(tx: Connection, office_id: str) -> Contact:
    """How the office is reached. Raises NotFound."""
    row = tx.execute(select(*(offices.c[name] for name in NAMES)).where(offices.c.id == office_id))
    found = row.first()
    if found is None:
        raise NotFound("office.unknown", f"There is no office {office_id!r}")
    return Contact(*found)


def change(
    tx: Connection, office_id: str, given: Mapping[str, str], actor: Actor, now: datetime
) -> Contact:
    """Change what `given` names of an office; the rest stays. Returns it as it is then.

    Raises NotFound, Forbidden unless an operator or the director of that office asks (or the
    command line), Rejected for what is too long, unknown, or no telephone number.
    """
    if not actor.is_system and not (actor.office_id == office_id and actor.groups & OFFICE_KEEPERS):
        raise Forbidden("office.not_yours", "Only an operator or the director changes an office")
    before = of_office(tx, office_id)
    wanted = {name: checked(name, text) for name, text in given.items()}
    after = Contact(**{**asdict(before), **wanted})
    changed = [name for name in NAMES if getattr(before, name) != getattr(after, name)]
    if changed:
        tx.execute(update(offices).where(offices.c.id == office_id).values(**asdict(after)))
        detail = {"fields": ", ".join(changed)}
        append(
            tx,
            Entry(
                "office.contact_changed",
                actor,
                now,
                object_id=office_id,
                detail=detail,
                office_id=office_id,
            ),
        )
    return after


def checked(name: str, text: str) -> str:
    """One of a contact's texts, as it is kept. Raises Rejected for what is too long, unknown, or no
    telephone number."""
    plain = " ".join(text.split())
    if name not in NAMES:
        raise Rejected("office.field", f"Expected one of {', '.join(NAMES)}, got {name!r}")
    if len(plain) > LENGTHS[name]:
        raise Rejected(
            "office.contact_long",
            f"Expected at most {LENGTHS[name]} characters for {name}, got {len(plain)}",
            most=LENGTHS[name],
        )
    if name == "telephone" and not _TELEPHONE.fullmatch(plain):
        raise Rejected(
            "office.telephone", "Expected a telephone number such as 07-123-4567 轉 12", field=name
        )
    return plain
