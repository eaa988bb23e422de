"""Who has a task: undo a claim, leave a note for the next person; and what one may filter by."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import fields, validate

from api.blueprints import blueprint as noun
from api.doors import Call, read, write
from api.shapes import Shape, Words, always, many
from engine import handovers, user_tasks, worklist_facets
from engine.notes import MAX_NOTE
from engine.queries import Tab
from engine.worklist_facets import Facets

blueprint = noun("task_acts", "Who has a task")


class ViewQuery(Shape):
    view = fields.String(load_default="mine", validate=validate.OneOf([tab.value for tab in Tab]))


class HandoverShape(Shape):
    text = Words(MAX_NOTE, required=True)


class FacetShape(Shape):
    """A value to filter by, and how many tasks it would show."""

    value = always(fields.String)
    name = always(fields.String)
    count = always(fields.Integer)


class FacetsShape(Shape):
    """`is_partial`: there are more tasks than were counted."""

    package = many(FacetShape)
    element = many(FacetShape)
    due = many(FacetShape)
    group = many(FacetShape)
    is_partial = always(fields.Boolean)


@blueprint.get("/user-tasks/facets")
@read()
@blueprint.arguments(ViewQuery, location="query")
@blueprint.response(200, FacetsShape)
def facets(call: Call, given: dict[str, Any]) -> Any:
    """What the tasks of a view may be filtered by, with counts."""
    return _listed(worklist_facets.facets(call.tx, call.actor, Tab(given["view"]), call.now))


@blueprint.post("/user-tasks/<uuid:task_id>/undo-claim")
@write(versioned=True)
@blueprint.response(204)
def undo_claim(call: Call, task_id: UUID) -> None:
    """Take a claim back within ten minutes, while nothing was done on the task."""
    user_tasks.undo_claim(call.tx, task_id, call.seen_version, call.actor, call.now)


@blueprint.post("/user-tasks/<uuid:task_id>/handover")
@write()
@blueprint.arguments(HandoverShape)
@blueprint.response(204)
def hand_over(call: Call, given: dict[str, Any], task_id: UUID) -> None:
    """Leave a note for whoever has the task next; its words are stored encrypted."""
    handovers.hand_over(call.tx, task_id, given["text"], call.actor, call.now)


def _listed(found: Facets) -> dict[str, Any]:
    return {
        "package": [_facet(each, each, count) for each, count in found.packages.items()],
        "element": [_facet(element, name, count) for (element, name), count in found.steps.items()],
        "due": [_facet(span.value, span.value, count) for span, count in found.due.items()],
        "group": [_facet(each, each, count) for each, count in found.groups.items()],
        "is_partial": found.is_partial,
    }


def _facet(value: str, name: str, count: int) -> dict[str, Any]:
    return {"value": value, "name": name, "count": count}
