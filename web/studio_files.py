"""Any file of a draft as text: what no other page of the studio edits can be edited here."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from engine import form_edits
from engine.errors import EngineError, NotFound, Rejected
from engine.manifests import parse_manifest, read_yaml
from engine.package_files import kind_of, xml_root
from web.pages import page
from web.policies import ANALYSIS, DEPLOYMENT, policy
from web.studio_desk import Desk, open_desk, refusal, save, seen_number
from web.visits import reading

blueprint = Blueprint("studio_files", __name__)
SCENARIO = """title: {zh-TW: %s, en: %s}
at: 2026-03-02T09:00+08:00
file:
  values: {}
steps:
  - expect: {status: active}
"""


@blueprint.get("/studio/<uuid:draft_id>/files/<path:path>")
@policy(ANALYSIS)
def show(draft_id: UUID, path: str) -> ResponseReturnValue:
    return _page(draft_id, path)


@blueprint.post("/studio/<uuid:draft_id>/files/<path:path>")
@policy(DEPLOYMENT)
def write(draft_id: UUID, path: str) -> ResponseReturnValue:
    """Save the text, if it can be read as what it is; else show it again with the line."""
    entered = request.form.get("text", "").replace("\r\n", "\n")
    back = url_for("web.studio_files.show", draft_id=draft_id, path=path)

    def change(desk: Desk) -> Mapping[str, bytes | None]:
        content = entered.encode()
        old = desk.files.get(path, b"")
        if old.endswith(b"\n") and not content.endswith(b"\n"):
            content += b"\n"
        if b"\r\n" in old:
            content = content.replace(b"\n", b"\r\n")
        _check(path, content)
        return {path: content}

    try:
        return save(draft_id, change, back, comment=request.form.get("comment", ""))
    except EngineError as refused:
        return _page(draft_id, path, entered, refused)


@blueprint.post("/studio/<uuid:draft_id>/files")
@policy(DEPLOYMENT)
def add(draft_id: UUID) -> ResponseReturnValue:
    """A new form or scenario, or a file that is taken out."""
    gone = request.form.get("remove", "")
    if gone:
        back = url_for("web.studio.show", draft_id=draft_id)
        return save(draft_id, lambda _: {gone: None}, back, told="studio.removed")
    name, kind = request.form.get("name", "").strip(), request.form.get("kind", "form")
    path = f"forms/{name}.form" if kind == "form" else f"scenarios/{name}.yaml"
    kind_of(path)
    title = request.form.get("title", "").strip() or name
    content = (
        form_edits.new_form(name, title, name)
        if kind == "form"
        else (SCENARIO % (title, name)).encode()
    )

    def change(desk: Desk) -> Mapping[str, bytes | None]:
        if path in desk.files:
            raise Rejected("package_draft.file_taken", f"There is a file {path} already")
        return {path: content}

    return save(draft_id, change, _editor(draft_id, path), told="studio.added")


def _editor(draft_id: UUID, path: str) -> str:
    if path.startswith("forms/"):
        form_id = path.removeprefix("forms/").removesuffix(".form")
        return url_for("web.studio_forms.show", draft_id=draft_id, form_id=form_id)
    return url_for("web.studio_files.show", draft_id=draft_id, path=path)


def _check(path: str, content: bytes) -> None:
    match kind_of(path):
        case "package":
            parse_manifest(content, path)
        case "limits" | "scenario":
            read_yaml(content, path)
        case "form":
            form_edits.rows(content, path)
        case _:
            xml_root(content, path)


def _page(
    draft_id: UUID, path: str, entered: str | None = None, refused: EngineError | None = None
) -> ResponseReturnValue:
    told, status = refusal(refused)
    with reading() as tx:
        desk = open_desk(tx, draft_id, seen_number() or None)
        if path not in desk.files:
            raise NotFound("package_draft.no_file", f"The draft has no file {path}")
        text = desk.files[path].decode("utf-8", "replace") if entered is None else entered
        return page(
            tx,
            "studio_file.html",
            desk=desk,
            path=path,
            text=text,
            told=told,
            status=status,
        )
