"""The one lawful extension of a processing period (Administrative Procedure Act, Art. 51).

It is asked for at the case, granted or refused by rank, or made at the overdue desk; the applicant
is told by its letter.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine.errors import EngineError, Rejected
from engine.minguo import DateError, parse_date
from sla import clocks, extension_requests, extensions
from sla.extensions import Longer
from sla.spans import Unit
from web.case_page import Shown, case_page
from web.deeds import settle
from web.errors import sentence, status_of
from web.overdue import UNITS, desk_page
from web.policies import HANDLING, SUPERVISION, policy
from web.visits import actor, reading

blueprint = Blueprint("extensions", __name__)
_UNITS = frozenset({*UNITS, Unit.DAY, Unit.WEEK, Unit.MONTH})


@blueprint.post("/overdue/clocks/<uuid:clock_id>/extend")
@policy(SUPERVISION)
def extend(clock_id: UUID) -> ResponseReturnValue:
    """Extend, or show the desk again with why not."""
    try:
        longer = _told(_longer())
        return settle(lambda tx, at: _extend(tx, clock_id, longer, at), "overdue.extended")
    except EngineError as refused:
        looked = request.form.get("looked", "")
        case_id = UUID(looked) if looked else None
        return desk_page([("length", sentence(refused))], case_id, status_of(refused))


@blueprint.post("/clocks/<uuid:clock_id>/extension-requests")
@policy(HANDLING)
def ask(clock_id: UUID) -> ResponseReturnValue:
    """Ask for an extension, and come back to the case."""

    def deed(tx: Connection, at: datetime) -> str:
        extension_requests.ask(tx, clock_id, _longer(), actor(), at)
        clock, _ = clocks.explained(tx, clock_id, actor())
        return _case(clock.case_id)

    try:
        return settle(deed, "extension.asked")
    except EngineError as refused:
        return case_page(_named_case(), Shown(refused="ask", why=refused, about=clock_id))


@blueprint.post("/extension-requests/<uuid:request_id>/grant")
@policy(SUPERVISION)
def grant(request_id: UUID) -> ResponseReturnValue:
    """Grant it: the clock is extended, and the letter written."""

    def deed(tx: Connection, at: datetime) -> None:
        extension_requests.grant(tx, request_id, actor(), at)

    return _decide(request_id, deed, "extension.granted")


@blueprint.post("/extension-requests/<uuid:request_id>/refuse")
@policy(SUPERVISION)
def refuse(request_id: UUID) -> ResponseReturnValue:
    why = request.form.get("why", "")

    def deed(tx: Connection, at: datetime) -> None:
        extension_requests.refuse(tx, request_id, why, actor(), at)

    return _decide(request_id, deed, "extension.refused")


@blueprint.post("/extension-requests/<uuid:request_id>/withdraw")
@policy(HANDLING)
def withdraw(request_id: UUID) -> ResponseReturnValue:
    def deed(tx: Connection, at: datetime) -> None:
        extension_requests.withdraw(tx, request_id, actor(), at)

    return _decide(request_id, deed, "extension.withdrawn")


def _decide(
    request_id: UUID, verb: Callable[[Connection, datetime], None], done: str
) -> ResponseReturnValue:
    """Decide, and come back to the case, with the refusal beside the request if there is one."""
    with reading() as tx:
        case_id = extension_requests.find(tx, request_id, actor()).case_id

    def deed(tx: Connection, at: datetime) -> str:
        verb(tx, at)
        return _case(case_id)

    try:
        return settle(deed, done)
    except EngineError as refused:
        return case_page(case_id, Shown(refused="extension", why=refused, about=request_id))


def _extend(tx: Connection, clock_id: UUID, longer: Longer, at: datetime) -> str:
    extensions.extend(tx, clock_id, longer, actor(), at)
    clock, _ = clocks.explained(tx, clock_id, actor())
    return url_for("web.cases.show", case_id=clock.case_id)


def _case(case_id: UUID) -> str:
    return url_for("web.cases.show", case_id=case_id, _anchor="clocks")


def _named_case() -> UUID:
    try:
        return UUID(request.form.get("case", ""))
    except ValueError as wrong:
        raise Rejected("case.not_found", "Expected the id of a case") from wrong


def _longer() -> Longer:
    """The extension as entered. Raises Rejected for what is no number or unit."""
    length, unit = request.form.get("length", "").strip(), request.form.get("unit", "")
    is_number = length.isascii() and length.isdecimal() and 1 <= int(length[:6]) <= 1_000
    if not is_number or unit not in _UNITS:
        raise Rejected("clock.length", "Expected a whole number of days and their kind")
    return Longer(int(length), Unit(unit), request.form.get("reason", "").strip())


def _told(longer: Longer) -> Longer:
    """With the day the applicant was told, where one was entered."""
    entered = request.form.get("told_on", "").strip()
    if not entered:
        return longer
    try:
        told_on = parse_date(entered)
    except DateError as wrong:
        raise Rejected("clock.told_on", wrong.en, zh=wrong.zh, en=wrong.en) from wrong
    return Longer(longer.length, longer.unit, longer.reason, told_on)
