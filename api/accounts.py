"""People and accounts of one's office: what operators do, and a second person approves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from marshmallow import fields, validate

from api.blueprints import blueprint as noun
from api.doors import Call, read, write
from api.shapes import Day, Instant, PageQuery, Shape, Words, always, many, page_of, perhaps, texts
from engine import absences, account_states, departures, grants, people, staff_list
from engine.staff_list import READERS, StaffFilter

blueprint = noun("accounts", "People of your office, their groups and accounts")
OPERATORS = ("operator",)


@dataclass(frozen=True, slots=True)
class Wanted:
    limit: int
    cursor: str | None
    text: str
    left: bool


@dataclass(frozen=True, slots=True)
class Reason:
    reason: str


@dataclass(frozen=True, slots=True)
class Granting:
    group: str
    reason: str


@dataclass(frozen=True, slots=True)
class Leave:
    first_day: date
    last_day: date
    substitute: UUID | None


@dataclass(frozen=True, slots=True)
class Departure:
    last_day: date
    reason: str


class StaffQuery(PageQuery):
    makes = Wanted
    text = fields.String(load_default="", validate=validate.Length(0, 80))
    left = fields.Boolean(load_default=False)


class LockReasonShape(Shape):
    makes = Reason
    reason = Words(500, required=True)


class GrantingShape(Shape):
    makes = Granting
    group = fields.String(required=True, validate=validate.OneOf(sorted(people.GROUPS)))
    reason = fields.String(load_default="", validate=validate.Length(0, 500))


class LeaveShape(Shape):
    makes = Leave
    first_day = Day(required=True)
    last_day = Day(required=True)
    substitute = fields.UUID(load_default=None)


class DepartureShape(Shape):
    makes = Departure
    last_day = Day(required=True)
    reason = Words(500, required=True)


class StaffAccountShape(Shape):
    id = always(fields.UUID)
    login = always(fields.String)
    status = always(fields.String)
    status_reason = perhaps(fields.String)
    locked_until = perhaps(Instant)
    last_signed_in_at = perhaps(Instant)
    password_days = perhaps(fields.Integer)
    must_change_password = always(fields.Boolean)
    is_unused = always(fields.Boolean)
    is_signed_in = always(fields.Boolean)


class StaffAbsenceShape(Shape):
    id = always(fields.UUID)
    first_day = always(Day)
    last_day = always(Day)
    substitute_id = perhaps(fields.UUID)


class StaffShape(Shape):
    id = always(fields.UUID)
    name = always(fields.String)
    section = always(fields.String)
    latin_name = perhaps(fields.String)
    left_on = perhaps(Day)
    groups = texts()
    accounts = many(StaffAccountShape)
    absences = many(StaffAbsenceShape)


class GrantedShape(Shape):
    """`waiting` is the request that a second person has to approve; null: given at once."""

    waiting = perhaps(fields.UUID)


class WaitingGrantShape(Shape):
    id = always(fields.UUID)
    person_id = always(fields.UUID)
    person_name = always(fields.String)
    group = always(fields.String)
    reason = always(fields.String)
    asked_by = perhaps(fields.UUID)
    asked_at = always(Instant)


class WaitingGrantsShape(Shape):
    items = many(WaitingGrantShape)
    next = perhaps(fields.String)


class GivenBackShape(Shape):
    task = always(fields.UUID, attribute="task_id")
    case_number = always(fields.String)
    code = perhaps(fields.String)


class DepartedShape(Shape):
    results = many(GivenBackShape)


@blueprint.get("/staff")
@read(*sorted(READERS))
@blueprint.arguments(StaffQuery, location="query")
@blueprint.response(200, page_of(StaffShape, "StaffPage"))
def index(call: Call, wanted: Wanted) -> Any:
    """The people of your office with their groups, accounts and leave, by name."""
    which = StaffFilter(wanted.text, wanted.left)
    return staff_list.staff(call.tx, call.actor, which, wanted.cursor, wanted.limit, call.now)


@blueprint.post("/accounts/<uuid:account_id>/lock")
@write(*OPERATORS)
@blueprint.arguments(LockReasonShape)
@blueprint.response(204)
def lock(call: Call, given: Reason, account_id: UUID) -> None:
    """Let nobody in with this account, and end its sessions."""
    account_states.lock(call.tx, account_id, given.reason, call.actor, call.now)


@blueprint.post("/accounts/<uuid:account_id>/unlock")
@write(*OPERATORS)
@blueprint.response(204)
def unlock(call: Call, account_id: UUID) -> None:
    """Let a locked account sign in again."""
    account_states.unlock(call.tx, account_id, call.actor, call.now)


@blueprint.post("/accounts/<uuid:account_id>/enable")
@write(*OPERATORS)
@blueprint.arguments(LockReasonShape)
@blueprint.response(204)
def enable(call: Call, given: Reason, account_id: UUID) -> None:
    """Bring an account back into use; its password is set anew before it is used."""
    account_states.enable(call.tx, account_id, given.reason, call.actor, call.now)


@blueprint.get("/grants")
@read(*sorted(READERS))
@blueprint.response(200, WaitingGrantsShape)
def waiting(call: Call) -> Any:
    """Groups that were asked for and wait for a second person."""
    return {"items": grants.waiting(call.tx, call.actor.office_id), "next": None}


@blueprint.post("/persons/<uuid:person_id>/groups")
@write(*OPERATORS)
@blueprint.arguments(GrantingShape)
@blueprint.response(200, GrantedShape)
def grant(call: Call, given: Granting, person_id: UUID) -> Any:
    """Give a group; one with power over others waits for a second person."""
    asked = grants.grant(call.tx, person_id, given.group, given.reason, call.actor, call.now)
    return {"waiting": asked}


@blueprint.delete("/persons/<uuid:person_id>/groups/<group>")
@write(*OPERATORS)
@blueprint.response(204)
def take(call: Call, person_id: UUID, group: str) -> None:
    """Take a person out of a group."""
    people.leave(call.tx, person_id, group, call.actor, call.now)


@blueprint.post("/grants/<uuid:grant_id>/approve")
@write(*sorted(grants.DECIDERS))
@blueprint.response(204)
def approve(call: Call, grant_id: UUID) -> None:
    """Approve what somebody else asked for somebody else."""
    grants.decide(call.tx, grant_id, call.actor, call.now, approve=True)


@blueprint.post("/grants/<uuid:grant_id>/refuse")
@write(*sorted(grants.DECIDERS))
@blueprint.response(204)
def refuse(call: Call, grant_id: UUID) -> None:
    """Refuse what somebody else asked for somebody else."""
    grants.decide(call.tx, grant_id, call.actor, call.now, approve=False)


@blueprint.post("/persons/<uuid:person_id>/absences")
@write()
@blueprint.arguments(LeaveShape)
@blueprint.response(204)
def set_absence(call: Call, given: Leave, person_id: UUID) -> None:
    """Enter leave and who stands in: one's own, or as a supervisor or operator."""
    absence = absences.Absence(person_id, given.first_day, given.last_day, given.substitute)
    absences.set_absence(call.tx, absence, call.actor, call.now)


@blueprint.delete("/absences/<uuid:absence_id>")
@write()
@blueprint.response(204)
def end_absence(call: Call, absence_id: UUID) -> None:
    """Take leave back."""
    absences.end_absence(call.tx, absence_id, call.actor, call.now)


@blueprint.post("/persons/<uuid:person_id>/departure")
@write(*OPERATORS)
@blueprint.arguments(DepartureShape)
@blueprint.response(200, DepartedShape)
def depart(call: Call, given: Departure, person_id: UUID) -> Any:
    """End a person's service; each of their open tasks is given back, with its result."""
    done = departures.end_service(
        call.tx, person_id, given.last_day, given.reason, call.actor, call.now
    )
    results = [
        {
            "task_id": each.task_id,
            "case_number": each.case_number,
            "code": None if each.refusal is None else each.refusal.code,
        }
        for each in done
    ]
    return {"results": results}
