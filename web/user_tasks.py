"""A user task: what to do, the form, its outcomes as buttons; claim, release, complete, return."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from werkzeug.datastructures import MultiDict

from engine import history, queries, user_tasks
from engine.errors import Conflict, EngineError, Rejected
from engine.field_errors import FieldError
from engine.user_tasks import RETURN, Completion
from sla import clock_rows
from web.deeds import settle
from web.errors import sentence, status_of
from web.forms import Sent, read, sheet
from web.pages import page
from web.policies import CASES, HANDLING, policy
from web.visits import actor, context, lang, now, reading

blueprint = Blueprint("user_tasks", __name__)
SENT_BACK = frozenset({RETURN, "correct"})
"""Outcomes by which work goes back: whoever gets it back is told why."""
REASON_FIELDS = ("error_class", "return_reason")
ERROR_CLASSES = ("typing", "paper_mismatch", "wrong_law", "missing_entry", "missing_scan", "other")


@blueprint.get("/user-tasks/<uuid:task_id>")
@policy(CASES)
def show(task_id: UUID) -> ResponseReturnValue:
    """The task; its personal data is in clear for the assignee only, and that is in the history."""
    with reading() as tx:
        view = queries.task_view(tx, task_id, actor())
    if view.is_clear:
        _note_reading(view)
    return _page(view)


@blueprint.post("/user-tasks/<uuid:task_id>/claim")
@policy(HANDLING)
def claim(task_id: UUID) -> ResponseReturnValue:
    def deed(tx: Connection, at: datetime) -> str:
        user_tasks.claim(tx, task_id, actor(), at)
        return url_for("web.user_tasks.show", task_id=task_id)

    return settle(deed, "user_task.claimed")


@blueprint.post("/user-tasks/<uuid:task_id>/release")
@policy(HANDLING)
def release(task_id: UUID) -> ResponseReturnValue:
    def deed(tx: Connection, at: datetime) -> str:
        user_tasks.release(tx, task_id, actor(), at)
        return url_for("web.worklist.show", tab="group")

    return settle(deed, "user_task.released")


@blueprint.post("/user-tasks/<uuid:task_id>")
@policy(HANDLING)
def complete(task_id: UUID) -> ResponseReturnValue:
    """Finish the task with the pressed outcome, or show the form again with what is wrong."""
    with reading() as tx:
        view = queries.task_view(tx, task_id, actor())
    sent = _sent(view, request.form)
    errors = [*sent.checked.errors, *_missing_reasons(view, sent)]
    if sent.wants_refresh or sent.new_fields or errors:
        return _page(view, sent, () if sent.wants_refresh else errors)
    outcome = request.form.get("outcome") or None
    version = request.form.get("version", "")

    def deed(tx: Connection, at: datetime) -> str:
        completion = Completion(sent.entered, outcome=outcome)
        expected = int(version) if version.isdecimal() else None
        user_tasks.complete(tx, task_id, completion, actor(), at, expected)
        return url_for("web.worklist.show")

    try:
        return settle(deed, "user_task.completed", step=view.name, number=view.case_number)
    except Rejected as refused:
        found = refused.facts.get("errors", ())
        return _page(view, sent, found, told=None if found else refused)
    except Conflict as moved:
        return _page(view, sent, told=moved)


@blueprint.post("/user-tasks/<uuid:task_id>/return")
@policy(HANDLING)
def send_back(task_id: UUID) -> ResponseReturnValue:
    """Return the work to whoever recorded it, where the task's own form does not ask why."""
    reason = request.form.get("return_reason", "").strip()
    error_class = request.form.get("error_class", "")

    def deed(tx: Connection, at: datetime) -> str:
        user_tasks.return_to_recorder(tx, task_id, reason, error_class, actor(), at)
        return url_for("web.worklist.show")

    try:
        if not reason or error_class not in ERROR_CLASSES:
            raise Rejected("user_task.reason", "Say why the work is returned, and its error class")
        return settle(deed, "user_task.returned")
    except (Rejected, Conflict) as refused:
        with reading() as tx:
            view = queries.task_view(tx, task_id, actor())
        return _page(view, told=refused)


def _page(
    view: queries.TaskView,
    sent: Sent | None = None,
    errors: Sequence[FieldError] = (),
    told: EngineError | None = None,
) -> Response:
    status = (
        status_of(told) if told else (422 if errors or (sent and not sent.wants_refresh) else 200)
    )
    with reading() as tx:
        return page(
            tx,
            "user_task.html",
            status=status,
            task=view,
            sheet=sheet(view.form, view.context, lang(), sent, errors) if view.form else None,
            told=sentence(told) if told else None,
            clocks=_clocks(tx, view),
            asks_why=_asks_why(view),
            error_classes=ERROR_CLASSES,
        )


def _sent(view: queries.TaskView, posted: MultiDict[str, str]) -> Sent:
    if view.form is None:
        return Sent.nothing()
    return read(view.form, posted, view.context)


def _missing_reasons(view: queries.TaskView, sent: Sent) -> list[FieldError]:
    """Who sends work back says why, with the form's own fields for it."""
    if request.form.get("outcome") not in SENT_BACK or not _asks_why(view):
        return []
    return [
        FieldError(name, "required") for name in REASON_FIELDS if not sent.checked.values.get(name)
    ]


def _asks_why(view: queries.TaskView) -> bool:
    """Whether the form itself has the fields for the reason of a return."""
    keys = {field.key for field in view.form.inputs()} if view.form else set()
    return keys.issuperset(REASON_FIELDS)


def _clocks(tx: Connection, view: queries.TaskView) -> list[tuple[Any, str, Any]]:
    """The clocks that press on this task: its own first, then the case's, each explained."""
    found = [
        clock
        for clock in clock_rows.of_case(tx, view.case_id)
        if clock.task_id in (None, view.task_id) and clock.status != "met"
    ]
    chosen = "zh-TW" if lang().startswith("zh") else "en"
    return [
        (clock, clock.explanation[chosen]["title"], clock.explanation[chosen]["steps"])
        for clock in sorted(found, key=lambda each: each.task_id is None)
    ]


def _note_reading(view: queries.TaskView) -> None:
    """The assignee sees personal data in clear: who saw it, and for what, is written down."""
    entry = history.Entry(
        "case.data_read",
        actor(),
        now(),
        case_id=view.case_id,
        process_id=view.process_id,
        element_id=view.element_id,
        object_id=str(view.task_id),
        detail={"name": view.name},
    )
    with context().db.transaction() as tx:
        history.append(tx, entry)
