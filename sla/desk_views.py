"""Views of the overdue desk by name: a tab with filters, one's own or shared with the office."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from engine.actors import SUPERVISORS, Actor
from engine.errors import Conflict, Forbidden, NotFound, Rejected
from sla import overdue_views
from sla.overdue_filters import Filters
from sla.overdue_views import Figure, View
from store.tables import desk_views, persons

MOST = 12
"""So many views one person keeps."""
SHOWN = 20
"""So many stand beside the desk, one's own before those of others: each is counted."""
LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class DeskView:
    """A named view. `mine` says whether the reader may change it; `owner` whose it is."""

    id: UUID
    name: str
    view: View
    filters: Filters
    shared: bool
    mine: bool
    owner: str


def views(tx: Connection, actor: Actor) -> list[DeskView]:
    """The views beside the desk: one's own, then those that others share, by name."""
    is_mine = desk_views.c.person_id == actor.person_id
    rows = tx.execute(
        select(desk_views, persons.c.display_name)
        .join(persons, persons.c.id == desk_views.c.person_id)
        .where(desk_views.c.office_id == actor.office_id, or_(is_mine, desk_views.c.shared))
        .order_by(is_mine.desc(), desk_views.c.name, desk_views.c.id)
        .limit(SHOWN)
    )
    return [_view(row, actor) for row in rows]


def counted(tx: Connection, actor: Actor, now: datetime) -> list[tuple[DeskView, Figure]]:
    """The same, each with how many cases stand under it."""
    found = views(tx, actor)
    asked = [(each.view, each.filters) for each in found]
    return list(zip(found, overdue_views.counts_of(tx, actor, now, asked), strict=True))


def keep(
    tx: Connection, name: str, view: View, filters: Filters, actor: Actor, now: datetime
) -> UUID:
    """Keep a view under a name.

    Raises `Rejected` for a name that is none, or where one has `MOST` already; `Conflict` where one
    has a view of that name.
    """
    number = tx.scalar(
        select(func.count())
        .select_from(desk_views)
        .where(desk_views.c.office_id == actor.office_id, desk_views.c.person_id == actor.person_id)
    )
    if number is not None and number >= MOST:
        raise Rejected(
            "desk_view.too_many",
            f"Expected at most {MOST} views of one person; delete one first",
            most=MOST,
        )
    view_id = uuid4()
    row = {
        "id": view_id,
        "office_id": actor.office_id,
        "person_id": actor.person_id,
        "name": _name(name),
        "filters": {"view": view.value, **filters.written()},
        "shared": False,
        "changed_at": now,
    }
    _unless_taken(tx, insert(desk_views).values(row))
    return view_id


def rename(tx: Connection, view_id: UUID, name: str, actor: Actor, now: datetime) -> None:
    """Give one's own view another name. Raises as `keep`; `NotFound` unless it is one's own."""
    values = {"name": _name(name), "changed_at": now}
    changed = _unless_taken(tx, update(desk_views).where(*_mine(view_id, actor)).values(values))
    if changed == 0:
        raise _unknown()


def share(tx: Connection, view_id: UUID, actor: Actor, now: datetime, *, shared: bool) -> None:
    """Show one's own view to everybody at the desk of the office, or no longer.

    Raises `Forbidden` unless a supervisor does it, `NotFound` unless it is one's own.
    """
    if shared and not actor.groups & SUPERVISORS:
        raise Forbidden("desk_view.share", "Only supervisors share a view with their office")
    changed = tx.execute(
        update(desk_views).where(*_mine(view_id, actor)).values(shared=shared, changed_at=now)
    ).rowcount
    if changed == 0:
        raise _unknown()


def drop(tx: Connection, view_id: UUID, actor: Actor) -> None:
    """Delete one's own view. Raises `NotFound` unless it is one's own."""
    if tx.execute(delete(desk_views).where(*_mine(view_id, actor))).rowcount == 0:
        raise _unknown()


def _view(row: Any, actor: Actor) -> DeskView:
    stored: Mapping[str, Any] = row.filters
    view = stored.get("view")
    return DeskView(
        row.id,
        row.name,
        View(view) if view in set(View) else View.OVERDUE,
        Filters.of(stored),
        row.shared,
        row.person_id == actor.person_id,
        row.display_name,
    )


def _mine(view_id: UUID, actor: Actor) -> tuple[Any, ...]:
    return (
        desk_views.c.id == view_id,
        desk_views.c.office_id == actor.office_id,
        desk_views.c.person_id == actor.person_id,
    )


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise Rejected(
            "desk_view.name",
            f"Expected a name of 1 to {LONGEST_NAME} characters for the view",
            most=LONGEST_NAME,
        )
    return name


def _unless_taken(tx: Connection, statement: Any) -> int:
    try:
        with tx.begin_nested():
            return int(tx.execute(statement).rowcount)
    except IntegrityError as taken:
        raise Conflict(
            "desk_view.name_taken", "Expected another name; you have a view of that name"
        ) from taken


def _unknown() -> NotFound:
    return NotFound("desk_view.unknown", "There is no such view of yours")
