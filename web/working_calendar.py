"""The office calendar: a month at a time, and edits that move due dates: weighed, proposed, and
entered by a second person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from werkzeug.exceptions import NotFound

from engine.clock import legal_day
from engine.errors import EngineError
from engine.minguo import DateError, parse_date
from sla import calendar_edits, closure_list, closure_previews
from sla.calendar_edits import PARTS, Change
from sla.calendars import MAY_CLOSE, snapshot
from web.calendar_months import day_text, month_of, neighbour, weeks
from web.deeds import Deed, settle
from web.errors import sentence, status_of
from web.pages import page
from web.policies import OPERATION, policy
from web.visits import actor, lang, now, reading, say

blueprint = Blueprint("calendar", __name__)
EMPTY = {"day": "", "part": "all", "reason": "", "source": ""}


@blueprint.get("/operations/calendar")
@policy(OPERATION)
def show() -> ResponseReturnValue:
    """A month of the office; `edit` names an entered edit whose moved dates are listed, `proposal`
    one that waits for a second person, with what it would move."""
    edit_id, proposal_id = (_uuid(request.args.get(name, "")) for name in ("edit", "proposal"))
    return _page(edit_id=edit_id, proposal_id=proposal_id)


@blueprint.post("/operations/calendar")
@policy(OPERATION)
def propose() -> ResponseReturnValue:
    """First say what an edit would move; sent again with `confirmed`, propose it."""
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
        change = Change(day, entered["part"], entered["reason"], entered["source"])
        if "confirmed" not in request.form:
            with reading() as tx:
                preview = closure_previews.preview(tx, actor().office_id, change, now())
            return _page(entered=entered, weighed=Weighed(day, preview))
        return settle(lambda tx, at: _propose(tx, change, at), "calendar.proposed")
    except EngineError as refused:
        at = "reason" if refused.code == "calendar.reason_long" else "day"
        return _page(errors={at: sentence(refused)}, entered=entered, status=status_of(refused))


def _propose(tx: Connection, change: Change, at: datetime) -> str:
    edit_id = calendar_edits.propose(tx, change, actor(), at)
    return url_for("web.calendar.show", proposal=edit_id, month=f"{change.day:%Y-%m}")


@blueprint.post("/operations/calendar/edits/<uuid:edit_id>/approve")
@policy(OPERATION)
def approve(edit_id: UUID) -> ResponseReturnValue:
    def deed(tx: Connection, at: datetime) -> str:
        day = calendar_edits.find(tx, edit_id, actor()).change.day
        entered = calendar_edits.approve(tx, edit_id, actor(), at)
        return url_for("web.calendar.show", edit=entered.job_id, month=f"{day:%Y-%m}")

    return _decided(deed, edit_id, "calendar.entered")


@blueprint.post("/operations/calendar/edits/<uuid:edit_id>/refuse")
@policy(OPERATION)
def refuse(edit_id: UUID) -> ResponseReturnValue:
    def deed(tx: Connection, at: datetime) -> str:
        calendar_edits.refuse(tx, edit_id, request.form.get("why", ""), actor(), at)
        return url_for("web.calendar.show")

    return _decided(deed, edit_id, "calendar.refused")


@blueprint.post("/operations/calendar/edits/<uuid:edit_id>/withdraw")
@policy(OPERATION)
def withdraw(edit_id: UUID) -> ResponseReturnValue:
    def deed(tx: Connection, at: datetime) -> str:
        calendar_edits.withdraw(tx, edit_id, actor(), at)
        return url_for("web.calendar.show")

    return _decided(deed, edit_id, "calendar.withdrawn")


def _decided(deed: Deed, edit_id: UUID, done: str) -> ResponseReturnValue:
    """Decide, and tell a refusal beside the proposal, with what was typed."""
    try:
        return settle(deed, done)
    except EngineError as refused:
        told = {"why": sentence(refused)}
        return _page(proposal_id=edit_id, errors=told, status=status_of(refused))


@dataclass(frozen=True, slots=True)
class Weighed:
    """The day of an edit that is not proposed yet, and what it would move."""

    day: date
    preview: closure_previews.Preview


# --- the page -----------------------------------------------------------------------------------


def _page(
    errors: dict[str, str] | None = None,
    entered: dict[str, str] | None = None,
    *,
    edit_id: UUID | None = None,
    proposal_id: UUID | None = None,
    weighed: Weighed | None = None,
    status: int = 200,
) -> Response:
    with reading() as tx:
        edit = closure_list.edit(tx, edit_id, actor()) if edit_id else None
        if edit_id and edit is None:
            raise NotFound
        proposal = calendar_edits.find(tx, proposal_id, actor()) if proposal_id else None
        preview = weighed.preview if weighed else None
        if proposal is not None and proposal.status == "proposed":
            cursor = request.args.get("cursor") or None
            office_id, change = actor().office_id, proposal.change
            preview = closure_previews.preview(tx, office_id, change, now(), cursor)
        looked_at = proposal.change.day if proposal else legal_day(now())
        if weighed:
            looked_at = weighed.day
        month = month_of(request.args.get("month", ""), looked_at)
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
            proposal=proposal,
            is_mine=proposal is not None and proposal.proposed_by == actor().person_id,
            moved=closure_list.moved_by(tx, edit.id, actor()) if edit else (),
            stayed=closure_list.stayed_by(tx, edit.id, actor()) if edit else (),
            most_listed=closure_list.MOST_LISTED,
            edits=closure_list.edits(tx, actor()),
            proposals=calendar_edits.latest(tx, actor()),
            parts=PARTS,
            day_text=day_text,
            preview=preview,
            weighed=weighed.day if weighed else None,
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
