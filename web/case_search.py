"""Finding cases: one box that understands what was typed, and filters beside it.

Filters stand in the address. What was typed never does: it is sent by POST, named nowhere, and a
search by a person asks for its purpose first, which is then kept for half an hour of the session.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine import case_list, case_search, purposes, queries
from engine.case_list import CaseFilter, DueBy
from engine.clock import TAIPEI
from engine.cursors import Page
from engine.errors import EngineError
from engine.forms import Label
from engine.minguo import DateError, parse_date
from engine.permissions import may_search_offices
from engine.search_readings import Reading, readings, with_filters
from web.case_page import purpose_choices
from web.errors import sentence, status_of
from web.pages import page
from web.policies import AUDIT, CASES, policy
from web.titles import titles
from web.visits import actor, context, now, reading

blueprint = Blueprint("case_search", __name__)
PAGE_ROWS = 50
STATUSES = ("active", "suspended", "closed", "withdrawn")
FILTERS = ("status", "package", "office", "due", "filed_from", "filed_to")
KEPT = timedelta(minutes=30)
_PURPOSE = "search_purpose"


@blueprint.get("/cases")
@policy(CASES)
def show() -> ResponseReturnValue:
    """The cases of the office, the newest first, by the filters of the address."""
    with reading() as tx:
        found = queries.cases(
            tx, actor(), _filters(request.args), request.args.get("cursor"), PAGE_ROWS, now()
        )
        return _page(tx, request.args, found)


@blueprint.post("/cases/find")
@policy(CASES)
def find() -> ResponseReturnValue:
    """Look for what was typed. Without text, or for a process, on to the filters' own address."""
    text = request.form.get("text", "").strip()
    if not text:
        return _to_filters(request.form)
    with reading() as tx:
        given = _filters(request.form)
        office_id = case_list.searched_office(tx, actor(), given)
        meanings = readings(tx, text, office_id, titles(tx, office_id), now())
    if not meanings:
        return _nothing(request.form)
    try:
        return _first_found(meanings, given)
    except EngineError as refused:
        with reading() as tx:
            return _page(tx, request.form, None, told=refused)


def _first_found(meanings: list[Reading], given: CaseFilter) -> ResponseReturnValue:
    """The list of the first meaning that finds anything; a single case is opened."""
    for meant in sorted(meanings, key=_put_off):
        if meant.kind == "process":
            return _to_filters({**request.form, "package": meant.filter.package_id or ""})
        found = _searched(meant, given)
        if len(found.rows) == 1 and not request.form.get("cursor"):
            return _to_case(found.rows[0].case_id)
        if found.rows:
            with reading() as tx:
                return _page(tx, request.form, found, kind=meant.kind)
    return _nothing(request.form)


def _put_off(meant: Reading) -> bool:
    """Who has chosen a purpose looks for a person, though the text may be part of a title."""
    return meant.kind == "process" and bool(request.form.get("purpose"))


def _searched(meant: Reading, given: CaseFilter) -> Page[Any]:
    wanted = with_filters(meant, given)
    cursor = request.form.get("cursor") or None
    if not wanted.by_person:
        with reading() as tx:
            return queries.cases(tx, actor(), wanted, cursor, PAGE_ROWS, now())
    why = _purpose()
    with context().db.transaction() as tx:
        return case_search.search(tx, actor(), wanted, cursor, PAGE_ROWS, (why, now()))


# --- the purpose of searching by a person -------------------------------------------------------


def _purpose() -> str:
    """The purpose that was chosen, now or in the last half hour; empty: the verb asks for it."""
    code, more = request.form.get("purpose", ""), request.form.get("more", "")
    if not code:
        return _kept_purpose()
    why = purposes.purpose(code, more)
    until = (context().wall_clock.now() + KEPT).isoformat()
    session[_PURPOSE] = [str(actor().account_id), why, until]
    return why


def _kept_purpose() -> str:
    who, why, until = session.get(_PURPOSE) or ("", "", "")
    is_mine = who == str(actor().account_id)
    is_living = bool(until) and datetime.fromisoformat(until) > context().wall_clock.now()
    return why if is_mine and is_living else ""


# --- filters ------------------------------------------------------------------------------------


def _filters(given: Mapping[str, str]) -> CaseFilter:
    """What the fields ask for; what is no choice of theirs is left out."""
    status, due = given.get("status"), given.get("due")
    until = _day(given.get("filed_to"))
    return CaseFilter(
        status=status if status in STATUSES else None,
        package_id=given.get("package") or None,
        office_id=given.get("office") or None,
        due_by=DueBy(due) if due in list(DueBy) else None,
        filed_from=_midnight(_day(given.get("filed_from"))),
        filed_before=_midnight(until + timedelta(days=1) if until else None),
    )


def _day(text: str | None) -> date | None:
    try:
        return parse_date(text or "")
    except DateError:
        return None


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), TAIPEI)


def _address(given: Mapping[str, str], **more: str | None) -> str:
    kept: dict[str, Any] = {name: given.get(name) or None for name in FILTERS}
    return url_for("web.case_search.show", **{**kept, **more})


def _to_filters(given: Mapping[str, str]) -> ResponseReturnValue:
    return "", 303, {"Location": _address(given)}


def _to_case(case_id: UUID) -> ResponseReturnValue:
    return "", 303, {"Location": url_for("web.cases.show", case_id=case_id)}


def _nothing(given: Mapping[str, str]) -> Response:
    with reading() as tx:
        return _page(tx, given, Page(()))


# --- the page -----------------------------------------------------------------------------------


def _page(
    tx: Connection,
    given: Mapping[str, str],
    found: Page[Any] | None,
    *,
    kind: str = "",
    told: EngineError | None = None,
) -> Response:
    below = _offices(tx)
    kept = _kept_purpose()
    code, _, more = kept.partition(": ")
    return page(
        tx,
        "cases.html",
        status=status_of(told) if told else 200,
        rows=found.rows if found else (),
        next_cursor=found.next_cursor if found else None,
        given=given,
        text=given.get("text"),
        kind=kind,
        is_listed=found is not None,
        told=sentence(told) if told else "",
        asks_purpose=told is not None and told.code in ("search.purpose", "purpose.more"),
        address=_address,
        statuses=STATUSES,
        dues=tuple(DueBy),
        offices=below,
        may_audit=AUDIT.admits(actor()),
        packages=titles(tx, actor().office_id),
        purposes=purpose_choices(),
        purpose=given.get("purpose") or code,
        more=given.get("more") or more,
        is_filtered=any(given.get(name) for name in FILTERS if name != "status"),
    )


def _offices(tx: Connection) -> dict[str, Label]:
    """The offices below, for those who may search there; mostly none."""
    who = actor()
    return case_list.offices_below(tx, who.office_id) if may_search_offices(who) else {}
