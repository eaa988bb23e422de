"""Drafts of process packages: saved as versions, proposed by one person, decided by another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import fields, validate

from api.blueprints import blueprint as noun
from api.definitions import DeployedShape, FindingsShape, finding, library
from api.doors import Call, read, write
from api.shapes import Instant, LabelShape, Shape, always, many, perhaps, texts
from engine import draft_libraries, package_drafts, proposals
from engine.errors import NotFound
from engine.package_drafts import Beginning, Draft, Edit
from engine.package_files import MAX_FILE
from engine.packages import Library
from engine.permissions import ANALYSTS, DEPLOYERS, READERS_OF_DRAFTS
from engine.proposals import Proposing, Verdict
from sla import rehearsals

blueprint = noun("package_drafts", "Drafts of processes")
DECIDERS = READERS_OF_DRAFTS - DEPLOYERS | ANALYSTS
_PATH = "<path(maxlength=120):path>"


@dataclass(frozen=True, slots=True)
class Begin:
    package: str
    name: str


@dataclass(frozen=True, slots=True)
class Change:
    path: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Save:
    changes: list[Change]
    comment: str

    def of(self, draft_id: UUID, seen: int) -> Edit:
        made = {
            each.path: None if each.text is None else each.text.encode() for each in self.changes
        }
        return Edit(draft_id, seen, made, self.comment)


@dataclass(frozen=True, slots=True)
class Branch:
    name: str


@dataclass(frozen=True, slots=True)
class Propose:
    reason: str


@dataclass(frozen=True, slots=True)
class Decide:
    why: str
    seen_failing: bool


class BeginShape(Shape):
    makes = Begin
    package = fields.String(required=True, validate=validate.Length(1, 20))
    name = fields.String(load_default="", validate=validate.Length(0, 80))


class ChangeShape(Shape):
    """One file as text, UTF-8. Null takes the file out."""

    makes = Change
    path = fields.String(required=True, validate=validate.Length(1, 120))
    text = fields.String(required=True, allow_none=True, validate=validate.Length(0, MAX_FILE))


class SaveShape(Shape):
    makes = Save
    changes = fields.List(
        fields.Nested(ChangeShape), required=True, validate=validate.Length(1, 50)
    )
    comment = fields.String(load_default="", validate=validate.Length(0, 500))


class BranchShape(Shape):
    makes = Branch
    name = fields.String(required=True, validate=validate.Length(1, 80))


class ProposeShape(Shape):
    makes = Propose
    reason = fields.String(required=True, validate=validate.Length(1, 500))


class DecideShape(Shape):
    """`seen_failing`: the scenarios that fail have been looked at."""

    makes = Decide
    why = fields.String(load_default="", validate=validate.Length(0, 500))
    seen_failing = fields.Boolean(load_default=False)


class DraftShape(Shape):
    """`number` is the version, to be named by If-Match when it is saved or proposed."""

    id = always(fields.UUID)
    package_id = always(fields.String)
    name = always(fields.String)
    state = always(fields.String)
    number = always(fields.Integer)
    files = texts()
    saved_at = always(Instant)
    saved_by_name = always(fields.String)


class DraftRowShape(Shape):
    id = always(fields.UUID)
    package_id = always(fields.String)
    name = always(fields.String)
    state = always(fields.String)
    number = always(fields.Integer)
    saved_at = always(Instant)
    saved_by_name = always(fields.String)


class DraftsShape(Shape):
    items = many(DraftRowShape)
    next = perhaps(fields.String)


class ScenarioShape(Shape):
    path = always(fields.String)
    title = always(fields.Nested, LabelShape)
    failures = texts()


class ScenariosShape(Shape):
    items = many(ScenarioShape)
    next = perhaps(fields.String)


@blueprint.get("/package-drafts")
@read(*READERS_OF_DRAFTS)
@blueprint.response(200, DraftsShape)
def index(call: Call) -> Any:
    """The drafts of your office, the last saved first; those set aside behind."""
    return {"items": package_drafts.listed(call.tx, call.actor.office_id), "next": None}


@blueprint.post("/package-drafts")
@write(*DEPLOYERS)
@blueprint.arguments(BeginShape)
@blueprint.response(201, DraftShape)
def begin(call: Call, given: Begin) -> Any:
    """Begin a draft of a package as your office has it."""
    package = draft_libraries.installed(call.tx, library(), call.actor.office_id).package(
        given.package
    )
    base = proposals.active_id(call.tx, call.actor.office_id, given.package)
    beginning = Beginning(given.package, package.files, name=given.name, base_definition_id=base)
    return _shown(call, package_drafts.open_draft(call.tx, beginning, call.actor, call.now))


@blueprint.get("/package-drafts/<uuid:draft_id>")
@read(*READERS_OF_DRAFTS)
@blueprint.response(200, DraftShape)
def show(call: Call, draft_id: UUID) -> Any:
    """One draft at its newest version."""
    return _shown(call, draft_id)


@blueprint.get(f"/package-drafts/<uuid:draft_id>/files/{_PATH}")
@read(*READERS_OF_DRAFTS)
@blueprint.response(200, {"type": "string"}, content_type="application/octet-stream")
def file(call: Call, draft_id: UUID, path: str) -> Any:
    """One file as it was saved, byte for byte."""
    files = package_drafts.contents(call.tx, package_drafts.draft(call.tx, draft_id, call.actor))
    if path not in files:
        raise NotFound("package_draft.no_file", f"The draft has no file {path}")
    return Response(files[path], content_type="application/octet-stream")


@blueprint.get("/package-drafts/<uuid:draft_id>/findings")
@read(*READERS_OF_DRAFTS)
@blueprint.response(200, FindingsShape)
def findings(call: Call, draft_id: UUID) -> Any:
    """What lint says of the draft, errors first."""
    found, packages = _packages(call, draft_id)
    return {"items": [finding(each) for each in packages.lint(found.package_id)], "next": None}


@blueprint.get("/package-drafts/<uuid:draft_id>/scenarios")
@read(*READERS_OF_DRAFTS)
@blueprint.response(200, ScenariosShape)
def scenarios(call: Call, draft_id: UUID) -> Any:
    """Every scenario of the draft, run in memory."""
    found, packages = _packages(call, draft_id)
    results = rehearsals.rehearse_all(packages, found.package_id)
    items = [
        {
            "path": each.path,
            "title": {"zh": each.title_zh, "en": each.title_en},
            "failures": each.failures,
        }
        for each in results
    ]
    return {"items": items, "next": None}


@blueprint.post("/package-drafts/<uuid:draft_id>/save")
@write(*DEPLOYERS, versioned=True)
@blueprint.arguments(SaveShape)
@blueprint.response(200, DraftShape)
def save(call: Call, given: Save, draft_id: UUID) -> Any:
    """Save changed files as the next version. If-Match names the version you saw."""
    edit = given.of(draft_id, call.seen_version)
    package_drafts.save(call.tx, edit, call.actor, call.now)
    return _shown(call, draft_id)


@blueprint.post("/package-drafts/<uuid:draft_id>/branch")
@write(*DEPLOYERS, versioned=True)
@blueprint.arguments(BranchShape)
@blueprint.response(201, DraftShape)
def branch(call: Call, given: Branch, draft_id: UUID) -> Any:
    """The draft once more, from the version that If-Match names."""
    edit = Edit(draft_id, call.seen_version, {})
    made = package_drafts.branch(call.tx, edit, given.name, call.actor, call.now)
    return _shown(call, made)


@blueprint.post("/package-drafts/<uuid:draft_id>/set-aside")
@write(*DEPLOYERS)
@blueprint.response(200, DraftShape)
def set_aside(call: Call, draft_id: UUID) -> Any:
    """Take a draft off the desk; nothing of it is lost."""
    package_drafts.set_aside(call.tx, draft_id, call.actor, call.now)
    return _shown(call, draft_id)


@blueprint.post("/package-drafts/<uuid:draft_id>/take-up")
@write(*DEPLOYERS)
@blueprint.response(200, DraftShape)
def take_up(call: Call, draft_id: UUID) -> Any:
    """Bring back a draft that was set aside."""
    package_drafts.take_up(call.tx, draft_id, call.actor, call.now)
    return _shown(call, draft_id)


def _warm(call: Call, draft_id: UUID) -> None:
    """Lint and run the scenarios before the transaction that writes: both are remembered."""
    found, packages = _packages(call, draft_id)
    packages.lint(found.package_id)
    rehearsals.rehearse_all(packages, found.package_id)


@blueprint.post("/package-drafts/<uuid:draft_id>/propose")
@write(*DEPLOYERS, versioned=True, before=_warm)
@blueprint.arguments(ProposeShape)
@blueprint.response(201, DeployedShape)
def propose(call: Call, given: Propose, draft_id: UUID) -> Any:
    """Store the version that If-Match names for somebody else to approve."""
    found, packages = _packages(call, draft_id)
    told = [str(each) for each in packages.lint(found.package_id)]
    results = rehearsals.rehearse_all(packages, found.package_id)
    checks = {"findings": told[:100], "scenarios": rehearsals.told(results)}
    asked = Proposing(draft_id, call.seen_version, packages, given.reason, checks)
    return proposals.propose(call.tx, asked, call.actor, call.now)


@blueprint.post("/definitions/<uuid:definition_id>/approve")
@write(*DECIDERS)
@blueprint.arguments(DecideShape)
@blueprint.response(204)
def approve(call: Call, given: Decide, definition_id: UUID) -> Any:
    """Put a proposed version into use. Nobody who wrote any of it can."""
    verdict = Verdict(given.why, given.seen_failing)
    proposals.approve(call.tx, definition_id, verdict, call.actor, call.now)
    return Response(status=204)


@blueprint.post("/definitions/<uuid:definition_id>/refuse")
@write(*DECIDERS)
@blueprint.arguments(DecideShape)
@blueprint.response(204)
def refuse(call: Call, given: Decide, definition_id: UUID) -> Any:
    """Send a proposed version back, saying why."""
    proposals.refuse(call.tx, definition_id, given.why, call.actor, call.now)
    return Response(status=204)


def _packages(call: Call, draft_id: UUID) -> tuple[Draft, Library]:
    found = package_drafts.draft(call.tx, draft_id, call.actor)
    return found, draft_libraries.of_draft(call.tx, library(), found, call.actor)


def _shown(call: Call, draft_id: UUID) -> dict[str, Any]:
    found = package_drafts.draft(call.tx, draft_id, call.actor)
    names = ("id", "package_id", "name", "state", "number", "saved_at", "saved_by_name")
    return {**{name: getattr(found, name) for name in names}, "files": sorted(found.files)}
