"""Files of a case: list, add, say why one is looked at, fetch it, take it out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import UUID

from flask import Response, request
from marshmallow import fields

from api.blueprints import blueprint as noun
from api.context import context
from api.doors import Call, read, upload, write
from api.shapes import Instant, RefusalShape, Shape, Whole, Words, always, many, perhaps, texts
from engine import attachments
from engine.attachments import MAX_PAPER, MAX_REASON, Attachment, Content, Place, Prepared
from engine.errors import Rejected
from engine.permissions import HANDLERS
from engine.purposes import MOST
from store.database import Database

blueprint = noun("attachments", "Files of a case")
FORM: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {
                    "file": {"type": "string", "format": "binary"},
                    "paper": {"type": "string", "maxLength": MAX_PAPER},
                    "task": {"type": "string", "format": "uuid"},
                },
            }
        }
    },
}


@dataclass(frozen=True, slots=True)
class Purpose:
    purpose: str


@dataclass(frozen=True, slots=True)
class Reason:
    reason: str


class AttachmentShape(Shape):
    """`name` is null for readers who do not work on cases. `status`: unscanned (there is no
    scanner), quarantined, clean, infected or withdrawn; of the last two the content is gone.
    `remarks`: exif, gps."""

    id = always(fields.UUID)
    case_id = always(fields.UUID)
    task_id = perhaps(fields.UUID)
    paper = perhaps(fields.String)
    name = perhaps(fields.String)
    media_type = always(fields.String)
    size = Whole(0, 1 << 40, required=True)
    remarks = texts()
    status = always(fields.String)
    found = perhaps(fields.String)
    added_at = always(Instant)
    added_by = perhaps(fields.UUID)
    added_by_name = always(fields.String)
    ended_at = perhaps(Instant)
    ended_by_name = always(fields.String)
    reason = perhaps(fields.String)
    may_look = perhaps(fields.Nested, RefusalShape)
    may_withdraw = perhaps(fields.Nested, RefusalShape)


class AttachmentsShape(Shape):
    items = many(AttachmentShape)
    next = perhaps(fields.String)


class PurposeShape(Shape):
    """Why; it stands in the audit trail. No ID numbers in it."""

    makes = Purpose
    purpose = Words(MOST, required=True)


class RemovalShape(Shape):
    makes = Reason
    reason = Words(MAX_REASON, required=True)


@blueprint.get("/cases/<uuid:case_id>/attachments")
@read()
@blueprint.response(200, AttachmentsShape)
def index(call: Call, case_id: UUID) -> Any:
    """The files of a case, the newest first, withdrawn ones too."""
    return {"items": attachments.of_case(call.tx, case_id, call.actor), "next": None}


@blueprint.post("/cases/<uuid:case_id>/attachments")
@upload(*HANDLERS)
@blueprint.doc(requestBody=FORM)
@blueprint.response(201, AttachmentShape)
def add(call: Call, prepared: Prepared, case_id: UUID) -> Any:
    """Add one file: `multipart/form-data` with `file`, and where it belongs (`paper`, `task`)."""
    place = Place(request.form.get("paper") or None, _task())
    attachment_id = attachments.add(call.tx, case_id, prepared, place, call.actor, call.now)
    return _one(call, case_id, attachment_id)


@blueprint.post("/attachments/<uuid:attachment_id>/looks")
@write(*HANDLERS)
@blueprint.arguments(PurposeShape)
@blueprint.response(200, AttachmentShape)
def look(call: Call, given: Purpose, attachment_id: UUID) -> Any:
    """Say why you look at the file; for ten minutes you may then fetch its content."""
    return attachments.look_at(call.tx, attachment_id, given.purpose, call.actor, call.now)


@blueprint.get("/attachments/<uuid:attachment_id>/content")
@read(*HANDLERS)
@blueprint.response(
    200, {"type": "string", "format": "binary"}, content_type="application/octet-stream"
)
@blueprint.alt_response(409, "Problem409")
def content(call: Call, attachment_id: UUID) -> Response:
    """The content, as a download. 409 unless you have just said why."""
    found = attachments.content(call.tx, attachment_id, call.actor, call.now)
    answer = Response(_pieces(context().db, found), mimetype="application/octet-stream")
    answer.content_length = found.about.size
    name = quote(found.about.name or "file", safe="")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


@blueprint.post("/attachments/<uuid:attachment_id>/withdraw")
@write(*HANDLERS)
@blueprint.arguments(RemovalShape)
@blueprint.response(200, AttachmentShape)
def withdraw(call: Call, given: Reason, attachment_id: UUID) -> Any:
    """Take the file out: its content is destroyed, that it was there stays."""
    case_id = attachments.withdraw(call.tx, attachment_id, given.reason, call.actor, call.now)
    return _one(call, case_id, attachment_id)


def _task() -> UUID | None:
    given = request.form.get("task")
    try:
        return UUID(given) if given else None
    except ValueError:
        raise Rejected("request.invalid", "Expected `task` to be the id of a user task") from None


def _one(call: Call, case_id: UUID, attachment_id: UUID) -> Attachment:
    listed = attachments.of_case(call.tx, case_id, call.actor)
    return next(each for each in listed if each.id == attachment_id)


def _pieces(db: Database, found: Content) -> Iterator[bytes]:
    """Each part is read in a short transaction of its own: a slow line holds nothing."""
    for number in range(found.parts):
        with db.transaction(read_only=True) as tx:
            piece = found.part(tx, number)
        yield piece
