"""The office calendar: a month at a time, and edits that move due dates, weighed before entered."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from werkzeug.exceptions import NotFound

from engine.clock import legal_day
from engine.errors import EngineError
from engine.minguo import DateError, parse_date
from sla import closure_list
from sla.calendars import MAY_CLOSE, Closure, DayEntry, snapshot
from sla.closures import Entered, enter_closure, enter_working_day
from web.calendar_months import day_text, month_of, neighbour, weeks
from web.deeds import settle
from web.errors import sentence, status_of
from web.pages import page
from web.policies import OPERATION, policy
from web.visits import actor, lang, now, reading, say

blueprint = Blueprint("calendar", __name__)
EMPTY = {"day": "", "part": "all", "reason": "", "source": ""}
CLOSURES = ("all", "morning", "afternoon")
PARTS = (*CLOSURES, "works", "rests")


@blueprint.get("/operations/calendar")
@policy(OPERATION)
def show() -> ResponseReturnValue:
    """A month of the office; `edit` names an entered edit whose moved dates are listed."""
    wanted = request.args.get("edit", "")
    return _page(edit_id=_uuid(wanted))


@blueprint.post("/operations/calendar")
@policy(OPERATION)
def close() -> ResponseReturnValue:
    """First say what an edit would move; sent again with `confirmed`, enter it."""
    entered = {name: request.form.get(name, "").strip() for name in EMPTY}
    errors = {
        name: say("form.required") for name in ("day", "reason", "source") if not entered[name]
    }
    day = _day(entered["day"], errors)
    if entered["part"] not in PARTS:
        errors["part"] = say("form.required")
    if errors or day is None:
        return _page(errors=errors, entered=entered, status=422)
    try:
        if "confirmed" not in request.form:
            return _weighed(day, entered)
        return settle(lambda tx, at: _enter(tx, day, entered, at), "calendar.entered")
    except EngineError as refused:
        told = {"day": sentence(refused)}
        return _page(errors=told, entered=entered, status=status_of(refused))


def _weighed(day: date, entered: dict[str, str]) -> Response:
    preview = None
    if entered["part"] in CLOSURES:
        with reading() as tx:
            preview = closure_list.preview(tx, _closure(day, entered), now())
    return _page(entered=entered, preview=preview, weighed=day)


def _enter(tx: Connection, day: date, entered: dict[str, str], at: datetime) -> str:
    done: Entered
    if entered["part"] in CLOSURES:
        done = enter_closure(tx, _closure(day, entered), actor(), at)
    else:
        is_working = entered["part"] == "works"
        entry = DayEntry(actor().office_id, day, is_working, entered["reason"], entered["source"])
        done = enter_working_day(tx, entry, actor(), at)
    return url_for("web.calendar.show", edit=done.job_id, month=f"{day:%Y-%m}")


def _closure(day: date, entered: dict[str, str]) -> Closure:
    return Closure(actor().office_id, day, entered["part"], entered["reason"], entered["source"])


# --- the page -----------------------------------------------------------------------------------


def _page(
    errors: dict[str, str] | None = None,
    entered: dict[str, str] | None = None,
    edit_id: UUID | None = None,
    preview: closure_list.Preview | None = None,
    weighed: date | None = None,
    status: int = 200,
) -> Response:
    with reading() as tx:
        edit = closure_list.edit(tx, edit_id, actor()) if edit_id else None
        if edit_id and edit is None:
            raise NotFound
        month = month_of(request.args.get("month", ""), weighed or legal_day(now()))
        known = snapshot(tx, actor().office_id, now())
        return page(
            tx,
            "calendar.html",
            status=status,
            month=month,
            weeks=weeks(known, month),
            before=neighbour(known, month, -1),
            after=neighbour(known, month, 1),
            this_month=legal_day(now()).replace(day=1),
            loaded_until=known.last,
            edit=edit,
            moved=closure_list.moved_by(tx, edit.id, actor()) if edit else (),
            most_listed=closure_list.MOST_LISTED,
            edits=closure_list.edits(tx, actor()),
            parts=PARTS,
            day_text=day_text,
            preview=preview,
            weighed=weighed,
            may_close=bool(actor().groups & MAY_CLOSE),
            errors=errors or {},
            entered=entered or EMPTY,
        )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NotFound from None


def _day(text: str, errors: dict[str, str]) -> date | None:
    if not text:
        return None
    try:
        return parse_date(text)
    except DateError as wrong:
        errors["day"] = wrong.zh if lang().startswith("zh") else wrong.en
        return None
