"""What an analyst has changed and not saved yet, kept for the day the browser dies.

One row for each person, draft and file. It never touches the draft itself, so it cannot collide
with anybody; saving the file takes it away.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from engine.actors import Actor
from engine.errors import NotFound
from engine.manifests import PackageError
from engine.package_drafts import draft
from engine.package_files import MAX_FILE, kind_of
from engine.permissions import demand, may_deploy
from store.tables import package_autosaves as rows


@dataclass(frozen=True, slots=True)
class Autosave:
    """`number` is the version of the draft it was begun on."""

    path: str
    number: int
    content: bytes
    saved_at: datetime


def keep(tx: Connection, draft_id: UUID, given: Autosave, actor: Actor) -> None:
    """Keep one file as the actor's editor holds it now, in place of what it held before."""
    demand(may_deploy(actor))
    draft(tx, draft_id, actor, given.number)
    kind_of(given.path)
    if len(given.content) > MAX_FILE:
        raise PackageError(given.path, f"is larger than {MAX_FILE} bytes")
    values = {
        "number": given.number,
        "content": given.content,
        "saved_at": given.saved_at,
    }
    key = {"draft_id": draft_id, "person_id": actor.person_id, "path": given.path}
    changed = tx.execute(update(rows).where(*_is(draft_id, given.path, actor)).values(**values))
    if changed.rowcount == 0:
        tx.execute(insert(rows).values(**key, **values, office_id=actor.office_id))


def find(tx: Connection, draft_id: UUID, path: str, actor: Actor) -> Autosave | None:
    """The actor's own autosave of a file."""
    row = tx.execute(select(rows).where(*_is(draft_id, path, actor))).first()
    return None if row is None else Autosave(row.path, row.number, row.content, row.saved_at)


def listed(tx: Connection, draft_id: UUID, actor: Actor) -> list[Autosave]:
    """All of the actor's own autosaves of a draft."""
    found = tx.execute(
        select(rows)
        .where(rows.c.draft_id == draft_id, rows.c.person_id == actor.person_id)
        .order_by(rows.c.path)
    )
    return [Autosave(row.path, row.number, row.content, row.saved_at) for row in found]


def forget(tx: Connection, draft_id: UUID, path: str, actor: Actor) -> None:
    """Drop the actor's autosave of a file: it was saved, or is not wanted."""
    tx.execute(delete(rows).where(*_is(draft_id, path, actor)))


def demanded(tx: Connection, draft_id: UUID, path: str, actor: Actor) -> Autosave:
    """As `find`, but raises NotFound."""
    found = find(tx, draft_id, path, actor)
    if found is None:
        raise NotFound("package_draft.no_autosave", "There is no autosave of that file")
    return found


def _is(draft_id: UUID, path: str, actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return (
        rows.c.draft_id == draft_id,
        rows.c.person_id == actor.person_id,
        rows.c.path == path,
        rows.c.office_id == actor.office_id,
    )
