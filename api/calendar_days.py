"""The working calendar of the office, and closing it by announcement."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import fields as data_fields
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from marshmallow import fields, validate

from api.blueprints import blueprint as noun
from api.doors import Call, read, write
from api.shapes import Day, Instant, LabelShape, Shape, Words, always, many, perhaps
from engine.clock import legal_day
from engine.errors import NotFound
from sla import closure_list
from sla.calendars import MAY_CLOSE, Closure, snapshot
from sla.closures import enter_closure
from sla.working_time import reason_text

blueprint = noun("calendar", "The working calendar of your office")
PARTS = ("all", "morning", "afternoon")


@dataclass(frozen=True, slots=True)
class Wanted:
    first: date | None
    days: int


@dataclass(frozen=True, slots=True)
class Closing:
    day: date
    part: str
    reason: str
    source: str


class CalendarQuery(Shape):
    makes = Wanted
    first = Day(load_default=None, data_key="from")
    days = fields.Integer(load_default=35, validate=validate.Range(1, 400))


class ClosingShape(Shape):
    """A day, or half of it. `source` is the announcement it rests on."""

    makes = Closing
    day = Day(required=True)
    part = fields.String(load_default="all", validate=validate.OneOf(PARTS))
    reason = Words(120, required=True)
    source = Words(500, required=True)


class DayShape(Shape):
    """`half` is the half that is closed, where the other one is worked."""

    day = always(Day)
    is_working = always(fields.Boolean)
    half = perhaps(fields.String)
    closure = always(fields.Boolean)
    reason = always(fields.Nested, LabelShape)
    source = always(fields.String)


class DaysShape(Shape):
    items = many(DayShape)
    next = perhaps(fields.String)


class MovedShape(Shape):
    case = always(fields.UUID, attribute="case_id")
    number = always(fields.String, attribute="case_number")
    clock = always(fields.UUID, attribute="clock_id")
    name = always(fields.String)
    before = perhaps(Instant)
    after = perhaps(Instant)


class ClosedShape(Shape):
    """`moved` is what the first batch moved; the rest follows, see `GET /calendar/edits/{id}`."""

    id = always(fields.UUID, attribute="job_id")
    done = always(fields.Boolean, attribute="is_done")
    moved = many(MovedShape)


class CalendarEditShape(Shape):
    """One edit of the calendar: how far its work has come, and the first 200 limits it moved."""

    id = always(fields.UUID)
    day = always(Day)
    part = always(fields.String)
    reason = always(fields.String)
    status = always(fields.String)
    entered_at = always(Instant)
    ended_at = perhaps(Instant)
    looked_at = always(fields.Integer)
    total = always(fields.Integer)
    moved_count = always(fields.Integer)
    moved = many(MovedShape)


@blueprint.get("/calendar")
@read()
@blueprint.arguments(CalendarQuery, location="query")
@blueprint.response(200, DaysShape)
def index(call: Call, wanted: Wanted) -> Any:
    """The days of your office, from today unless `from` names another day."""
    calendar = snapshot(call.tx, call.actor.office_id, call.now)
    first = wanted.first or legal_day(call.now)
    listed = (first + timedelta(days=after) for after in range(wanted.days))
    known = [(day, calendar.day(day)) for day in listed if calendar.first <= day <= calendar.last]
    items = [
        {
            "day": day,
            "is_working": found.is_working,
            "half": None if found.half is None else found.half.value,
            "closure": found.closure,
            "reason": {lang: reason_text(found.reason, lang) for lang in ("zh", "en")},
            "source": found.source,
        }
        for day, found in known
    ]
    return {"items": items, "next": None}


@blueprint.post("/calendar/closures")
@write(*MAY_CLOSE)
@blueprint.arguments(ClosingShape)
@blueprint.response(200, ClosedShape)
def close(call: Call, given: Closing) -> Any:
    """Close your office by announcement. Due dates move in batches; the answer lists the first."""
    office_id = call.actor.office_id
    closure = Closure(office_id, given.day, given.part, given.reason, given.source)
    return enter_closure(call.tx, closure, call.actor, call.now)


@blueprint.get("/calendar/edits/<uuid:edit_id>")
@read()
@blueprint.response(200, CalendarEditShape)
def edit(call: Call, edit_id: UUID) -> Any:
    """How far an edit of your calendar has come, and what it has moved."""
    found = closure_list.edit(call.tx, edit_id, call.actor)
    if found is None:
        raise NotFound("calendar.no_edit", "There is no such edit of your calendar")
    told = {field.name: getattr(found, field.name) for field in data_fields(found)}
    moved = closure_list.moved_by(call.tx, edit_id, call.actor)
    return {**told, "moved_count": found.moved, "moved": moved}
