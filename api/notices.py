"""Notices to applicants: what each says, as ODT and PDF; its service, return, sending again,
voiding and making again; and those an officer makes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import fields, validate

from api.blueprints import blueprint as noun
from api.case_shapes import NoticeShape
from api.context import context
from api.doors import Call, read, write
from api.shapes import Day, RefusalShape, Shape, Words, always, many, perhaps, texts
from engine import notice_acts, notice_odt, notice_reads, notices
from engine.notice_papers import Paper
from engine.permissions import HANDLERS
from engine.wordings import LANGUAGES

blueprint = noun("notices", "Notices to applicants")


@dataclass(frozen=True, slots=True)
class Returned:
    returned_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class Again:
    channel: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reason:
    reason: str


@dataclass(frozen=True, slots=True)
class Corrected:
    reason: str
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Language:
    language: str


class ServiceShape(Shape):
    makes = notices.Serving
    served_on = Day(required=True)
    proof = Words(500, required=True)
    method = fields.String(load_default=None, validate=validate.OneOf(notices.METHODS))


class NoticeReturnShape(Shape):
    makes = Returned
    returned_on = Day(required=True)
    reason = Words(500, required=True)


class NoticeAgainShape(Shape):
    makes = Again
    channel = fields.String(required=True, validate=validate.OneOf(notices.CHANNELS))
    reason = Words(500, required=True)


class VoidShape(Shape):
    makes = Reason
    reason = Words(500, required=True)


def _values(**options: Any) -> fields.Dict:
    """By field, as text: a list has an entry a line, a day is written as on forms."""
    return fields.Dict(
        keys=Words(40), values=fields.String(validate=validate.Length(max=2000)), **options
    )


class NoticeCorrectionShape(Shape):
    """`values` are the fields that were wrong; the others stay as they were."""

    makes = Corrected
    reason = Words(500, required=True)
    values = _values(load_default=dict)


class NoticeDraftShape(Shape):
    makes = notice_acts.Draft
    kind = Words(40, required=True)
    channel = fields.String(required=True, validate=validate.OneOf(notices.CHANNELS))
    values = _values(required=True)


class PaperQuery(Shape):
    makes = Language
    language = fields.String(load_default=LANGUAGES[0], validate=validate.OneOf(LANGUAGES))


class PaperLineShape(Shape):
    """`line`: heading, paragraph, item, numbered, fact or qr; `label` only of a fact."""

    line = always(fields.String)
    label = always(fields.String)
    text = always(fields.String)


class PaperFactShape(Shape):
    label = always(fields.String)
    value = always(fields.String)


class NoticePaperShape(Shape):
    """What the paper says in one language, as it was issued."""

    notice = fields.Nested(NoticeShape, required=True)
    language = always(fields.String)
    title = always(fields.String)
    basis = texts()
    head = many(PaperFactShape)
    lines = many(PaperLineShape)
    foot = many(PaperFactShape)
    entered = always(fields.Dict, keys=fields.String(), values=fields.String())
    may_act = perhaps(fields.Nested, RefusalShape)


class NewNoticeShape(Shape):
    id = always(fields.UUID)


@blueprint.get("/notices/<uuid:notice_id>")
@read(*HANDLERS)
@blueprint.arguments(PaperQuery, location="query")
@blueprint.response(200, NoticePaperShape)
def show(call: Call, asked: Language, notice_id: UUID) -> Any:
    """What a notice says, and what became of it. That you opened it is written down."""
    paper = _opened(call, notice_id, asked.language)
    view = notice_reads.view(call.tx, notice_id, call.actor)
    return {
        "notice": view.row,
        "language": paper.language,
        "title": paper.title,
        "basis": paper.basis,
        "head": [{"label": label, "value": value} for label, value in paper.head],
        "lines": [
            {
                "line": block.line.value,
                "label": block.label,
                "text": "".join(text for text, _ in block.runs),
            }
            for block in paper.blocks
        ],
        "foot": [{"label": label, "value": value} for label, value in paper.foot],
        "entered": view.entered,
        "may_act": view.refusal,
    }


@blueprint.get("/notices/<uuid:notice_id>/paper.odt")
@read(*HANDLERS)
@blueprint.arguments(PaperQuery, location="query")
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type=notice_odt.MEDIA_TYPE)
def odt(call: Call, asked: Language, notice_id: UUID) -> Response:
    """Its paper as an OpenDocument text, to be written on."""
    paper = _opened(call, notice_id, asked.language)
    return _file(notice_odt.odt(paper), notice_odt.MEDIA_TYPE, f"{paper.file_name}.odt")


@blueprint.get("/notices/<uuid:notice_id>/paper.pdf")
@read(*HANDLERS)
@blueprint.arguments(PaperQuery, location="query")
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="application/pdf")
@blueprint.alt_response(503, "Problem503")
def pdf(call: Call, asked: Language, notice_id: UUID) -> Response:
    """Its paper as a tagged PDF. 503 where this host cannot make one (`pdf.no_pango`), or has no
    font for a letter of it (`pdf.no_letters`)."""
    paper = _opened(call, notice_id, asked.language)
    return _file(context().print_notice(paper), "application/pdf", f"{paper.file_name}.pdf")


@blueprint.post("/notices/<uuid:notice_id>/serve")
@write(*HANDLERS)
@blueprint.arguments(ServiceShape)
@blueprint.response(204)
def serve(call: Call, given: notices.Serving, notice_id: UUID) -> None:
    """Enter the day a notice was served, with its proof. Once: service is a fact of law."""
    notices.serve(call.tx, notice_id, given, call.actor, call.now)


@blueprint.post("/notices/<uuid:notice_id>/returned")
@write(*HANDLERS)
@blueprint.arguments(NoticeReturnShape)
@blueprint.response(204)
def returned(call: Call, given: Returned, notice_id: UUID) -> None:
    """Enter that a notice came back, and why."""
    day, reason = given.returned_on, given.reason
    notice_acts.returned(call.tx, notice_id, day, reason, call.actor, call.now)


@blueprint.post("/notices/<uuid:notice_id>/send-again")
@write(*HANDLERS)
@blueprint.arguments(NoticeAgainShape)
@blueprint.response(204)
def send_again(call: Call, given: Again, notice_id: UUID) -> None:
    """Send the same notice again, under its number."""
    channel, reason = given.channel, given.reason
    notice_acts.send_again(call.tx, notice_id, channel, reason, call.actor, call.now)


@blueprint.post("/notices/<uuid:notice_id>/void")
@write(*HANDLERS)
@blueprint.arguments(VoidShape)
@blueprint.response(204)
def void(call: Call, given: Reason, notice_id: UUID) -> None:
    """Make a notice void; it stays readable."""
    notice_acts.void(call.tx, notice_id, given.reason, call.actor, call.now)


@blueprint.post("/notices/<uuid:notice_id>/make-again")
@write(*HANDLERS)
@blueprint.arguments(NoticeCorrectionShape)
@blueprint.response(201, NewNoticeShape)
def make_again(call: Call, given: Corrected, notice_id: UUID) -> Any:
    """Make it again after a correction: a new number, and this one void."""
    made = notice_acts.make_again(
        call.tx, notice_id, given.values, given.reason, call.actor, call.now
    )
    return {"id": made}


@blueprint.post("/cases/<uuid:case_id>/notices")
@write(*HANDLERS)
@blueprint.arguments(NoticeDraftShape)
@blueprint.response(201, NewNoticeShape)
def make(call: Call, given: notice_acts.Draft, case_id: UUID) -> Any:
    """Make a notice of a kind that officers may make."""
    return {"id": notice_acts.make(call.tx, case_id, given, call.actor, call.now)}


def _opened(call: Call, notice_id: UUID, language: str) -> Paper:
    address = context().status_address
    paper = notice_reads.paper(call.tx, notice_id, call.actor, language, address)

    def note() -> None:
        with context().db.transaction() as tx:
            notice_reads.note(tx, paper, call.actor, call.now)

    call.afterwards.append(note)
    return paper


def _file(content: bytes, media_type: str, name: str) -> Response:
    answer = Response(content, mimetype=media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer
