"""Hand-over notes: what whoever leaves a task tells whoever has it next."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from engine import notes
from engine.actors import SUPERVISORS, Actor
from engine.history import Entry, append
from engine.notes import Said
from engine.permissions import Refusal, TaskFacts, demand, may_see_task
from engine.task_rows import load_with_case


def may_hand_over(task: TaskFacts, actor: Actor) -> Refusal | None:
    """Whoever has the task leaves a note, or a supervisor who takes it from them."""
    refusal = may_see_task(task, actor)
    if refusal or task.assignee_id == actor.person_id or actor.groups & SUPERVISORS:
        return refusal
    return Refusal("user_task.not_assignee", f"User task {task.id} is assigned to somebody else")


def hand_over(tx: Connection, task_id: UUID, text: str, actor: Actor, now: datetime) -> None:
    """Leave a note for the next person: before a release or an absence, or with an assignment.

    The last note stands on top of the task. Raises Rejected for an empty one.
    """
    task, case = load_with_case(tx, task_id, actor)
    demand(may_hand_over(task.facts, actor))
    notes.say(tx, case.id, case.key, Said(notes.HANDOVER, text, task_id), actor, now)
    entry = Entry(
        "user_task.handed_over",
        actor,
        now,
        case_id=case.id,
        process_id=task.process_id,
        element_id=task.element_id,
        object_id=str(task_id),
        detail={"name": task.name},
        office_id=task.facts.office_id,
    )
    append(tx, entry)
