"""A page of the overdue desk: the cases under a tab, one line each (`sla.overdue_lines`)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engine.actors import Actor
from engine.confidence import seen_by
from sla.overdue_filters import NO_FILTERS, Filters
from sla.overdue_lines import CaseLine, lines_of
from sla.overdue_views import Place, View, behind, heads, parts
from sla.parties import Party

MOST_LINES = 200


@dataclass(frozen=True, slots=True)
class DeskPage:
    """`next_place` is the place behind the last line, None on the last page."""

    lines: tuple[CaseLine, ...]
    next_place: Place | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Which page of a tab: behind which line, how many lines, narrowed to what."""

    place: Place | None = None
    limit: int = 50
    filters: Filters = NO_FILTERS


FIRST_PAGE = Page()


def desk(
    tx: Connection,
    actor: Actor,
    now: datetime,
    view: View,
    page: Page = FIRST_PAGE,
) -> DeskPage:
    """One page of a tab, in its order."""
    size = min(page.limit, MOST_LINES)
    found = _found(tx, actor, now, view, replace(page, limit=size + 1))
    shown = found[:size]
    lines = lines_of(tx, actor.office_id, [row.case_id for _, row in shown], seen_by(actor), now)
    if len(found) <= size:
        return DeskPage(tuple(lines))
    party, last = shown[-1]
    return DeskPage(tuple(lines), (party, last.due_at, last.id))


def _found(
    tx: Connection, actor: Actor, now: datetime, view: View, page: Page
) -> list[tuple[Party | None, Any]]:
    """The first limits of the cases, the office's before the applicants'."""
    found: list[tuple[Party | None, Any]] = []
    whose = parts(view)
    place, filters = page.place, page.filters
    here = whose.index(place[0]) if place is not None and place[0] in whose else 0
    for at, party in enumerate(whose[here:]):
        wanted = heads(actor, view, party, now, filters)
        some = behind(wanted, place if at == 0 else None, filters)
        rows = tx.execute(some.limit(page.limit - len(found))).all()
        found += [(party, row) for row in rows]
        if len(found) == page.limit:
            break
    return found


def one(tx: Connection, actor: Actor, case_id: UUID, now: datetime) -> CaseLine | None:
    """The line of one case; None where it is not the office's, or has no limit that runs."""
    return next(iter(lines_of(tx, actor.office_id, [case_id], seen_by(actor), now)), None)
