"""Two versions of a process side by side, and the form that begins to move running cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine import deployments, migrations, migrations_list, permissions
from engine.bpmn.migration import What
from engine.errors import EngineError, Rejected
from engine.migrations import Asked
from engine.migrations_judge import versions_of
from web.deeds import settle
from web.errors import sentence, status_of
from web.migrations_naming import (
    called_in,
    changed_events,
    clock_choices,
    gone_elements,
    gone_flows,
    is_of_ladder,
    key_of,
    named,
    telling,
    words_of,
)
from web.pages import page
from web.policies import ANALYSIS, DEPLOYMENT, policy
from web.visits import actor, reading

blueprint = Blueprint("migrations_compare", __name__)
MOST_LISTED = 300


@blueprint.get("/definitions/<package_id>/move")
@policy(ANALYSIS)
def compare(package_id: str) -> ResponseReturnValue:
    """Two versions side by side, and the form that begins a plan."""
    return _compare_page(package_id)


@blueprint.post("/definitions/<package_id>/move")
@policy(DEPLOYMENT)
def propose(package_id: str) -> ResponseReturnValue:
    """Begin the dry run of a plan. Nothing moves before somebody else approves it."""

    def deed(tx: Connection, at: datetime) -> str:
        plan_id = migrations.propose(tx, _asked(), actor(), at)
        return url_for("web.migrations.show", plan_id=plan_id)

    try:
        with reading() as tx:
            is_ladder = is_of_ladder(tx, _asked().to_id)
        return settle(deed, key_of("migrations.planned", of_ladder=is_ladder))
    except EngineError as refused:
        return _compare_page(package_id, refused)


# --- the comparison -----------------------------------------------------------------------------


def _compare_page(package_id: str, refused: EngineError | None = None) -> ResponseReturnValue:
    given = request.form or request.args
    with reading() as tx:
        versions = migrations_list.versions(tx, actor(), package_id)
        former, target = _chosen(versions, given)
        found = migrations.comparison(tx, former.id, target.id, named(request.form))
        sides = versions_of(tx, former.id, target.id)
        called = called_in(sides)
        target_version = deployments.definition(tx, target.id)
        is_ladder = is_of_ladder(tx, target.id)
        return page(
            tx,
            "migration_compare.html",
            package_id=package_id,
            title=target,
            versions=versions,
            targets=[row for row in versions if row.state in ("active", "superseded")],
            former=former,
            target=target,
            differing=[each for each in found if each.what is not What.SAME][:MOST_LISTED],
            same=sum(each.what is What.SAME for each in found),
            worded=words_of(of_ladder=is_ladder),
            elements=[] if is_ladder else list(gone_elements(found, called)),
            flows=[] if is_ladder else list(gone_flows(sides, called)),
            events=[] if is_ladder else list(changed_events(sides, found, called)),
            **telling(called),
            clocks=[] if is_ladder else clock_choices(target_version.limits),
            plans=migrations_list.plans(tx, actor(), package_id, None, 10).rows,
            may_plan=permissions.may_plan_moves(actor()) is None,
            given=request.form,
            told=sentence(refused) if refused else "",
            status=status_of(refused) if refused else 200,
        )


def _chosen(versions: Sequence[Any], given: Mapping[str, str]) -> tuple[Any, Any]:
    by_id = {str(row.id): row for row in versions}
    active = next((row for row in versions if row.state == "active"), versions[0])
    target = by_id.get(given.get("to", ""), active)
    others = [row for row in versions if row.id != target.id]
    former = by_id.get(given.get("from", "")) or (others[0] if others else target)
    return former, target


def _asked() -> Asked:
    try:
        former, target = UUID(request.form.get("from", "")), UUID(request.form.get("to", ""))
    except ValueError as wrong:
        raise Rejected("migration.versions", "Expected two versions") from wrong
    return Asked(former, target, request.form.get("reason", ""), named(request.form))
