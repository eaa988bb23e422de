"""The worklist: take the next, or look under mine, group, waiting and returned."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine import handovers, ownership, urgency, user_tasks, worklist, worklist_facets
from engine.actors import Actor
from engine.worklist import MOST_COUNTED, Tab
from web import dates, worklist_filters
from web.bulk import each_task
from web.deeds import report, settle
from web.news import row_mark
from web.pages import page
from web.policies import HANDLING, policy
from web.titles import titles
from web.visits import actor, context, lang, now, reading, say

blueprint = Blueprint("worklist", __name__)
PAGE_ROWS = 50


@blueprint.get("/worklist")
@policy(HANDLING)
def show() -> ResponseReturnValue:
    """One page of a tab. What it was filtered by last is remembered for the person."""
    with reading() as tx:
        asked = worklist_filters.asked(tx, actor())
        owners = ownership.answers_as(tx, actor(), now())
        found = worklist.worklist(
            tx, actor(), asked.filter(owners), request.args.get("cursor"), PAGE_ROWS, now()
        )
        facets = worklist_facets.facets(tx, actor(), asked.tab, now(), owners)
        shown = page(
            tx,
            "worklist.html",
            asked=asked,
            tab=asked.tab,
            tabs=tuple(Tab),
            tab_counts=worklist.counts(tx, actor()),
            most_counted=MOST_COUNTED,
            options=worklist_filters.options(facets, titles(tx, actor().office_id)),
            is_partial=facets.is_partial,
            rows=found.rows,
            next_cursor=found.next_cursor,
            live="worklist",
        )
        is_new = worklist_filters.wants_remembering(tx, actor(), asked)
    if is_new:
        with context().db.transaction() as tx:
            worklist_filters.remember(tx, actor(), asked, now())
    return shown


def marks(tx: Connection) -> list[str]:
    """The marks of the first page as it is now, for what an open page tells (`web.live`)."""
    asked = worklist_filters.asked(tx, actor())
    owners = ownership.answers_as(tx, actor(), now())
    found = worklist.worklist(tx, actor(), asked.filter(owners), None, PAGE_ROWS, now())
    return [row_mark(row.task_id, row.version, row.status, row.overdue) for row in found.rows]


@blueprint.post("/worklist/next")
@policy(HANDLING)
def take_next() -> ResponseReturnValue:
    """Claim the most urgent task this person may have, open it, and say why this one."""

    def deed(tx: Connection, at: datetime) -> str:
        task_id = user_tasks.take_next(tx, actor(), at)
        if task_id is None:
            flash(say("worklist.nothing_next"), "done")
            return url_for("web.worklist.show", tab=Tab.MINE)
        why = urgency.why_next(tx, task_id, actor(), at)
        moment = dates.near_text(why.at, at, lang()) if why.at else ""
        flash(say(f"worklist.why.{why.code}", at=moment), "done")
        return url_for("web.user_tasks.show", task_id=task_id)

    return settle(deed)


@blueprint.post("/worklist/several")
@policy(HANDLING)
def several() -> ResponseReturnValue:
    """Claim or release the ticked tasks; each row says what became of it."""
    task_ids = tuple(UUID(text) for text in request.form.getlist("task"))
    if not task_ids:
        flash(say("worklist.tick_first"), "refused")
        again: dict[str, Any] = request.args.to_dict()
        return redirect(url_for("web.worklist.show", **again), 303)
    act = _release if request.form.get("act") == "release" else user_tasks.claim
    results = report(lambda tx, at: each_task(tx, task_ids, _bound(act, tx, at)))
    with reading() as tx:
        return page(tx, "results.html", results=results, title=say("worklist.several_done"))


def _bound(act: Callable[..., None], tx: Connection, at: datetime) -> Callable[[UUID], None]:
    return lambda task_id: act(tx, task_id, actor(), at)


def _release(tx: Connection, task_id: UUID, who: Actor, at: datetime) -> None:
    """Release a task, with the note for the next person where there is one."""
    note = request.form.get("note", "").strip()
    if note:
        handovers.hand_over(tx, task_id, note, who, at)
    user_tasks.release(tx, task_id, who, at)
