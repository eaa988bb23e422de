"""Acts on several tasks at once: each stands or falls by itself, and says which."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from sqlalchemy import Connection, select

from engine.errors import EngineError
from store.tables import cases, user_tasks
from web.deeds import Result
from web.errors import sentence
from web.visits import actor, say


def each_task(
    tx: Connection, task_ids: Sequence[UUID], act: Callable[[UUID], None]
) -> list[Result]:
    """Do `act` to each task in a savepoint of its own, so that a refusal undoes only its own."""
    rows = tx.execute(
        select(user_tasks.c.id, user_tasks.c.name, cases.c.number)
        .join(cases, cases.c.id == user_tasks.c.case_id)
        .where(user_tasks.c.id.in_(task_ids), user_tasks.c.office_id == actor().office_id)
    )
    names = {row.id: f"{row.number} {row.name}" for row in rows}
    return [_one(tx, task_id, names.get(task_id, "—"), act) for task_id in task_ids]


def _one(tx: Connection, task_id: UUID, name: str, act: Callable[[UUID], None]) -> Result:
    try:
        with tx.begin_nested():
            act(task_id)
    except EngineError as refused:
        return Result(name, sentence(refused), is_done=False)
    return Result(name, say("result.done"), is_done=True)
