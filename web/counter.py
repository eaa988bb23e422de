"""The counter: one box for whatever is at hand, one's drafts, and the matters that can be filed."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine import (
    case_search,
    filing_drafts,
)
from engine.case_list import CaseFilter, CaseRow
from engine.errors import EngineError, Rejected
from engine.identity_numbers import canonical, is_identity_number
from web.at_hand import matter_of, next_on, numbered_case, scanned_case
from web.beginning import PURPOSE
from web.errors import sentence, status_of
from web.matters import by_section, matters
from web.pages import in_language, page
from web.policies import HANDLING, policy
from web.titles import titles
from web.visits import actor, context, now, reading

blueprint = Blueprint("counter", __name__)
MOST_FOUND = 20


@dataclass(frozen=True, slots=True)
class Found:
    """What the box found of a person: their cases here, and what was typed, to go on with."""

    typed: str
    kind: str  # id_number, name
    rows: tuple[CaseRow, ...]
    has_more: bool


@blueprint.get("/counter")
@policy(HANDLING)
def choose() -> ResponseReturnValue:
    """The box, one's drafts, and what can be filed here: what the person may file first."""
    return _desk()


@blueprint.post("/counter/find")
@policy(HANDLING)
def find() -> ResponseReturnValue:
    """Go where the typed or scanned text leads: to a case and what to do next on it, to a person's
    cases, or to the form of a matter. Sent by POST, so that nothing personal stands in an address.
    """
    typed = " ".join(request.form.get("text", "").split())
    with reading() as tx:
        case_id = scanned_case(tx, typed)
        if case_id is None and (matter := matter_of(tx, typed)) is not None:
            return redirect(url_for("web.filing.start", package_id=matter.package.id), 303)
        case_id = case_id or numbered_case(tx, typed)
    if case_id is not None:
        return redirect(next_on(case_id), 303)
    if not typed:
        return _desk()
    try:
        return _person(typed)
    except EngineError as refused:
        return _desk(typed, told=sentence(refused), status=status_of(refused))


# --- a person -----------------------------------------------------------------------------------


def _person(typed: str) -> Response:
    is_number = is_identity_number(typed)
    wanted = CaseFilter(id_number=canonical(typed)) if is_number else CaseFilter(name=typed)
    if not is_number and any(character.isdigit() for character in typed):
        raise Rejected("counter.nothing", "No case, person or matter fits what was typed")
    with context().db.transaction() as tx:
        page_ = case_search.search(tx, actor(), wanted, None, MOST_FOUND, (PURPOSE, now()))
    kind = "id_number" if is_number else "name"
    return _desk(typed, Found(typed, kind, tuple(page_.rows), page_.next_cursor is not None))


# --- the page -----------------------------------------------------------------------------------


def _desk(
    typed: str = "", found: Found | None = None, told: str | None = None, status: int = 200
) -> Response:
    with reading() as tx:
        found_here = matters(tx)
        return page(
            tx,
            "counter.html",
            status=status,
            typed=typed,
            found=found,
            told=told,
            matters=found_here,
            sections=by_section(found_here),
            drafts=_drafts(tx),
        )


def _drafts(tx: Connection) -> list[tuple[filing_drafts.DraftRow, str]]:
    known = titles(tx, actor().office_id)
    return [
        (row, in_language(known[row.package_id].zh, known[row.package_id].en))
        if row.package_id in known
        else (row, row.package_id)
        for row in filing_drafts.mine(tx, actor())
    ]
