"""The demo office's clock: moved on by a button, never back."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from werkzeug.exceptions import BadRequest, NotFound

from engine.clock import legal_day
from sla.calendars import snapshot
from web.deeds import settle
from web.policies import SIGNED_IN, policy
from web.sign_in import local_address
from web.visits import actor, context

blueprint = Blueprint("demo", __name__)
WORKING_DAYS = {"working_day": 1, "five_working_days": 5}


@blueprint.post("/demo/clock")
@policy(SIGNED_IN)
def move_clock() -> ResponseReturnValue:
    """Move the demo clock on and go back to the page; what has become due happens by itself."""
    demo_clock = context().demo_clock
    if demo_clock is None:
        raise NotFound
    back = local_address(request.form.get("back"))

    def move(tx: Connection, now: datetime) -> str:
        demo_clock.move_to(tx, _goal(tx, request.form.get("move", ""), now))
        return back

    answer = settle(move, "demo.moved")
    demo_clock.forget()
    return answer


def _goal(tx: Connection, wanted: str, now: datetime) -> datetime:
    """An hour on, or the opening of the office on a working day to come."""
    if wanted == "hour":
        return now + timedelta(hours=1)
    if wanted not in WORKING_DAYS:
        raise BadRequest
    calendar = snapshot(tx, actor().office_id, now)
    day = calendar.nth_working_day(legal_day(now), WORKING_DAYS[wanted])
    opening = calendar.opening(day)
    if opening is None:  # a day that is worked has an opening; the calendar is broken otherwise
        raise BadRequest
    return max(opening[0], now)
