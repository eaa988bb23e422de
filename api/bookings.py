"""Appointments over the API: free turns, booking, moving, who has come; also for a portal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from marshmallow import fields, validate

from api.blueprints import blueprint as noun
from api.doors import Call, read, write
from api.shapes import Day, LabelShape, Shape, Words, always, many, perhaps
from engine.clock import legal_day
from engine.errors import Rejected
from engine.permissions import HANDLERS
from sla import booking_list, bookings

blueprint = noun("bookings", "Appointments: free turns, and who has which")
CHANNELS = ("phone", "counter", "online")
CONTACTS = ("sms", "phone", "email")
MOST_DAYS = 31
TIME = validate.Regexp(r"([01][0-9]|2[0-3]):[0-5][0-9]\Z")


@dataclass(frozen=True, slots=True)
class NewBooking:
    service: str
    day: date
    at: str
    channel: str
    contact: str
    name: str
    phone: str
    id_number: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    day: date
    at: str


@dataclass(frozen=True, slots=True)
class Cancellation:
    reason: str


class TurnsQuery(Shape):
    """Turns of the matter `service` from `first` to `last`, at most 31 days."""

    service = fields.String(required=True, validate=validate.Length(1, 40))
    first = Day(required=True)
    last = Day(required=True)


class DayQuery(Shape):
    """`day`: today where it is left out."""

    day = Day()


class NewBookingShape(Shape):
    """Who books what and when; `service` is the id of a process, `at` is `HH:MM` in Taipei."""

    makes = NewBooking
    service = fields.String(required=True, validate=validate.Length(1, 40))
    day = Day(required=True)
    at = fields.String(required=True, validate=TIME)
    channel = fields.String(load_default="online", validate=validate.OneOf(CHANNELS))
    contact = fields.String(load_default="sms", validate=validate.OneOf(CONTACTS))
    name = Words(80, required=True)
    phone = Words(30, required=True)
    id_number = fields.String(validate=validate.Length(max=10))
    email = fields.String(validate=validate.Length(max=254))


class TurnShape(Shape):
    makes = Turn
    day = Day(required=True)
    at = fields.String(required=True, validate=TIME)


class CancellationShape(Shape):
    """Kept with the case; never personal data."""

    makes = Cancellation
    reason = Words(300, required=True)


class FreeShape(Shape):
    """One turn; `left`: places nobody has yet."""

    day = always(Day)
    at = always(fields.String)
    minutes = always(fields.Integer)
    window = always(fields.String)
    title = always(fields.Nested, LabelShape)
    left = always(fields.Integer)


class BookingShape(Shape):
    """One appointment; the name is masked. `task_id` is its open task: to answer it, or to start
    its case once its person has come."""

    case_id = always(fields.UUID)
    number = always(fields.String)
    service = always(fields.String)
    day = always(Day)
    at = always(fields.String)
    window = always(fields.String)
    status = always(fields.String)
    channel = always(fields.String)
    subject_label = always(fields.String)
    missed = always(fields.Integer)
    started_number = perhaps(fields.String)
    task_id = perhaps(fields.UUID)
    to_answer = always(fields.Boolean)


class TurnsShape(Shape):
    items = many(FreeShape)


class BookingsShape(Shape):
    items = many(BookingShape)


class BookedShape(Shape):
    """`status_code` is told once, for the receipt."""

    case_id = always(fields.UUID)
    number = always(fields.String)
    status_code = always(fields.String)


@blueprint.get("/booking-turns")
@read(*HANDLERS)
@blueprint.arguments(TurnsQuery, location="query")
@blueprint.response(200, TurnsShape)
def turns(call: Call, asked: dict[str, Any]) -> Any:
    """The turns open to a matter, full ones included."""
    first, last = asked["first"], asked["last"]
    if not first <= last <= first + timedelta(days=MOST_DAYS - 1):
        raise Rejected("booking.days", f"Expected from one to {MOST_DAYS} days", most=MOST_DAYS)
    free = bookings.free(call.tx, call.actor.office_id, asked["service"], first, last, call.now)
    return {"items": [_turn(each) for each in free]}


@blueprint.get("/bookings")
@read(*HANDLERS)
@blueprint.arguments(DayQuery, location="query")
@blueprint.response(200, BookingsShape)
def of_day(call: Call, asked: dict[str, Any]) -> Any:
    """The appointments of a day, by time; cancelled ones last."""
    day = asked.get("day") or legal_day(call.now)
    return {"items": booking_list.of_day(call.tx, day, call.actor)}


@blueprint.get("/bookings/<uuid:case_id>")
@read(*HANDLERS)
@blueprint.response(200, BookingShape)
def show(call: Call, case_id: UUID) -> Any:
    """One appointment."""
    return booking_list.one(call.tx, case_id, call.actor)


@blueprint.post("/bookings")
@write("counter")
@blueprint.arguments(NewBookingShape)
@blueprint.response(201, BookedShape)
def book(call: Call, given: NewBooking) -> Any:
    """Book a place. 409 `booking.full` where somebody was quicker; nothing is filed then."""
    data = {
        "applicant": {"name": given.name, "id_number": given.id_number},
        "contact": {"phone": given.phone, "email": given.email},
    }
    wish = bookings.Wish(given.service, given.day, given.at, given.contact, data)
    filed = bookings.book(call.tx, wish, given.channel, call.actor, call.now)
    return {"case_id": filed.id, "number": filed.number, "status_code": filed.status_code}


@blueprint.post("/bookings/<uuid:case_id>/move")
@write(*HANDLERS)
@blueprint.arguments(TurnShape)
@blueprint.response(200, BookingShape)
def move(call: Call, given: Turn, case_id: UUID) -> Any:
    """Move an appointment; the former place is free, and the person is told."""
    bookings.move(call.tx, case_id, (given.day, given.at), call.actor, call.now)
    return booking_list.one(call.tx, case_id, call.actor)


@blueprint.post("/bookings/<uuid:case_id>/cancel")
@write(*HANDLERS)
@blueprint.arguments(CancellationShape)
@blueprint.response(200, BookingShape)
def cancel(call: Call, given: Cancellation, case_id: UUID) -> Any:
    """Take an appointment back; the place is free, and the person is told."""
    bookings.cancel(call.tx, case_id, given.reason, call.actor, call.now)
    return booking_list.one(call.tx, case_id, call.actor)


@blueprint.post("/bookings/<uuid:case_id>/arrive")
@write(*HANDLERS)
@blueprint.response(200, BookingShape)
def arrive(call: Call, case_id: UUID) -> Any:
    """The person has come: `task_id` is the caller's task to start their case."""
    bookings.arrive(call.tx, case_id, call.actor, call.now)
    return booking_list.one(call.tx, case_id, call.actor)


def _turn(free: bookings.Free) -> dict[str, Any]:
    slot = free.slot
    return {
        "day": slot.day,
        "at": slot.at,
        "minutes": slot.window.minutes,
        "window": slot.window.id,
        "title": slot.window.title,
        "left": free.left,
    }
