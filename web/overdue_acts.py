"""What is done at the overdue desk to one case or many: reassign, chase."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, select

from engine import user_tasks
from engine.errors import Conflict, Rejected
from sla import chase, overdue_reads
from store.tables import cases
from store.tables import user_tasks as tasks
from web.bulk import attempt
from web.deeds import Result, report
from web.overdue import Errors, desk_page
from web.overdue_filters import address
from web.pages import page
from web.policies import CASES, SUPERVISION, policy
from web.step_names import steps
from web.visits import actor, reading, say

blueprint = Blueprint("overdue_acts", __name__)
_OPEN = ("unclaimed", "claimed")
DEPUTY = "deputy"
"""In place of a person: of each task, whoever stands in for its owner on leave."""


@blueprint.post("/overdue/assign")
@policy(SUPERVISION)
def assign() -> ResponseReturnValue:
    """Give the open work of the ticked cases to one person; each row says what became of it."""
    case_ids, person = _ticked(), request.form.get("person", "")
    reason = request.form.get("reason", "").strip()
    errors: list[tuple[str, str]] = []
    if not case_ids:
        errors.append(("rows", say("overdue.tick_first")))
    if not person:
        errors.append(("person", say("overdue.choose_person")))
    if not reason:
        errors.append(("reason", say("overdue.give_reason")))
    if errors:
        return _again(errors)

    def give(tx: Connection, at: datetime) -> list[Result]:
        deputies = overdue_reads.deputies(tx, actor().office_id, at)

        def to(task: Any) -> None:
            whom = _deputy(deputies, task) if person == DEPUTY else UUID(person)
            user_tasks.assign(tx, task.id, whom, reason, actor(), at)

        return [result for case_id in case_ids for result in _give(tx, case_id, to)]

    return _told(report(give), say("overdue.assigned"))


@blueprint.post("/overdue/chase")
@policy(SUPERVISION)
def ask() -> ResponseReturnValue:
    """Ask the owners of the ticked cases for the reason and a new date; a result for each."""
    case_ids, question = _ticked(), request.form.get("question", "")
    if not case_ids:
        return _again([("rows", say("overdue.tick_first"))])

    def chase_each(tx: Connection, at: datetime) -> list[Result]:
        numbers = _numbers(tx, case_ids)
        return [
            attempt(tx, numbers.get(each, "—"), partial(chase.ask, tx, each, question, actor(), at))
            for each in case_ids
        ]

    return _told(report(chase_each), say("chase.asked"))


@blueprint.get("/overdue/chases/<uuid:chase_id>")
@policy(CASES)
def slip(chase_id: UUID) -> ResponseReturnValue:
    """The chase slip (查催單), to be read or printed."""
    with reading() as tx:
        return page(tx, "chase_slip.html", chase=chase.slip(tx, chase_id, actor()))


def _deputy(deputies: Mapping[UUID, UUID], task: Any) -> UUID:
    """Who stands in for the owner of a task. Raises Conflict where nobody does."""
    if task.assignee_id not in deputies:
        raise Conflict(
            "overdue.no_deputy", "Expected an owner on leave who has a deputy, but there is none"
        )
    return deputies[task.assignee_id]


def _give(tx: Connection, case_id: UUID, give: Callable[[Any], None]) -> list[Result]:
    """One row for each open task of a case; one that says so where it has none."""
    open_tasks = tx.execute(
        select(tasks.c.id, tasks.c.name, tasks.c.element_id, tasks.c.assignee_id, cases.c.number)
        .join(cases, cases.c.id == tasks.c.case_id)
        .where(
            tasks.c.case_id == case_id,
            tasks.c.office_id == actor().office_id,
            tasks.c.status.in_(_OPEN),
        )
        .order_by(tasks.c.created_at)
    ).all()
    if not open_tasks:
        return [attempt(tx, _numbers(tx, [case_id]).get(case_id, "—"), _no_open_task)]
    step = steps(tx)
    return [
        attempt(tx, f"{task.number} {step(task.name, task.element_id)}", partial(give, task))
        for task in open_tasks
    ]


def _no_open_task() -> None:
    raise Conflict("overdue.no_open_task", "Expected an open task in the case, but it has none")


def _ticked() -> list[UUID]:
    """The ticked cases, each once. A text that is no id is no case of ours."""
    found = []
    for text in dict.fromkeys(request.form.getlist("case")):
        try:
            found.append(UUID(text))
        except ValueError as wrong:
            raise Rejected("case.not_found", "Expected the id of a case") from wrong
    return found


def _numbers(tx: Connection, case_ids: Sequence[UUID]) -> dict[UUID, str]:
    rows = tx.execute(
        select(cases.c.id, cases.c.number).where(
            cases.c.id.in_(case_ids), cases.c.office_id == actor().office_id
        )
    )
    return {row.id: row.number for row in rows}


def _present() -> dict[str, Any]:
    return dict(address())


def _again(errors: Errors) -> Response:
    case_id = request.form.get("looked", "")
    return desk_page(errors, UUID(case_id) if case_id else None, 422)


def _told(results: list[Result], title: str) -> Response:
    with reading() as tx:
        return page(
            tx,
            "results.html",
            results=results,
            title=title,
            back=url_for("web.overdue.desk", **_present()),
        )
