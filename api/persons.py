"""The members of staff of one's office: for assigning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from marshmallow import fields, validate

from api.blueprints import blueprint as noun
from api.doors import Call, read
from api.shapes import Shape, always, many, perhaps, texts
from engine import people

blueprint = noun("persons", "The members of staff of your office")


@dataclass(frozen=True, slots=True)
class Wanted:
    group: str | None


class PersonsQuery(Shape):
    makes = Wanted
    group = fields.String(load_default=None, validate=validate.OneOf(sorted(people.GROUPS)))


class PersonShape(Shape):
    id = always(fields.UUID)
    name = always(fields.String)
    section = always(fields.String)
    groups = texts()


class PersonsShape(Shape):
    items = many(PersonShape)
    next = perhaps(fields.String)


@blueprint.get("/persons")
@read()
@blueprint.arguments(PersonsQuery, location="query")
@blueprint.response(200, PersonsShape)
def index(call: Call, wanted: Wanted) -> Any:
    """Who works in your office, and in which groups."""
    return {"items": people.of_office(call.tx, call.actor.office_id, wanted.group), "next": None}
