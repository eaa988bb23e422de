"""Lists of persons that a case imported: how far they are, bad rows, the cases they became."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from marshmallow import fields, validate

from api.blueprints import blueprint as noun
from api.case_shapes import CaseRowShape
from api.doors import Call, read
from api.shapes import Instant, LabelShape, Shape, Whole, always, many, perhaps, texts
from engine import list_view as lists
from engine.permissions import HANDLERS, MENDERS, READERS_OF_HISTORY

blueprint = noun("lists", "Lists of persons")
READERS = HANDLERS | READERS_OF_HISTORY | MENDERS
COUNT = 1 << 30


@dataclass(frozen=True, slots=True)
class Behind:
    after: int


class BehindQuery(Shape):
    """`after` is the row of the table to go on behind."""

    makes = Behind
    after = fields.Integer(load_default=0, validate=validate.Range(0, COUNT))


class ListShape(Shape):
    """`status`: reading, filing, done, refused (`refusal` is the code: the table is no list) or
    cancelled. Once it was read, `rows` = `good` + `bad` + `known` (persons that an earlier list of
    the case had); `filed` of the good rows have their case."""

    id = always(fields.UUID)
    case_id = always(fields.UUID)
    package_id = always(fields.String)
    status = always(fields.String)
    refusal = perhaps(fields.String)
    unused = texts()
    rows = Whole(0, COUNT, required=True)
    good = Whole(0, COUNT, required=True)
    bad = Whole(0, COUNT, required=True)
    known = Whole(0, COUNT, required=True)
    filed = Whole(0, COUNT, required=True)
    created_at = always(Instant)
    read_at = perhaps(Instant)
    ended_at = perhaps(Instant)


class ListsShape(Shape):
    items = many(ListShape)
    next = perhaps(fields.String)


class FaultShape(Shape):
    """A row that became no case: `path` is the key of the field, empty for the whole row."""

    line = Whole(1, COUNT, required=True)
    label = perhaps(fields.Nested, LabelShape)
    path = fields.String(required=True, attribute="error.path")
    code = fields.String(required=True, attribute="error.code")


class FaultsShape(Shape):
    items = many(FaultShape, attribute="rows")
    after = fields.Integer(required=True, allow_none=True)


class MemberShape(Shape):
    line = Whole(1, COUNT, required=True)
    case = fields.Nested(CaseRowShape, required=True)


class MembersShape(Shape):
    items = many(MemberShape, attribute="rows")
    after = fields.Integer(required=True, allow_none=True)


@blueprint.get("/cases/<uuid:case_id>/lists")
@read(*READERS)
@blueprint.response(200, ListsShape)
def index(call: Call, case_id: UUID) -> Any:
    """The lists of a case, the newest first."""
    return {"items": lists.of_case(call.tx, case_id, call.actor), "next": None}


@blueprint.get("/lists/<uuid:list_id>")
@read(*READERS)
@blueprint.response(200, ListShape)
def show(call: Call, list_id: UUID) -> Any:
    """One list."""
    return lists.one(call.tx, list_id, call.actor)


@blueprint.get("/lists/<uuid:list_id>/faults")
@read(*READERS)
@blueprint.arguments(BehindQuery, location="query")
@blueprint.response(200, FaultsShape)
def faults(call: Call, asked: Behind, list_id: UUID) -> Any:
    """Its bad rows with their reasons, by row."""
    listed = lists.one(call.tx, list_id, call.actor)
    return lists.faults_of(call.tx, listed, call.actor, asked.after)


@blueprint.get("/lists/<uuid:list_id>/cases")
@read(*READERS)
@blueprint.arguments(BehindQuery, location="query")
@blueprint.response(200, MembersShape)
def members(call: Call, asked: Behind, list_id: UUID) -> Any:
    """The cases that its rows became, by row."""
    listed = lists.one(call.tx, list_id, call.actor)
    return lists.members_of(call.tx, listed, call.actor, call.now, asked.after)
