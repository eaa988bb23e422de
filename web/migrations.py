"""The analyst's pages for running cases: two versions compared, a plan and what comes of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, select

from engine import deployments, migrations, migrations_list
from engine.bpmn.definition import Definition, Element, EventKind
from engine.bpmn.migration import Compared, Versions, What
from engine.errors import EngineError, NotFound, Rejected
from engine.migrations import Asked
from engine.migrations_list import Wanted
from engine.migrations_move import versions_of
from engine.office_tree import UPWARDS
from engine.permissions import may_decide_moves, may_plan_moves
from sla.migrations import clock_names
from store.tables import definitions
from web.deeds import settle
from web.errors import sentence, status_of
from web.pages import page
from web.policies import ANALYSIS, DEPLOYMENT, policy
from web.visits import actor, reading

blueprint = Blueprint("migrations", __name__)
PAGE_ROWS = 50
MOST_LISTED = 300
VERDICTS = ("can", "task_changed", "cannot")
OUTCOMES = ("moved", "kept", "gone", "failed")
_WAITING = frozenset({EventKind.TIMER, EventKind.MESSAGE, EventKind.SIGNAL, EventKind.CONDITIONAL})


@dataclass(frozen=True, slots=True)
class Choice:
    """Something the analyst may name: a form field, what it is about, and what it may become."""

    field: str
    process_id: str
    place: str
    name: str
    options: Sequence[tuple[str, str]]


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
        return settle(deed, "migrations.planned")
    except EngineError as refused:
        return _compare_page(package_id, refused)


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

    told = "migrations.approved" if choice == "approve" else "migrations.refused"
    try:
        return settle(deed, told)
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
        return settle(deed, "migrations.taken_back")
    except EngineError as refused:
        return _plan_page(plan_id, refused)


# --- the comparison -----------------------------------------------------------------------------


def _compare_page(package_id: str, refused: EngineError | None = None) -> ResponseReturnValue:
    given = request.form or request.args
    with reading() as tx:
        versions = _versions(tx, package_id)
        former, target = _chosen(versions, given)
        found = migrations.comparison(tx, former.id, target.id, _named())
        sides = versions_of(tx, former.id, target.id)
        limits = deployments.definition(tx, target.id).limits
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
            elements=list(_gone_elements(found)),
            flows=list(_gone_flows(sides)),
            events=list(_changed_events(sides, found)),
            clocks=sorted(clock_names(limits)),
            plans=migrations_list.plans(tx, actor(), package_id, None, 10).rows,
            may_plan=may_plan_moves(actor()) is None,
            given=request.form,
            told=sentence(refused) if refused else "",
            status=status_of(refused) if refused else 200,
        )


def _versions(tx: Connection, package_id: str) -> Sequence[Any]:
    """The versions that cases of the office may run on, the newest first."""
    found = tx.execute(
        select(definitions)
        .join(UPWARDS, UPWARDS.c.id == definitions.c.office_id)
        .where(definitions.c.package_id == package_id, definitions.c.state != "draft")
        .order_by(UPWARDS.c.height, definitions.c.version.desc()),
        {"office": actor().office_id},
    ).all()
    if not found:
        raise NotFound("definition.not_found", "There is no such version here")
    return found


def _chosen(versions: Sequence[Any], given: Mapping[str, str]) -> tuple[Any, Any]:
    by_id = {str(row.id): row for row in versions}
    active = next((row for row in versions if row.state == "active"), versions[0])
    target = by_id.get(given.get("to", ""), active)
    others = [row for row in versions if row.id != target.id]
    former = by_id.get(given.get("from", "")) or (others[0] if others else target)
    return former, target


def _gone_elements(found: Sequence[Compared]) -> Iterator[Choice]:
    """What is gone, each with the new elements it may have become."""
    new = [each for each in found if each.what is What.NEW]
    for gone in (each for each in found if each.what is What.GONE):
        options = [
            (each.element_id, _label(each.name, each.element_id))
            for each in new
            if (each.process_id, each.kind) == (gone.process_id, gone.kind)
        ]
        if options:
            yield Choice(
                f"element:{gone.process_id}:{gone.element_id}",
                gone.process_id,
                gone.element_id,
                gone.name,
                options,
            )


def _gone_flows(sides: Versions) -> Iterator[Choice]:
    """Flows into joins that are gone or lead elsewhere, with the flows that lead there now."""
    for process_id, old in sides.old.items():
        new = sides.new.get(process_id)
        if new is None:
            continue
        for join in (each for each in old.elements.values() if len(each.incoming) > 1):
            after = new.elements.get(join.id)
            if after is None or "gateway" not in join.kind:
                continue
            fresh = [flow for flow in after.incoming if flow not in join.incoming]
            for flow in join.incoming:
                if flow not in after.incoming and fresh:
                    options = [(each, _flow_label(new, each)) for each in fresh]
                    field = f"flow:{process_id}:{flow}"
                    yield Choice(field, process_id, flow, _flow_label(old, flow), options)


def _changed_events(sides: Versions, found: Sequence[Compared]) -> Iterator[Choice]:
    """Events that wait and differ: they keep what they wait for unless they are named."""
    for each in found:
        if each.what is not What.CHANGED:
            continue
        element = sides.new[each.process_id].elements[each.element_id]
        names = {facet.name for facet in each.facets}
        if _waits(element) and names & {"event", "message"}:
            field = f"rearm:{each.process_id}:{each.element_id}"
            yield Choice(field, each.process_id, each.element_id, each.name, ())


def _waits(element: Element) -> bool:
    event = element.event
    if event is None:
        return element.message is not None
    return any(part.kind in _WAITING for part in event.parts or (event,))


def _flow_label(definition: Definition, flow_id: str) -> str:
    for element in definition.elements.values():
        for flow in element.outgoing:
            if flow.id == flow_id:
                return f"{_label(element.name, element.id)} → {flow.target}"
    return flow_id


def _label(name: str, element_id: str) -> str:
    return f"{name} ({element_id})" if name else element_id


# --- what was entered ---------------------------------------------------------------------------


def _asked() -> Asked:
    try:
        former, target = UUID(request.form.get("from", "")), UUID(request.form.get("to", ""))
    except ValueError as wrong:
        raise Rejected("migration.versions", "Expected two versions") from wrong
    return Asked(former, target, request.form.get("reason", ""), _named())


def _named() -> dict[str, Any]:
    """What the form names, as `engine.migrations_named` has it."""
    processes: dict[str, dict[str, Any]] = {}
    for field, value in request.form.items():
        kind, _, rest = field.partition(":")
        process_id, _, place = rest.partition(":")
        if not value or not place or kind not in ("element", "flow", "rearm"):
            continue
        part = processes.setdefault(process_id, {})
        if kind == "rearm":
            part.setdefault("rearm", []).append(place)
        else:
            part.setdefault(f"{kind}s", {})[place] = value
    return {"processes": processes, "clocks": request.form.getlist("clock")}


# --- a plan -------------------------------------------------------------------------------------


def _plan_page(plan_id: UUID, refused: EngineError | None = None) -> ResponseReturnValue:
    wanted = Wanted(_one_of("verdict", VERDICTS), _one_of("outcome", OUTCOMES))
    cursor = request.args.get("cursor") or None
    with reading() as tx:
        plan = migrations_list.plan(tx, plan_id, actor())
        found = migrations_list.results(tx, plan_id, wanted, cursor, PAGE_ROWS)
        compared = migrations.comparison(tx, plan.from_id, plan.to_id, plan.named)
        is_author = plan.created_by is not None and plan.created_by == actor().person_id
        return page(
            tx,
            "migration.html",
            plan=plan,
            counts=migrations_list.counts(tx, plan_id),
            rows=found.rows,
            next_cursor=found.next_cursor,
            wanted=wanted,
            differing=[each for each in compared if each.what is not What.SAME][:MOST_LISTED],
            same=sum(each.what is What.SAME for each in compared),
            forbidden=may_decide_moves(plan.created_by, actor()),
            is_author=is_author,
            verdicts=VERDICTS,
            outcomes=OUTCOMES,
            why=request.form.get("why", ""),
            told=sentence(refused) if refused else "",
            status=status_of(refused) if refused else 200,
        )


def _one_of(name: str, known: Sequence[str]) -> str | None:
    value = request.args.get(name, "")
    return value if value in known else None
