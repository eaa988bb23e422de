"""Deeds on cases: file, withdraw, suspend, resume, transfer, annotate, reveal, tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from marshmallow import fields, validate

from api.blueprints import blueprint as noun
from api.case_shapes import FiledShape, StandingShape
from api.doors import Call, write
from api.shapes import Shape, Whole, Words
from engine import case_rows, cases, messages, notes, transfers
from engine.actors import SUPERVISORS
from engine.case_rows import Case
from engine.cases import FileCase
from engine.permissions import HANDLERS
from engine.transfers import Handover

blueprint = noun("case_deeds", "Deeds on cases")
MOST_MENTIONED = 20
FILERS = HANDLERS | {"control"}


@dataclass(frozen=True, slots=True)
class Reason:
    reason: str


@dataclass(frozen=True, slots=True)
class Note:
    text: str
    mentions: list[UUID]


@dataclass(frozen=True, slots=True)
class Look:
    paths: list[str]
    purpose: str


@dataclass(frozen=True, slots=True)
class News:
    name: str
    payload: Mapping[str, Any]


class FileCaseShape(Shape):
    """`values` are variables, `data` personal data, nested; both as the start form has them."""

    package = fields.String(required=True, validate=validate.Length(1, 20))
    channel = fields.String(required=True, validate=validate.Length(1, 12))
    values = fields.Dict(keys=fields.String(), load_default=dict)
    data = fields.Dict(keys=fields.String(), load_default=dict)
    household_office = fields.String(
        load_default=None, allow_none=True, validate=validate.Length(1, 40)
    )
    priority = Whole(0, 100, load_default=None, allow_none=True)

    @staticmethod
    def makes(package: str, household_office: str | None, **rest: Any) -> FileCase:
        return FileCase(package_id=package, household_office_id=household_office, **rest)


class ReasonShape(Shape):
    makes = Reason
    reason = Words(cases.MAX_NOTE, required=True)


class NewNoteShape(Shape):
    """`mentions` are colleagues who are told; `@` and a whole name in the text tells them too."""

    makes = Note
    text = Words(cases.MAX_NOTE, required=True)
    mentions = fields.List(
        fields.UUID(), load_default=list, validate=validate.Length(0, MOST_MENTIONED)
    )


class LookShape(Shape):
    """`paths` name fields, e.g. `data.child.name`; the purpose stands in the audit trail."""

    makes = Look
    paths = fields.List(
        fields.String(validate=validate.Length(1, 400)),
        required=True,
        validate=validate.Length(1, 50),
    )
    purpose = Words(500, required=True)


class NewsShape(Shape):
    makes = News
    name = fields.String(required=True, validate=validate.Length(1, 120))
    payload = fields.Dict(keys=fields.String(), load_default=dict)


class CaseTransferShape(Shape):
    """`to_office` is the id of an office in which somebody works on cases."""

    makes = Handover
    to_office = fields.String(required=True, validate=validate.Length(1, 40))
    reason = Words(transfers.MAX_REASON, required=True)


class RevealedShape(Shape):
    """What lies at each path; null where nothing does."""

    values = fields.Dict(keys=fields.String(), required=True)


@blueprint.post("/cases")
@write(*FILERS)
@blueprint.arguments(FileCaseShape)
@blueprint.response(201, FiledShape, headers={"Location": {"schema": {"type": "string"}}})
def file(call: Call, command: FileCase) -> Any:
    """File a case in your office and let its process begin."""
    filed = cases.file(call.tx, command, call.actor, call.now)
    case = _look(call, filed.id)
    receipt = {
        "id": filed.id,
        "number": filed.number,
        "status_code": filed.status_code,
        "version": case.version,
    }
    return receipt, {"Location": f"/api/v1/cases/{filed.id}"}


@blueprint.post("/cases/<uuid:case_id>/withdraw")
@write(*HANDLERS, versioned=True)
@blueprint.arguments(ReasonShape)
@blueprint.response(200, StandingShape)
def withdraw(call: Call, given: Reason, case_id: UUID) -> Any:
    """The applicant takes the matter back."""
    _demand_seen(call, case_id)
    cases.withdraw(call.tx, case_id, given.reason, call.actor, call.now)
    return _look(call, case_id)


@blueprint.post("/cases/<uuid:case_id>/suspend")
@write(*SUPERVISORS, versioned=True)
@blueprint.arguments(ReasonShape)
@blueprint.response(200, StandingShape)
def suspend(call: Call, given: Reason, case_id: UUID) -> Any:
    """Let the case rest: tasks cannot be completed, timers and messages are put off."""
    _demand_seen(call, case_id)
    cases.suspend(call.tx, case_id, given.reason, call.actor, call.now)
    return _look(call, case_id)


@blueprint.post("/cases/<uuid:case_id>/resume")
@write(*SUPERVISORS, versioned=True)
@blueprint.arguments(ReasonShape)
@blueprint.response(200, StandingShape)
def resume(call: Call, given: Reason, case_id: UUID) -> Any:
    """Let a suspended case go on; what became due meanwhile happens now, in order."""
    _demand_seen(call, case_id)
    cases.resume(call.tx, case_id, given.reason, call.actor, call.now)
    return _look(call, case_id)


@blueprint.post("/cases/<uuid:case_id>/transfer")
@write(*SUPERVISORS, versioned=True)
@blueprint.arguments(CaseTransferShape)
@blueprint.response(204)
def transfer(call: Call, given: Handover, case_id: UUID) -> None:
    """Hand the case over to another office, with its open work and its clocks."""
    _demand_seen(call, case_id)
    transfers.transfer(call.tx, case_id, given, call.actor, call.now)


@blueprint.post("/cases/<uuid:case_id>/notes")
@write(*HANDLERS)
@blueprint.arguments(NewNoteShape)
@blueprint.response(204)
def annotate(call: Call, given: Note, case_id: UUID) -> None:
    """Add a comment; its text is stored encrypted, and who is mentioned is told."""
    notes.comment(call.tx, case_id, given.text, call.actor, call.now, given.mentions)


@blueprint.post("/cases/<uuid:case_id>/reveal")
@write(*HANDLERS)
@blueprint.arguments(LookShape)
@blueprint.response(200, RevealedShape)
def reveal(call: Call, given: Look, case_id: UUID) -> Any:
    """Personal data in clear. Who looked, at what and why is recorded with the answer."""
    found = cases.reveal(call.tx, case_id, given.paths, given.purpose, call.actor, call.now)
    return {"values": found}


@blueprint.post("/cases/<uuid:case_id>/messages")
@write(*HANDLERS)
@blueprint.arguments(NewsShape)
@blueprint.response(200, StandingShape)
def tell(call: Call, given: News, case_id: UUID) -> Any:
    """Tell a case what it waits for, e.g. that a paper has come."""
    messages.send_to_case(call.tx, case_id, given.name, given.payload, call.actor, call.now)
    return _look(call, case_id)


def _demand_seen(call: Call, case_id: UUID) -> None:
    call.demand_version(case_rows.load(call.tx, case_id, call.actor).version)


def _look(call: Call, case_id: UUID) -> Case:
    return case_rows.load(call.tx, case_id, call.actor, lock=False)
