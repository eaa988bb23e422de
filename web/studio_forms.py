"""The forms of a draft as tables of fields, with a preview of what the counter will see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from engine import form_edits
from engine.errors import EngineError, NotFound
from engine.form_shows import COMPARE
from engine.forms import FieldKind, FieldType, parse, problems
from engine.technical_words import in_chinese
from web.case_page import purpose_choices
from web.forms import Sheet, sheet
from web.pages import in_language, page
from web.policies import ANALYSIS, DEPLOYMENT, policy
from web.studio_desk import Desk, open_desk, refusal, save, seen_number
from web.visits import lang, reading

blueprint = Blueprint("studio_forms", __name__)
_NEW = "new"


@blueprint.get("/studio/<uuid:draft_id>/forms/<form_id>")
@policy(ANALYSIS)
def show(draft_id: UUID, form_id: str) -> ResponseReturnValue:
    return _page(draft_id, form_id)


@blueprint.post("/studio/<uuid:draft_id>/forms/<form_id>")
@policy(DEPLOYMENT)
def write(draft_id: UUID, form_id: str) -> ResponseReturnValue:
    """Save the whole table, and do what the pressed button says beside: move, add, take out."""
    back = url_for("web.studio_forms.show", draft_id=draft_id, form_id=form_id)

    def change(desk: Desk) -> Mapping[str, bytes | None]:
        return {_path(form_id): _changed(_content(desk, form_id))}

    try:
        return save(draft_id, change, back)
    except EngineError as refused:
        return _page(draft_id, form_id, refused)


def _changed(content: bytes) -> bytes:
    form = request.form
    content = form_edits.set_title(content, form.get("title", ""), form.get("title_en", ""))
    if "shows" in form:
        content = form_edits.set_shows(content, form["shows"], form.get("shows_for", COMPARE))
    rows = form_edits.rows(content)
    content = form_edits.set_fields(content, {row.place: _entered(row.place) for row in rows})
    if form.get(f"{_NEW}:label", "").strip() or form.get(f"{_NEW}:key", "").strip():
        content = form_edits.add_field(content, _entered(_NEW))
    place, _, where = form.get("act", "").partition(":")
    if where in ("up", "down", "delete"):
        content = form_edits.change_field(content, place, where)  # type: ignore[arg-type]
    return content


def _entered(place: str) -> dict[str, str]:
    """What the table says of a field; a key the row does not show keeps what it has."""
    entered = {
        name: request.form[f"{place}:{name}"].replace("\r\n", "\n")
        for name in form_edits.SETTABLE
        if f"{place}:{name}" in request.form
    }
    if f"{place}:type" in request.form:
        for name in ("required", "readonly"):
            entered[name] = "true" if f"{place}:{name}" in request.form else ""
    return entered


def _path(form_id: str) -> str:
    return f"forms/{form_id}.form"


def _content(desk: Desk, form_id: str) -> bytes:
    path = _path(form_id)
    if path not in desk.files:
        raise NotFound("package_draft.no_file", f"The draft has no file {path}")
    return desk.files[path]


def _page(draft_id: UUID, form_id: str, refused: EngineError | None = None) -> ResponseReturnValue:
    told, status = refusal(refused)
    with reading() as tx:
        desk = open_desk(tx, draft_id, seen_number() or None)
        content = _content(desk, form_id)
        preview, wrong = _preview(content)
        return page(
            tx,
            "studio_form.html",
            desk=desk,
            form_id=form_id,
            path=_path(form_id),
            rows=[_row(each, refused) for each in form_edits.rows(content, _path(form_id))],
            titles=form_edits.titles(content),
            shows=form_edits.shows(content),
            purposes=purpose_choices(),
            types=list(FieldType),
            kinds=list(FieldKind),
            preview=preview,
            problems=[in_language(in_chinese(each) or each, each) for each in wrong],
            entered=request.form if refused else {},
            told=told,
            status=status,
        )


def _row(row: form_edits.Row, refused: EngineError | None) -> dict[str, Any]:
    values = {**row.values, **_entered(row.place)} if refused else row.values
    return {"place": row.place, "depth": row.depth, "values": values, "personal": row.is_personal}


def _preview(content: bytes) -> tuple[Sheet | None, list[str]]:
    """The form as it is filled in, empty; what is wrong where it is no form yet."""
    document = orjson.loads(content)
    try:
        return sheet(parse(document), {}, lang()), problems(document)
    except EngineError:
        return None, problems(document)
