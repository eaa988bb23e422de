"""What the assignee has typed into a task and not sent: kept as typed, under the case's key.

It belongs to the person who has the task: to everybody else it does not exist, and who gets the
task next begins anew. Ending the task, by whatever way, deletes it in the same step (`store.step`).
Every save names the version it saw, so two windows cannot overwrite one another unnoticed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection, delete, insert, select, update

from engine import case_rows
from engine.actors import Actor
from engine.errors import Conflict, Rejected
from engine.filing_drafts import MAX_BYTES, Fields
from engine.permissions import demand, may_complete
from engine.task_rows import load_with_case
from store.tables import task_drafts

KEPT = timedelta(days=30)
"""So long after it was last saved. The task is open, so somebody still has to do it."""
_SEALED_AS = "task_drafts"
_PRUNED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class TaskDraft:
    """What was typed, as it was last saved. `version` is what the next save has to name."""

    task_id: UUID
    version: int
    saved_at: datetime
    fields: Fields


class Moved(Conflict):
    """It was saved meanwhile from another window: `saved` is how it stands now."""

    def __init__(self, saved: TaskDraft) -> None:
        super().__init__(
            "task_draft.moved",
            "What was typed into this task was saved meanwhile from another window of yours",
            saved_at=saved.saved_at,
        )
        self.saved = saved


def save(tx: Connection, draft: TaskDraft, actor: Actor, now: datetime) -> TaskDraft:
    """Keep what is typed; `draft.version` is the version that was seen, 0 the first time.

    Raises Moved; NotFound, Forbidden or Conflict for who could not complete the task.
    """
    content = orjson.dumps({name: list(typed) for name, typed in draft.fields.items()})
    if len(content) > MAX_BYTES:
        raise Rejected("draft.too_large", "This is too large to be kept; complete the task")
    # Nothing is kept of a task that somebody completes meanwhile: with the case locked, the task is
    # read anew, since PostgreSQL shows it as it was when the wait for the lock began.
    load_with_case(tx, draft.task_id, actor)
    task, case = load_with_case(tx, draft.task_id, actor)
    outcome = next(iter(task.facts.outcomes), None)
    demand(may_complete(task.facts, actor, task.duties, outcome))
    row = tx.execute(select(task_drafts).where(task_drafts.c.task_id == task.id)).first()
    own = row is not None and row.person_id == actor.person_id
    if row is not None and own and row.version != draft.version:
        raise Moved(_opened(row, case))
    version = row.version + 1 if row is not None and own else 1
    values = {
        "person_id": actor.person_id,
        "version": version,
        "ciphertext": case.key.seal(_SEALED_AS, content),
        "saved_at": now,
    }
    if row is None:
        keys = {"task_id": task.id, "case_id": case.id, "office_id": case.office_id}
        tx.execute(insert(task_drafts), {**keys, **values})
    else:
        tx.execute(update(task_drafts).where(task_drafts.c.task_id == task.id).values(values))
    return TaskDraft(task.id, version, now, draft.fields)


def find(tx: Connection, task_id: UUID, actor: Actor) -> TaskDraft | None:
    """What the actor has typed into the task and not sent; None if there is nothing."""
    row = tx.execute(
        select(task_drafts).where(
            task_drafts.c.task_id == task_id, task_drafts.c.person_id == actor.person_id
        )
    ).first()
    if row is None:
        return None
    return _opened(row, case_rows.load(tx, row.case_id, actor, lock=False))


def discard(tx: Connection, task_id: UUID, actor: Actor) -> None:
    """Forget what the actor has typed into the task."""
    tx.execute(
        delete(task_drafts).where(
            task_drafts.c.task_id == task_id, task_drafts.c.person_id == actor.person_id
        )
    )


def prune(tx: Connection, now: datetime) -> int:
    """Delete what nobody has saved for `KEPT`. Returns how many."""
    old = (
        select(task_drafts.c.task_id)
        .where(task_drafts.c.saved_at < now - KEPT)
        .limit(_PRUNED_AT_ONCE)
    )
    return tx.execute(delete(task_drafts).where(task_drafts.c.task_id.in_(old))).rowcount


def _opened(row: Any, case: case_rows.Case) -> TaskDraft:
    fields = orjson.loads(case.key.open(_SEALED_AS, row.ciphertext))
    return TaskDraft(row.task_id, row.version, row.saved_at, fields)
