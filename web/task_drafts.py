"""What is typed into a task, kept on the server while one types, and by a button.

A window names itself and the version it saw. What another window saved meanwhile is never
overwritten unasked; what this very window saved while typing is no conflict.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from werkzeug.datastructures import MultiDict

from engine import queries, task_drafts
from engine.errors import EngineError
from engine.task_drafts import Moved, TaskDraft
from web import dates
from web.deeds import KEY_FIELD, new_key, settle
from web.draft_windows import ACT, VERSION, WINDOW
from web.errors import sentence
from web.forms import REFRESH, Sent, read
from web.pages import bare_page
from web.policies import HANDLING, policy
from web.visits import actor, context, now, reading

blueprint = Blueprint("task_drafts", __name__)
SAVE, OVER, DISCARD = "save", "over", "discard"
"""What the buttons do: keep what is typed; keep it over what another window saved; begin anew."""
ACTS = frozenset({SAVE, OVER, DISCARD})
TABLE = "table"
"""The button that takes rows from a table among the case's files; it keeps nothing."""
_NOT_KEPT = frozenset(
    {KEY_FIELD, "csrf_token", "version", "seen_event", "outcome", VERSION, ACT, REFRESH}
)


@dataclass(frozen=True, slots=True)
class Typing:
    """The window of a task's form, and the version of what is kept that it shows (0: nothing)."""

    version: int
    window: str
    saved_at: datetime | None = None
    told: str | None = None
    is_moved: bool = False


def sent_window() -> Typing:
    """The window of the form that was sent; a fresh one where its fields are missing."""
    version = request.form.get(VERSION, "")
    number = int(version) if version.isdecimal() and len(version) < 9 else 0
    return Typing(number, request.form.get(WINDOW, "") or new_key())


def opened(view: queries.TaskView) -> tuple[Sent | None, Typing]:
    """What the reader has typed into the task before, and a fresh window on it."""
    if view.form is None or not view.is_clear:
        return None, Typing(0, new_key())
    with reading() as tx:
        kept = task_drafts.find(tx, view.task_id, actor())
    if kept is None:
        return None, Typing(0, new_key())
    typed = MultiDict[str, str](
        [(name, each) for name, all_ in kept.fields.items() for each in all_]
    )
    typed.add(REFRESH, "1")  # nobody is told yet what is still missing
    return read(view.form, typed, view.context), Typing(kept.version, new_key(), kept.saved_at)


@blueprint.post("/user-tasks/<uuid:task_id>/draft")
@policy(HANDLING)
def autosave(task_id: UUID) -> ResponseReturnValue:
    """Keep what is typed, without a word but the time; answers the line that says so."""
    typing = sent_window()
    try:
        saved = context().db.run(lambda tx: save(tx, task_id, typing))
    except EngineError as refused:
        shown = _refused(typing, refused)
    else:
        shown = replace(typing, version=saved.version, saved_at=saved.saved_at)
    here = url_for("web.user_tasks.show", task_id=task_id)
    return bare_page("task_draft_state.html", typing=shown, here=here, time=dates.time_text)


def asked() -> str | None:
    """Which of the buttons was pressed, if it was one of these."""
    wanted = request.form.get(ACT)
    return wanted if wanted in ACTS else None


def wants_table() -> bool:
    """Whether the button was pressed that takes rows from a file."""
    return request.form.get(ACT) == TABLE


def act(task_id: UUID, wanted: str) -> ResponseReturnValue | Typing:
    """Do what the button asks for, and back to the task; a window that was refused is shown."""
    try:
        return _act(task_id, wanted)
    except EngineError as refused:
        return _refused(sent_window(), refused)


def still_typed() -> MultiDict[str, str]:
    """The form as it was sent, for showing it again without judging it."""
    return MultiDict([*request.form.items(multi=True), (REFRESH, "1")])


def _refused(typing: Typing, refused: EngineError) -> Typing:
    return replace(typing, told=sentence(refused), is_moved=isinstance(refused, Moved))


def _act(task_id: UUID, wanted: str) -> ResponseReturnValue:
    here = url_for("web.user_tasks.show", task_id=task_id)

    def deed(tx: Connection, _: datetime) -> str:
        if wanted == DISCARD:
            task_drafts.discard(tx, task_id, actor())
        else:
            save(tx, task_id, sent_window(), is_over=wanted == OVER)
        return here

    return settle(deed, "task_draft.discarded" if wanted == DISCARD else "task_draft.saved")


def save(tx: Connection, task_id: UUID, typing: Typing, *, is_over: bool = False) -> TaskDraft:
    """Keep what the form holds. Raises Moved, unless it was this window or is to be so."""
    fields = {name: typed for name, typed in request.form.lists() if name not in _NOT_KEPT}
    draft = TaskDraft(task_id, typing.version, now(), fields)
    try:
        return task_drafts.save(tx, draft, actor(), now())
    except Moved as moved:
        is_ours = list(moved.saved.fields.get(WINDOW, ())) == [typing.window]
        if not (is_over or is_ours):
            raise
        return task_drafts.save(tx, replace(draft, version=moved.saved.version), actor(), now())
