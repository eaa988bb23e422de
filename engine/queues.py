"""How many tasks wait for a group, and letting others help where it is too many (`queue.open`).

Who helps takes the same tasks by the same rules: they become candidates of the tasks that wait now.
Nobody gets a group for it, so nothing has to be taken back, and duties stay apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, func, insert, select

from engine import history
from engine.actors import system
from engine.errors import Rejected
from engine.operations import Request
from engine.permissions import HANDLERS
from store.tables import TASK_ORDER, cases, user_task_groups, user_tasks

MOST_OPENED = 200
"""At once: more than a back office works off in an hour, and a step must stay short."""


def length(tx: Connection, office_id: str, group: str, most: int) -> int:
    """How many tasks of active cases the group may take now, counted up to `most` and one."""
    waiting = select(user_tasks.c.id).where(*_waiting(office_id, group)).limit(most + 1).subquery()
    return int(tx.scalar(select(func.count()).select_from(waiting)) or 0)


def open_from_diagram(tx: Connection, request: Request, now: datetime) -> Mapping[str, Any]:
    """`queue.open`: let the groups `to` take what waits for `group` in the case's office.

    The most urgent first, at most 200 at once, none of a confidential case. Gives `{opened}`, the
    number of tasks opened to some group that could not take them before. Raises Rejected for a
    group that works on no cases.
    """
    group, helpers = _groups(request)
    opened: set[Any] = set()
    for helper in helpers:
        rows = tx.execute(
            select(user_tasks)
            .where(
                *_waiting(request.case.office_id, group),
                ~_is_candidate(helper),
                ~exists().where(cases.c.id == user_tasks.c.case_id, cases.c.confidential),
            )
            .order_by(*TASK_ORDER)
            .limit(MOST_OPENED)
        ).all()
        for row in rows:
            values = {"task_id": row.id, "group_name": helper, "office_id": row.office_id}
            tx.execute(insert(user_task_groups).values(**values))
            if row.id not in opened:
                _tell(tx, row, request, now)
                opened.add(row.id)
    return {"opened": len(opened)}


def _waiting(office_id: str, group: str) -> Sequence[ColumnElement[bool]]:
    return (
        user_tasks.c.office_id == office_id,
        user_tasks.c.status == "unclaimed",
        user_tasks.c.wait.is_(False),
        _is_candidate(group),
        exists().where(cases.c.id == user_tasks.c.case_id, cases.c.status == "active"),
    )


def _is_candidate(group: str) -> ColumnElement[bool]:
    return exists().where(
        user_task_groups.c.task_id == user_tasks.c.id, user_task_groups.c.group_name == group
    )


def _groups(request: Request) -> tuple[str, Sequence[str]]:
    group, helpers = request.inputs.get("group"), request.inputs.get("to")
    named = [group, *helpers] if isinstance(helpers, list) else []
    if len(named) < 2 or not set(named) <= HANDLERS:
        raise Rejected(
            "queue.groups",
            f"Expected a group as the input 'group' of {request.element_id}, and a list of groups "
            f"as 'to', of {', '.join(sorted(HANDLERS))}; mend the table that names them",
        )
    return str(group), [each for each in named[1:] if each != group]


def _tell(tx: Connection, task: Any, request: Request, now: datetime) -> None:
    entry = history.Entry(
        "user_task.opened",
        system(task.office_id),
        now,
        case_id=task.case_id,
        process_id=task.process_id,
        element_id=task.element_id,
        object_id=str(task.id),
        detail={"name": task.name, "number": request.case.number},
        office_id=task.office_id,
    )
    history.append(tx, entry)
