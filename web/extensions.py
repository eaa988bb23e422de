"""The one lawful extension of a processing period (Administrative Procedure Act, Art. 51)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine.errors import EngineError, Rejected
from engine.minguo import DateError, parse_date
from sla import clocks, extensions
from sla.extensions import Longer
from sla.spans import Unit
from web.deeds import settle
from web.errors import sentence, status_of
from web.overdue import UNITS, desk_page
from web.policies import SUPERVISION, policy
from web.visits import actor

blueprint = Blueprint("extensions", __name__)


@blueprint.post("/overdue/clocks/<uuid:clock_id>/extend")
@policy(SUPERVISION)
def extend(clock_id: UUID) -> ResponseReturnValue:
    """Extend, or show the desk again with why not."""
    try:
        longer = _longer()
        return settle(lambda tx, at: _extend(tx, clock_id, longer, at), "overdue.extended")
    except EngineError as refused:
        looked = request.form.get("looked", "")
        case_id = UUID(looked) if looked else None
        return desk_page([("length", sentence(refused))], case_id, status_of(refused))


def _extend(tx: Connection, clock_id: UUID, longer: Longer, at: datetime) -> str:
    extensions.extend(tx, clock_id, longer, actor(), at)
    clock, _ = clocks.explained(tx, clock_id, actor().office_id)
    return url_for("web.cases.show", case_id=clock.case_id)


def _longer() -> Longer:
    """The extension as entered. Raises Rejected for what is no number, unit or date."""
    length, unit = request.form.get("length", ""), request.form.get("unit", "")
    if not length.isdecimal() or int(length) < 1 or unit not in UNITS:
        raise Rejected("clock.length", "Expected a whole number of days and their kind")
    try:
        told_on = parse_date(request.form.get("told_on", ""))
    except DateError as wrong:
        raise Rejected("clock.told_on", wrong.en, zh=wrong.zh, en=wrong.en) from wrong
    return Longer(int(length), Unit(unit), request.form.get("reason", "").strip(), told_on)
