"""Files of a case: the list, adding, looking at one for a purpose, taking one out.

Content is only ever sent to be kept, never to be shown as a page: as a download, in a sandbox.
Pictures may be looked at beside the work; nothing else is opened by the browser itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from werkzeug.datastructures import FileStorage

from engine import attachments, case_rows, purposes
from engine.attachments import Content, Place, Prepared
from engine.errors import EngineError
from engine.files import KINDS
from engine.permissions import may_handle
from store.database import Database
from web.deeds import Result, report, settle
from web.errors import sentence
from web.pages import page
from web.policies import CASES, HANDLING, policy, takes_files
from web.sign_in import local_address
from web.visits import actor, context, lang, now, reading, say

blueprint = Blueprint("attachments", __name__)
SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"
MOST_AT_ONCE = 20


@blueprint.get("/cases/<uuid:case_id>/attachments")
@policy(CASES)
def index(case_id: UUID) -> ResponseReturnValue:
    """All files of a case, withdrawn ones too."""
    return _page(case_id)


@blueprint.post("/cases/<uuid:case_id>/attachments")
@takes_files
@policy(HANDLING)
def add(case_id: UUID) -> ResponseReturnValue:
    """Add the chosen files; each stands or falls by itself, and says which."""
    given = [each for each in request.files.getlist("file") if each.filename][:MOST_AT_ONCE]
    back = local_address(request.form.get("back"))
    if not given:
        flash(say("attachments.choose"), "refused")
        return redirect(back, 303)
    prepared = [_prepared(each) for each in given]

    def deed(tx: Connection, at: datetime) -> list[Result]:
        # By number: the answer is kept for a while, and file names name people.
        return [_added(tx, case_id, (n, each), at) for n, each in enumerate(prepared)]

    results = report(deed)
    if all(result.is_done for result in results):
        flash(say("attachments.added", n=len(results)), "done")
        return redirect(back, 303)
    with reading() as tx:
        return page(
            tx,
            "results.html",
            results=results,
            names=[str(each.filename) for each in given],
            title=say("attachments.results"),
            row_title=say("attachments.file"),
            back=back,
        )


@blueprint.post("/attachments/<uuid:attachment_id>/look")
@policy(HANDLING)
def look(attachment_id: UUID) -> ResponseReturnValue:
    """Write down why the file is looked at, then send it."""
    why = purposes.purpose(request.form.get("purpose", ""), request.form.get("more", ""))
    with context().db.transaction() as tx:
        attachments.look_at(tx, attachment_id, why, actor(), now())
    return redirect(url_for("web.attachments.content", attachment_id=attachment_id), 303)


@blueprint.get("/attachments/<uuid:attachment_id>/content")
@policy(HANDLING)
def content(attachment_id: UUID) -> ResponseReturnValue:
    """The content, for whoever has just said why; a piece at a time."""
    with reading() as tx:
        found = attachments.content(tx, attachment_id, actor(), now())
    answer = Response(_pieces(context().db, found), mimetype=found.about.media_type)
    answer.content_length = found.about.size
    name = quote(found.about.name or "file", safe="")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer


@blueprint.post("/attachments/<uuid:attachment_id>/withdraw")
@policy(HANDLING)
def withdraw(attachment_id: UUID) -> ResponseReturnValue:
    """Take a file out; its content is destroyed."""
    back = local_address(request.form.get("back"))
    reason = request.form.get("reason", "")

    def deed(tx: Connection, at: datetime) -> str:
        attachments.withdraw(tx, attachment_id, reason, actor(), at)
        return back

    return settle(deed, "attachments.withdrawn")


def _page(case_id: UUID) -> Response:
    with reading() as tx:
        case = case_rows.load(tx, case_id, actor(), lock=False)
        return page(
            tx,
            "case_attachments.html",
            case=case,
            files=attachments.of_loaded(tx, case, actor()),
            may_add=may_handle(case.facts, actor()),
        )


def _prepared(file: FileStorage) -> Prepared | EngineError:
    """The file judged, before any transaction is open."""
    try:
        return attachments.prepare(str(file.filename), file.stream, context().files)
    except EngineError as refused:
        return refused


def _added(
    tx: Connection, case_id: UUID, given: tuple[int, Prepared | EngineError], at: datetime
) -> Result:
    number, prepared = given
    name = str(number)
    if isinstance(prepared, EngineError):
        return Result(name, sentence(prepared), is_done=False)
    task = request.form.get("task")
    place = Place(request.form.get("paper") or None, UUID(task) if task else None)
    try:
        with tx.begin_nested():
            attachments.add(tx, case_id, prepared, place, actor(), at)
    except EngineError as refused:
        return Result(name, sentence(refused), is_done=False)
    return Result(name, say("result.done"), is_done=True)


def _pieces(db: Database, found: Content) -> Iterator[bytes]:
    """Each part is read in a short transaction of its own: a slow line holds nothing."""
    for number in range(found.parts):
        with db.transaction(read_only=True) as tx:
            piece = found.part(tx, number)
        yield piece


@dataclass(frozen=True, slots=True)
class Purpose:
    code: str
    label: str


@blueprint.app_context_processor
def _words() -> dict[str, object]:
    """What the macros of `attachments.html` need, wherever they stand."""
    return {"purposes": _purposes, "file_rules": lambda: context().files, "file_endings": _endings}


def _purposes() -> list[Purpose]:
    return [Purpose(code, purposes.told(code, lang())) for code in purposes.CODES]


def _endings() -> str:
    return ",".join(f".{ending}" for ending in KINDS)
