"""Cases that cannot go on without a person, and mending them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from marshmallow import fields, validate

from api.blueprints import blueprint as noun
from api.doors import Call, read, write
from api.shapes import Instant, PageQuery, RefusalShape, Shape, Words, always, page_of, perhaps
from engine import incidents, queries
from engine.permissions import MENDERS
from engine.queries import IncidentFilter

blueprint = noun("incidents", "Cases that cannot go on without a person")
SOURCES = ("engine", "timer", "rung", "outbox", "message", "job")


@dataclass(frozen=True, slots=True)
class Wanted:
    limit: int
    cursor: str | None
    status: str
    source: str | None
    code: str | None


@dataclass(frozen=True, slots=True)
class Retry:
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Resolution:
    resolution: str


class IncidentsQuery(PageQuery):
    makes = Wanted
    status = fields.String(load_default="open", validate=validate.OneOf(("open", "resolved")))
    source = fields.String(load_default=None, validate=validate.OneOf(SOURCES))
    code = fields.String(load_default=None, validate=validate.Length(1, 60))


class RetryShape(Shape):
    makes = Retry
    values = fields.Dict(keys=fields.String(), load_default=dict)


class ResolutionShape(Shape):
    makes = Resolution
    resolution = Words(2_000, required=True)


class IncidentShape(Shape):
    id = always(fields.UUID)
    case_id = perhaps(fields.UUID)
    case_number = perhaps(fields.String)
    package_id = perhaps(fields.String)
    source = always(fields.String)
    element_id = perhaps(fields.String)
    code = always(fields.String)
    message = always(fields.String)
    message_zh = always(fields.String)
    status = always(fields.String)
    raised_at = always(Instant)
    resolved_at = perhaps(Instant)
    resolved_by = perhaps(fields.UUID)
    resolution = perhaps(fields.String)
    may_mend = perhaps(fields.Nested, RefusalShape)


@blueprint.get("/incidents")
@read()
@blueprint.arguments(IncidentsQuery, location="query")
@blueprint.response(200, page_of(IncidentShape, "Incidents"))
def index(call: Call, wanted: Wanted) -> Any:
    """The incidents of your office, the newest first; without a status the open ones."""
    which = IncidentFilter(wanted.status, wanted.source, wanted.code)
    return queries.incidents(call.tx, call.actor, which, wanted.cursor, wanted.limit)


@blueprint.post("/incidents/<uuid:incident_id>/retry")
@write(*MENDERS)
@blueprint.arguments(RetryShape)
@blueprint.response(204)
def retry(call: Call, given: Retry, incident_id: UUID) -> None:
    """Try again what failed, with variables put right first. It may fail again."""
    incidents.retry(call.tx, incident_id, given.values, call.actor, call.now)


@blueprint.post("/incidents/<uuid:incident_id>/resolve")
@write(*MENDERS)
@blueprint.arguments(ResolutionShape)
@blueprint.response(204)
def resolve(call: Call, given: Resolution, incident_id: UUID) -> None:
    """Close an incident that was mended otherwise; what it was about is not tried again."""
    incidents.resolve(call.tx, incident_id, given.resolution, call.actor, call.now)
