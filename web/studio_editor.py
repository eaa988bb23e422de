"""What the diagram editor in the browser asks: save, keep while drawing, findings, properties."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from engine import package_autosaves, package_drafts
from engine.errors import Conflict
from engine.package_autosaves import Autosave
from engine.package_diff import differences
from engine.package_drafts import Edit
from engine.package_files import xml_root
from web.element_words import plain
from web.policies import ANALYSIS, DEPLOYMENT, policy
from web.studio_desk import found, keep_unsaved, open_desk, refusal, seen_number
from web.studio_properties import catalogue, names_of
from web.studio_words import called_in, difference_line
from web.visits import actor, context, now, reading, say

blueprint = Blueprint("studio_editor", __name__)


@blueprint.post("/studio/<uuid:draft_id>/diagram")
@policy(DEPLOYMENT)
def write(draft_id: UUID) -> ResponseReturnValue:
    """Save what was drawn (the body, as it is), and say what lint finds now.

    409 if somebody else has saved since: with who, when, what they changed, and where to choose.
    """
    content, seen = request.get_data(), seen_number()
    xml_root(content, "diagram")
    with reading() as tx:
        path = open_desk(tx, draft_id, seen).diagram_path
    try:
        with context().db.transaction() as tx:
            edit = Edit(draft_id, seen, {path: content}, request.args.get("comment", ""))
            package_drafts.save(tx, edit, actor(), now())
            package_autosaves.forget(tx, draft_id, path, actor())
    except Conflict as stale:
        return _stale(draft_id, path, content, stale), 409
    with reading() as tx:
        desk = open_desk(tx, draft_id)
    return jsonify(
        number=desk.draft.number,
        told=say("studio.saved_as", n=desk.draft.number),
        findings=found(desk),
    )


@blueprint.post("/studio/<uuid:draft_id>/autosave")
@policy(DEPLOYMENT)
def autosave(draft_id: UUID) -> ResponseReturnValue:
    """Keep what is being drawn, apart from the draft, for the day the browser dies."""
    with reading() as tx:
        path = open_desk(tx, draft_id).diagram_path
    with context().db.transaction() as tx:
        mine = Autosave(path, seen_number(), request.get_data(), now())
        package_autosaves.keep(tx, draft_id, mine, actor())
    return "", 204


@blueprint.get("/studio/<uuid:draft_id>/findings.json")
@policy(ANALYSIS)
def findings(draft_id: UUID) -> Response:
    with reading() as tx:
        return jsonify(found(open_desk(tx, draft_id)))


@blueprint.get("/studio/<uuid:draft_id>/properties.json")
@policy(ANALYSIS)
def property_list(draft_id: UUID) -> Response:
    """What can be set on which element, worded in the reader's language."""
    with reading() as tx:
        desk = open_desk(tx, draft_id)
        return jsonify(catalogue(names_of(desk.library, desk.draft.package_id)))


def _stale(draft_id: UUID, path: str, content: bytes, stale: Conflict) -> Response:
    address = keep_unsaved(draft_id, seen_number(), {path: content})
    with reading() as tx:
        before = package_drafts.contents(
            tx, package_drafts.draft(tx, draft_id, actor(), seen_number())
        )
        after = package_drafts.contents(tx, package_drafts.draft(tx, draft_id, actor()))
    called = called_in(before, after)
    told = [plain(difference_line(each, called)) for each in differences(before, after)[:20]]
    return jsonify(told=refusal(stale)[0], url=address, differences=told)
