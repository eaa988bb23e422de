"""What somebody has not saved: after a crash, or because another was faster. Nothing is lost."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine import package_autosaves, package_drafts
from engine.package_diff import differences
from engine.package_drafts import Edit
from web.deeds import settle
from web.pages import page
from web.policies import DEPLOYMENT, policy
from web.studio_desk import open_desk
from web.studio_words import called_in, telling
from web.visits import actor, reading

blueprint = Blueprint("studio_unsaved", __name__)


@blueprint.get("/studio/<uuid:draft_id>/unsaved/<path:path>")
@policy(DEPLOYMENT)
def show(draft_id: UUID, path: str) -> ResponseReturnValue:
    """Mine, theirs, and where they differ: put it on top, save it as a branch, or let it go."""
    with reading() as tx:
        mine = package_autosaves.demanded(tx, draft_id, path, actor())
        desk = open_desk(tx, draft_id)
        begun = package_drafts.draft(tx, draft_id, actor(), mine.number)
        before = package_drafts.contents(tx, begun)
        return page(
            tx,
            "studio_unsaved.html",
            desk=desk,
            mine=mine,
            theirs=differences(before, desk.files) if mine.number != desk.draft.newest else [],
            changed=differences(before, {**before, path: mine.content}),
            **telling(called_in(before, desk.files, {path: mine.content})),
            is_apart=before.get(path) == desk.files.get(path),
        )


@blueprint.post("/studio/<uuid:draft_id>/unsaved/<path:path>")
@policy(DEPLOYMENT)
def settle_it(draft_id: UUID, path: str) -> ResponseReturnValue:
    """Do what was chosen: `save` on top of the newest, `branch`, or `drop`."""
    choice = request.form.get("choice", "")

    def deed(tx: Connection, now: datetime) -> str:
        mine = package_autosaves.demanded(tx, draft_id, path, actor())
        target = draft_id
        if choice == "branch":
            edit = Edit(draft_id, mine.number, {path: mine.content})
            name = request.form.get("name", "").strip()
            target = package_drafts.branch(tx, edit, name, actor(), now)
        elif choice == "save":
            seen = request.form.get("seen", type=int) or mine.number
            package_drafts.save(tx, Edit(draft_id, seen, {path: mine.content}), actor(), now)
        package_autosaves.forget(tx, draft_id, path, actor())
        return url_for("web.studio.show", draft_id=target)

    told = {"branch": "studio.branched", "save": "studio.saved"}.get(choice, "studio.dropped")
    return settle(deed, told)
