"""The office calendar: the days to come, and entering a closure that moves due dates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, select

from engine.errors import EngineError
from engine.minguo import DateError, format_date, parse_date
from sla.calendars import Closure, days_from
from sla.closures import enter_closure
from sla.working_time import reason_text
from store.tables import calendar_days, cases, clock_entries, clocks
from web.deeds import settle
from web.errors import sentence, status_of
from web.pages import page
from web.policies import OPERATION, policy
from web.visits import actor, lang, now, reading, say

blueprint = Blueprint("calendar", __name__)
DAYS_SHOWN = 35
EMPTY = {"day": "", "part": "all", "reason": "", "source": ""}


@blueprint.get("/operations/calendar")
@policy(OPERATION)
def show() -> ResponseReturnValue:
    """The next five weeks; `closure` names an entered closure whose moved dates are listed."""
    wanted = request.args.get("closure", "")
    return _page(closure=int(wanted) if wanted.isdecimal() else None)


@blueprint.post("/operations/calendar")
@policy(OPERATION)
def close() -> ResponseReturnValue:
    """Enter a closure; the page then lists every due date it moved, before and after."""
    entered = {name: request.form.get(name, "").strip() for name in EMPTY}
    errors = {
        name: say("form.required") for name in ("day", "reason", "source") if not entered[name]
    }
    day = _day(entered["day"], errors)
    if errors or day is None:
        return _page(errors=errors, entered=entered, status=422)
    closure = Closure(
        actor().office_id, day, entered["part"] or "all", entered["reason"], entered["source"]
    )
    try:
        return settle(lambda tx, at: _enter(tx, closure, at), "calendar.entered")
    except EngineError as refused:
        told = {"day": sentence(refused)}
        return _page(errors=told, entered=entered, status=status_of(refused))


def _enter(tx: Connection, closure: Closure, at: datetime) -> str:
    enter_closure(tx, closure, actor(), at)
    entered = tx.execute(
        select(calendar_days.c.id)
        .where(
            calendar_days.c.office_id == closure.office_id,
            calendar_days.c.day == closure.day,
            calendar_days.c.known_from == at,
        )
        .order_by(calendar_days.c.id.desc())
    ).scalar()
    return url_for("web.calendar.show", closure=entered)


def _page(
    errors: dict[str, str] | None = None,
    entered: dict[str, str] | None = None,
    closure: int | None = None,
    status: int = 200,
) -> Response:
    with reading() as tx:
        days = [
            (day, known, reason_text(known.reason, lang()))
            for day, known in days_from(tx, actor().office_id, now(), DAYS_SHOWN)
        ]
        known_closure = _closure(tx, closure)
        return page(
            tx,
            "calendar.html",
            status=status,
            days=days,
            moved=_moved(tx, known_closure) if known_closure else None,
            moved_day=format_date(known_closure.day, lang()) if known_closure else "",
            errors=errors or {},
            entered=entered or EMPTY,
        )


def _closure(tx: Connection, closure_id: int | None) -> Any | None:
    if closure_id is None:
        return None
    return tx.execute(
        select(calendar_days).where(
            calendar_days.c.id == closure_id,
            calendar_days.c.office_id == actor().office_id,
            calendar_days.c.entered_by.is_not(None),
        )
    ).first()


def _moved(tx: Connection, closure: Any) -> Sequence[Any]:
    """The clocks that were recalculated in the transaction of the closure."""
    return tx.execute(
        select(
            clock_entries.c.due_before.label("before"),
            clock_entries.c.due_after.label("after"),
            clocks.c.name,
            clocks.c.case_id,
            cases.c.number.label("case_number"),
        )
        .join(clocks, clocks.c.id == clock_entries.c.clock_id)
        .join(cases, cases.c.id == clocks.c.case_id)
        .where(
            clock_entries.c.office_id == closure.office_id,
            clock_entries.c.kind == "recalculate",
            clock_entries.c.at == closure.known_from,
        )
        .order_by(clock_entries.c.due_before)
    ).all()


def _day(text: str, errors: dict[str, str]) -> date | None:
    if not text:
        return None
    try:
        return parse_date(text)
    except DateError as wrong:
        errors["day"] = wrong.zh if lang().startswith("zh") else wrong.en
        return None
