"""What can be filed: the active packages of the actor's office, and their start forms."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response
from marshmallow import fields
from sqlalchemy import Connection

from api.blueprints import blueprint as noun
from api.doors import Call, read
from api.shapes import LabelShape, Shape, always, many, perhaps, texts
from engine import deployments, permissions, queries, stored_packages
from engine.actors import Actor
from engine.deployments import Loaded
from engine.errors import NotFound

blueprint = noun("packages", "What can be filed")


class PaperShape(Shape):
    """A paper the intake check ticks. `required` is FEEL over the start form's values."""

    id = always(fields.String)
    title = always(fields.Nested, LabelShape)
    required = always(fields.String)


class PackageShape(Shape):
    id = always(fields.String)
    definition_id = always(fields.UUID)
    version = always(fields.Integer)
    title = always(fields.Nested, LabelShape)
    summary = always(fields.Nested, LabelShape)
    channels = texts()
    start_form = perhaps(fields.String)
    papers = many(PaperShape)


class PackagesShape(Shape):
    items = many(PackageShape)
    next = perhaps(fields.String)


@blueprint.get("/packages")
@read()
@blueprint.response(200, PackagesShape)
def index(call: Call) -> Any:
    """The packages that you may file in your office now."""
    filed = (_of(loaded) for loaded in _active(call.tx, call.actor))
    return {"items": list(filed), "next": None}


@blueprint.get("/packages/<string(maxlength=20):package_id>/start-form")
@read()
@blueprint.response(
    200, {"type": "object", "additionalProperties": True}, description="form-js JSON"
)
def start_form(call: Call, package_id: str) -> Any:
    """The form that filing takes, as form-js JSON."""
    loaded = next(
        (one for one in _active(call.tx, call.actor) if one.package.id == package_id), None
    )
    if loaded is None or loaded.package.start_form is None:
        raise NotFound("package.not_found", "There is no such package that you may file")
    content = stored_packages.file_of(call.tx, loaded.id, "form", loaded.package.start_form)
    return Response(orjson.dumps(orjson.loads(content)), content_type="application/json")


def _active(tx: Connection, actor: Actor) -> list[Loaded]:
    """The active versions the actor may file with, one for each package: the nearest office's."""
    known = {row.package_id for row in queries.definitions(tx, actor) if row.state == "active"}
    found = [deployments.active(tx, actor.office_id, package_id) for package_id in sorted(known)]
    return [loaded for loaded in found if _may_file(loaded, actor)]


def _may_file(loaded: Loaded, actor: Actor) -> bool:
    package = loaded.package
    return any(
        permissions.may_file(package.id, package.starts, package.groups, channel, actor) is None
        for channel in package.starts
    )


def _of(loaded: Loaded) -> dict[str, Any]:
    package = loaded.package
    return {
        "id": package.id,
        "definition_id": loaded.id,
        "version": loaded.version,
        "title": package.title,
        "summary": package.summary,
        "channels": package.starts,
        "start_form": package.start_form,
        "papers": package.papers,
    }
