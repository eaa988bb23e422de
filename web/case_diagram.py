"""The diagrams of a case, its own and those it calls, and where it stands in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, Response, jsonify
from sqlalchemy import Connection
from werkzeug.exceptions import NotFound

from engine import deployments, queries
from engine.deployments import Loaded
from engine.story_names import names_for
from web.case_steps import Step, steps_of
from web.diagrams import diagram
from web.pages import in_language
from web.policies import CASES, policy
from web.visits import actor, reading

blueprint = Blueprint("case_diagram", __name__)


@blueprint.get("/cases/<uuid:case_id>/diagrams/<process_id>.bpmn")
@policy(CASES)
def file(case_id: UUID, process_id: str) -> Response:
    """The diagram the case was filed with, its own or a called one."""
    with reading() as tx:
        found = queries.diagram_state(tx, case_id, actor())
        diagrams = deployments.definition(tx, found.definition_id).diagrams
    if process_id not in diagrams:
        raise NotFound
    return diagram(diagrams[process_id])


@blueprint.get("/cases/<uuid:case_id>/diagrams/<process_id>.json")
@policy(CASES)
def state(case_id: UUID, process_id: str) -> Response:
    """Where the case stands in one diagram, for the marks on it."""
    with reading() as tx:
        found = queries.diagram_state(tx, case_id, actor())
    marks = found.processes.get(process_id)
    if marks is None:
        raise NotFound
    return jsonify(
        {
            "active": sorted(marks.active),
            "done": sorted(marks.done),
            "incidents": sorted(marks.incidents),
        }
    )


@dataclass(frozen=True, slots=True)
class ProcessTab:
    """One diagram of the case: its own, or of a called process it has reached."""

    process_id: str
    name: str
    is_active: bool
    has_incident: bool
    steps: Sequence[Step]  # the same as a list


def process_tabs(tx: Connection, case_id: UUID) -> Sequence[ProcessTab]:
    """The diagrams to choose from, the case's own first."""
    state = queries.diagram_state(tx, case_id, actor())
    loaded = deployments.definition(tx, state.definition_id)
    names = names_for(tx, loaded)
    own = state.process_id
    order = [own, *sorted(process for process in state.processes if process != own)]
    return [
        ProcessTab(
            process_id=process,
            name=_process_name(loaded, process),
            is_active=bool(state.processes[process].active),
            has_incident=bool(state.processes[process].incidents),
            steps=steps_of(loaded.definitions[process], state.processes[process], names),
        )
        for process in order
        if process in loaded.diagrams
    ]


def _process_name(loaded: Loaded, process_id: str) -> str:
    if process_id == loaded.definition.process_id:
        return in_language(loaded.package.title.zh, loaded.package.title.en)
    called = loaded.definitions[process_id]
    return f"{process_id} {in_language(called.name, called.name_en)}".strip()
