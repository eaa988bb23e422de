"""Views of the overdue desk by name over the API."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from marshmallow import fields

from api.blueprints import blueprint as noun
from api.chases import DESK
from api.doors import Call, read, write
from api.overdue_shapes import FiltersShape
from api.shapes import Shape, Words, always, many
from engine.errors import NotFound
from sla import desk_views
from sla.desk_views import LONGEST_NAME
from sla.overdue_filters import Filters
from sla.overdue_views import View

blueprint = noun("desk_views", "Views of the overdue desk by name, one's own or shared")


@dataclass(frozen=True, slots=True)
class Kept:
    name: str
    view: str
    section: str
    owner: str
    package: str
    agency: str
    order: str


@dataclass(frozen=True, slots=True)
class Changed:
    name: str | None
    shared: bool | None


class KeepViewShape(FiltersShape):
    """A tab with the filters of `GET /overdue/cases`, and what it is called."""

    makes = Kept
    name = Words(LONGEST_NAME, required=True)


class ChangeViewShape(Shape):
    """What is left out stays as it is. Only supervisors share."""

    makes = Changed
    name = Words(LONGEST_NAME, load_default=None)
    shared = fields.Boolean(load_default=None)


class DeskViewShape(Shape):
    """`number` is how many cases stand under it, `is_least` that there may be more; `mine` that the
    caller may change it."""

    id = always(fields.UUID)
    name = always(fields.String)
    view = always(fields.String)
    filters = always(fields.Dict, keys=fields.String(), values=fields.String())
    shared = always(fields.Boolean)
    mine = always(fields.Boolean)
    owner = always(fields.String)
    number = always(fields.Integer)
    is_least = always(fields.Boolean)


class DeskViewsShape(Shape):
    items = many(DeskViewShape)


@blueprint.get("/overdue/views")
@read(*DESK)
@blueprint.response(200, DeskViewsShape)
def index(call: Call) -> Any:
    """One's own views and those that others share, each with its figure."""
    return {"items": _all(call)}


@blueprint.post("/overdue/views")
@write(*DESK)
@blueprint.arguments(KeepViewShape)
@blueprint.response(201, DeskViewShape)
def keep(call: Call, given: Kept) -> Any:
    """Keep a tab with its filters under a name."""
    filters = Filters.of(asdict(given))
    view_id = desk_views.keep(call.tx, given.name, View(given.view), filters, call.actor, call.now)
    return _one(call, view_id)


@blueprint.post("/overdue/views/<uuid:view_id>/change")
@write(*DESK)
@blueprint.arguments(ChangeViewShape)
@blueprint.response(200, DeskViewShape)
def change(call: Call, given: Changed, view_id: UUID) -> Any:
    """Give one's own view another name, share it with the office, or no longer."""
    if given.name is not None:
        desk_views.rename(call.tx, view_id, given.name, call.actor, call.now)
    if given.shared is not None:
        desk_views.share(call.tx, view_id, call.actor, call.now, shared=given.shared)
    return _one(call, view_id)


@blueprint.delete("/overdue/views/<uuid:view_id>")
@write(*DESK)
@blueprint.response(204)
def drop(call: Call, view_id: UUID) -> None:
    """Delete one's own view."""
    desk_views.drop(call.tx, view_id, call.actor)


def _all(call: Call) -> list[dict[str, Any]]:
    return [
        {
            **asdict(each),
            "filters": each.filters.written(),
            "number": figure.number,
            "is_least": figure.is_least,
        }
        for each, figure in desk_views.counted(call.tx, call.actor, call.now)
    ]


def _one(call: Call, view_id: UUID) -> dict[str, Any]:
    found = next((each for each in _all(call) if each["id"] == view_id), None)
    if found is None:
        raise NotFound("desk_view.unknown", "There is no such view of yours")
    return found
