"""The working calendar of the office, and edits of it that two people make."""

from __future__ import annotations

from dataclasses import asdict, dataclass
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
from sla import calendar_edits, closure_list, closure_previews
from sla.calendar_edits import PARTS, Change, Proposal
from sla.calendars import MAY_CLOSE, snapshot
from sla.recalculation import Stayed
from sla.working_time import reason_text

blueprint = noun("calendar", "The working calendar of your office")


@dataclass(frozen=True, slots=True)
class Wanted:
    first: date | None
    days: int


@dataclass(frozen=True, slots=True)
class Refusing:
    reason: str


@dataclass(frozen=True, slots=True)
class Which:
    cursor: str | None


class CalendarQuery(Shape):
    makes = Wanted
    first = Day(load_default=None, data_key="from")
    days = fields.Integer(load_default=35, validate=validate.Range(1, 400))


class CalendarChangeShape(Shape):
    """What a day shall become. `part` closes all of it, or half, by announcement; `works` is a
    make-up day or a closure taken back, `rests` a day off. `source` is what it rests on."""

    makes = Change
    day = Day(required=True)
    part = fields.String(load_default="all", validate=validate.OneOf(PARTS))
    reason = Words(120, required=True)
    source = Words(500, required=True)


class CalendarRefusalShape(Shape):
    makes = Refusing
    reason = Words(500, required=True)


class PreviewQuery(Shape):
    makes = Which
    cursor = fields.String(load_default=None)


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


class WhyShape(Shape):
    zh = always(fields.String)
    en = always(fields.String)


class StayedShape(Shape):
    """A limit that what holds now cannot count: it stays due when it was."""

    case = always(fields.UUID, attribute="case_id")
    number = always(fields.String, attribute="case_number")
    clock = always(fields.UUID, attribute="clock_id")
    name = always(fields.String)
    due_at = perhaps(Instant)
    why = always(fields.Nested, WhyShape)


class CalendarEnteredShape(Shape):
    """`moved` is what the first batch moved; the rest follows, see `GET /calendar/edits/{id}`."""

    id = always(fields.UUID)
    done = always(fields.Boolean, attribute="is_done")
    moved = many(MovedShape)


class CalendarWorkShape(Shape):
    """How far the work of an entered edit has come, the first 200 limits it moved, and the first
    200 that it could not count."""

    status = always(fields.String)
    ended_at = perhaps(Instant)
    looked_at = always(fields.Integer)
    total = always(fields.Integer)
    moved_count = always(fields.Integer)
    moved = many(MovedShape)
    stayed_count = always(fields.Integer)
    stayed = many(StayedShape)


class CalendarEditShape(Shape):
    """An edit of the calendar: `proposed`, `entered`, `refused` or `withdrawn`, and by whom.

    `work` is there once it is entered.
    """

    id = always(fields.UUID)
    status = always(fields.String)
    day = always(Day, attribute="change.day")
    part = always(fields.String, attribute="change.part")
    reason = always(fields.String, attribute="change.reason")
    source = always(fields.String, attribute="change.source")
    proposed_by = always(fields.String, attribute="proposer")
    proposed_at = always(Instant)
    decided_by = always(fields.String, attribute="decider")
    decided_at = perhaps(Instant)
    decided_why = always(fields.String)
    work = perhaps(fields.Nested, CalendarWorkShape)


class CalendarEditsShape(Shape):
    items = many(CalendarEditShape)
    next = perhaps(fields.String)


class CalendarPreviewShape(Shape):
    """A page of what an edit would move: of `candidates` open limits that end later, a hundred are
    computed for a page, and those that would move are listed, as are those that could not be
    counted."""

    candidates = always(fields.Integer)
    items = many(MovedShape)
    stayed = many(StayedShape)
    next = perhaps(fields.String)


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


@blueprint.post("/calendar/edits")
@write(*MAY_CLOSE)
@blueprint.arguments(CalendarChangeShape)
@blueprint.response(201, CalendarEditShape)
def propose(call: Call, given: Change) -> Any:
    """Propose an edit of your office's calendar. Nothing moves until somebody else approves it."""
    edit_id = calendar_edits.propose(call.tx, given, call.actor, call.now)
    return _shown(call, _found(call, edit_id))


@blueprint.get("/calendar/edits")
@read()
@blueprint.response(200, CalendarEditsShape)
def edits(call: Call) -> Any:
    """What waits for a second person, then what was refused or taken back last."""
    found = calendar_edits.latest(call.tx, call.actor)
    return {"items": [_shown(call, each) for each in found], "next": None}


@blueprint.get("/calendar/edits/<uuid:edit_id>")
@read()
@blueprint.response(200, CalendarEditShape)
def edit(call: Call, edit_id: UUID) -> Any:
    """An edit; once entered, with how far its work has come and what it has moved."""
    return _shown(call, _found(call, edit_id))


@blueprint.get("/calendar/edits/<uuid:edit_id>/preview")
@read(*MAY_CLOSE)
@blueprint.arguments(PreviewQuery, location="query")
@blueprint.response(200, CalendarPreviewShape)
def preview(call: Call, wanted: Which, edit_id: UUID) -> Any:
    """Which open limits a proposed edit would move, before and after, page by page."""
    proposal = _found(call, edit_id)
    found = closure_previews.preview(
        call.tx, call.actor.office_id, proposal.change, call.now, wanted.cursor
    )
    return previewed(found)


@blueprint.post("/calendar/edits/<uuid:edit_id>/approve")
@write(*MAY_CLOSE)
@blueprint.response(200, CalendarEnteredShape)
def approve(call: Call, edit_id: UUID) -> Any:
    """Enter what somebody else proposed. Due dates move in batches; the answer lists the first."""
    _found(call, edit_id)
    entered = calendar_edits.approve(call.tx, edit_id, call.actor, call.now)
    return {"id": edit_id, "is_done": entered.is_done, "moved": entered.moved}


@blueprint.post("/calendar/edits/<uuid:edit_id>/refuse")
@write(*MAY_CLOSE)
@blueprint.arguments(CalendarRefusalShape)
@blueprint.response(200, CalendarEditShape)
def refuse(call: Call, given: Refusing, edit_id: UUID) -> Any:
    """Refuse what somebody else proposed, saying why."""
    _found(call, edit_id)
    calendar_edits.refuse(call.tx, edit_id, given.reason, call.actor, call.now)
    return _shown(call, _found(call, edit_id))


@blueprint.post("/calendar/edits/<uuid:edit_id>/withdraw")
@write(*MAY_CLOSE)
@blueprint.response(200, CalendarEditShape)
def withdraw(call: Call, edit_id: UUID) -> Any:
    """Take back what you proposed."""
    _found(call, edit_id)
    calendar_edits.withdraw(call.tx, edit_id, call.actor, call.now)
    return _shown(call, _found(call, edit_id))


def _found(call: Call, edit_id: UUID) -> Proposal:
    """An edit of the caller's calendar; a change of rules is none."""
    proposal = calendar_edits.find(call.tx, edit_id, call.actor)
    if proposal.change.rules:
        raise NotFound("calendar.no_edit", "There is no such edit of your calendar")
    return proposal


def _shown(call: Call, proposal: Proposal) -> dict[str, Any]:
    shown = {field.name: getattr(proposal, field.name) for field in data_fields(proposal)}
    return {**shown, "work": work_of(call, proposal.job_id)}


def work_of(call: Call, job_id: UUID | None) -> dict[str, Any] | None:
    """How far the work of an entered edit has come; None before."""
    found = None if job_id is None else closure_list.edit(call.tx, job_id, call.actor)
    if found is None:
        return None
    told = {field.name: getattr(found, field.name) for field in data_fields(found)}
    moved = closure_list.moved_by(call.tx, found.id, call.actor)
    stayed = closure_list.stayed_by(call.tx, found.id, call.actor)
    return {
        **told,
        "moved_count": found.moved,
        "moved": moved,
        "stayed_count": found.stayed,
        "stayed": [_stayed(each) for each in stayed],
    }


def previewed(found: closure_previews.Preview) -> dict[str, Any]:
    """A page of a preview, as its shape wants it."""
    return {
        "candidates": found.candidates,
        "items": found.moved,
        "stayed": [_stayed(each) for each in found.stayed],
        "next": found.next_cursor,
    }


def _stayed(each: Stayed) -> dict[str, Any]:
    return {**asdict(each), "why": {"zh": each.zh, "en": each.en}}
