"""The scenarios of a draft: run one or all, see the path on the diagram, and what differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import yaml
from flask import Blueprint, Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from engine import yaml_edits
from engine.bpmn.definition import Flow
from engine.errors import EngineError, NotFound, Rejected
from engine.yaml_reading import load_yaml
from sla import rehearsals
from sla.rehearsals import Rehearsed
from web.element_words import plain, shown
from web.pages import in_language, page
from web.policies import ANALYSIS, DEPLOYMENT, policy
from web.studio_desk import Desk, open_desk, save
from web.studio_words import called_around, failure_line, telling
from web.visits import reading

blueprint = Blueprint("studio_scenarios", __name__)


@blueprint.get("/studio/<uuid:draft_id>/scenarios")
@policy(ANALYSIS)
def index(draft_id: UUID) -> ResponseReturnValue:
    """The scenarios; with `?run=1` all of them are run, with their results."""
    with reading() as tx:
        desk = open_desk(tx, draft_id)
        results = _all(desk) if "run" in request.args else None
        return page(
            tx,
            "studio_scenarios.html",
            desk=desk,
            listed=_listed(desk),
            results={each.path: each for each in results or ()},
            ran=results is not None,
            failed=[each for each in results or () if not each.holds],
            unvisited=_unvisited(desk, results),
            untaken=_untaken(desk, results),
            **telling(called_around(desk)),
        )


@blueprint.get("/studio/<uuid:draft_id>/scenarios/run/<path:path>.json")
@policy(ANALYSIS)
def run(draft_id: UUID, path: str) -> Response:
    """One scenario's result, for the page that runs them one after the other."""
    with reading() as tx:
        desk = open_desk(tx, draft_id)
    result, called = _run(desk, path), called_around(desk)
    told = [plain(failure_line(each, called)) for each in result.failures][:3]
    return jsonify(holds=result.holds, failures=told)


@blueprint.get("/studio/<uuid:draft_id>/scenarios/path/<path:path>.json")
@policy(ANALYSIS)
def state(draft_id: UUID, path: str) -> Response:
    """The path of one run, as marks for the diagram."""
    result = _one(draft_id, path)
    return jsonify(active=list(result.open), done=sorted(result.visited), incidents=[])


@blueprint.get("/studio/<uuid:draft_id>/scenarios/show/<path:path>")
@policy(ANALYSIS)
def show(draft_id: UUID, path: str) -> ResponseReturnValue:
    """One scenario: its steps, whether it holds, where it went, what was expected instead."""
    with reading() as tx:
        desk = open_desk(tx, draft_id)
        result, called = _run(desk, path), called_around(desk)
        return page(
            tx,
            "studio_scenario.html",
            desk=desk,
            result=result,
            title=in_language(result.title_zh, result.title_en),
            steps=_steps(desk, path),
            called=lambda each: shown(called(each)),
            **telling(called),
        )


@blueprint.post("/studio/<uuid:draft_id>/scenarios/insert")
@policy(DEPLOYMENT)
def insert(draft_id: UUID) -> ResponseReturnValue:
    """Put a completed task into scenarios before a step: what a new user task asks of them all."""
    element = request.form.get("element", "").strip()
    values = request.form.get("values", "").strip() or "{}"
    chosen = request.form.getlist("path")
    back = url_for("web.studio_scenarios.index", draft_id=draft_id, run=1)

    def change(desk: Desk) -> Mapping[str, bytes | None]:
        if not element or not chosen:
            raise Rejected("scenario.insert", "Say which step is new, and in which scenarios")
        item = f"complete: {yaml_edits.scalar(element)}\nvalues: {_flow(values)}"
        return {
            path: yaml_edits.insert_item(_file(desk, path), ["steps"], _before(desk, path), item)
            for path in chosen
        }

    return save(draft_id, change, back)


# --- below --------------------------------------------------------------------------------------


def _before(desk: Desk, path: str) -> int:
    """The step to put it before (from 0): the one it failed at, or the first, as was chosen."""
    if request.form.get("at") == "first":
        return 0
    result = _run(desk, path)
    return (result.step or 1) - 1


def _flow(values: str) -> str:
    try:
        read = load_yaml(values)
    except yaml.YAMLError as broken:
        raise Rejected("scenario.values", f"These are no values: {broken}") from broken
    if not isinstance(read, dict) or "\n" in values:
        raise Rejected("scenario.values", "Write the values on one line: {note: done}")
    return values


def _file(desk: Desk, path: str) -> bytes:
    if path not in desk.files:
        raise NotFound("package_draft.no_file", f"The draft has no file {path}")
    return desk.files[path]


def _listed(desk: Desk) -> list[tuple[str, str]]:
    package = desk.package
    if package is None:
        return []
    return [
        (path, in_language(*rehearsals.title(package, path))) for path in rehearsals.paths(package)
    ]


def _all(desk: Desk) -> list[Rehearsed]:
    if desk.library is None:
        return []
    return rehearsals.rehearse_all(desk.library, desk.draft.package_id)


def _one(draft_id: UUID, path: str) -> Rehearsed:
    with reading() as tx:
        desk = open_desk(tx, draft_id)
    return _run(desk, path)


def _run(desk: Desk, path: str) -> Rehearsed:
    if desk.library is None:
        raise desk.broken or NotFound("scenario.not_found", "The draft cannot be run")
    return rehearsals.rehearse(desk.library, desk.draft.package_id, path)


def _unvisited(desk: Desk, results: Sequence[Rehearsed] | None) -> list[Markup]:
    if not results or desk.library is None or desk.package is None:
        return []
    try:
        found = rehearsals.unvisited(desk.package, desk.library, results)
    except EngineError:
        return []
    called = called_around(desk)
    return [shown(called(each)) for each in found]


def _untaken(desk: Desk, results: Sequence[Rehearsed] | None) -> list[Markup]:
    """Each flow as “from → to: its name”."""
    if not results or desk.library is None or desk.package is None:
        return []
    try:
        found = rehearsals.untaken(desk.package, desk.library, results)
    except EngineError:
        return []
    called = called_around(desk)
    return [
        Markup("{} → {}{}").format(
            shown(called(flow.source)), shown(called(flow.target)), _label(flow)
        )
        for flow in found
    ]


def _label(flow: Flow) -> str:
    name = in_language(flow.name, flow.name_en or flow.name)
    return in_language(f"（{name}）", f" ({name})") if name else ""


def _steps(desk: Desk, path: str) -> list[str]:
    """The steps as they are written, each on a line of its own."""
    try:
        steps: Any = load_yaml(desk.files[path])["steps"]
    except (yaml.YAMLError, KeyError, TypeError):
        return []
    return [
        yaml.safe_dump(
            step, allow_unicode=True, default_flow_style=True, width=10_000, sort_keys=False
        ).strip()
        for step in steps
    ]
