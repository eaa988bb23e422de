"""That somebody read personal data with a task, written down: who, at what, and for what."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from engine import history
from engine.actors import Actor
from engine.task_view import TaskView


def note(tx: Connection, view: TaskView, actor: Actor, now: datetime) -> None:
    """Write down that the assignee was shown `view`; nothing where its data was masked."""
    if not view.is_clear:
        return
    looked_at = view.entry.looked_at
    entry = history.Entry(
        "case.data_read",
        actor,
        now,
        case_id=view.case_id,
        process_id=view.process_id,
        element_id=view.element_id,
        object_id=str(view.task_id),
        purpose=view.entry.purpose,
        detail={"name": view.name, **({"paths": list(looked_at)} if looked_at else {})},
    )
    history.append(tx, entry)
