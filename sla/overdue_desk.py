"""A page of the overdue desk: the cases under a tab, one line each (`sla.overdue_lines`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from engine.actors import Actor
from sla.overdue_lines import CaseLine, lines_of
from sla.overdue_views import Place, View, behind, heads

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
    found = tx.execute(behind(heads(actor, view, now), place).limit(size + 1)).all()
    shown = found[:size]
    lines = lines_of(tx, actor.office_id, [row.case_id for row in shown], now)
    more = (shown[-1].due_at, shown[-1].id) if len(found) > size else None
    return DeskPage(tuple(lines), more)


def one(tx: Connection, actor: Actor, case_id: UUID, now: datetime) -> CaseLine | None:
    """The line of one case; None where it is not the office's, or has no limit that runs."""
    return next(iter(lines_of(tx, actor.office_id, [case_id], now)), None)
