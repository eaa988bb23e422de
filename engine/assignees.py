"""Who is given work: a person of the task's office, and the notice that they have it now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select

from engine import people, person_notices
from engine.errors import NotFound
from engine.ids import derived
from engine.task_rows import Task
from store.tables import persons


@dataclass(frozen=True, slots=True)
class Assignee:
    id: UUID
    name: str
    groups: frozenset[str]


def assignee(tx: Connection, person_id: UUID, office_id: str) -> Assignee:
    """A person of the office, with their groups there. Raises NotFound for anybody else."""
    name = tx.scalar(
        select(persons.c.display_name).where(
            persons.c.id == person_id, persons.c.office_id == office_id
        )
    )
    if name is None:
        raise NotFound("person.not_found", "There is no such person in the task's office")
    return Assignee(person_id, name, people.groups_of(tx, person_id))


def tell(tx: Connection, task: Task, person_id: UUID, now: datetime) -> None:
    """Tell somebody that a task is theirs now; given to them again, they are told again."""
    news = person_notices.News(
        "user_task.assigned",
        task.facts.office_id,
        task.case_id,
        derived(task.id, f"assigned/{task.version}"),
        {"number": task.facts.case_number, "task": str(task.id), "name": task.name},
    )
    person_notices.tell(tx, news, [person_id], now)
