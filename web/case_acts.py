"""Acts on what belongs to a case: links to other cases."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine import case_links
from engine.case_links import NewLink
from engine.errors import EngineError
from web.case_page import Shown, case_page
from web.deeds import settle
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

    try:
        return settle(deed, "relation.entered")
    except EngineError as refused:
        return case_page(case_id, Shown(refused="link", why=refused))


@blueprint.post("/cases/<uuid:case_id>/links/<uuid:link_id>/remove")
@policy(HANDLING)
def unlink(case_id: UUID, link_id: UUID) -> ResponseReturnValue:
    def deed(tx: Connection, at: datetime) -> str:
        case_links.unlink(tx, case_id, link_id, actor(), at)
        return url_for("web.cases.show", case_id=case_id, _anchor="relations")

    try:
        return settle(deed, "relation.removed")
    except EngineError as refused:
        return case_page(case_id, Shown(refused="link", why=refused))
