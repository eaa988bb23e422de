"""What pages and the API read: every list and view, named in one place.

All are scoped to the actor's office, masked, and page by cursor. Nothing here writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, literal, select, tuple_

from engine import incident_words, permissions
from engine.actors import Actor
from engine.case_list import CaseFilter, CaseRow
from engine.case_list import cases_page as cases
from engine.case_parts import ClockRow
from engine.case_view import CaseView, case_view
from engine.confidence import seen_by, seen_or_none
from engine.cursors import Order, Page, checked_limit, page_of
from engine.diagrams import DiagramState, Marks, diagram_state
from engine.forms import Label
from engine.task_view import TaskView, task_view
from engine.worklist import Counts, Tab, TaskRow, WorklistFilter, counts, worklist
from store.tables import cases as case_table
from store.tables import definitions as definition_table
from store.tables import incidents as incident_table
from store.tables import offices, persons

__all__ = [
    "CaseFilter",
    "CaseRow",
    "CaseView",
    "ClockRow",
    "Counts",
    "DefinitionRow",
    "DiagramState",
    "IncidentFilter",
    "IncidentRow",
    "Marks",
    "Page",
    "Tab",
    "TaskRow",
    "TaskView",
    "WorklistFilter",
    "case_view",
    "cases",
    "counts",
    "definitions",
    "diagram_state",
    "incident",
    "incidents",
    "task_view",
    "titles",
    "worklist",
]

# --- versions -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DefinitionRow:
    """One version of a process package. `running` counts the office's own open cases on it that the
    reader may see."""

    id: UUID
    office_id: str
    package_id: str
    process_id: str
    version: int
    state: str
    title: Label
    comment: str
    created_at: datetime
    created_by: UUID | None
    created_by_name: str | None
    deployed_at: datetime | None
    running: int


def definitions(tx: Connection, actor: Actor) -> list[DefinitionRow]:
    """The versions of the actor's office, its city and the country: by package, newest first."""
    above = select(offices.c.id, offices.c.parent_id).where(offices.c.id == actor.office_id)
    places = above.cte("places", recursive=True)
    places = places.union(
        select(offices.c.id, offices.c.parent_id).join(places, places.c.parent_id == offices.c.id)
    )
    running = (
        select(func.count())
        .select_from(case_table)
        .where(
            case_table.c.definition_id == definition_table.c.id,
            case_table.c.office_id == actor.office_id,
            case_table.c.status.in_(("active", "suspended")),
            case_table.c.package_id == definition_table.c.package_id,
            seen_by(actor),
        )
        .scalar_subquery()
    )
    rows = tx.execute(
        select(definition_table, persons.c.display_name, running.label("running"))
        .outerjoin(persons, persons.c.id == definition_table.c.created_by)
        .where(definition_table.c.office_id.in_(select(places.c.id)))
        .order_by(
            definition_table.c.package_id,
            definition_table.c.office_id,
            definition_table.c.version.desc(),
        )
    )
    return [_definition_row(row) for row in rows]


def titles(tx: Connection, office_id: str) -> dict[str, Label]:
    """The titles of the active versions that the office, its city or the country has, by id."""
    above = select(offices.c.id, offices.c.parent_id).where(offices.c.id == office_id)
    places = above.cte("places", recursive=True)
    places = places.union(
        select(offices.c.id, offices.c.parent_id).join(places, places.c.parent_id == offices.c.id)
    )
    rows = tx.execute(
        select(
            definition_table.c.package_id, definition_table.c.title_zh, definition_table.c.title_en
        )
        .where(
            definition_table.c.office_id.in_(select(places.c.id)),
            definition_table.c.state == "active",
        )
        .order_by(definition_table.c.package_id)
    )
    return {row.package_id: Label(row.title_zh, row.title_en) for row in rows}


def _definition_row(row: Any) -> DefinitionRow:
    return DefinitionRow(
        id=row.id,
        office_id=row.office_id,
        package_id=row.package_id,
        process_id=row.process_id,
        version=row.version,
        state=row.state,
        title=Label(row.title_zh, row.title_en),
        comment=row.comment,
        created_at=row.created_at,
        created_by=row.created_by,
        created_by_name=row.display_name,
        deployed_at=row.deployed_at,
        running=row.running,
    )


# --- incidents ----------------------------------------------------------------------------------

_INCIDENTS = Order("incidents", ("instant", "uuid"))


@dataclass(frozen=True, slots=True)
class IncidentFilter:
    status: str = "open"
    source: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """One incident in a list. `may_mend` is None for yes."""

    id: UUID
    case_id: UUID | None
    case_number: str | None
    package_id: str | None
    source: str
    source_id: str | None
    element_id: str | None
    code: str
    message: str
    message_zh: str
    status: str
    raised_at: datetime
    resolved_at: datetime | None
    resolved_by: UUID | None
    resolution: str | None
    in_process: bool  # it can be tried again with other values
    may_mend: permissions.Refusal | None


def incidents(
    tx: Connection,
    actor: Actor,
    filter: IncidentFilter,  # noqa: A002 — the seam's name for it
    cursor: str | None,
    limit: int,
) -> Page[IncidentRow]:
    """One page of the incidents of the actor's office, the newest first; one query."""
    table = incident_table
    wanted = (
        select(
            table,
            case_table.c.number,
            case_table.c.package_id,
            table.c.raised_at.label("key_0"),
            table.c.id.label("key_1"),
        )
        .outerjoin(case_table, case_table.c.id == table.c.case_id)
        .where(
            table.c.office_id == actor.office_id,
            table.c.status == filter.status,
            seen_or_none(actor),
        )
        .order_by(table.c.raised_at.desc(), table.c.id.desc())
        .limit(checked_limit(limit) + 1)
    )
    if filter.source is not None:
        wanted = wanted.where(table.c.source == filter.source)
    if filter.code is not None:
        wanted = wanted.where(table.c.code == filter.code)
    if cursor is not None:
        raised_at, incident_id = _INCIDENTS.decode(cursor)
        seen = tuple_(
            literal(raised_at, table.c.raised_at.type), literal(incident_id, table.c.id.type)
        )
        wanted = wanted.where(tuple_(table.c.raised_at, table.c.id) < seen)
    rows = tx.execute(wanted).all()
    return page_of(rows, limit, _INCIDENTS, lambda row: _incident_row(row, actor))


def incident(tx: Connection, incident_id: UUID, actor: Actor) -> IncidentRow | None:
    """One incident of the actor's office, open or not."""
    row = tx.execute(
        select(incident_table, case_table.c.number, case_table.c.package_id)
        .outerjoin(case_table, case_table.c.id == incident_table.c.case_id)
        .where(
            incident_table.c.id == incident_id,
            incident_table.c.office_id == actor.office_id,
            seen_or_none(actor),
        )
    ).first()
    return None if row is None else _incident_row(row, actor)


def _incident_row(row: Any, actor: Actor) -> IncidentRow:
    return IncidentRow(
        id=row.id,
        case_id=row.case_id,
        case_number=row.number,
        package_id=row.package_id,
        source=row.source,
        source_id=row.source_id,
        element_id=row.element_id,
        code=row.code,
        message=row.message,
        message_zh=incident_words.in_chinese(row.code, row.message),
        status=row.status,
        raised_at=row.raised_at,
        resolved_at=row.resolved_at,
        resolved_by=row.resolved_by,
        resolution=row.resolution,
        in_process=row.key is not None,
        may_mend=permissions.may_mend(row.office_id, actor),
    )
