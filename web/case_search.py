"""Finding cases: by status and process, or by number, ID and name."""

from __future__ import annotations

import re
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from engine import queries
from engine.identity_numbers import is_identity_number
from engine.queries import CaseFilter
from web.pages import page
from web.policies import CASES, policy
from web.titles import titles
from web.visits import actor, now, reading

blueprint = Blueprint("case_search", __name__)
PAGE_ROWS = 50
STATUSES = ("active", "suspended", "closed", "withdrawn")
_NUMBER = re.compile(r"[A-Za-z]{1,12}-?\d{2,3}-?\d{1,5}|\d{1,5}")


@blueprint.get("/cases")
@policy(CASES)
def show() -> ResponseReturnValue:
    """The cases of the office, the newest first, by status and process."""
    status, package_id = request.args.get("status"), request.args.get("package") or None
    status = status if status in STATUSES else None
    wanted = CaseFilter(status=status, package_id=package_id)
    return _list(wanted, request.args.get("cursor"))


@blueprint.post("/cases/find")
@policy(CASES)
def find() -> ResponseReturnValue:
    """Look for a number, an ID or a name. Sent by POST, so that no name stands in an address."""
    text = request.form.get("text", "").strip()
    if not text:
        return _list(CaseFilter(), None)
    with reading() as tx:
        for wanted in _readings(text):
            found = queries.cases(tx, actor(), wanted, None, 2, now())
            if len(found.rows) == 1:
                return _to_case(found.rows[0].case_id)
            if found.rows:
                return _list(wanted, None, text)
    return _list(CaseFilter(number=text), None, text)


def _readings(text: str) -> list[CaseFilter]:
    """What the text may be. A whole name is found like a whole ID: by its keyed hash."""
    if is_identity_number(text):
        return [CaseFilter(id_number=text)]
    if _NUMBER.fullmatch(text):
        return [CaseFilter(number=text.upper())]
    return [CaseFilter(number=text.upper()), CaseFilter(name=text)]


def _to_case(case_id: UUID) -> ResponseReturnValue:
    return "", 303, {"Location": url_for("web.cases.show", case_id=case_id)}


def _list(wanted: CaseFilter, cursor: str | None, text: str | None = None) -> Response:
    with reading() as tx:
        found = queries.cases(tx, actor(), wanted, cursor, PAGE_ROWS, now())
        return page(
            tx,
            "cases.html",
            rows=found.rows,
            next_cursor=found.next_cursor,
            wanted=wanted,
            statuses=STATUSES,
            packages=titles(tx, actor().office_id),
            text=text,
        )
