"""A user task as loaded: its row, and for a step its case with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from engine import case_rows
from engine.actors import Actor
from engine.case_rows import Case
from engine.errors import NotFound
from engine.permissions import TaskFacts, demand, may_see, may_see_task
from store.prepared import Prepared
from store.tables import (
    case_data,
    case_duties,
    cases,
    user_task_groups,
    user_tasks,
)


@dataclass(frozen=True, slots=True)
class Task:
    """One user task as loaded. `duties` is only the actor's own, where it was loaded for one."""

    id: UUID
    case_id: UUID
    key: str
    element_id: str
    process_id: str
    name: str
    version: int
    form_key: str | None
    inputs: Mapping[str, Any]
    facts: TaskFacts
    duties: Mapping[UUID, str]


def load_with_case(tx: Connection, task_id: UUID, actor: Actor) -> tuple[Task, Case]:
    """The task with its case, locked, and the actor's own duty in it: one statement."""
    row = _WITH_CASE.first(tx, {"task": task_id, "person": actor.person_id})
    if row is None:
        raise NotFound("user_task.not_found", f"There is no user task {task_id} in your office")
    duties = {actor.person_id: row.had_duty} if actor.person_id and row.had_duty else {}
    task = _of_row(row, frozenset(), duties)
    demand(may_see_task(task.facts, actor))
    case = case_rows.of_row(row)
    demand(may_see(case.facts, actor))
    return task, case


def look(tx: Connection, task_id: UUID, actor: Actor | None = None) -> Task:
    """The task without its case's data, its candidate groups, and the actor's own duty in the
    case: one statement."""
    person_id = None if actor is None else actor.person_id
    rows = _LOOK.all(tx, {"task": task_id, "person": person_id})
    if not rows:
        raise NotFound("user_task.not_found", f"There is no user task {task_id} in your office")
    first = rows[0]
    groups = frozenset(row.group_name for row in rows if row.group_name is not None)
    duties = {person_id: first.had_duty} if person_id and first.had_duty else {}
    return _of_row(first, groups, duties)


def version_of(tx: Connection, task_id: UUID, actor: Actor) -> int:
    """The version of a task of the actor's office. Raises NotFound."""
    task = look(tx, task_id)
    demand(may_see_task(task.facts, actor))
    return task.version


def _of_row(row: Any, groups: frozenset[str], duties: Mapping[UUID, str]) -> Task:
    return Task(
        id=row.task_id,
        case_id=row.case_id,
        key=row.key,
        element_id=row.element_id,
        process_id=row.process_id,
        name=row.name,
        version=row.task_version,
        form_key=row.form_key,
        inputs=row.inputs,
        facts=TaskFacts(
            id=row.task_id,
            status=row.task_status,
            office_id=row.task_office_id,
            groups=groups,
            assignee_id=row.assignee_id,
            duty=row.duty,
            outcomes=tuple(row.outcomes),
            case_status=row.case_status,
            case_number=row.number,
            confidential=row.confidential,
            filed_by=row.filed_by,
        ),
        duties=duties,
    )


def duties_of(tx: Connection, case_id: UUID) -> dict[UUID, str]:
    """Who has exercised which duty in the case."""
    return {row.person_id: row.duty for row in tx.execute(_DUTIES, {"case": case_id})}


_TASK = (
    user_tasks.c.id.label("task_id"),
    user_tasks.c.office_id.label("task_office_id"),
    user_tasks.c.status.label("task_status"),
    user_tasks.c.version.label("task_version"),
    user_tasks.c.key,
    user_tasks.c.element_id,
    user_tasks.c.process_id,
    user_tasks.c.name,
    user_tasks.c.form_key,
    user_tasks.c.duty,
    user_tasks.c.outcomes,
    user_tasks.c.inputs,
    user_tasks.c.assignee_id,
)
_OWN_DUTY = (case_duties.c.case_id == cases.c.id) & (
    case_duties.c.person_id == bindparam("person", type_=case_duties.c.person_id.type)
)
_LOOK = Prepared(  # a row for each candidate group
    select(
        *_TASK,
        cases.c.id.label("case_id"),
        cases.c.number,
        cases.c.status.label("case_status"),
        cases.c.confidential,
        cases.c.filed_by,
        user_task_groups.c.group_name,
        case_duties.c.duty.label("had_duty"),
    )
    .select_from(
        user_tasks.join(cases, cases.c.id == user_tasks.c.case_id)
        .outerjoin(user_task_groups, user_task_groups.c.task_id == user_tasks.c.id)
        .outerjoin(case_duties, _OWN_DUTY)
    )
    .where(user_tasks.c.id == bindparam("task"))
)
_WITH_CASE = Prepared(
    select(
        *_TASK,
        *case_rows.COLUMNS,
        case_duties.c.duty.label("had_duty"),
    )
    .select_from(
        case_rows.JOINED.join(user_tasks, user_tasks.c.case_id == cases.c.id).outerjoin(
            case_duties, _OWN_DUTY
        )
    )
    .where(user_tasks.c.id == bindparam("task"))
    .with_for_update(key_share=True, of=(cases, case_data))
)
_DUTIES = select(case_duties.c.person_id, case_duties.c.duty).where(
    case_duties.c.case_id == bindparam("case")
)
