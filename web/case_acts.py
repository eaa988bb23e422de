"""Acts on what belongs to a case: the day a notice was served, and links to other cases."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine import case_links, notices
from engine.case_links import NewLink
from engine.errors import EngineError, Rejected
from engine.minguo import DateError, parse_date
from web.case_page import Shown, case_page
from web.deeds import settle
from web.policies import HANDLING, policy
from web.visits import actor

blueprint = Blueprint("case_acts", __name__)


@blueprint.post("/cases/<uuid:case_id>/notices/<uuid:notice_id>/serve")
@policy(HANDLING)
def serve(case_id: UUID, notice_id: UUID) -> ResponseReturnValue:
    """Enter the day a notice was served, with its proof; what was typed stays if refused."""

    def deed(tx: Connection, at: datetime) -> str:
        try:
            served_on = parse_date(request.form.get("served_on", ""))
        except DateError as wrong:
            raise Rejected("notice.served_on", wrong.en, zh=wrong.zh, en=wrong.en) from wrong
        serving = notices.Serving(served_on, request.form.get("proof", ""))
        notices.serve(tx, notice_id, serving, actor(), at)
        return url_for("web.cases.show", case_id=case_id, _anchor="notices")

    try:
        return settle(deed, "notice.entered")
    except EngineError as refused:
        return case_page(case_id, Shown(refused="serve", why=refused, about=notice_id))


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
