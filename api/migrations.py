"""Moving running cases to another version: plans, dry runs, approval, and what came of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from marshmallow import fields, validate

from api.blueprints import blueprint as noun
from api.doors import Call, read, write
from api.shapes import (
    Instant,
    LabelShape,
    PageQuery,
    Shape,
    Words,
    always,
    many,
    page_of,
    perhaps,
)
from engine import migrations, migrations_list
from engine.bpmn.migration import Compared
from engine.migrations import Asked
from engine.migrations_list import PlanRow, Wanted
from engine.permissions import DEPLOYERS, READERS_OF_DRAFTS

blueprint = noun("migrations", "Moving running cases to another version")
VERDICTS = ("can", "task_changed", "cannot")
OUTCOMES = ("moved", "kept", "gone", "failed")


@dataclass(frozen=True, slots=True)
class Why:
    why: str


@dataclass(frozen=True, slots=True)
class WantedPlans:
    limit: int
    cursor: str | None
    package: str | None


@dataclass(frozen=True, slots=True)
class WantedCases:
    limit: int
    cursor: str | None
    verdict: str | None
    outcome: str | None


class PlansQuery(PageQuery):
    makes = WantedPlans
    package = fields.String(load_default=None, validate=validate.Length(1, 20))


class PlanCasesQuery(PageQuery):
    makes = WantedCases
    verdict = fields.String(load_default=None, validate=validate.OneOf(VERDICTS))
    outcome = fields.String(load_default=None, validate=validate.OneOf(OUTCOMES))


class NewPlanShape(Shape):
    """`named` is what ids alone cannot tell: `{processes: {P01: {elements: {old: new}, flows:
    {old: new}, rearm: [new timer]}}, clocks: [name]}`; all of it may be left out."""

    from_id = fields.UUID(required=True)
    to_id = fields.UUID(required=True)
    reason = Words(migrations.LONGEST_REASON, required=True)
    named = fields.Dict(keys=fields.String(), load_default=dict)

    @staticmethod
    def makes(named: Mapping[str, Any], **rest: Any) -> Asked:
        return Asked(named=named, **rest)


class PlanApprovedShape(Shape):
    makes = Why
    why = fields.String(load_default="", validate=validate.Length(0, migrations.LONGEST_REASON))


class PlanRefusedShape(Shape):
    makes = Why
    why = Words(migrations.LONGEST_REASON, required=True)


class PlanCountsShape(Shape):
    total = always(fields.Integer)
    verdicts = always(fields.Dict, keys=fields.String(), values=fields.Integer())
    outcomes = always(fields.Dict, keys=fields.String(), values=fields.Integer())


class PlanShape(Shape):
    """`status`: judging (the dry run goes on), waiting (for a second person), moving, done or
    refused."""

    id = always(fields.UUID)
    package_id = always(fields.String)
    from_id = always(fields.UUID)
    from_version = always(fields.Integer)
    to_id = always(fields.UUID)
    to_version = always(fields.Integer)
    status = always(fields.String)
    reason = always(fields.String)
    named = always(fields.Dict, keys=fields.String())
    created_at = always(Instant)
    created_by_name = always(fields.String)
    decided_at = perhaps(Instant)
    decided_by_name = always(fields.String)
    decided_why = always(fields.String)
    ended_at = perhaps(Instant)


class WholePlanShape(PlanShape):
    counts = always(fields.Nested, PlanCountsShape)


class PlanRemarkShape(LabelShape):
    """One sentence about one element, `weight` refused, task or note."""

    code = always(fields.String)
    weight = always(fields.String)
    process = always(fields.String)
    element = always(fields.String)


class PlanCaseShape(Shape):
    """`verdict` is of the dry run, or of the case's turn if it was refused then; `outcome` is null
    until its turn."""

    case_id = always(fields.UUID)
    number = always(fields.String)
    status = always(fields.String)
    verdict = always(fields.String)
    outcome = perhaps(fields.String)
    remarks = many(PlanRemarkShape)
    ended_at = perhaps(Instant)


class ElementFacetShape(Shape):
    name = always(fields.String)
    before = always(fields.String)
    after = always(fields.String)


class ComparedElementShape(Shape):
    """`what`: same, changed (see `facets`), gone or new."""

    process_id = always(fields.String)
    element_id = always(fields.String)
    former_id = always(fields.String)
    name = always(fields.String)
    kind = always(fields.String)
    what = always(fields.String)
    facets = many(ElementFacetShape)


class PlanComparisonShape(Shape):
    items = many(ComparedElementShape)
    next = perhaps(fields.String)


@blueprint.get("/migrations")
@read(*READERS_OF_DRAFTS)
@blueprint.arguments(PlansQuery, location="query")
@blueprint.response(200, page_of(PlanShape, "Plans"))
def index(call: Call, wanted: WantedPlans) -> Any:
    """The plans of your office, the newest first."""
    return migrations_list.plans(call.tx, call.actor, wanted.package, wanted.cursor, wanted.limit)


@blueprint.post("/migrations")
@write(*DEPLOYERS)
@blueprint.arguments(NewPlanShape)
@blueprint.response(201, WholePlanShape)
def propose(call: Call, given: Asked) -> Any:
    """Plan to move every running case of your office from one version to another.

    The dry run begins at once and goes on in the background; nothing moves before somebody else
    approves.
    """
    plan_id = migrations.propose(call.tx, given, call.actor, call.now)
    return _whole(call, plan_id)


@blueprint.get("/migrations/<uuid:migration_id>")
@read(*READERS_OF_DRAFTS)
@blueprint.response(200, WholePlanShape)
def show(call: Call, migration_id: UUID) -> Any:
    """One plan: how far it has come, and how many cases can be moved."""
    return _whole(call, migration_id)


@blueprint.get("/migrations/<uuid:migration_id>/cases")
@read(*READERS_OF_DRAFTS)
@blueprint.arguments(PlanCasesQuery, location="query")
@blueprint.response(200, page_of(PlanCaseShape, "PlanCases"))
def cases(call: Call, wanted: WantedCases, migration_id: UUID) -> Any:
    """What the plan means for each case, with reasons, and what came of it."""
    migrations.find(call.tx, migration_id, call.actor)
    which = Wanted(wanted.verdict, wanted.outcome)
    return migrations_list.results(
        call.tx, migration_id, call.actor, which, wanted.cursor, wanted.limit
    )


@blueprint.get("/migrations/<uuid:migration_id>/comparison")
@read(*READERS_OF_DRAFTS)
@blueprint.response(200, PlanComparisonShape)
def comparison(call: Call, migration_id: UUID) -> Any:
    """The two versions side by side, element by element."""
    plan = migrations.find(call.tx, migration_id, call.actor)
    found = migrations.comparison(call.tx, plan.from_id, plan.to_id, plan.named)
    return {"items": [_compared(each) for each in found], "next": None}


@blueprint.post("/migrations/<uuid:migration_id>/approve")
@write(*READERS_OF_DRAFTS)
@blueprint.arguments(PlanApprovedShape)
@blueprint.response(200, WholePlanShape)
def approve(call: Call, given: Why, migration_id: UUID) -> Any:
    """Let the cases be moved, one by one in the background. The author of a plan cannot."""
    migrations.approve(call.tx, migration_id, given.why, call.actor, call.now)
    return _whole(call, migration_id)


@blueprint.post("/migrations/<uuid:migration_id>/refuse")
@write(*READERS_OF_DRAFTS)
@blueprint.arguments(PlanRefusedShape)
@blueprint.response(200, WholePlanShape)
def refuse(call: Call, given: Why, migration_id: UUID) -> Any:
    """Say no to a plan, and why. Its author takes it back instead."""
    migrations.refuse(call.tx, migration_id, given.why, call.actor, call.now)
    return _whole(call, migration_id)


@blueprint.post("/migrations/<uuid:migration_id>/take-back")
@write(*DEPLOYERS)
@blueprint.response(200, WholePlanShape)
def take_back(call: Call, migration_id: UUID) -> Any:
    """Give up a plan of your own that nobody has decided."""
    migrations.take_back(call.tx, migration_id, call.actor, call.now)
    return _whole(call, migration_id)


def _whole(call: Call, plan_id: UUID) -> dict[str, Any]:
    plan = migrations_list.plan(call.tx, plan_id, call.actor)
    told = {name: getattr(plan, name) for name in PlanRow.__slots__}
    return {**told, "counts": migrations_list.counts(call.tx, plan_id, call.actor)}


def _compared(each: Compared) -> dict[str, Any]:
    told = {name: getattr(each, name) for name in Compared.__slots__}
    return {**told, "what": each.what.value}
