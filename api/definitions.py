"""Versions of processes: what they are, their diagrams, what lint says, and deploying one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Response, request
from marshmallow import fields, validate

from api.blueprints import blueprint as noun
from api.context import context
from api.doors import Call, read, write
from api.shapes import Instant, LabelShape, Shape, always, many, perhaps, texts
from engine import deployments, queries, stored_packages
from engine.errors import NotFound
from engine.packages import FileFinding, Library, load_library
from engine.permissions import DEPLOYERS
from engine.queries import DefinitionRow

blueprint = noun("definitions", "Versions of processes")


@dataclass(frozen=True, slots=True)
class Deploy:
    package: str
    comment: str


class DeployShape(Shape):
    makes = Deploy
    package = fields.String(required=True, validate=validate.Length(1, 20))
    comment = fields.String(load_default="", validate=validate.Length(0, 500))


class DefinitionShape(Shape):
    """`running` counts your office's own open cases on the version."""

    id = always(fields.UUID)
    office_id = always(fields.String)
    package_id = always(fields.String)
    process_id = always(fields.String)
    version = always(fields.Integer)
    state = always(fields.String)
    title = always(fields.Nested, LabelShape)
    comment = always(fields.String)
    created_at = always(Instant)
    created_by = perhaps(fields.UUID)
    created_by_name = perhaps(fields.String)
    deployed_at = perhaps(Instant)
    running = always(fields.Integer)


class DefinitionsShape(Shape):
    items = many(DefinitionShape)
    next = perhaps(fields.String)


class WholeDefinitionShape(DefinitionShape):
    closure_hash = always(fields.String)
    processes = texts(metadata={"description": "Its own process and all it can call"})
    decisions = texts()
    forms = texts()


class FindingShape(Shape):
    file = always(fields.String)
    rule = always(fields.String)
    severity = always(fields.String)
    element_id = always(fields.String)
    message = always(fields.Nested, LabelShape)
    mend = always(fields.Nested, LabelShape)


class FindingsShape(Shape):
    items = many(FindingShape)
    next = perhaps(fields.String)


class DeployedShape(Shape):
    """`unchanged`: the package is as the active version was, so nothing was deployed."""

    id = always(fields.UUID, attribute="definition_id")
    version = always(fields.Integer)
    unchanged = always(fields.Boolean)


@blueprint.get("/definitions")
@read()
@blueprint.response(200, DefinitionsShape)
def index(call: Call) -> Any:
    """The versions of your office, its city and the country; of each package the newest first."""
    return {"items": queries.definitions(call.tx, call.actor), "next": None}


@blueprint.get("/definitions/<uuid:definition_id>")
@read()
@blueprint.response(200, WholeDefinitionShape)
def show(call: Call, definition_id: UUID) -> Any:
    """One version with what it is made of."""
    row = _visible(call, definition_id)
    loaded = deployments.definition(call.tx, definition_id)
    return {
        **{name: getattr(row, name) for name in DefinitionRow.__slots__},
        "closure_hash": loaded.closure_hash,
        "processes": sorted(loaded.definitions),
        "decisions": sorted(loaded.decisions),
        "forms": sorted(loaded.forms),
    }


@blueprint.get("/definitions/<uuid:definition_id>/bpmn/<string(maxlength=80):process_id>")
@read()
@blueprint.response(200, {"type": "string"}, content_type="application/xml")
def diagram(call: Call, definition_id: UUID, process_id: str) -> Any:
    """The BPMN of one of its processes, as it was deployed."""
    _visible(call, definition_id)
    content = stored_packages.file_of(call.tx, definition_id, "bpmn", process_id)
    return Response(content, content_type="application/xml")


@blueprint.get("/definitions/<uuid:definition_id>/findings")
@read()
@blueprint.response(200, FindingsShape)
def findings(call: Call, definition_id: UUID) -> Any:
    """What lint says of the version as it was deployed, errors first."""
    row = _visible(call, definition_id)
    found = stored_packages.findings(call.tx, definition_id, row.package_id)
    return {"items": [finding(each) for each in found], "next": None}


def _lint_first(_: Call) -> None:
    """Lint what the body names before the transaction that writes; deploying remembers it."""
    package_id = str((request.get_json(silent=True) or {}).get("package", ""))
    if package_id in library().packages:
        deployments.prepare(library(), package_id)


@blueprint.post("/definitions/deploy")
@write(*DEPLOYERS, before=_lint_first)
@blueprint.arguments(DeployShape)
@blueprint.response(201, DeployedShape)
def deploy(call: Call, given: Deploy) -> Any:
    """Make a package of this installation, as it is on disk, the active version of your office.

    Cases that run keep their version. A package with errors is refused, with all of them.
    """
    return deployments.deploy(
        call.tx,
        library(),
        given.package,
        call.actor,
        call.now,
        given.comment,
    )


def _visible(call: Call, definition_id: UUID) -> DefinitionRow:
    for row in queries.definitions(call.tx, call.actor):
        if row.id == definition_id:
            return row
    raise NotFound("definition.not_found", "There is no such version in your office")


def finding(each: FileFinding) -> dict[str, Any]:
    """What lint says, as `FindingShape` has it."""
    found = each.finding
    return {
        "file": each.file,
        "rule": found.rule,
        "severity": found.severity.value,
        "element_id": found.element_id,
        "message": {"zh": found.message_zh, "en": found.message_en},
        "mend": {"zh": found.mend_zh, "en": found.mend_en},
    }


def library() -> Library:
    """The library as it is on disk now; read anew when a file of it has changed."""
    folder = context().library
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return _loaded(folder, tuple((str(path), path.stat().st_mtime_ns) for path in files))


@lru_cache(maxsize=1)
def _loaded(folder: Path, _as_of: tuple[tuple[str, int], ...]) -> Library:
    return load_library(folder)
