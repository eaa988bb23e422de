"""The overdue desk over the API: late cases one each, and figures."""

from __future__ import annotations

from typing import Any

from api.blueprints import blueprint as noun
from api.chases import DESK
from api.doors import Call, read
from api.overdue_names import named
from api.overdue_shapes import DeskQuery, FiguresShape, LineShape, Wanted
from api.shapes import page_of
from engine.cursors import Order, Page
from engine.errors import Rejected
from sla import on_time, overdue_desk
from sla.overdue_views import Place, View
from sla.parties import Party

blueprint = noun("overdue", "Late cases: why, whose, how late, what next")
_ORDER = Order("overdue.cases", ("text", "instant", "uuid"))
_PAUSED = Order("overdue.cases.paused", ("uuid",))


@blueprint.get("/overdue/cases")
@read(*DESK)
@blueprint.arguments(DeskQuery, location="query")
@blueprint.response(200, page_of(LineShape, "OverdueCases"))
def index(call: Call, wanted: Wanted) -> Any:
    """The cases of one tab of the overdue desk: those the office is late with before those whose
    applicant is, of each the longest overdue first."""
    view = View(wanted.view)
    place = _place(wanted, view)
    page = overdue_desk.Page(place, wanted.limit, wanted.filters)
    found = overdue_desk.desk(call.tx, call.actor, call.now, view, page)
    return Page(tuple(named(call, found.lines)), _cursor(found.next_place))


@blueprint.get("/overdue/figures")
@read(*DESK)
@blueprint.response(200, FiguresShape)
def figures(call: Call) -> Any:
    """On time or not by section and owner: this month beside the last."""
    return on_time.figures(call.tx, call.actor, call.now)


def _place(wanted: Wanted, view: View) -> Place | None:
    if wanted.cursor is None:
        return None
    if view is View.PAUSED:
        (clock_id,) = _PAUSED.decode(wanted.cursor)
        return None, None, clock_id
    party, due_at, clock_id = _ORDER.decode(wanted.cursor)
    if party not in set(Party):
        raise Rejected("cursor.invalid", "Expected a cursor of this list, as it was given")
    return Party(party), due_at, clock_id


def _cursor(place: Place | None) -> str | None:
    if place is None:
        return None
    party, due_at, clock_id = place
    if party is None:
        return _PAUSED.encode([str(clock_id)])
    return _ORDER.encode([party, due_at, str(clock_id)])
