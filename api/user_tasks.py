"""Work for people: worklists, one task, and claiming, giving, completing, returning it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from marshmallow import fields, validate

from api import step_names
from api.blueprints import blueprint as noun
from api.case_shapes import NoteShape, StandingShape, TaskRowShape
from api.comparisons import ComparisonShape, EntryShape, compared, entered
from api.context import context
from api.doors import Call, read, version_tag, write
from api.shapes import (
    LabelShape,
    PageQuery,
    RefusalShape,
    Shape,
    Words,
    always,
    many,
    page_of,
    perhaps,
    texts,
)
from engine import (
    queries,
    stored_packages,
    task_readings,
    task_rows,
    user_tasks,
)
from engine.actors import SUPERVISORS
from engine.due_spans import Due
from engine.errors import EngineError
from engine.queries import Tab, TaskView, WorklistFilter

blueprint = noun("user_tasks", "Work for people")


@dataclass(frozen=True, slots=True)
class Wanted:
    limit: int
    cursor: str | None
    filter: WorklistFilter


@dataclass(frozen=True, slots=True)
class Assignment:
    person: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class SentBack:
    reason: str
    error_class: str


class TasksQuery(PageQuery):
    """`number` is the beginning of a case number, or the digits it ends in; `due` is by Taipei's
    calendar, `aim` not overdue but behind the office's own aim."""

    view = fields.String(load_default="mine", validate=validate.OneOf([tab.value for tab in Tab]))
    package = fields.String(load_default=None, validate=validate.Length(1, 20))
    element = fields.String(load_default=None, validate=validate.Length(1, 120))
    number = fields.String(load_default=None, validate=validate.Length(1, 24))
    group = fields.String(load_default=None, validate=validate.Length(1, 40))
    due = fields.String(load_default=None, validate=validate.OneOf([span.value for span in Due]))

    @staticmethod
    def makes(limit: int, cursor: str | None, view: str, **wanted: Any) -> Wanted:
        return Wanted(
            limit,
            cursor,
            WorklistFilter(
                Tab(view),
                wanted["package"],
                wanted["element"],
                wanted["number"],
                wanted["group"],
                Due(wanted["due"]) if wanted["due"] else None,
            ),
        )


class AssignmentShape(Shape):
    makes = Assignment
    person = fields.UUID(required=True)
    reason = Words(500, required=True)


class CompletionShape(Shape):
    """`values` are variables, `data` personal data, nested; both as the task's form has them."""

    makes = user_tasks.Completion
    values = fields.Dict(keys=fields.String(), load_default=dict)
    data = fields.Dict(keys=fields.String(), load_default=dict)
    outcome = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 40))


class SentBackShape(Shape):
    makes = SentBack
    reason = Words(2_000, required=True)
    error_class = Words(60, required=True)


class OutcomeShape(Shape):
    value = fields.Raw(required=True, allow_none=True)
    label = always(fields.Nested, LabelShape)


class ReturnShape(Shape):
    reason = always(fields.String)
    error_class = perhaps(fields.String)
    by = perhaps(fields.UUID)


class TaskShape(Shape):
    """`form` is form-js JSON. `data` is clear where you have claimed the task, else masked.

    `compared` is the whole entry beside what was filed and last reviewed, for the reviewer who has
    the task, or whose form shows all of it; `entered` what else the form names to be read beside
    it, as clear as `data`; `handover` the last note left on it.
    """

    id = always(fields.UUID, attribute="task_id")
    case_id = always(fields.UUID)
    case_number = always(fields.String)
    case_status = always(fields.String)
    package_id = always(fields.String)
    title = always(fields.Nested, LabelShape)
    subject_label = always(fields.String)
    process_id = always(fields.String)
    element_id = always(fields.String)
    name = always(fields.String)
    name_en = always(fields.String)
    status = always(fields.String)
    version = always(fields.Integer)
    duty = perhaps(fields.String)
    groups = texts()
    assignee_id = perhaps(fields.UUID)
    assignee_name = perhaps(fields.String)
    wait = always(fields.Boolean)
    returned = perhaps(fields.Nested, ReturnShape)
    handover = perhaps(fields.Nested, NoteShape)
    compared = perhaps(fields.Nested, ComparisonShape)
    entered = many(EntryShape)
    form = perhaps(fields.Dict, keys=fields.String())
    shown = texts(metadata={"description": "Keys of the fields that are shown"})
    outcomes = many(OutcomeShape)
    variables = always(fields.Dict, keys=fields.String())
    data = always(fields.Dict, keys=fields.String())
    is_clear = always(fields.Boolean)
    may_claim = perhaps(fields.Nested, RefusalShape)
    may_release = perhaps(fields.Nested, RefusalShape)
    may_complete = perhaps(fields.Nested, RefusalShape)


class TaskStandingShape(Shape):
    """How a task stands after a deed, and its case."""

    id = always(fields.UUID)
    name = always(fields.String)
    status = always(fields.String)
    version = always(fields.Integer)
    assignee_id = perhaps(fields.UUID)
    case = always(fields.Nested, StandingShape)


@blueprint.get("/user-tasks")
@read()
@blueprint.arguments(TasksQuery, location="query")
@blueprint.response(200, page_of(TaskRowShape, "UserTasks"))
def index(call: Call, wanted: Wanted) -> Any:
    """Your tasks, those you may claim, those that wait or came back: the most urgent first."""
    found = queries.worklist(
        call.tx, call.actor, wanted.filter, wanted.cursor, wanted.limit, call.now
    )
    return step_names.task_page(call.tx, call.actor.office_id, found)


@blueprint.get("/user-tasks/<uuid:task_id>")
@read(tagged=True)
@blueprint.response(200, TaskShape)
def show(call: Call, task_id: UUID) -> Any:
    """One task: its form, what it is about, and what you may do with it. Where you have it, its
    personal data is clear, and that you read it is in the history."""
    view = queries.task_view(call.tx, task_id, call.actor)
    if view.is_clear:
        call.afterwards.append(lambda: _note(view, call))
    return _whole(call, view), version_tag(view.version)


@blueprint.post("/user-tasks/<uuid:task_id>/claim")
@write()
@blueprint.response(200, TaskStandingShape)
def claim(call: Call, task_id: UUID) -> Any:
    """Make yourself the assignee, if nobody else was faster."""
    user_tasks.claim(call.tx, task_id, call.actor, call.now)
    return _standing(call, task_id)


@blueprint.post("/user-tasks/<uuid:task_id>/release")
@write()
@blueprint.response(200, TaskStandingShape)
def release(call: Call, task_id: UUID) -> Any:
    """Give the task back to its candidate groups."""
    user_tasks.release(call.tx, task_id, call.actor, call.now)
    return _standing(call, task_id)


@blueprint.post("/user-tasks/<uuid:task_id>/assign")
@write(*SUPERVISORS)
@blueprint.arguments(AssignmentShape)
@blueprint.response(200, TaskStandingShape)
def assign(call: Call, given: Assignment, task_id: UUID) -> Any:
    """Give the task to somebody, whoever has it now."""
    user_tasks.assign(call.tx, task_id, given.person, given.reason, call.actor, call.now)
    return _standing(call, task_id)


@blueprint.post("/user-tasks/<uuid:task_id>/complete")
@write(versioned=True)
@blueprint.arguments(CompletionShape)
@blueprint.response(200, TaskStandingShape)
def complete(call: Call, given: user_tasks.Completion, task_id: UUID) -> Any:
    """Finish the task with what its form asks for, and let its case go on."""
    try:
        user_tasks.complete(call.tx, task_id, given, call.actor, call.now, call.seen_version)
    except EngineError:
        _demand_seen(call, task_id)  # what a newer version refuses is told as that
        raise
    return _standing(call, task_id)


@blueprint.post("/user-tasks/<uuid:task_id>/return")
@write(versioned=True)
@blueprint.arguments(SentBackShape)
@blueprint.response(200, TaskStandingShape)
def send_back(call: Call, given: SentBack, task_id: UUID) -> Any:
    """Send the work back to who recorded it, with the reason."""
    _demand_seen(call, task_id)
    user_tasks.return_to_recorder(
        call.tx, task_id, given.reason, given.error_class, call.actor, call.now
    )
    return _standing(call, task_id)


@blueprint.post("/user-tasks/take-next")
@write()
@blueprint.response(200, TaskStandingShape)
@blueprint.alt_response(204, description="There is nothing for you to do", success=True)
def take_next(call: Call) -> Any:
    """Claim the most urgent task that you may have."""
    task_id = user_tasks.take_next(call.tx, call.actor, call.now)
    return ({}, 204) if task_id is None else _standing(call, task_id)


def _demand_seen(call: Call, task_id: UUID) -> None:
    call.demand_version(task_rows.version_of(call.tx, task_id, call.actor))


def _standing(call: Call, task_id: UUID) -> dict[str, Any]:
    task, case = task_rows.load_with_case(call.tx, task_id, call.actor)
    return {
        "id": task.id,
        "name": task.name,
        "status": task.facts.status,
        "version": task.version,
        "assignee_id": task.facts.assignee_id,
        "case": case,
    }


def _note(view: TaskView, call: Call) -> None:
    with context().db.transaction() as tx:
        task_readings.note(tx, view, call.actor, call.now)


def _whole(call: Call, view: TaskView) -> Mapping[str, Any]:
    (shown,) = step_names.tasks(call.tx, call.actor.office_id, [view])
    known = dict(view.context)
    form = None
    if view.form is not None:
        form = orjson.loads(stored_packages.form_of_case(call.tx, view.case_id, view.form.id))
    return {
        **shown,
        "form": form,
        "shown": [field.key for field in _flat(view.fields)],
        "compared": compared(view.entry.compared),
        "entered": entered(view.entry.shown),
        "data": known.pop("data"),
        "variables": known,
    }


def _flat(shown: Any) -> Any:
    for field in shown:
        if field.key is not None:
            yield field
        yield from _flat(field.fields)
