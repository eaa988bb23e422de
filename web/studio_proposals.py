"""Four eyes: a draft is proposed by one person and decided on by another, who sees what differs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine import (
    deployments,
    package_archives,
    package_drafts,
    permissions,
    proposals,
    stored_packages,
)
from engine.errors import EngineError, NotFound
from engine.package_diff import Difference, differences
from engine.proposals import Proposing, Verdict
from sla import rehearsals
from web.deeds import settle
from web.element_words import Called
from web.pages import page
from web.policies import ANALYSIS, DEPLOYMENT, policy
from web.studio_desk import Desk, installed, open_desk, refusal, seen_number
from web.studio_words import called_around, called_in, telling
from web.visits import actor, reading

blueprint = Blueprint("studio_proposals", __name__)
_NOT_RUN = "scenarios/"


@blueprint.get("/studio/<uuid:draft_id>/propose")
@policy(DEPLOYMENT)
def show(draft_id: UUID) -> ResponseReturnValue:
    """What would be proposed: the difference to what is active, lint, every scenario."""
    return _page(draft_id)


@blueprint.post("/studio/<uuid:draft_id>/propose")
@policy(DEPLOYMENT)
def propose(draft_id: UUID) -> ResponseReturnValue:
    """Store the draft for a second person. Lint and scenarios run before the transaction."""
    try:
        with reading() as tx:
            desk = open_desk(tx, draft_id)
        asked = Proposing(
            draft_id, seen_number(), _ready(desk), request.form.get("reason", ""), _checks(desk)
        )

        def deed(tx: Connection, now: datetime) -> str:
            proposals.propose(tx, asked, actor(), now)
            return url_for("web.definitions.show", package_id=desk.draft.package_id)

        return settle(deed, "definitions.proposed")
    except EngineError as refused:
        return _page(draft_id, refused)


@blueprint.get("/definitions/<package_id>/versions/<uuid:definition_id>")
@policy(ANALYSIS)
def review(package_id: str, definition_id: UUID) -> ResponseReturnValue:
    return _review_page(package_id, definition_id)


@blueprint.post("/definitions/<package_id>/versions/<uuid:definition_id>/decide")
@policy(ANALYSIS)
def decide(package_id: str, definition_id: UUID) -> ResponseReturnValue:
    """Approve or refuse, with a reason. Who wrote any of it cannot."""
    why, choice = request.form.get("why", ""), request.form.get("choice", "")

    def deed(tx: Connection, now: datetime) -> str:
        if choice == "approve":
            seen = request.form.get("seen_failing") == "1"
            proposals.approve(tx, definition_id, Verdict(why, seen), actor(), now)
        else:
            proposals.refuse(tx, definition_id, why, actor(), now)
        return url_for("web.definitions.show", package_id=package_id)

    told = "definitions.approved" if choice == "approve" else "definitions.refused"
    try:
        return settle(deed, told)
    except EngineError as refused:
        return _review_page(package_id, definition_id, refused)


@blueprint.get("/definitions/<package_id>/versions/<uuid:definition_id>/export.zip")
@policy(ANALYSIS)
def export(package_id: str, definition_id: UUID) -> Response:
    """The package as the version has it: of a draft, all its files; of files, what it runs."""
    with reading() as tx:
        files = _files(tx, definition_id, package_id)
    answer = Response(package_archives.packed(package_id, files), mimetype="application/zip")
    name = f"{package_id}-{str(definition_id)[:8]}.zip"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


# --- below --------------------------------------------------------------------------------------


def _ready(desk: Desk) -> Any:
    if desk.library is None:
        raise desk.broken or NotFound("package_draft.no_file", "The draft is no package")
    deployments.prepare(desk.library, desk.draft.package_id)
    return desk.library


def _checks(desk: Desk) -> dict[str, Any]:
    """What lint and the scenarios say, for the second person and for the record."""
    if desk.library is None:
        return {}
    results = rehearsals.rehearse_all(desk.library, desk.draft.package_id)
    told = [str(each) for each in desk.findings if desk.is_own(each)]
    return {"findings": told[:100], "scenarios": rehearsals.told(results)}


def _page(draft_id: UUID, refused: EngineError | None = None) -> ResponseReturnValue:
    told, status = refusal(refused)
    with reading() as tx:
        desk = open_desk(tx, draft_id)
        active = proposals.active_id(tx, actor().office_id, desk.draft.package_id)
        before = _files(tx, active, desk.draft.package_id) if active else {}
        return page(
            tx,
            "studio_propose.html",
            desk=desk,
            is_first=active is None,
            changed=_differences(before, desk),
            **telling(_called(desk, before)),
            checks_=_checks(desk),
            reason=request.form.get("reason", ""),
            told=told,
            status=status,
        )


def _called(desk: Desk, before: Mapping[str, bytes]) -> Called:
    """What is called, what was there before, and what stands there now."""
    names = (called_around(desk).names, called_in(before).names, called_in(desk.files).names)
    return Called({element_id: name for each in names for element_id, name in each.items()})


def _differences(before: Mapping[str, bytes], desk: Desk) -> list[Difference]:
    """What the draft changes. A version that came from files has no scenarios to compare."""
    after = desk.files
    if not any(path.startswith(_NOT_RUN) for path in before):
        after = {path: text for path, text in after.items() if not path.startswith(_NOT_RUN)}
    return differences(before, after)


def _files(tx: Connection, definition_id: UUID, package_id: str) -> dict[str, bytes]:
    proposal = proposals.find(tx, definition_id, actor())
    if proposal is not None:
        draft = package_drafts.draft(tx, proposal.draft_id, actor(), proposal.draft_number)
        return package_drafts.contents(tx, draft)
    found = proposals.version(tx, definition_id, actor())
    return stored_packages.own_files(tx, found.id, installed(tx).package(package_id))


def _review_page(
    package_id: str, definition_id: UUID, refused: EngineError | None = None
) -> ResponseReturnValue:
    told, status = refusal(refused)
    with reading() as tx:
        version = proposals.version(tx, definition_id, actor())
        proposal = proposals.find(tx, definition_id, actor())
        if proposal is None or version.package_id != package_id:
            raise NotFound("definition.not_found", "There is no such proposal here")
        desk = open_desk(tx, proposal.draft_id, proposal.draft_number)
        before = _files(tx, proposal.former_id, package_id) if proposal.former_id else {}
        return page(
            tx,
            "studio_review.html",
            desk=desk,
            version=version,
            proposal=proposal,
            failing=proposals.failing(proposal.checks),
            changed=_differences(before, desk),
            **telling(_called(desk, before)),
            forbidden=proposals.refusal(tx, definition_id, actor()),
            may_deploy=permissions.may_deploy(actor()) is None,
            told=told,
            why=request.form.get("why", ""),
            status=status,
        )
