"""One case to another version, with all its open rows, in the caller's transaction.

Open tasks keep id, assignee and entries; timers and clocks keep their due times unless they were
named. The history tells from which version to which; the words of the reason lie under the case's
key.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from engine import deployments, events, migrations_clocks, notes, runtime
from engine.actors import Actor
from engine.bpmn.environment import Environment
from engine.bpmn.facts import Fact
from engine.bpmn.interpreter import State
from engine.bpmn.migration import CannotMove, Remark, migrate
from engine.case_rows import Case
from engine.errors import EngineError
from engine.history import Entry
from engine.migrations_judge import Order, clocks_of, refusal, versions_of, would_go_on


def move(
    tx: Connection, case: Case, order: Order, actor: Actor, now: datetime
) -> tuple[Remark, ...]:
    """Move a loaded, locked case. Returns why it stays where it is, or nothing if it was moved.

    Raises Conflict (`case.stale`) if somebody else wrote it meanwhile.
    """
    try:
        with tx.begin_nested():
            clocks = clocks_of(tx, order)
            if clocks.are_ladders:
                migrations_clocks.keeper().move(tx, case, clocks, actor, now)
            else:
                _move(tx, case, order, actor, now)
    except CannotMove as cannot:
        return cannot.remarks
    except EngineError as refused:
        if refused.code == runtime.STALE:
            raise
        return (refusal(refused),)
    return ()


def _move(tx: Connection, case: Case, order: Order, actor: Actor, now: datetime) -> None:
    versions = versions_of(tx, order.from_id, order.to_id)
    moved = replace(case, definition_id=order.to_id)

    def work(
        _loaded: deployments.Loaded, state: State, at: datetime, env: Environment
    ) -> tuple[State, tuple[Fact, ...]]:
        result = migrate(versions, order.named, state, at, env)
        if would_go_on(case, result[1]):
            raise CannotMove((Remark("case.suspended"),))
        return result

    deed = runtime.Deed(
        actor,
        [_entry(tx, case, order, actor, now)],
        new_status=case.status,
        definition_id=order.to_id,
    )
    runtime.change(tx, moved, work, deed, now)
    said = notes.Said(notes.MIGRATION, order.reason)
    notes.say(tx, case.id, case.key, said, replace(actor, office_id=case.office_id), now)
    events.announce(tx, events.CaseMigrated(moved.ref, actor, order.named.clocks), now)


def _entry(tx: Connection, case: Case, order: Order, actor: Actor, now: datetime) -> Entry:
    former = deployments.definition(tx, order.from_id).version
    version = deployments.definition(tx, order.to_id).version
    detail: dict[str, Any] = {
        "from": str(order.from_id),
        "former": former,
        "version": version,
        "said": True,
    }
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
