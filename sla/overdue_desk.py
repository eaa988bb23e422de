"""A page of the overdue desk: the cases under a tab, one line each (`sla.overdue_lines`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engine.actors import Actor
from sla.overdue_lines import CaseLine, lines_of
from sla.overdue_views import Place, View, behind, heads, parts
from sla.parties import Party

MOST_LINES = 200


@dataclass(frozen=True, slots=True)
class DeskPage:
    """`next_place` is the place behind the last line, None on the last page."""

    lines: tuple[CaseLine, ...]
    next_place: Place | None = None


def desk(
    tx: Connection,
    actor: Actor,
    now: datetime,
    view: View,
    place: Place | None = None,
    limit: int = 50,
) -> DeskPage:
    """One page of a tab, in its order."""
    size = min(limit, MOST_LINES)
    found = _found(tx, actor, now, view, place, size + 1)
    shown = found[:size]
    lines = lines_of(tx, actor.office_id, [row.case_id for _, row in shown], now)
    if len(found) <= size:
        return DeskPage(tuple(lines))
    party, last = shown[-1]
    return DeskPage(tuple(lines), (party, last.due_at, last.id))


def _found(
    tx: Connection, actor: Actor, now: datetime, view: View, place: Place | None, wanted: int
) -> list[tuple[Party | None, Any]]:
    """The first limits of the cases, the office's before the applicants'."""
    found: list[tuple[Party | None, Any]] = []
    whose = parts(view)
    here = whose.index(place[0]) if place is not None and place[0] in whose else 0
    for at, party in enumerate(whose[here:]):
        some = behind(heads(actor, view, party, now), place if at == 0 else None)
        rows = tx.execute(some.limit(wanted - len(found))).all()
        found += [(party, row) for row in rows]
        if len(found) == wanted:
            break
    return found


def one(tx: Connection, actor: Actor, case_id: UUID, now: datetime) -> CaseLine | None:
    """The line of one case; None where it is not the office's, or has no limit that runs."""
    return next(iter(lines_of(tx, actor.office_id, [case_id], now)), None)
