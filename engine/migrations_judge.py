"""What moving one case would mean: its version's definitions side by side, and the verdict."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select

from engine import deployments
from engine.advancing import environment
from engine.bpmn import facts
from engine.bpmn.facts import Fact
from engine.bpmn.interpreter import load_state
from engine.bpmn.migration import Instructions, Plan, Remark, Verdict, Versions, plan_move
from engine.case_rows import Case
from store.tables import definition_parts

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


def judge(tx: Connection, case: Case, order: Order, now: datetime) -> Plan:
    """Say what moving a case would mean. Writes nothing."""
    loaded = deployments.definition(tx, order.to_id)
    versions = versions_of(tx, order.from_id, order.to_id)
    env = environment(loaded, case.data, now)
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
