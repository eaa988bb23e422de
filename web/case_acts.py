"""Acts on what belongs to a case: links to other cases, who answers for it, what is in doubt."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine import case_links, ownership
from engine.case_links import NewLink
from engine.errors import EngineError, Rejected
from sla import doubtful
from web.case_page import Shown, case_page
from web.deeds import Deed, settle
from web.policies import HANDLING, policy
from web.visits import actor

blueprint = Blueprint("case_acts", __name__)


@blueprint.post("/cases/<uuid:case_id>/links")
@policy(HANDLING)
def link(case_id: UUID) -> ResponseReturnValue:
    """Link the case to another, with the reason."""
    form = request.form

    def deed(tx: Connection, at: datetime) -> str:
        new = NewLink(form.get("number", ""), form.get("kind", ""), form.get("reason", ""))
        case_links.link(tx, case_id, new, actor(), at)
        return url_for("web.cases.show", case_id=case_id, _anchor="relations")

    return _settled(case_id, deed, "relation.entered", "link")


@blueprint.post("/cases/<uuid:case_id>/links/<uuid:link_id>/remove")
@policy(HANDLING)
def unlink(case_id: UUID, link_id: UUID) -> ResponseReturnValue:
    def deed(tx: Connection, at: datetime) -> str:
        case_links.unlink(tx, case_id, link_id, actor(), at)
        return url_for("web.cases.show", case_id=case_id, _anchor="relations")

    return _settled(case_id, deed, "relation.removed", "link")


@blueprint.post("/cases/<uuid:case_id>/owner")
@policy(HANDLING)
def give(case_id: UUID) -> ResponseReturnValue:
    """Make a colleague, or oneself, answer for the case from now on."""

    def deed(tx: Connection, at: datetime) -> str:
        reason = request.form.get("reason", "")
        ownership.hand_over(tx, case_id, _person(), reason, actor(), at)
        return url_for("web.cases.show", case_id=case_id, _anchor="about")

    return _settled(case_id, deed, "owner.given", "owner")


@blueprint.post("/cases/<uuid:case_id>/doubtful")
@policy(HANDLING)
def doubt(case_id: UUID) -> ResponseReturnValue:
    """Make a walk-in matter an application case, and go to the receipt that says so."""

    def deed(tx: Connection, at: datetime) -> str:
        reason = request.form.get("reason", "")
        notice_id = doubtful.convert(tx, case_id, reason, actor(), at)
        return url_for("web.notices.show", notice_id=notice_id)

    return _settled(case_id, deed, "doubtful.done", "doubtful")


def _settled(case_id: UUID, deed: Deed, told: str, act: str) -> ResponseReturnValue:
    """Do it, or show the case again with the refusal beside what was tried."""
    try:
        return settle(deed, told)
    except EngineError as refused:
        return case_page(case_id, Shown(refused=act, why=refused))


def _person() -> UUID:
    try:
        return UUID(request.form.get("person", ""))
    except ValueError as wrong:
        raise Rejected("case.owner_person", "Choose who answers for the case") from wrong
