"""Why one task comes before all others somebody may take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from engine import task_holds, worklist
from engine.actors import Actor
from engine.worklist import Tab, TaskRow, WorklistFilter

_LOOKED_THROUGH = 20  # of the tasks to be claimed, for one the person may have


@dataclass(frozen=True, slots=True)
class Why:
    """Why a task is the most urgent. `at` is the moment that decided, where one did.

    `code`: `only`, `priority`, `desk`, `overdue`, `due` or `oldest`.
    """

    code: str
    at: datetime | None = None


def why_next(tx: Connection, task_id: UUID, actor: Actor, now: datetime) -> Why:
    """Why `take_next` has just given this task. The caller holds it."""
    taken = worklist.task_row(worklist.one(tx, task_id, actor), actor, now)
    free = worklist.worklist(tx, actor, WorklistFilter(Tab.GROUP), None, _LOOKED_THROUGH, now)
    runner_up = next((row for row in free.rows if row.may_claim is None), None)
    is_held = task_holds.is_for(tx, task_id, actor.person_id, now)
    return why_first(taken, runner_up, now, at_desk=is_held)


def why_first(
    taken: TaskRow, runner_up: TaskRow | None, now: datetime, *, at_desk: bool = False
) -> Why:
    """Say by what the taken task comes before the next one the person could have had; `at_desk`:
    it is held for a desk of theirs."""
    if runner_up is None:
        return Why("only", taken.urgent_at)
    if taken.priority > runner_up.priority:
        return Why("priority", taken.urgent_at)
    if at_desk:
        return Why("desk", taken.urgent_at)
    if taken.urgent_at is not None and taken.urgent_at <= now:
        return Why("overdue", taken.urgent_at)
    if taken.urgent_at is not None and taken.urgent_at != runner_up.urgent_at:
        return Why("due", taken.urgent_at)
    return Why("oldest", taken.created_at)
