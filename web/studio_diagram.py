"""The diagram of a draft: the editor, the outline for everybody, and the properties of an element.

Drawing needs JavaScript; reading the diagram, and setting what an element says, does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from engine import diagram_edits, package_autosaves
from engine.errors import EngineError, NotFound, Rejected
from engine.package_files import xml_root
from web.deeds import new_key
from web.diagrams import diagram
from web.element_words import between, in_diagrams, type_name
from web.pages import page
from web.policies import ANALYSIS, DEPLOYMENT, policy
from web.studio_desk import Desk, open_desk, refusal, save, seen_number
from web.studio_feel import feel_fault
from web.studio_properties import names_of, properties
from web.visits import actor, reading

blueprint = Blueprint("studio_diagram", __name__)


@blueprint.get("/studio/<uuid:draft_id>/diagram")
@policy(ANALYSIS)
def show(draft_id: UUID) -> ResponseReturnValue:
    """The editor, the findings, and every element as a list that needs no drawing to be read."""
    with reading() as tx:
        desk = open_desk(tx, draft_id)
        unsaved = package_autosaves.find(tx, draft_id, desk.diagram_path, actor())
        called = in_diagrams(desk.files.get(desk.diagram_path, b""))
        return page(
            tx,
            "studio_diagram.html",
            desk=desk,
            elements=_elements(desk),
            type_name=type_name,
            names=called.names,
            between=lambda flow: between(flow, called),
            unsaved=unsaved,
            key=new_key(),
        )


@blueprint.get("/studio/<uuid:draft_id>/diagram.bpmn")
@policy(ANALYSIS)
def file(draft_id: UUID) -> Response:
    """The diagram as it was saved; `?mine=1`: as the actor's editor held it last."""
    with reading() as tx:
        desk = open_desk(tx, draft_id, request.args.get("number", type=int))
        if "mine" in request.args:
            mine = package_autosaves.demanded(tx, draft_id, desk.diagram_path, actor())
            return diagram(mine.content)
    return diagram(_diagram(desk))


@blueprint.get("/studio/<uuid:draft_id>/elements/<element_id>")
@policy(ANALYSIS)
def element(draft_id: UUID, element_id: str) -> ResponseReturnValue:
    return _element_page(draft_id, element_id)


@blueprint.post("/studio/<uuid:draft_id>/elements/<element_id>")
@policy(DEPLOYMENT)
def set_element(draft_id: UUID, element_id: str) -> ResponseReturnValue:
    """Set the properties of an element; every byte that says something else stays as it was."""
    back = url_for("web.studio_diagram.element", draft_id=draft_id, element_id=element_id)

    def change(desk: Desk) -> Mapping[str, bytes | None]:
        values = _entered(desk, _known(desk, element_id))
        for asked in _properties(desk, _known(desk, element_id)):
            if fault := feel_fault(values.get(asked.key, ""), asked.feel):
                raise Rejected("studio.feel", fault, label=asked.label, fault=fault)
        content = diagram_edits.edit(_diagram(desk), element_id, values)
        xml_root(content, "diagram")
        return {desk.diagram_path: content}

    try:
        return save(draft_id, change, back)
    except EngineError as refused:
        return _element_page(draft_id, element_id, refused)


# --- below --------------------------------------------------------------------------------------


def _diagram(desk: Desk) -> bytes:
    if not desk.diagram_path:
        raise NotFound("package_draft.no_file", "The draft has no diagram")
    return desk.files[desk.diagram_path]


def _elements(desk: Desk) -> list[diagram_edits.Element]:
    try:
        found_ones = diagram_edits.elements(_diagram(desk))
    except EngineError:
        return []
    return [each for each in found_ones if each.type != "textAnnotation"]


def _known(desk: Desk, element_id: str) -> diagram_edits.Element:
    for each in diagram_edits.elements(_diagram(desk)):
        if each.id == element_id:
            return each
    raise NotFound("diagram.no_element", f"There is no element {element_id} in the diagram")


def _properties(desk: Desk, known: diagram_edits.Element) -> list[Any]:
    names = names_of(desk.library, desk.draft.package_id)
    return properties(known.type, known.event, names, is_loop=known.is_loop)


def _entered(desk: Desk, known: diagram_edits.Element) -> dict[str, str]:
    entered = {}
    for asked in _properties(desk, known):
        if asked.kind == "choices":
            entered[asked.key] = ",".join(request.form.getlist(asked.key))
        elif asked.kind == "check":
            entered[asked.key] = "true" if asked.key in request.form else ""
        elif asked.key in request.form:
            entered[asked.key] = request.form[asked.key].replace("\r\n", "\n").strip()
    if known.type == "scriptTask" and entered.get("script"):
        entered["scriptFormat"] = "feel"
    return entered


def _element_page(
    draft_id: UUID, element_id: str, refused: EngineError | None = None
) -> ResponseReturnValue:
    told, status = refusal(refused)
    with reading() as tx:
        desk = open_desk(tx, draft_id, seen_number() or None)
        known = _known(desk, element_id)
        return page(
            tx,
            "studio_element.html",
            desk=desk,
            element=known,
            type_name=type_name(known.type, known.event),
            asked=_properties(desk, known),
            values={**known.values, **_entered(desk, known)} if refused else known.values,
            findings=[each for each in desk.findings if each.finding.element_id == element_id],
            told=told,
            status=status,
        )
