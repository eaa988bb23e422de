"""A case: where it stands and why, what is told of it, and acts on it as a whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine import cases, purposes, transfers
from engine.case_rows import load
from engine.errors import EngineError, NotFound, Rejected
from engine.transfers import Handover
from web.case_page import Shown, case_page
from web.deeds import settle
from web.forms import written
from web.policies import CASES, HANDLING, SUPERVISION, policy
from web.visits import actor, context, lang, now

blueprint = Blueprint("cases", __name__)


@blueprint.get("/cases/<uuid:case_id>")
@policy(CASES)
def show(case_id: UUID) -> ResponseReturnValue:
    return case_page(case_id)


@blueprint.get("/cases/<uuid:case_id>/print")
@policy(CASES)
def on_paper(case_id: UUID) -> ResponseReturnValue:
    """The whole case on paper: everything open, no forms, personal data masked."""
    return case_page(case_id, printing=True)


@blueprint.post("/cases/<uuid:case_id>/reveal")
@policy(HANDLING)
def reveal(case_id: UUID) -> ResponseReturnValue:
    """Show the ticked fields in clear on this one page; who looked and why is written first."""
    paths = request.form.getlist("path")
    try:
        if not paths:
            raise Rejected("reveal.paths", "Name the fields to see")
        why = purposes.purpose(request.form.get("purpose", ""), request.form.get("more", ""))
        with context().db.transaction() as tx:
            clear = cases.reveal(tx, case_id, paths, why, actor(), now())
    except EngineError as refused:
        return case_page(case_id, Shown(refused="reveal", why=refused))
    return case_page(
        case_id, Shown(clear={path: written(value, lang()) for path, value in clear.items()})
    )


@blueprint.post("/cases/<uuid:case_id>/withdraw")
@policy(HANDLING)
def withdraw(case_id: UUID) -> ResponseReturnValue:
    reason = request.form.get("reason", "").strip()
    return _act(
        case_id,
        "withdraw",
        "case.withdrawn",
        lambda tx, at: cases.withdraw(tx, case_id, reason, actor(), at),
    )


@blueprint.post("/cases/<uuid:case_id>/suspend")
@policy(SUPERVISION)
def suspend(case_id: UUID) -> ResponseReturnValue:
    reason = request.form.get("reason", "").strip()
    return _act(
        case_id,
        "suspend",
        "case.suspended",
        lambda tx, at: cases.suspend(tx, case_id, reason, actor(), at),
    )


@blueprint.post("/cases/<uuid:case_id>/resume")
@policy(SUPERVISION)
def resume(case_id: UUID) -> ResponseReturnValue:
    reason = request.form.get("reason", "").strip()
    return _act(
        case_id,
        "resume",
        "case.resumed",
        lambda tx, at: cases.resume(tx, case_id, reason, actor(), at),
    )


@blueprint.post("/cases/<uuid:case_id>/transfer")
@policy(SUPERVISION)
def transfer(case_id: UUID) -> ResponseReturnValue:
    """Hand the case over to another office."""
    handover = Handover(request.form.get("to_office", ""), request.form.get("reason", ""))

    def deed(tx: Connection, at: datetime) -> str:
        transfers.transfer(tx, case_id, handover, actor(), at)
        try:
            load(tx, case_id, actor(), lock=False)
        except NotFound:  # an office that had it only on its way sees it no more
            return url_for("web.worklist.show")
        return url_for("web.cases.show", case_id=case_id, _anchor="main")

    try:
        return settle(deed, "case.transferred")
    except EngineError as refused:
        return case_page(case_id, Shown(refused="transfer", why=refused))


def _act(
    case_id: UUID, name: str, done: str, verb: Callable[[Connection, datetime], None]
) -> ResponseReturnValue:
    """Do the verb and come back to the case, with the refusal beside the act if there is one."""

    def deed(tx: Connection, at: datetime) -> str:
        verb(tx, at)
        # Without an anchor of its own the page would stay at the form's, below what it says.
        return url_for("web.cases.show", case_id=case_id, _anchor="main")

    try:
        return settle(deed, done)
    except EngineError as refused:
        return case_page(case_id, Shown(refused=name, why=refused))
