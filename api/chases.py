"""What is done to a late case over the API: chases, and notices of delay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from marshmallow import fields, validate

from api.blueprints import blueprint as noun
from api.doors import Call, read, write
from api.shapes import Day, Instant, Shape, Words, always, perhaps
from engine.actors import SUPERVISORS
from sla import chase, delay_notices
from sla.delay_notices import CHANNELS, Delay

blueprint = noun("chases", "Asking the owner of a late case, and telling its applicant")
DESK = (*SUPERVISORS, "control")


@dataclass(frozen=True, slots=True)
class Question:
    question: str


class QuestionShape(Shape):
    """What the owner is to explain; never personal data."""

    makes = Question
    question = fields.String(load_default="", validate=validate.Length(max=300))


class DelayShape(Shape):
    """What the applicant is told: why, and the day by which it will be done."""

    makes = Delay
    reason = Words(500, required=True)
    new_date = Day(required=True)
    channel = fields.String(load_default="letter", validate=validate.OneOf(CHANNELS))


class ChaseShape(Shape):
    """`new_date` and `reason_class` are null until the owner has answered."""

    case_id = always(fields.UUID)
    number = always(fields.String)
    overdue_case_id = always(fields.UUID)
    overdue_number = always(fields.String)
    asked_at = always(Instant)
    asked_by = perhaps(fields.String)
    by_rung = perhaps(fields.String)
    question = always(fields.String)
    open = always(fields.Boolean, attribute="is_open")
    owner = perhaps(fields.String)
    task_id = perhaps(fields.UUID)
    reason_class = perhaps(fields.String)
    reason_text = always(fields.String)
    new_date = perhaps(Day)


class NoticeIdShape(Shape):
    notice_id = always(fields.UUID)


@blueprint.post("/cases/<uuid:case_id>/chases")
@write(*SUPERVISORS)
@blueprint.arguments(QuestionShape)
@blueprint.response(201, ChaseShape)
def ask(call: Call, given: Question, case_id: UUID) -> Any:
    """Ask the owner of an overdue case for the reason and a new date."""
    chase_id = chase.ask(call.tx, case_id, given.question, call.actor, call.now)
    return chase.slip(call.tx, chase_id, call.actor)


@blueprint.get("/chases/<uuid:chase_id>")
@read()
@blueprint.response(200, ChaseShape)
def show(call: Call, chase_id: UUID) -> Any:
    """One chase slip, with its answer."""
    return chase.slip(call.tx, chase_id, call.actor)


@blueprint.post("/cases/<uuid:case_id>/delay-notices")
@write(*SUPERVISORS)
@blueprint.arguments(DelayShape)
@blueprint.response(201, NoticeIdShape)
def tell(call: Call, given: Delay, case_id: UUID) -> Any:
    """Tell the applicant the reason of a delay by a numbered notice."""
    notice_id = delay_notices.tell_applicant(call.tx, case_id, given, call.actor, call.now)
    return {"notice_id": notice_id}
