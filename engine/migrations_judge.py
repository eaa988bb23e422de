"""What moving one case would mean: its version's definitions side by side, and the verdict."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select

from engine import deployments, migrations_clocks
from engine.advancing import environment
from engine.bpmn import facts
from engine.bpmn.facts import Fact
from engine.bpmn.interpreter import load_state
from engine.bpmn.migration import Instructions, Plan, Remark, Verdict, Versions, plan_move
from engine.case_rows import Case
from engine.errors import EngineError
from engine.packages import LADDER
from store.tables import cases, definition_parts, definitions

_GOES_ON = (facts.ElementActivated, facts.ElementCompleted, facts.ElementTerminated)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done with cases of `from_id`. `plan_id` is None for the command line's."""

    from_id: UUID
    to_id: UUID
    named: Instructions
    reason: str
    plan_id: UUID | None = None


def versions_of(tx: Connection, from_id: UUID, to_id: UUID) -> Versions:
    """Two versions with all that they call, and which forms differ between them."""
    old, new = deployments.definition(tx, from_id), deployments.definition(tx, to_id)
    before, after = _forms(tx, from_id), _forms(tx, to_id)
    changed = {name for name in before.keys() & after.keys() if before[name] != after[name]}
    return Versions(old.definitions, new.definitions, frozenset(changed))


def running(
    tx: Connection, office_id: str, from_id: UUID, after: UUID | None, limit: int
) -> migrations_clocks.Found:
    """The next cases of the office that run on a version, or whose clocks it drew, by id."""
    former = deployments.definition(tx, from_id)
    if former.package.kind == LADDER:
        return migrations_clocks.keeper().cases(tx, office_id, former, after, limit)
    wanted = select(cases.c.id).where(
        cases.c.office_id == office_id,
        cases.c.package_id
        == select(definitions.c.package_id).where(definitions.c.id == from_id).scalar_subquery(),
        cases.c.status.in_(("active", "suspended")),
        cases.c.definition_id == from_id,
    )
    if after is not None:
        wanted = wanted.where(cases.c.id > after)
    found = tx.scalars(wanted.order_by(cases.c.id).limit(limit)).all()
    return migrations_clocks.Found(found, found[-1] if found else after, is_done=len(found) < limit)


def clocks_of(tx: Connection, order: Order) -> migrations_clocks.Versions:
    """What the keeper of clocks is told of an order."""
    former, target = (deployments.definition(tx, each) for each in (order.from_id, order.to_id))
    return migrations_clocks.Versions(former, target, order.named.clocks)


def judge(tx: Connection, case: Case, order: Order, now: datetime) -> Plan | None:
    """Say what moving a case would mean; None if it has nothing of the former version. Writes
    nothing."""
    clocks = clocks_of(tx, order)
    try:
        if clocks.are_ladders:
            return migrations_clocks.keeper().judge(tx, case, clocks, now)
        if case.definition_id != order.from_id:
            return None
        plan = _judged(tx, case, order, now)
        if plan.verdict is Verdict.CANNOT:
            return plan
        told = migrations_clocks.told_of(tx, case, clocks, now)
    except EngineError as refused:
        return Plan(Verdict.CANNOT, (refusal(refused),), None)
    return replace(plan, remarks=(*told, *plan.remarks))


def refusal(refused: EngineError) -> Remark:
    """Why something else than the diagram keeps a case where it is."""
    said = str(refused.facts.get("zh", refused.message))
    return Remark("case.other", facts={"zh": said, "en": refused.message})


def _judged(tx: Connection, case: Case, order: Order, now: datetime) -> Plan:
    loaded = deployments.definition(tx, order.to_id)
    versions = versions_of(tx, order.from_id, order.to_id)
    env = environment(tx, case, loaded, case.data, now)
    plan = plan_move(versions, order.named, load_state(case.state), now, env)
    if plan.result is not None and would_go_on(case, plan.result[1]):
        return Plan(Verdict.CANNOT, (Remark("case.suspended"), *plan.remarks), None)
    return plan


def would_go_on(case: Case, told: tuple[Fact, ...]) -> bool:
    """A suspended case rests: moving it must not let it go on."""
    return case.status == "suspended" and any(isinstance(fact, _GOES_ON) for fact in told)


def _forms(tx: Connection, definition_id: UUID) -> dict[str, str]:
    """The hashes of a version's forms, by form id."""
    rows = tx.execute(
        select(definition_parts.c.name, definition_parts.c.artifact_hash).where(
            definition_parts.c.definition_id == definition_id, definition_parts.c.kind == "form"
        )
    )
    return {row.name: row.artifact_hash for row in rows}
