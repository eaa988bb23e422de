"""The demo office's clock: read and moved on, never back. There is one in a demonstration only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from marshmallow import ValidationError, validates_schema

from api.blueprints import blueprint as noun
from api.context import context
from api.doors import Call, read, write
from api.shapes import Instant, Shape, Whole, always
from engine.clock import legal_day
from engine.demo_clock import DemoClock
from engine.errors import NotFound
from sla.calendars import snapshot

blueprint = noun("demo_clock", "The clock of a demonstration")


@dataclass(frozen=True, slots=True)
class Move:
    to: datetime | None
    working_days: int | None
    hours: int | None


class MoveShape(Shape):
    """Exactly one of the three. `working_days` moves to the opening of that day."""

    makes = Move
    to = Instant(load_default=None)
    working_days = Whole(1, 250, load_default=None)
    hours = Whole(1, 9_600, load_default=None)

    @validates_schema
    def one_of_three(self, data: dict[str, Any], **_: object) -> None:
        given = [name for name in ("to", "working_days", "hours") if data.get(name) is not None]
        if len(given) != 1:
            raise ValidationError("Expected exactly one of to, working_days and hours.")


class NowShape(Shape):
    now = always(Instant)


@blueprint.get("/demo/clock")
@read()
@blueprint.response(200, NowShape)
@blueprint.alt_response(404, "Problem404")
def show(call: Call) -> Any:
    """What time it is in the demonstration."""
    _clock()
    return {"now": call.now}


@blueprint.post("/demo/clock")
@write()
@blueprint.arguments(MoveShape)
@blueprint.response(200, NowShape)
def move(call: Call, given: Move) -> Any:
    """Move the clock on; what has become due happens by itself."""
    clock = _clock()
    goal = _goal(call, given)
    clock.move_to(call.tx, goal)
    call.afterwards.append(clock.forget)
    return {"now": goal}


def _clock() -> DemoClock:
    clock = context().demo_clock
    if clock is None:
        raise NotFound("demo.none", "This is no demonstration; its clock is the real one")
    return clock


def _goal(call: Call, given: Move) -> datetime:
    if given.to is not None:
        return given.to
    if given.hours is not None:
        return call.now + timedelta(hours=given.hours)
    calendar = snapshot(call.tx, call.actor.office_id, call.now)
    day = calendar.nth_working_day(legal_day(call.now), given.working_days or 1)
    opening = calendar.opening(day)
    return max(opening[0], call.now) if opening else call.now
