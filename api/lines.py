"""The line to each agency, timers and messages, as operations see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from marshmallow import fields, validate

from agencies import lines
from api.blueprints import blueprint as noun
from api.doors import Call, read, write
from api.shapes import Instant, PageQuery, Shape, Words, always, many, page_of, perhaps
from engine import inbox_list, timer_list
from engine.permissions import MENDERS

blueprint = noun("operations", "Lines to agencies, timers, messages that found no case")


@dataclass(frozen=True, slots=True)
class Wanted:
    limit: int
    cursor: str | None
    view: str


@dataclass(frozen=True, slots=True)
class Pausing:
    reason: str


class TimersQuery(PageQuery):
    makes = Wanted
    view = fields.String(load_default="waiting", validate=validate.OneOf(timer_list.VIEWS))


class MessagesQuery(PageQuery):
    makes = Wanted
    view = fields.String(load_default="quarantined", validate=validate.OneOf(inbox_list.VIEWS))


class PausingShape(Shape):
    makes = Pausing
    reason = Words(300, required=True)


class LinePauseShape(Shape):
    reason = always(fields.String)
    by = always(fields.String, attribute="by_name")
    since = always(Instant)


class AgencyLineShape(Shape):
    peer = always(fields.String)
    waiting = always(fields.Integer)
    dead = always(fields.Integer)
    failing_since = perhaps(Instant)
    next_attempt_at = perhaps(Instant)
    last_error = perhaps(fields.String)
    pause = perhaps(fields.Nested, LinePauseShape)


class AgencyLinesShape(Shape):
    items = many(AgencyLineShape)
    next = perhaps(fields.String)


class PlannedTimerShape(Shape):
    """`late_seconds` is how long after its time it fired, or is by now."""

    id = always(fields.UUID)
    case_id = always(fields.UUID)
    case_number = always(fields.String)
    process_id = always(fields.String)
    element_id = always(fields.String)
    clock = perhaps(fields.String)
    due_at = perhaps(Instant)
    fired_at = perhaps(Instant)
    late_seconds = perhaps(fields.Function, lambda row: _seconds(row.late))
    rests = perhaps(fields.String)
    attempts = always(fields.Integer)
    last_error = perhaps(fields.String)


class StrayMessageShape(Shape):
    id = always(fields.UUID)
    peer = always(fields.String)
    message_id = always(fields.String)
    name = always(fields.String)
    status = always(fields.String)
    received_at = always(Instant)
    expires_at = always(Instant)
    reason = perhaps(fields.String)
    incident_id = perhaps(fields.UUID)


@blueprint.get("/lines")
@read(*sorted(MENDERS))
@blueprint.response(200, AgencyLinesShape)
def index(call: Call) -> Any:
    """Every agency with something open or paused: what waits, since when it fails, what is dead."""
    return {"items": lines.lines(call.tx, call.actor), "next": None}


@blueprint.post("/lines/<peer>/pause")
@write(*sorted(MENDERS))
@blueprint.arguments(PausingShape)
@blueprint.response(204)
def pause(call: Call, given: Pausing, peer: str) -> None:
    """Send this agency nothing for your office until somebody resumes it."""
    lines.pause(call.tx, peer, given.reason, call.actor, call.now)


@blueprint.post("/lines/<peer>/resume")
@write(*sorted(MENDERS))
@blueprint.response(204)
def resume(call: Call, peer: str) -> None:
    """Send again what has waited."""
    lines.resume(call.tx, peer, call.actor, call.now)


@blueprint.get("/timers")
@read(*sorted(MENDERS))
@blueprint.arguments(TimersQuery, location="query")
@blueprint.response(200, page_of(PlannedTimerShape, "TimersPage"))
def timers(call: Call, wanted: Wanted) -> Any:
    """The timers of your office: planned by due time, fired newest first, or resting."""
    return timer_list.timers_page(
        call.tx, call.actor, wanted.view, wanted.cursor, wanted.limit, call.now
    )


@blueprint.get("/messages")
@read(*sorted(MENDERS))
@blueprint.arguments(MessagesQuery, location="query")
@blueprint.response(200, page_of(StrayMessageShape, "StrayMessages"))
def messages(call: Call, wanted: Wanted) -> Any:
    """Messages that found no case, without their content, the newest first."""
    return inbox_list.messages_page(call.tx, call.actor, wanted.view, wanted.cursor, wanted.limit)


def _seconds(late: timedelta | None) -> float | None:
    return None if late is None else late.total_seconds()
