"""The studio's front: drafts begun, imported, looked over, exported, branched and set aside."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePath
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from werkzeug.datastructures import FileStorage

from engine import (
    package_archives,
    package_autosaves,
    package_drafts,
    package_skeletons,
    proposals,
)
from engine.errors import EngineError, NotFound, Rejected
from engine.package_diff import differences
from engine.package_drafts import Beginning, Edit
from engine.package_files import MAX_FILE
from engine.package_skeletons import NewPackage
from web.deeds import settle
from web.pages import page
from web.policies import ANALYSIS, DEPLOYMENT, policy
from web.studio_desk import installed, on_disk, open_desk, refusal, seen_number
from web.visits import actor, reading

blueprint = Blueprint("studio", __name__)


@blueprint.get("/studio/new")
@policy(DEPLOYMENT)
def new() -> ResponseReturnValue:
    return _new_page()


@blueprint.post("/studio/new")
@policy(DEPLOYMENT)
def create() -> ResponseReturnValue:
    """A package that has never been: one step of one person, complete enough to run."""
    try:
        return settle(_create, "studio.begun")
    except EngineError as refused:
        return _new_page(*refusal(refused))


@blueprint.get("/studio/import")
@policy(DEPLOYMENT)
def import_page() -> ResponseReturnValue:
    return _import_page()


@blueprint.post("/studio/import")
@policy(DEPLOYMENT)
def take_in() -> ResponseReturnValue:
    """A diagram or a whole package from another tool, kept byte for byte as it came."""
    try:
        return settle(_take_in, "studio.begun")
    except EngineError as refused:
        return _import_page(*refusal(refused))


@blueprint.post("/definitions/<package_id>/draft")
@policy(DEPLOYMENT)
def begin(package_id: str) -> ResponseReturnValue:
    """A draft of a package: of what is active, or of the files of the installation."""

    def deed(tx: Connection, now: datetime) -> str:
        library = installed(tx) if request.form.get("source") != "files" else on_disk()
        package = library.package(package_id)
        base = proposals.active_id(tx, actor().office_id, package_id)
        beginning = Beginning(package_id, package.files, base_definition_id=base)
        draft_id = package_drafts.open_draft(tx, beginning, actor(), now)
        return url_for("web.studio.show", draft_id=draft_id)

    return settle(deed, "studio.begun")


@blueprint.get("/studio/<uuid:draft_id>")
@policy(ANALYSIS)
def show(draft_id: UUID) -> ResponseReturnValue:
    """The draft: what it is made of, what lint says, who saved what, what was proposed."""
    number = request.args.get("number", type=int)
    with reading() as tx:
        desk = open_desk(tx, draft_id, number)
        versions = package_drafts.history(tx, draft_id)
        if desk.draft.number != desk.draft.newest:
            newest = package_drafts.contents(tx, package_drafts.draft(tx, draft_id, actor()))
            changed = differences(desk.files, newest)
        else:
            changed = []
        return page(
            tx,
            "studio.html",
            desk=desk,
            versions=versions,
            changed=changed,
            proposed=proposals.of_draft(tx, draft_id),
            unsaved=package_autosaves.listed(tx, draft_id, actor()),
        )


@blueprint.get("/studio/<uuid:draft_id>/export.zip")
@policy(ANALYSIS)
def export(draft_id: UUID) -> Response:
    """The whole package as it was saved, byte for byte."""
    with reading() as tx:
        draft = package_drafts.draft(tx, draft_id, actor(), request.args.get("number", type=int))
        files = package_drafts.contents(tx, draft)
    name = f"{draft.package_id}-draft-{draft.number}"
    return _download(package_archives.packed(draft.package_id, files), f"{name}.zip")


@blueprint.get("/studio/<uuid:draft_id>/raw/<path:path>")
@policy(ANALYSIS)
def raw(draft_id: UUID, path: str) -> Response:
    """One file as it was saved, byte for byte."""
    with reading() as tx:
        draft = package_drafts.draft(tx, draft_id, actor(), request.args.get("number", type=int))
        files = package_drafts.contents(tx, draft)
    if path not in files:
        raise NotFound("package_draft.no_file", f"The draft has no file {path}")
    return _download(files[path], PurePath(path).name)


@blueprint.post("/studio/<uuid:draft_id>/restore")
@policy(DEPLOYMENT)
def restore(draft_id: UUID) -> ResponseReturnValue:
    """Save an earlier version anew, as the newest. What lay between stays in the history."""
    number = request.form.get("number", type=int)

    def deed(tx: Connection, now: datetime) -> str:
        old = package_drafts.draft(tx, draft_id, actor(), number)
        newest = package_drafts.draft(tx, draft_id, actor(), seen_number())
        files: dict[str, bytes | None] = dict(package_drafts.contents(tx, old))
        gone = dict.fromkeys(set(newest.files) - set(files))
        edit = Edit(draft_id, newest.number, {**files, **gone}, f"↶ {old.number}")
        package_drafts.save(tx, edit, actor(), now)
        return url_for("web.studio.show", draft_id=draft_id)

    return settle(deed, "studio.saved")


@blueprint.post("/studio/<uuid:draft_id>/branch")
@policy(DEPLOYMENT)
def branch(draft_id: UUID) -> ResponseReturnValue:
    """The same draft once more, to go another way with."""

    def deed(tx: Connection, now: datetime) -> str:
        edit = Edit(draft_id, seen_number(), {})
        name = request.form.get("name", "").strip()
        made = package_drafts.branch(tx, edit, name, actor(), now)
        return url_for("web.studio.show", draft_id=made)

    return settle(deed, "studio.branched")


@blueprint.post("/studio/<uuid:draft_id>/set-aside")
@policy(DEPLOYMENT)
def set_aside(draft_id: UUID) -> ResponseReturnValue:
    def deed(tx: Connection, now: datetime) -> str:
        package_drafts.set_aside(tx, draft_id, actor(), now)
        return url_for("web.definitions.index")

    return settle(deed, "studio.was_set_aside")


@blueprint.post("/studio/<uuid:draft_id>/take-up")
@policy(DEPLOYMENT)
def take_up(draft_id: UUID) -> ResponseReturnValue:
    def deed(tx: Connection, now: datetime) -> str:
        package_drafts.take_up(tx, draft_id, actor(), now)
        return url_for("web.studio.show", draft_id=draft_id)

    return settle(deed, "studio.was_taken_up")


# --- below --------------------------------------------------------------------------------------


def _create(tx: Connection, now: datetime) -> str:
    told = _told()
    return _begun(tx, told.id, package_skeletons.skeleton(told), now)


def _told(diagram: bytes | None = None, where: str = "") -> NewPackage:
    process, name = package_skeletons.process_of(diagram, where) if diagram else ("", "")
    form = request.form
    return NewPackage(
        id=form.get("id", "").strip() or process,
        kind=form.get("kind", "registration"),
        title_zh=form.get("title_zh", "").strip() or name,
        title_en=form.get("title_en", "").strip() or (name if diagram else ""),
        process=process,
    )


def _take_in(tx: Connection, now: datetime) -> str:
    given: FileStorage | None = request.files.get("file")
    if given is None or not given.filename:
        raise Rejected("package.no_file", "Choose a .bpmn file or the zip of a package")
    content, where = given.stream.read(MAX_FILE * 10 + 1), PurePath(given.filename).name[:80]
    if where.lower().endswith(".zip"):
        package_id, files = package_archives.unpacked(content, where)
        return _begun(tx, package_id, files, now, known=True)
    if not where.lower().endswith((".bpmn", ".xml")) or len(content) > MAX_FILE:
        raise Rejected("package.no_file", "Choose a .bpmn file or the zip of a package")
    told = _told(content, where)
    return _begun(tx, told.id, package_skeletons.skeleton(told, content), now)


def _begun(
    tx: Connection, package_id: str, files: dict[str, bytes], now: datetime, *, known: bool = False
) -> str:
    library = installed(tx)
    if package_id in library.packages and not known:
        raise Rejected(
            "package.id_taken", f"There is a package {package_id} already; open a draft of it"
        )
    base = proposals.active_id(tx, actor().office_id, package_id)
    beginning = Beginning(package_id, files, base_definition_id=base)
    draft_id = package_drafts.open_draft(tx, beginning, actor(), now)
    return url_for("web.studio.show", draft_id=draft_id)


def _new_page(told: str = "", status: int = 200) -> ResponseReturnValue:
    with reading() as tx:
        return page(tx, "studio_new.html", told=told, status=status, entered=request.form)


def _import_page(told: str = "", status: int = 200) -> ResponseReturnValue:
    with reading() as tx:
        return page(tx, "studio_import.html", told=told, status=status, entered=request.form)


def _download(content: bytes, name: str) -> Response:
    answer = Response(content, mimetype="application/octet-stream")
    safe = "".join(char if char.isascii() and char not in '"\\' else "_" for char in name)
    answer.headers["Content-Disposition"] = f'attachment; filename="{safe}"'
    return answer
