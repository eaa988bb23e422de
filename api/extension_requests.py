"""Extensions that somebody asks for and somebody of the right rank decides on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from marshmallow import fields, validate

from api.blueprints import blueprint as noun
from api.clocks import UNITS
from api.doors import Call, read, write
from api.shapes import Day, Instant, Shape, Whole, Words, always, many, perhaps, texts
from engine import case_rows
from engine.permissions import HANDLERS
from sla import extension_requests, extensions
from sla.extensions import MAY_EXTEND, Longer
from sla.spans import Unit

blueprint = noun("extension_requests", "Extensions asked for, and what became of them")


@dataclass(frozen=True, slots=True)
class Wanted:
    length: int
    unit: str
    reason: str


@dataclass(frozen=True, slots=True)
class Why:
    why: str


class WantedExtensionShape(Shape):
    """The one extension a limit may have; the applicant is told by the letter that grants it."""

    makes = Wanted
    length = Whole(1, 1_000, required=True)
    unit = fields.String(required=True, validate=validate.OneOf([unit.value for unit in UNITS]))
    reason = Words(extensions.MAX_REASON, required=True)


class WhyNotShape(Shape):
    makes = Why
    why = Words(extension_requests.MAX_WHY, required=True)


class ExtensionRequestShape(Shape):
    """`status` is asked, granted, refused, withdrawn or lapsed; `approvers` are the groups that
    may grant it, the lowest first."""

    id = always(fields.UUID)
    case_id = always(fields.UUID)
    clock_id = always(fields.UUID)
    clock = always(fields.String)
    length = always(fields.Integer)
    unit = always(fields.String)
    reason = always(fields.String)
    status = always(fields.String)
    asker = always(fields.String)
    asked_at = always(Instant)
    decider = always(fields.String)
    decided_at = perhaps(Instant)
    decided_why = always(fields.String)
    approvers = texts()


class ExtensionRequestsShape(Shape):
    items = many(ExtensionRequestShape)


class ExtensionLetterShape(Shape):
    """The letter that told the applicant of an extension, with its service."""

    number = always(fields.String)
    case_id = always(fields.UUID)
    case_number = always(fields.String)
    clock = always(fields.String)
    issued_at = always(Instant)
    reason = always(fields.String)
    length = always(fields.Integer)
    unit = always(fields.String)
    first_end = perhaps(Day)
    new_end = perhaps(Day)
    served_on = perhaps(Day)
    proof = always(fields.String)


@blueprint.get("/extension-requests")
@read()
@blueprint.response(200, ExtensionRequestsShape)
def index(call: Call) -> Any:
    """What your office has still to decide, the oldest first."""
    return {"items": extension_requests.waiting_for(call.tx, call.actor)}


@blueprint.get("/cases/<uuid:case_id>/extension-requests")
@read()
@blueprint.response(200, ExtensionRequestsShape)
def of_case(call: Call, case_id: UUID) -> Any:
    """What was asked for in a case, the newest first."""
    case_rows.load(call.tx, case_id, call.actor, lock=False)
    return {"items": extension_requests.of_case(call.tx, case_id)}


@blueprint.post("/clocks/<uuid:clock_id>/extension-requests")
@write(*HANDLERS)
@blueprint.arguments(WantedExtensionShape)
@blueprint.response(201, ExtensionRequestShape)
def ask(call: Call, given: Wanted, clock_id: UUID) -> Any:
    """Ask for the one extension of a limit; nothing moves until it is granted."""
    longer = Longer(given.length, Unit(given.unit), given.reason)
    request_id = extension_requests.ask(call.tx, clock_id, longer, call.actor, call.now)
    return extension_requests.find(call.tx, request_id, call.actor)


@blueprint.post("/extension-requests/<uuid:request_id>/grant")
@write(*MAY_EXTEND)
@blueprint.response(200, ExtensionRequestShape)
def grant(call: Call, request_id: UUID) -> Any:
    """Extend the limit as asked for, and write the letter to the applicant."""
    extension_requests.grant(call.tx, request_id, call.actor, call.now)
    return extension_requests.find(call.tx, request_id, call.actor)


@blueprint.post("/extension-requests/<uuid:request_id>/refuse")
@write(*MAY_EXTEND)
@blueprint.arguments(WhyNotShape)
@blueprint.response(200, ExtensionRequestShape)
def refuse(call: Call, given: Why, request_id: UUID) -> Any:
    """Refuse what was asked for, with the reason."""
    extension_requests.refuse(call.tx, request_id, given.why, call.actor, call.now)
    return extension_requests.find(call.tx, request_id, call.actor)


@blueprint.post("/extension-requests/<uuid:request_id>/withdraw")
@write(*HANDLERS)
@blueprint.response(200, ExtensionRequestShape)
def withdraw(call: Call, request_id: UUID) -> Any:
    """Take back what you asked for."""
    extension_requests.withdraw(call.tx, request_id, call.actor, call.now)
    return extension_requests.find(call.tx, request_id, call.actor)


@blueprint.get("/extension-letters/<uuid:notice_id>")
@read()
@blueprint.response(200, ExtensionLetterShape)
def letter(call: Call, notice_id: UUID) -> Any:
    """The letter of an extension, opened."""
    return extensions.letter(call.tx, notice_id, call.actor)
