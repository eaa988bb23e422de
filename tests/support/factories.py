"""Rows that others need: valid by default, one argument per difference."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, insert

from engine.actors import Actor
from store import tables
from tests.support.clock import GivenClock

OFFICE = "kh-fengshan"
AT = GivenClock().now()


def an_office(tx: Connection, office_id: str = OFFICE, **columns: Any) -> str:
    row = {
        "id": office_id,
        "code": office_id[-12:].upper(),
        "name_zh": "示範區戶政事務所",
        "name_en": "Demo office",
        "city": "kaohsiung",
        "created_at": AT,
        **columns,
    }
    tx.execute(insert(tables.offices), row)
    return office_id


def an_officer(
    tx: Connection,
    name: str = "林示範",
    groups: tuple[str, ...] = ("counter",),
    office_id: str = OFFICE,
) -> Actor:
    """A person with an account's id, in these groups. No account row: nobody signs in."""
    person_id = uuid4()
    person = {"id": person_id, "office_id": office_id, "display_name": name, "created_at": AT}
    tx.execute(insert(tables.persons), person)
    for group in groups:
        row = {"office_id": office_id, "person_id": person_id, "group_name": group}
        tx.execute(insert(tables.memberships), row)
    return Actor(person_id, uuid4(), office_id, frozenset(groups), name)
