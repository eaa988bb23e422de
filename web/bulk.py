"""Acts on several tasks at once: each stands or falls by itself, and says which."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from uuid import UUID

from sqlalchemy import Connection, select

from engine.errors import EngineError
from store.tables import cases, persons, user_tasks
from web.deeds import Result
from web.errors import sentence
from web.step_names import steps
from web.visits import actor, say


def each_task(
    tx: Connection, task_ids: Sequence[UUID], act: Callable[[UUID], None]
) -> list[Result]:
    """Do `act` to each task in a savepoint of its own, so that a refusal undoes only its own."""
    rows = tx.execute(
        select(user_tasks.c.id, user_tasks.c.name, user_tasks.c.element_id, cases.c.number)
        .join(cases, cases.c.id == user_tasks.c.case_id)
        .where(user_tasks.c.id.in_(task_ids), user_tasks.c.office_id == actor().office_id)
    )
    step = steps(tx)
    names = {row.id: f"{row.number} {step(row.name, row.element_id)}" for row in rows}
    wanted = dict.fromkeys(task_ids)
    tried = {each: attempt(tx, names.get(each, "—"), partial(act, each)) for each in wanted}
    return [
        result if result.is_done else replace(result, told=result.told + _holder(tx, each))
        for each, result in tried.items()
    ]


def _holder(tx: Connection, task_id: UUID) -> str:
    """Who has it now, where somebody else does: whom to ask."""
    holder = tx.execute(
        select(persons.c.id, persons.c.display_name)
        .join(user_tasks, user_tasks.c.assignee_id == persons.c.id)
        .where(
            user_tasks.c.id == task_id,
            user_tasks.c.office_id == actor().office_id,
            user_tasks.c.status == "claimed",
        )
    ).first()
    if holder is None or holder.id == actor().person_id:
        return ""
    return say("list.bracket", inner=say("worklist.holder", name=holder.display_name))


def attempt(tx: Connection, name: str, act: Callable[[], object]) -> Result:
    """Do one act of several in a savepoint of its own; `name` is what its row is called."""
    try:
        with tx.begin_nested():
            act()
    except EngineError as refused:
        return Result(name, sentence(refused), is_done=False)
    return Result(name, say("result.done"), is_done=True)
