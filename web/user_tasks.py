"""A user task: what to do, the form, its outcomes as buttons; claim, release, complete, return."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from werkzeug.datastructures import MultiDict

from engine import attachments, case_tables, queries, task_readings, user_tasks, worklist
from engine.attachments import Attachment
from engine.errors import Conflict, EngineError, Forbidden, Rejected
from engine.field_errors import FieldError
from engine.user_tasks import RETURN, Completion
from web import task_drafts
from web.deeds import settle
from web.forms import REFRESH, Sent, read
from web.policies import CASES, HANDLING, policy
from web.step_names import steps
from web.task_page import ERROR_CLASSES, REASON_FIELDS, asks_why, task_page
from web.visits import actor, context, now, reading

blueprint = Blueprint("user_tasks", __name__)
SENT_BACK = frozenset({RETURN, "correct"})
"""Outcomes by which work goes back: whoever gets it back is told why."""


@blueprint.get("/user-tasks/<uuid:task_id>")
@policy(CASES)
def show(task_id: UUID) -> ResponseReturnValue:
    """The task; its personal data is in clear for the assignee only, and that is in the history.

    `picture` names an attachment to look at beside it; that too is in the history.
    """
    with reading() as tx:
        view = queries.task_view(tx, task_id, actor())
    picture = _picture(view)
    if view.is_clear:
        _note_reading(view, picture)
    sent, typing = task_drafts.opened(view)
    return task_page(view, sent, picture=picture, typing=typing)


@blueprint.post("/user-tasks/<uuid:task_id>")
@policy(HANDLING)
def complete(task_id: UUID) -> ResponseReturnValue:
    """Finish the task with the pressed outcome, or show the form again with what is wrong."""
    with reading() as tx:
        view = queries.task_view(tx, task_id, actor())
    if act := task_drafts.asked():
        return _kept(view, act)
    if task_drafts.wants_table():
        return _with_table(view)
    sent = _sent(view, request.form)
    errors = [*sent.checked.errors, *_missing_reasons(view, sent)]
    if sent.wants_refresh or sent.new_fields or errors:
        return task_page(view, sent, () if sent.wants_refresh else errors)
    outcome = request.form.get("outcome") or None
    version = request.form.get("version", "")

    def deed(tx: Connection, at: datetime) -> str:
        completion = Completion(sent.entered, outcome=outcome)
        expected = int(version) if version.isdecimal() else None
        user_tasks.complete(tx, task_id, completion, actor(), at, expected)
        return _onward(tx, view.case_id, at)

    try:
        with reading() as tx:
            step = steps(tx)(view.name, view.element_id, view.definition_id)
        return settle(deed, "user_task.completed", step=step, number=view.case_number)
    except Rejected as refused:
        found = refused.facts.get("errors", ())
        return task_page(view, sent, found, told=None if found else refused)
    except (Conflict, Forbidden) as moved:
        with reading() as tx:  # as it is now: it may be somebody else's, or done
            view = queries.task_view(tx, task_id, actor())
        return task_page(view, sent, told=moved)


@blueprint.post("/user-tasks/<uuid:task_id>/return")
@policy(HANDLING)
def send_back(task_id: UUID) -> ResponseReturnValue:
    """Return the work to whoever recorded it, where the task's own form does not ask why."""
    with reading() as tx:
        view = queries.task_view(tx, task_id, actor())
    reason = request.form.get("return_reason", "").strip()
    error_class = request.form.get("error_class", "")

    def deed(tx: Connection, at: datetime) -> str:
        user_tasks.return_to_recorder(tx, task_id, reason, error_class, actor(), at)
        return _onward(tx, view.case_id, at)

    try:
        if not reason or error_class not in ERROR_CLASSES:
            raise Rejected("user_task.reason", "Say why the work is returned, and its error class")
        return settle(deed, "user_task.returned")
    except (Rejected, Conflict, Forbidden) as refused:
        with reading() as tx:
            view = queries.task_view(tx, task_id, actor())
        return task_page(view, told=refused)


def _onward(tx: Connection, case_id: UUID, at: datetime) -> str:
    """Where to go after a deed: on with the same case, whose applicant may stand at the counter;
    if somebody else has it now, to the most urgent task one has, else to take the next."""
    for task in worklist.of_case(tx, case_id, actor(), at):
        is_mine = task.assignee_id == actor().person_id
        if not task.wait and (is_mine or task.may_claim is None):
            return url_for("web.user_tasks.show", task_id=task.task_id)
    mine = worklist.worklist(tx, actor(), queries.WorklistFilter(), None, 1, at).rows
    if mine:
        return url_for("web.user_tasks.show", task_id=mine[0].task_id)
    return url_for("web.worklist.show", done=1)


def _kept(view: queries.TaskView, act: str) -> ResponseReturnValue:
    """Keep what is typed, or forget it; nothing is completed."""
    answer = task_drafts.act(view.task_id, act)
    if isinstance(answer, task_drafts.Typing):
        return task_page(view, _sent(view, task_drafts.still_typed()), typing=answer)
    return answer


def _with_table(view: queries.TaskView) -> ResponseReturnValue:
    """The form again, with the rows of the newest table among the files in the field for them."""
    try:
        rows = context().db.run(lambda tx: case_tables.newest(tx, view.case_id, actor(), now()))
    except EngineError as refused:
        return task_page(view, _sent(view, request.form), told=refused)
    posted = MultiDict(request.form.items(multi=True))
    posted.add(REFRESH, "1")  # nobody is told yet what is still missing
    for field in view.form.inputs() if view.form else ():
        if field.from_table:
            posted[str(field.key)] = rows
    return task_page(view, _sent(view, posted), typing=task_drafts.sent_window())


def _sent(view: queries.TaskView, posted: MultiDict[str, str]) -> Sent:
    if view.form is None:
        return Sent.nothing()
    return read(view.form, posted, view.context)


def _missing_reasons(view: queries.TaskView, sent: Sent) -> list[FieldError]:
    """Who sends work back says why, with the form's own fields for it."""
    if request.form.get("outcome") not in SENT_BACK or not asks_why(view):
        return []
    return [
        FieldError(name, "required") for name in REASON_FIELDS if not sent.checked.values.get(name)
    ]


def _picture(view: queries.TaskView) -> Attachment | None:
    """The attachment to show beside the task: a picture, and only to who has the task."""
    wanted = request.args.get("picture")
    return next(
        (
            file
            for file in view.attachments
            if view.is_clear and str(file.id) == wanted and file.is_picture and not file.may_look
        ),
        None,
    )


def _note_reading(view: queries.TaskView, picture: Attachment | None) -> None:
    """The assignee sees personal data in clear: who saw it, and for what, is written down."""
    with context().db.transaction() as tx:
        task_readings.note(tx, view, actor(), now())
        if picture is not None:
            attachments.look_at(tx, picture.id, "compare", actor(), now())
