"""Comments on a case: written from wherever the case is looked at, read by whoever may see it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine import case_rows, notes
from engine.errors import EngineError, Rejected
from web.deeds import settle
from web.errors import sentence, status_of
from web.pages import page
from web.people import colleagues
from web.policies import CASES, HANDLING, policy
from web.sign_in import local_address
from web.visits import actor, reading

blueprint = Blueprint("comments", __name__)


@blueprint.get("/cases/<uuid:case_id>/comments")
@policy(CASES)
def index(case_id: UUID) -> ResponseReturnValue:
    """All that was said on the case, on a page of its own."""
    return _page(case_id)


@blueprint.post("/cases/<uuid:case_id>/comments")
@policy(HANDLING)
def add(case_id: UUID) -> ResponseReturnValue:
    """Add a comment; what was typed stays if it is refused."""
    mentioned = [UUID(each) for each in request.form.getlist("mention") if each]
    back = local_address(request.form.get("back"))

    def deed(tx: Connection, at: datetime) -> str:
        text = request.form.get("text", "")
        notes.comment(tx, case_id, text, actor(), at, mentioned)
        return back

    try:
        return settle(deed, "notes.added")
    except Rejected as refused:
        return _page(case_id, refused)


def _page(case_id: UUID, told: EngineError | None = None) -> ResponseReturnValue:
    with reading() as tx:
        case = case_rows.load(tx, case_id, actor(), lock=False)
        return page(
            tx,
            "comments.html",
            status=status_of(told) if told else 200,
            case=case,
            notes=notes.of_case(tx, case),
            colleagues=colleagues(tx, actor().office_id),
            told=sentence(told) if told else "",
            back=local_address(request.form.get("back")) if request.form.get("back") else None,
        )
