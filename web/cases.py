"""Cases: find them, see where one stands and why, and act on it as a whole."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from werkzeug.exceptions import NotFound

from agencies.directory import DIRECTORY
from engine import cases, deployments, queries
from engine.deployments import Loaded
from engine.errors import EngineError, Rejected
from engine.identity_numbers import is_identity_number
from engine.history import HistoryEvent
from engine.queries import CaseFilter, CaseView
from web.deeds import settle
from web.diagrams import diagram
from web.errors import sentence, status_of
from web.forms import written
from web.pages import in_language, page
from web.policies import CASES, HANDLING, SUPERVISION, policy
from web.titles import titles
from web.visits import actor, context, lang, now, reading

blueprint = Blueprint("cases", __name__)
PAGE_ROWS = 50
LAST_EVENTS = 15
STATUSES = ("active", "suspended", "closed", "withdrawn")
_NUMBER = re.compile(r"[A-Za-z]{1,12}-?\d{2,3}-?\d{1,5}|\d{1,5}")


# --- finding ------------------------------------------------------------------------------------


@blueprint.get("/cases")
@policy(CASES)
def search() -> ResponseReturnValue:
    """The cases of the office, the newest first, by status and process."""
    status, package_id = request.args.get("status"), request.args.get("package") or None
    status = status if status in STATUSES else None
    wanted = CaseFilter(status=status, package_id=package_id)
    return _list(wanted, request.args.get("cursor"))


@blueprint.post("/cases/find")
@policy(CASES)
def find() -> ResponseReturnValue:
    """Look for a number, an ID or a name. Sent by POST, so that no name stands in an address."""
    text = request.form.get("text", "").strip()
    if not text:
        return _list(CaseFilter(), None)
    with reading() as tx:
        for wanted in _readings(text):
            found = queries.cases(tx, actor(), wanted, None, 2, now())
            if len(found.rows) == 1:
                return _to_case(found.rows[0].case_id)
            if found.rows:
                return _list(wanted, None, text)
    return _list(CaseFilter(number=text), None, text)


def _readings(text: str) -> list[CaseFilter]:
    """What the text may be. A whole name is found like a whole ID: by its keyed hash."""
    if is_identity_number(text):
        return [CaseFilter(id_number=text)]
    if _NUMBER.fullmatch(text):
        return [CaseFilter(number=text.upper())]
    return [CaseFilter(number=text.upper()), CaseFilter(name=text)]


def _to_case(case_id: UUID) -> ResponseReturnValue:
    return "", 303, {"Location": url_for("web.cases.show", case_id=case_id)}


def _list(wanted: CaseFilter, cursor: str | None, text: str | None = None) -> Response:
    with reading() as tx:
        found = queries.cases(tx, actor(), wanted, cursor, PAGE_ROWS, now())
        return page(
            tx,
            "cases.html",
            rows=found.rows,
            next_cursor=found.next_cursor,
            wanted=wanted,
            statuses=STATUSES,
            packages=titles(tx, actor().office_id),
            text=text,
        )


# --- one case -----------------------------------------------------------------------------------


@blueprint.get("/cases/<uuid:case_id>")
@policy(CASES)
def show(case_id: UUID) -> ResponseReturnValue:
    return _case(case_id)


@blueprint.post("/cases/<uuid:case_id>/reveal")
@policy(HANDLING)
def reveal(case_id: UUID) -> ResponseReturnValue:
    """Show the ticked fields in clear on this one page; who looked and why is written first."""
    paths, purpose = request.form.getlist("path"), request.form.get("purpose", "").strip()
    try:
        if not paths:
            raise Rejected("reveal.paths", "Name the fields to see")
        with context().db.transaction() as tx:
            clear = cases.reveal(tx, case_id, paths, purpose, actor(), now())
    except EngineError as refused:
        return _case(case_id, told=("reveal", refused))
    return _case(case_id, clear={path: written(value, lang()) for path, value in clear.items()})


@blueprint.post("/cases/<uuid:case_id>/notes")
@policy(HANDLING)
def annotate(case_id: UUID) -> ResponseReturnValue:
    text = request.form.get("text", "")
    return _act(case_id, "annotate", "case.annotated", lambda tx, at: cases.annotate(tx, case_id, text, actor(), at))


@blueprint.post("/cases/<uuid:case_id>/withdraw")
@policy(HANDLING)
def withdraw(case_id: UUID) -> ResponseReturnValue:
    reason = request.form.get("reason", "").strip()
    return _act(case_id, "withdraw", "case.withdrawn", lambda tx, at: cases.withdraw(tx, case_id, reason, actor(), at))


@blueprint.post("/cases/<uuid:case_id>/suspend")
@policy(SUPERVISION)
def suspend(case_id: UUID) -> ResponseReturnValue:
    reason = request.form.get("reason", "").strip()
    return _act(case_id, "suspend", "case.suspended", lambda tx, at: cases.suspend(tx, case_id, reason, actor(), at))


@blueprint.post("/cases/<uuid:case_id>/resume")
@policy(SUPERVISION)
def resume(case_id: UUID) -> ResponseReturnValue:
    return _act(case_id, "resume", "case.resumed", lambda tx, at: cases.resume(tx, case_id, actor(), at))


def _act(
    case_id: UUID, name: str, done: str, verb: Callable[[Connection, datetime], None]
) -> ResponseReturnValue:
    """Do the verb and come back to the case, with the refusal beside the act if there is one."""

    def deed(tx: Connection, at: datetime) -> str:
        verb(tx, at)
        return url_for("web.cases.show", case_id=case_id)

    try:
        return settle(deed, done)
    except EngineError as refused:
        return _case(case_id, told=(name, refused))


@dataclass(frozen=True, slots=True)
class ProcessTab:
    """One diagram of the case: its own, or of a called process it has reached."""

    process_id: str
    name: str
    is_active: bool
    has_incident: bool


def _case(
    case_id: UUID,
    clear: dict[str, str] | None = None,
    told: tuple[str, EngineError] | None = None,
) -> Response:
    with reading() as tx:
        view = queries.case_view(tx, case_id, actor(), now())
        state = queries.diagram_state(tx, case_id, actor())
        loaded = deployments.definition(tx, view.definition_id)
        wanted = request.args.get("process", state.process_id)
        return page(
            tx,
            "case.html",
            status=status_of(told[1]) if told else 200,
            case=view,
            row=view.row,
            clear=clear or {},
            refused=told[0] if told else "",
            told=sentence(told[1]) if told else "",
            tabs=_tabs(state, loaded),
            process_id=wanted if wanted in state.processes else state.process_id,
            explained=_explained(view),
            masked=[(item, written(item.masked, lang())) for item in view.data],
            agencies=DIRECTORY,
            story=_story(view),
        )


@dataclass(frozen=True, slots=True)
class Story:
    """The history, the newest first: the last lines, the whole story, or every detail."""

    events: tuple[HistoryEvent, ...]
    which: str
    length: int  # of the whole story


def _story(view: CaseView) -> Story:
    which = request.args.get("history", "last")
    told = [event for event in reversed(view.timeline) if not event.routine]
    if which == "all":
        return Story(tuple(reversed(view.timeline)), which, len(told))
    return Story(tuple(told if which == "story" else told[:LAST_EVENTS]), which, len(told))


def _tabs(state: queries.DiagramState, loaded: Loaded) -> list[ProcessTab]:
    own = state.process_id
    order = [own, *sorted(process for process in state.processes if process != own)]
    return [
        ProcessTab(
            process_id=process,
            name=_process_name(loaded, process),
            is_active=bool(state.processes[process].active),
            has_incident=bool(state.processes[process].incidents),
        )
        for process in order
        if process in loaded.diagrams
    ]


def _process_name(loaded: Loaded, process_id: str) -> str:
    if process_id == loaded.definition.process_id:
        return in_language(loaded.package.title.zh, loaded.package.title.en)
    return f"{process_id} {loaded.definitions[process_id].name or ''}".strip()


def _explained(view: CaseView) -> list[tuple[Any, str, list[dict[str, Any]]]]:
    chosen = "zh-TW" if lang().startswith("zh") else "en"
    return [
        (clock, clock.explanation[chosen]["title"], clock.explanation[chosen]["steps"])
        for clock in view.clocks
    ]


# --- the diagram --------------------------------------------------------------------------------


@blueprint.get("/cases/<uuid:case_id>/diagrams/<process_id>.bpmn")
@policy(CASES)
def case_diagram(case_id: UUID, process_id: str) -> Response:
    """The diagram the case was filed with, its own or a called one."""
    with reading() as tx:
        state = queries.diagram_state(tx, case_id, actor())
        diagrams = deployments.definition(tx, state.definition_id).diagrams
    if process_id not in diagrams:
        raise NotFound
    return diagram(diagrams[process_id])


@blueprint.get("/cases/<uuid:case_id>/diagrams/<process_id>.json")
@policy(CASES)
def case_state(case_id: UUID, process_id: str) -> Response:
    """Where the case stands in one diagram, for the marks on it."""
    with reading() as tx:
        state = queries.diagram_state(tx, case_id, actor())
    marks = state.processes.get(process_id)
    if marks is None:
        raise NotFound
    return jsonify(
        {
            "active": sorted(marks.active),
            "done": sorted(marks.done),
            "incidents": sorted(marks.incidents),
        }
    )

