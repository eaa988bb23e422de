"""Finding cases: one box that understands what was typed, and filters beside it.

Filters stand in the address. What was typed never does: it is sent by POST, named nowhere, and a
search by a person asks for its purpose first, which is then kept for half an hour of the session.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine import case_list, case_search, queries
from engine.case_list import CaseFilter
from engine.cursors import Page
from engine.errors import EngineError
from engine.search_readings import Reading, readings, with_filters
from web import search_purpose
from web.case_filters import DUES, FILTERS, STATUSES, address, filters_of
from web.case_page import purpose_choices
from web.errors import sentence, status_of
from web.pages import page
from web.policies import AUDIT, CASES, policy
from web.visits import actor, context, now, reading

blueprint = Blueprint("case_search", __name__)
PAGE_ROWS = 50


@blueprint.get("/cases")
@policy(CASES)
def show() -> ResponseReturnValue:
    """The cases of the office, the newest first, by the filters of the address."""
    with reading() as tx:
        found = queries.cases(
            tx, actor(), filters_of(request.args), request.args.get("cursor"), PAGE_ROWS, now()
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
        given = filters_of(request.form)
        office_id = case_list.searched_office(tx, actor(), given)
        meanings = readings(tx, text, office_id, queries.titles(tx, office_id), now())
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
    why = search_purpose.given()
    with context().db.transaction() as tx:
        return case_search.search(tx, actor(), wanted, cursor, PAGE_ROWS, (why, now()))


# --- answers -----------------------------------------------------------------------------------


def _to_filters(given: Mapping[str, str]) -> ResponseReturnValue:
    return "", 303, {"Location": address(given)}


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
    below = case_list.searchable_offices(tx, actor())
    kept = search_purpose.kept()
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
        address=address,
        statuses=STATUSES,
        dues=DUES,
        offices=below,
        may_audit=AUDIT.admits(actor()),
        packages=queries.titles(tx, actor().office_id),
        purpose_choices=purpose_choices(),
        purpose=given.get("purpose") or code,
        more=given.get("more") or more,
        is_filtered=any(given.get(name) for name in FILTERS if name != "status"),
    )
