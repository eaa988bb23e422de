"""Lists of cases, newest first. People are found by keyed hashes; what is listed is masked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, exists, func, literal, or_, select, tuple_

from engine import keys
from engine.actors import Actor
from engine.cursors import Order, Page, checked_limit, page_of
from engine.forms import Label
from engine.identity_numbers import canonical
from store.tables import cases, clocks, definitions, incidents, user_tasks

_ORDER = Order("cases", ("instant", "uuid"))


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases of the office to list.

    `number` is a whole case number; it is also found where the office received the case or keeps
    the household. `id_number` and `name` are whole, as entered: only their keyed hashes are stored.
    """

    status: str | None = None
    package_id: str | None = None
    number: str | None = None
    id_number: str | None = None
    name: str | None = None
    filed_from: datetime | None = None
    filed_before: datetime | None = None
    overdue: bool | None = None  # whether one of the case's own running clocks is


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case in a list. `due_at` is the earliest of its own running clocks."""

    case_id: UUID
    number: str
    package_id: str
    title: Label
    subject_label: str
    status: str
    outcome: str | None
    channel: str
    priority: int
    office_id: str
    filed_at: datetime
    closed_at: datetime | None
    due_at: datetime | None
    overdue: bool
    open_tasks: tuple[str, ...]
    open_incidents: int


def cases_page(
    tx: Connection,
    actor: Actor,
    filter: CaseFilter,  # noqa: A002 — the seam's name for it
    cursor: str | None,
    limit: int,
    now: datetime,
) -> Page[CaseRow]:
    """One page of the cases of the actor's office, the newest first; one query."""
    wanted = (
        select(cases.c.id, cases.c.filed_at)
        .where(*_scope(actor, filter), *_matching(filter, now))
        .order_by(cases.c.filed_at.desc(), cases.c.id.desc())
        .limit(checked_limit(limit) + 1)
    )
    if cursor is not None:
        filed_at, case_id = _ORDER.decode(cursor)
        seen = tuple_(literal(filed_at, cases.c.filed_at.type), literal(case_id, cases.c.id.type))
        wanted = wanted.where(tuple_(cases.c.filed_at, cases.c.id) < seen)
    rows = tx.execute(_with_facts(wanted)).all()
    return page_of(rows, limit, _ORDER, lambda row: _case_row(row, now))


def linked(tx: Connection, case_id: UUID, parent_id: UUID | None, now: datetime) -> list[CaseRow]:
    """The case this one was started for, and those started for it, oldest first."""
    wanted = select(cases.c.id, cases.c.filed_at).where(
        or_(cases.c.parent_case_id == case_id, cases.c.id == parent_id)
    )
    rows = tx.execute(_with_facts(wanted)).all()
    return [_case_row(row, now) for row in reversed(rows)]


def one(tx: Connection, case_id: UUID, now: datetime) -> CaseRow | None:
    """A single case as the list shows it; the caller checks who reads."""
    wanted = select(cases.c.id, cases.c.filed_at).where(cases.c.id == case_id)
    row = tx.execute(_with_facts(wanted)).first()
    return None if row is None else _case_row(row, now)


def _scope(actor: Actor, wanted: CaseFilter) -> Sequence[ColumnElement[bool]]:
    if wanted.number is None:
        return (cases.c.office_id == actor.office_id,)
    concerned = or_(
        cases.c.office_id == actor.office_id,
        cases.c.receiving_office_id == actor.office_id,
        cases.c.household_office_id == actor.office_id,
    )
    return (cases.c.number == wanted.number.strip(), concerned)


def _matching(wanted: CaseFilter, now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.status is not None:
        found.append(cases.c.status == wanted.status)
    if wanted.package_id is not None:
        found.append(cases.c.package_id == wanted.package_id)
    if wanted.filed_from is not None:
        found.append(cases.c.filed_at >= wanted.filed_from)
    if wanted.filed_before is not None:
        found.append(cases.c.filed_at < wanted.filed_before)
    if wanted.id_number:
        number = keys.keyed_hash("id_number", canonical(wanted.id_number))
        found.append(cases.c.subject_hash == number)
    if wanted.name:
        found.append(cases.c.name_hash == keys.keyed_hash("name", wanted.name.strip()))
    if wanted.overdue is not None:
        is_late = exists().where(
            clocks.c.case_id == cases.c.id,
            clocks.c.status == "running",
            clocks.c.task_id.is_(None),
            clocks.c.due_at <= now,
        )
        found.append(is_late if wanted.overdue else ~is_late)
    return found


def _with_facts(wanted: Any) -> Any:
    page = wanted.cte("page")
    due_at = (
        select(func.min(clocks.c.due_at))
        .where(
            clocks.c.case_id == cases.c.id,
            clocks.c.status == "running",
            clocks.c.task_id.is_(None),
        )
        .scalar_subquery()
    )
    open_tasks = (
        select(func.aggregate_strings(user_tasks.c.name, "\n"))
        .where(
            user_tasks.c.case_id == cases.c.id, user_tasks.c.status.in_(("unclaimed", "claimed"))
        )
        .scalar_subquery()
    )
    open_incidents = (
        select(func.count())
        .select_from(incidents)
        .where(incidents.c.case_id == cases.c.id, incidents.c.status == "open")
        .scalar_subquery()
    )
    return (
        select(
            cases.c.id,
            cases.c.number,
            cases.c.package_id,
            cases.c.subject_label,
            cases.c.status,
            cases.c.outcome,
            cases.c.channel,
            cases.c.priority,
            cases.c.office_id,
            cases.c.filed_at,
            cases.c.closed_at,
            definitions.c.title_zh,
            definitions.c.title_en,
            due_at.label("due_at"),
            open_tasks.label("open_tasks"),
            open_incidents.label("open_incidents"),
            page.c.filed_at.label("key_0"),
            page.c.id.label("key_1"),
        )
        .select_from(page)
        .join(cases, cases.c.id == page.c.id)
        .join(definitions, definitions.c.id == cases.c.definition_id)
        .order_by(page.c.filed_at.desc(), page.c.id.desc())
    )


def _case_row(row: Any, now: datetime) -> CaseRow:
    return CaseRow(
        case_id=row.id,
        number=row.number,
        package_id=row.package_id,
        title=Label(row.title_zh, row.title_en),
        subject_label=row.subject_label,
        status=row.status,
        outcome=row.outcome,
        channel=row.channel,
        priority=row.priority,
        office_id=row.office_id,
        filed_at=row.filed_at,
        closed_at=row.closed_at,
        due_at=row.due_at,
        overdue=row.due_at is not None and row.due_at <= now,
        open_tasks=tuple(sorted((row.open_tasks or "").split("\n"))) if row.open_tasks else (),
        open_incidents=row.open_incidents,
    )
