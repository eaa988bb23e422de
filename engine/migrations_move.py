"""One case to another version: judged, or moved with all its open rows; the caller's transaction.

Open tasks keep id, assignee and entries; timers and clocks keep their due times unless they were
named. The history tells from which version to which; the words of the reason lie under the case's
key.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from engine import deployments, events, notes, runtime
from engine.actors import Actor
from engine.bpmn import facts
from engine.bpmn.environment import Environment
from engine.bpmn.facts import Fact
from engine.bpmn.interpreter import State, load_state
from engine.bpmn.migration import (
    CannotMove,
    Instructions,
    Plan,
    Remark,
    Verdict,
    Versions,
    migrate,
    plan_move,
)
from engine.case_rows import Case
from engine.deployments import Loaded
from engine.errors import EngineError
from engine.history import Entry
from engine.runtime import STALE, Deed
from engine.tokens import environment
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
    moved = replace(case, definition_id=order.to_id)
    loaded = deployments.definition(tx, order.to_id)
    versions = versions_of(tx, order.from_id, order.to_id)
    env = environment(moved, loaded, now)
    plan = plan_move(versions, order.named, load_state(case.state), now, env)
    if plan.result is not None and _would_go_on(case, plan.result[1]):
        return Plan(Verdict.CANNOT, (Remark("case.suspended"), *plan.remarks), None)
    return plan


def move(
    tx: Connection, case: Case, order: Order, actor: Actor, now: datetime
) -> tuple[Remark, ...]:
    """Move a loaded, locked case. Returns why it stays where it is, or nothing if it was moved.

    Raises Conflict (`case.stale`) if somebody else wrote it meanwhile.
    """
    try:
        with tx.begin_nested():
            _move(tx, case, order, actor, now)
    except CannotMove as cannot:
        return cannot.remarks
    except EngineError as refused:
        if refused.code == STALE:
            raise
        said = str(refused.facts.get("zh", refused.message))
        return (Remark("case.other", facts={"zh": said, "en": refused.message}),)
    return ()


def _move(tx: Connection, case: Case, order: Order, actor: Actor, now: datetime) -> None:
    versions = versions_of(tx, order.from_id, order.to_id)
    moved = replace(case, definition_id=order.to_id)

    def work(
        _loaded: Loaded, state: State, at: datetime, env: Environment
    ) -> tuple[State, tuple[Fact, ...]]:
        result = migrate(versions, order.named, state, at, env)
        if _would_go_on(case, result[1]):
            raise CannotMove((Remark("case.suspended"),))
        return result

    deed = Deed(
        actor,
        [_entry(tx, case, order, actor, now)],
        new_status=case.status,
        suspended_reason=case.suspended_reason,
        definition_id=order.to_id,
    )
    runtime.change(tx, moved, work, deed, now)
    said = notes.Said(notes.MIGRATION, order.reason)
    notes.say(tx, case.id, case.key, said, replace(actor, office_id=case.office_id), now)
    events.announce(tx, events.CaseMigrated(moved.ref, actor, order.named.clocks), now)


def _would_go_on(case: Case, told: tuple[Fact, ...]) -> bool:
    """A suspended case rests: moving it must not let it go on."""
    return case.status == "suspended" and any(isinstance(fact, _GOES_ON) for fact in told)


def _entry(tx: Connection, case: Case, order: Order, actor: Actor, now: datetime) -> Entry:
    former = deployments.definition(tx, order.from_id).version
    version = deployments.definition(tx, order.to_id).version
    detail: dict[str, Any] = {"former": former, "version": version, "said": True}
    if order.plan_id is not None:
        detail["plan"] = str(order.plan_id)
    if order.named.clocks:
        detail["clocks"] = sorted(order.named.clocks)
    return Entry(
        "case.migrated",
        actor,
        now,
        case_id=case.id,
        step=case.ref.version,
        object_id=str(order.to_id),
        detail=detail,
        office_id=case.office_id,
    )


def _forms(tx: Connection, definition_id: UUID) -> dict[str, str]:
    """The hashes of a version's forms, by form id."""
    rows = tx.execute(
        select(definition_parts.c.name, definition_parts.c.artifact_hash).where(
            definition_parts.c.definition_id == definition_id, definition_parts.c.kind == "form"
        )
    )
    return {row.name: row.artifact_hash for row in rows}
