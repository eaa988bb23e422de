"""Several tasks at once: claim, release, assign; each is done or refused by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from marshmallow import ValidationError, fields, validate, validates_schema
from sqlalchemy import select

from api.doors import Call, write
from api.shapes import Shape, always, many
from api.user_tasks import blueprint
from engine import user_tasks
from engine.errors import EngineError
from store.tables import persons
from store.tables import user_tasks as tasks

__all__ = ["blueprint"]


@dataclass(frozen=True, slots=True)
class Bulk:
    act: str
    tasks: list[UUID]
    person: UUID | None
    reason: str


class BulkShape(Shape):
    """At most a hundred tasks; each is done or refused by itself."""

    makes = Bulk
    act = fields.String(required=True, validate=validate.OneOf(("claim", "release", "assign")))
    tasks = fields.List(fields.UUID(), required=True, validate=validate.Length(1, 100))
    person = fields.UUID(load_default=None)
    reason = fields.String(load_default="", validate=validate.Length(0, 500))

    @validates_schema
    def assign_names_a_person(self, data: dict[str, Any], **_: object) -> None:
        if data.get("act") == "assign" and data.get("person") is None:
            raise ValidationError("Expected the person to assign the tasks to.", "person")


class BulkResultShape(Shape):
    """`status` is `done` or `refused`; then `code` and `detail` say why, `holder` who has it."""

    task = always(fields.UUID)
    status = always(fields.String)
    code = fields.String()
    detail = fields.String()
    holder = fields.String()


class BulkResultsShape(Shape):
    results = many(BulkResultShape)


@blueprint.post("/user-tasks/bulk")
@write()
@blueprint.arguments(BulkShape)
@blueprint.response(200, BulkResultsShape)
def bulk(call: Call, given: Bulk) -> Any:
    """Claim, release or assign several tasks; the answer says of each whether it was done."""
    deed = _deed(call, given)
    return {"results": [_tried(call, deed, task_id) for task_id in dict.fromkeys(given.tasks)]}


def _deed(call: Call, given: Bulk) -> Callable[[UUID], None]:
    tx, actor, now = call.tx, call.actor, call.now
    person = given.person
    if given.act == "assign" and person is not None:

        def assign_one(task_id: UUID) -> None:
            user_tasks.assign(tx, task_id, person, given.reason, actor, now)

        return assign_one
    verb = user_tasks.claim if given.act == "claim" else user_tasks.release
    return lambda task_id: verb(tx, task_id, actor, now)


def _tried(call: Call, deed: Callable[[UUID], None], task_id: UUID) -> dict[str, Any]:
    try:
        with call.tx.begin_nested():
            deed(task_id)
    except EngineError as refused:
        return {
            "task": task_id,
            "status": "refused",
            "code": refused.code,
            "detail": refused.message,
            **_holder(call, task_id),
        }
    return {"task": task_id, "status": "done"}


def _holder(call: Call, task_id: UUID) -> dict[str, str]:
    """The name of somebody else who has it now, of a task one may see."""
    name = call.tx.scalar(
        select(persons.c.display_name)
        .join(tasks, tasks.c.assignee_id == persons.c.id)
        .where(
            tasks.c.id == task_id,
            tasks.c.office_id == call.actor.office_id,
            tasks.c.status == "claimed",
            tasks.c.assignee_id != call.actor.person_id,
        )
    )
    return {} if name is None else {"holder": name}
