"""A plan to move running cases: how far it has come, its verdicts, its decision, its results."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine import migrations, migrations_list
from engine.bpmn.migration import What
from engine.errors import EngineError, NotFound
from engine.migrations_judge import versions_of
from engine.permissions import may_decide_moves
from web.deeds import settle
from web.errors import sentence, status_of
from web.migrations_naming import (
    called_in,
    clock_words,
    is_of_ladder,
    key_of,
    telling,
    words_of,
)
from web.news import row_mark
from web.pages import page
from web.policies import ANALYSIS, DEPLOYMENT, policy
from web.visits import actor, reading

blueprint = Blueprint("migrations", __name__)
PAGE_ROWS = 50
MOST_LISTED = 300
VERDICTS = ("can", "task_changed", "cannot")
OUTCOMES = ("moved", "kept", "gone", "failed")


@blueprint.get("/migrations/<uuid:plan_id>")
@policy(ANALYSIS)
def show(plan_id: UUID) -> ResponseReturnValue:
    """A plan: how far it has come, what it means for each case, what came of it."""
    return _plan_page(plan_id)


@blueprint.post("/migrations/<uuid:plan_id>/decide")
@policy(ANALYSIS)
def decide(plan_id: UUID) -> ResponseReturnValue:
    """Approve or refuse a plan. Its author cannot."""
    why, choice = request.form.get("why", ""), request.form.get("choice", "")

    def deed(tx: Connection, at: datetime) -> str:
        verb = migrations.approve if choice == "approve" else migrations.refuse
        verb(tx, plan_id, why, actor(), at)
        return url_for("web.migrations.show", plan_id=plan_id)

    done = "migrations.approved" if choice == "approve" else "migrations.refused"
    try:
        return settle(deed, key_of(done, of_ladder=_is_of_ladder(plan_id)))
    except EngineError as refused:
        return _plan_page(plan_id, refused)


@blueprint.post("/migrations/<uuid:plan_id>/take-back")
@policy(DEPLOYMENT)
def take_back(plan_id: UUID) -> ResponseReturnValue:
    """The author gives the plan up."""

    def deed(tx: Connection, at: datetime) -> str:
        migrations.take_back(tx, plan_id, actor(), at)
        return url_for("web.migrations.show", plan_id=plan_id)

    try:
        done = key_of("migrations.taken_back", of_ladder=_is_of_ladder(plan_id))
        return settle(deed, done)
    except EngineError as refused:
        return _plan_page(plan_id, refused)


def marks(tx: Connection) -> list[str]:
    """The marks of the plan and of its first cases, for what an open page tells (`web.live`)."""
    plan = _asked_for(tx)
    if plan is None:
        return []
    found = migrations_list.results(tx, plan.id, actor(), _wanted(), None, PAGE_ROWS)
    return [
        plan_mark(plan, migrations_list.counts(tx, plan.id, actor())),
        *map(case_mark, found.rows),
    ]


def standing(tx: Connection) -> object:
    """How far the plan has come; the dry run leaves no history."""
    plan = _asked_for(tx)
    return None if plan is None else (plan.status, migrations_list.counts(tx, plan.id, actor()))


def plan_mark(plan: migrations_list.PlanRow, counts: migrations_list.Counts) -> str:
    return row_mark(plan.id, plan.status, counts)


def case_mark(row: migrations_list.CaseResult) -> str:
    return row_mark(row.case_id, row.verdict, row.outcome)


def _is_of_ladder(plan_id: UUID) -> bool:
    with reading() as tx:
        return is_of_ladder(tx, migrations_list.plan(tx, plan_id, actor()).to_id)


def _asked_for(tx: Connection) -> migrations_list.PlanRow | None:
    try:
        return migrations_list.plan(tx, UUID(request.args.get("plan_id", "")), actor())
    except (ValueError, NotFound):
        return None


# --- a plan -------------------------------------------------------------------------------------


def _plan_page(plan_id: UUID, refused: EngineError | None = None) -> ResponseReturnValue:
    wanted = _wanted()
    cursor = request.args.get("cursor") or None
    with reading() as tx:
        plan = migrations_list.plan(tx, plan_id, actor())
        found = migrations_list.results(tx, plan_id, actor(), wanted, cursor, PAGE_ROWS)
        counts = migrations_list.counts(tx, plan_id, actor())
        compared = migrations.comparison(tx, plan.from_id, plan.to_id, plan.named)
        sides = versions_of(tx, plan.from_id, plan.to_id)
        is_ladder = is_of_ladder(tx, plan.to_id)
        is_author = plan.created_by is not None and plan.created_by == actor().person_id
        return page(
            tx,
            "migration.html",
            plan=plan,
            live="migration",
            counts=counts,
            plan_mark=plan_mark(plan, counts),
            case_mark=case_mark,
            rows=found.rows,
            next_cursor=found.next_cursor,
            wanted=wanted,
            differing=[each for each in compared if each.what is not What.SAME][:MOST_LISTED],
            same=sum(each.what is What.SAME for each in compared),
            forbidden=may_decide_moves(plan.created_by, actor()),
            is_author=is_author,
            verdicts=VERDICTS,
            outcomes=OUTCOMES,
            clock_words=clock_words,
            **telling(called_in(sides)),
            worded=words_of(of_ladder=is_ladder),
            why=request.form.get("why", ""),
            told=sentence(refused) if refused else "",
            status=status_of(refused) if refused else 200,
        )


def _wanted() -> migrations_list.Wanted:
    return migrations_list.Wanted(_one_of("verdict", VERDICTS), _one_of("outcome", OUTCOMES))


def _one_of(name: str, known: Sequence[str]) -> str | None:
    value = request.args.get(name, "")
    return value if value in known else None
