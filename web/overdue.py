"""The overdue desk: what is late or going to be, whose, why, and the lawful ways out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine import user_tasks
from sla import clocks, overdue
from sla.spans import Unit
from web.bulk import each_task
from web.deeds import report
from web.news import row_mark
from web.pages import page
from web.people import colleagues
from web.policies import SUPERVISION, policy
from web.time_spent import time_spent
from web.titles import titles
from web.visits import actor, lang, now, reading, say

blueprint = Blueprint("overdue", __name__)
VIEWS = ("overdue", "upcoming", "paused")
PAGE_ROWS = 50
UNITS = (Unit.WORKING_DAY, Unit.CALENDAR_DAY)


@blueprint.get("/overdue")
@policy(SUPERVISION)
def desk() -> ResponseReturnValue:
    """The queue of one view, with the explanation of the row that is looked at."""
    return desk_page()


@blueprint.post("/overdue/assign")
@policy(SUPERVISION)
def assign() -> ResponseReturnValue:
    """Give the ticked tasks to one person; each row says what became of it."""
    task_ids = [UUID(text) for text in request.form.getlist("task")]
    person, reason = request.form.get("person", ""), request.form.get("reason", "").strip()
    errors = []
    if not task_ids:
        errors.append(("rows", say("overdue.tick_first")))
    if not person:
        errors.append(("person", say("overdue.choose_person")))
    if not reason:
        errors.append(("reason", say("overdue.give_reason")))
    if errors:
        return desk_page(errors=errors, ticked=frozenset(task_ids), status=422)
    to = UUID(person)
    results = report(
        lambda tx, at: each_task(
            tx, task_ids, lambda task: user_tasks.assign(tx, task, to, reason, actor(), at)
        )
    )
    with reading() as tx:
        return page(tx, "results.html", results=results, title=say("overdue.assigned"))


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a clock ends when it does, in the reader's language, and what may still be done."""

    row: overdue.OverdueRow
    title: str
    steps: Sequence[dict[str, Any]]
    why_not: str


def desk_page(
    errors: Sequence[tuple[str, str]] = (),
    ticked: frozenset[UUID] = frozenset(),
    clock_id: UUID | None = None,
    status: int = 200,
) -> Response:
    which = _which()
    with reading() as tx:
        rows = overdue.queue(tx, actor(), now(), which=which, after=_after(), limit=PAGE_ROWS + 1)
        shown = rows[:PAGE_ROWS]
        return page(
            tx,
            "overdue.html",
            status=status,
            live="overdue",
            which=which,
            views=VIEWS,
            counts=overdue.counts(tx, actor(), now()),
            rows=shown,
            spent=time_spent(tx, {row.case_id for row in shown}, now()),
            next_after=_mark(shown[-1]) if len(rows) > PAGE_ROWS else None,
            explained=_explained(tx, shown, clock_id),
            titles=titles(tx, actor().office_id),
            colleagues=colleagues(tx, actor().office_id),
            errors=errors,
            ticked=ticked,
            units=UNITS,
        )


def marks(tx: Connection) -> list[str]:
    """The marks of the first page as it is now, for what an open page tells (`web.live`)."""
    rows = overdue.queue(tx, actor(), now(), which=_which(), limit=PAGE_ROWS)
    return [row_mark(row.clock_id, row.due_at, row.status, len(row.rungs)) for row in rows]


def _which() -> str:
    wanted = request.args.get("view", VIEWS[0])
    return wanted if wanted in VIEWS else VIEWS[0]


def _explained(
    tx: Connection, rows: Sequence[overdue.OverdueRow], clock_id: UUID | None
) -> Explained | None:
    wanted = str(clock_id or request.args.get("clock") or (rows[0].clock_id if rows else ""))
    row = next((row for row in rows if str(row.clock_id) == wanted), None)
    if row is None:
        return None
    _, both = clocks.explained(tx, row.clock_id, actor().office_id)
    told = both["zh-TW" if lang().startswith("zh") else "en"]
    why_not = say(f"error.{row.may_extend}") if row.may_extend else ""
    return Explained(row, told["title"], told["steps"], why_not)


def _after() -> tuple[datetime, UUID] | None:
    due, _, clock = request.args.get("after", "").partition("~")
    try:
        return (datetime.fromisoformat(due), UUID(clock)) if clock else None
    except ValueError:
        return None


def _mark(row: overdue.OverdueRow) -> str:
    return f"{row.due_at.isoformat() if row.due_at else ''}~{row.clock_id}"
