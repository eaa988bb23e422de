"""How somebody likes a desk: which filters it opens with. Everybody has their own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from engine.actors import Actor
from store.tables import person_choices


def chosen(tx: Connection, actor: Actor, name: str) -> Any:
    """What the person chose, None if nothing yet."""
    return tx.scalar(_CHOSEN, {"person": actor.person_id, "name": name})


def choose(tx: Connection, actor: Actor, name: str, value: Any, now: datetime) -> None:
    """Remember a choice; the last one counts."""
    row = {
        "office_id": actor.office_id,
        "person_id": actor.person_id,
        "name": name,
        "value": value,
        "changed_at": now,
    }
    tx.execute(_CHOOSE[tx.dialect.name], row)


_CHOSEN = select(person_choices.c.value).where(
    person_choices.c.person_id == bindparam("person"), person_choices.c.name == bindparam("name")
)


def _upsert(insert_into: Any) -> Any:
    statement = insert_into(person_choices)
    return statement.on_conflict_do_update(
        index_elements=["person_id", "name"],
        set_={"value": statement.excluded.value, "changed_at": statement.excluded.changed_at},
    )


_CHOOSE = {"postgresql": _upsert(postgresql.insert), "sqlite": _upsert(sqlite.insert)}
