"""Views of the overdue desk by name: kept, renamed, shared with the office, deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine.errors import EngineError
from sla import desk_views
from web.deeds import Deed, settle
from web.errors import sentence, status_of
from web.overdue import desk_page
from web.overdue_filters import address, filters, view
from web.policies import SUPERVISION, policy
from web.visits import actor

blueprint = Blueprint("desk_views", __name__)


@blueprint.post("/overdue/views")
@policy(SUPERVISION)
def keep() -> ResponseReturnValue:
    """Keep the present tab and filters under a name."""

    def deed(tx: Connection, at: datetime) -> str:
        desk_views.keep(tx, request.form.get("name", ""), view(), filters(), actor(), at)
        return _desk()

    return _told("view-name", deed, "desk_view.kept")


@blueprint.post("/overdue/views/<uuid:view_id>/name")
@policy(SUPERVISION)
def rename(view_id: UUID) -> ResponseReturnValue:
    """Call a view otherwise."""

    def deed(tx: Connection, at: datetime) -> str:
        desk_views.rename(tx, view_id, request.form.get("name", ""), actor(), at)
        return _desk()

    return _told(f"view-{view_id}", deed, "desk_view.renamed")


@blueprint.post("/overdue/views/<uuid:view_id>/share")
@policy(SUPERVISION)
def share(view_id: UUID) -> ResponseReturnValue:
    """Show a view to everybody at the desk of the office, or no longer."""
    shared = request.form.get("shared") == "true"

    def deed(tx: Connection, at: datetime) -> str:
        desk_views.share(tx, view_id, actor(), at, shared=shared)
        return _desk()

    return _told(f"view-{view_id}", deed, "desk_view.shared" if shared else "desk_view.unshared")


@blueprint.post("/overdue/views/<uuid:view_id>/delete")
@policy(SUPERVISION)
def drop(view_id: UUID) -> ResponseReturnValue:
    """Delete a view; the cases under it stay as they are."""

    def deed(tx: Connection, _at: datetime) -> str:
        desk_views.drop(tx, view_id, actor())
        return _desk()

    return _told(f"view-{view_id}", deed, "desk_view.deleted")


def _desk() -> str:
    present: dict[str, Any] = dict(address())
    return url_for("web.overdue.desk", _anchor="saved-title", **present)


def _told(field: str, deed: Deed, done: str) -> ResponseReturnValue:
    """The desk again; what is wrong stands beside the field it is about."""
    try:
        return settle(deed, done)
    except EngineError as refused:
        return desk_page([(field, sentence(refused))], None, status_of(refused))
