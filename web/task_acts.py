"""Who has a task: claim it, undo that, give it back, hand it over, give it to somebody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine import handovers, user_tasks
from engine.errors import EngineError, Rejected
from web.deeds import settle
from web.errors import sentence
from web.policies import HANDLING, policy
from web.user_tasks import blueprint
from web.visits import actor

__all__ = ["blueprint"]


@blueprint.post("/user-tasks/<uuid:task_id>/claim")
@policy(HANDLING)
def claim(task_id: UUID) -> ResponseReturnValue:
    def deed(tx: Connection, at: datetime) -> str:
        user_tasks.claim(tx, task_id, actor(), at)
        return _page_of(task_id)

    return settle(deed, "user_task.claimed")


@blueprint.post("/user-tasks/<uuid:task_id>/undo")
@policy(HANDLING)
def undo(task_id: UUID) -> ResponseReturnValue:
    """Take a claim back as if it had not been, while nothing was done on the task."""
    version = request.form.get("version", "")
    seen = int(version) if version.isdecimal() else 0

    def deed(tx: Connection, at: datetime) -> str:
        user_tasks.undo_claim(tx, task_id, seen, actor(), at)
        return url_for("web.worklist.show", tab="group")

    return _or_back(task_id, lambda: settle(deed, "user_task.undone"))


@blueprint.post("/user-tasks/<uuid:task_id>/release")
@policy(HANDLING)
def release(task_id: UUID) -> ResponseReturnValue:
    """Give the task back, with a note for the next person where there is one."""

    def deed(tx: Connection, at: datetime) -> str:
        _leave_note(tx, task_id, at)
        user_tasks.release(tx, task_id, actor(), at)
        return url_for("web.worklist.show", tab="group")

    return settle(deed, "user_task.released")


@blueprint.post("/user-tasks/<uuid:task_id>/hand-over")
@policy(HANDLING)
def hand_over(task_id: UUID) -> ResponseReturnValue:
    """Leave a note for whoever has the task next, and keep it: before an absence."""

    def deed(tx: Connection, at: datetime) -> str:
        handovers.hand_over(tx, task_id, request.form.get("note", ""), actor(), at)
        return _page_of(task_id)

    return _or_back(task_id, lambda: settle(deed, "user_task.handed_over"))


@blueprint.post("/user-tasks/<uuid:task_id>/assign")
@policy(HANDLING)
def assign(task_id: UUID) -> ResponseReturnValue:
    """A supervisor gives the task to somebody, with the reason, and a note where there is one."""
    person, reason = request.form.get("person", ""), request.form.get("reason", "")

    def deed(tx: Connection, at: datetime) -> str:
        if not person:
            raise Rejected("user_task.person", "Choose the person who gets the task")
        _leave_note(tx, task_id, at)
        user_tasks.assign(tx, task_id, UUID(person), reason, actor(), at)
        return _page_of(task_id)

    return _or_back(task_id, lambda: settle(deed, "user_task.assigned"))


def _or_back(task_id: UUID, settled: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    """A refusal is told on the page of the task, which offers what else may be done."""
    try:
        return settled()
    except EngineError as refused:
        flash(sentence(refused), "refused")
        return redirect(_page_of(task_id), 303)


def _leave_note(tx: Connection, task_id: UUID, at: datetime) -> None:
    note = request.form.get("note", "").strip()
    if note:
        handovers.hand_over(tx, task_id, note, actor(), at)


def _page_of(task_id: UUID) -> str:
    return url_for("web.user_tasks.show", task_id=task_id)
