"""Telling an applicant why it takes longer."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine.errors import EngineError, Rejected
from engine.minguo import DateError, parse_date
from sla import delay_notices
from sla.delay_notices import Delay
from web.deeds import settle
from web.errors import sentence, status_of
from web.overdue import desk_page
from web.policies import SUPERVISION, policy
from web.visits import actor

blueprint = Blueprint("delays", __name__)


@blueprint.post("/overdue/cases/<uuid:case_id>/tell")
@policy(SUPERVISION)
def tell(case_id: UUID) -> ResponseReturnValue:
    """Tell the applicant the reason of the delay, and go on to the letter."""
    try:
        delay = _delay()
        return settle(lambda tx, at: _tell(tx, case_id, delay, at), "delay.told")
    except EngineError as refused:
        return desk_page([("tell-reason", sentence(refused))], case_id, status_of(refused))


def _tell(tx: Connection, case_id: UUID, delay: Delay, at: datetime) -> str:
    notice_id = delay_notices.tell_applicant(tx, case_id, delay, actor(), at)
    return url_for("web.notices.show", notice_id=notice_id)


def _delay() -> Delay:
    """What the applicant is told, as entered. Raises Rejected for what is no date."""
    try:
        new_date: date = parse_date(request.form.get("new_date", ""))
    except DateError as wrong:
        raise Rejected("delay.new_date", wrong.en, zh=wrong.zh, en=wrong.en) from wrong
    return Delay(request.form.get("reason", ""), new_date, request.form.get("channel", ""))
