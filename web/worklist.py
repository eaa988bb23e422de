"""The worklist: take the next, or look under mine, group, waiting and returned."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine import user_tasks, worklist
from engine.worklist import Tab, WorklistFilter
from web.bulk import each_task
from web.deeds import report, settle
from web.news import row_mark
from web.pages import page
from web.policies import HANDLING, policy
from web.visits import actor, now, reading, say

blueprint = Blueprint("worklist", __name__)
PAGE_ROWS = 50


@blueprint.get("/worklist")
@policy(HANDLING)
def show() -> ResponseReturnValue:
    tab = _tab()
    with reading() as tx:
        found = worklist.worklist(
            tx, actor(), WorklistFilter(tab), request.args.get("cursor"), PAGE_ROWS, now()
        )
        return page(
            tx,
            "worklist.html",
            tab=tab,
            tabs=tuple(Tab),
            tab_counts=worklist.counts(tx, actor()),
            rows=found.rows,
            next_cursor=found.next_cursor,
            live="worklist",
        )


def marks(tx: Connection) -> list[str]:
    """The marks of the first page as it is now, for what an open page tells (`web.live`)."""
    found = worklist.worklist(tx, actor(), WorklistFilter(_tab()), None, PAGE_ROWS, now())
    return [row_mark(row.task_id, row.version, row.status, row.overdue) for row in found.rows]


@blueprint.post("/worklist/next")
@policy(HANDLING)
def take_next() -> ResponseReturnValue:
    """Claim the most urgent task this person may have, and open it."""

    def deed(tx: Connection, at: datetime) -> str:
        task_id = user_tasks.take_next(tx, actor(), at)
        if task_id is None:
            flash(say("worklist.nothing_next"), "done")
            return url_for("web.worklist.show", tab=Tab.MINE)
        return url_for("web.user_tasks.show", task_id=task_id)

    return settle(deed)


@blueprint.post("/worklist/several")
@policy(HANDLING)
def several() -> ResponseReturnValue:
    """Claim or release the ticked tasks; each row says what became of it."""
    task_ids = tuple(UUID(text) for text in request.form.getlist("task"))
    if not task_ids:
        flash(say("worklist.tick_first"), "refused")
        return redirect(url_for("web.worklist.show", tab=_tab()), 303)
    act = user_tasks.release if request.form.get("act") == "release" else user_tasks.claim
    results = report(
        lambda tx, at: each_task(tx, task_ids, lambda task_id: act(tx, task_id, actor(), at))
    )
    with reading() as tx:
        return page(tx, "results.html", results=results, title=say("worklist.several_done"))


def _tab() -> Tab:
    wanted = request.args.get("tab", Tab.MINE)
    return Tab(wanted) if wanted in set(Tab) else Tab.MINE
