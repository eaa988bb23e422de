"""The work of a migration plan: judging its cases in batches, then moving them one by one.

A job says that there is work; the plan's row says how far it has come, in the very transaction of
each batch. Judging only reads cases. Moving takes one case to a transaction: killed at any moment,
the work goes on with the next case, and one that breaks is marked and left.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, func, insert, select, update

from engine import case_rows
from engine import jobs as long_work
from engine.actors import Actor, system
from engine.bpmn.migration import Remark, Verdict
from engine.due import do_next
from engine.errors import Conflict
from engine.history import Entry, append
from engine.migrations_judge import Order, judge, running
from engine.migrations_move import move
from engine.migrations_named import parse_named
from engine.runtime import STALE
from store.database import Database, wake
from store.tables import jobs, migration_cases, migration_plans, persons

KIND = "case.migration"
BATCH = 25  # cases judged at once: a tenth of a second, so that nobody at a desk notices
MOST_REMARKS = 20  # of one case are kept
_GIVE_UP = 2  # failures of one case, then it is marked and the work goes on


def set_going(tx: Connection, plan_id: UUID, office_id: str, now: datetime) -> None:
    """Do the first batch, and leave the rest to a worker."""
    plan = tx.execute(select(migration_plans).where(migration_plans.c.id == plan_id)).one()
    is_done = plan.status == "judging" and _judge_some(tx, plan, now)
    tx.execute(
        insert(jobs).values(
            id=uuid4(),
            office_id=office_id,
            kind=KIND,
            payload={"plan": str(plan_id)},
            due_at=now,
            status="done" if is_done else "waiting",
            created_at=now,
            ended_at=now if is_done else None,
            fence=0,
            attempts=0,
        )
    )
    wake(tx, "jobs")


def advance_next(db: Database, now: datetime) -> bool:
    """Judge the next cases of a plan, or move the next one. False if none waits."""
    return do_next(db, _KIND, now)


def next_due(tx: Connection) -> datetime | None:
    """When there is work on a plan next, aware UTC; None if there is none."""
    return long_work.next_due(tx, KIND)


# --- the dry run --------------------------------------------------------------------------------


def _judge_some(tx: Connection, plan: Any, now: datetime) -> bool:
    """Judge a batch of the plan's cases and note the verdicts. True if no case is left."""
    order = order_of(plan)
    found = running(tx, plan.office_id, plan.from_id, plan.after_id, BATCH)
    rows = []
    for case_id in found.cases:
        case = case_rows.load(tx, case_id, system(plan.office_id), lock=False)
        judged = judge(tx, case, order, now)
        if judged is None:
            continue
        rows.append(
            {
                "plan_id": plan.id,
                "case_id": case_id,
                "office_id": plan.office_id,
                "verdict": judged.verdict,
                "remarks": _told(judged.remarks),
            }
        )
    if rows:
        tx.execute(insert(migration_cases), rows)
    _note(tx, plan, "judging", after_id=found.after,
          **({"status": "waiting"} if found.is_done else {}))  # fmt: skip
    return found.is_done


def _told(remarks: Sequence[Remark]) -> list[dict[str, str]]:
    return [
        {
            "code": each.code,
            "weight": each.weight,
            "process": each.process_id,
            "element": each.element_id,
            "zh": each.zh,
            "en": each.en,
        }
        for each in remarks[:MOST_REMARKS]
    ]


# --- moving -------------------------------------------------------------------------------------


def _move_next(tx: Connection, plan: Any, attempts: int, now: datetime) -> bool:
    """Give the next case of an approved plan its turn. True if none is left."""
    case_id = tx.scalar(
        select(migration_cases.c.case_id)
        .where(
            migration_cases.c.plan_id == plan.id,
            migration_cases.c.outcome.is_(None),
            *((migration_cases.c.case_id > plan.after_id,) if plan.after_id else ()),
        )
        .order_by(migration_cases.c.case_id)
        .limit(1)
    )
    if case_id is None:
        _finish(tx, plan, now)
        return True
    if attempts >= _GIVE_UP:
        _end(tx, plan, case_id, "failed", None, now)
    else:
        outcome, remarks = _turn(tx, plan, case_id, now)
        _end(tx, plan, case_id, outcome, remarks, now)
    _note(tx, plan, "moving", after_id=case_id)
    return False


def _turn(
    tx: Connection, plan: Any, case_id: UUID, now: datetime
) -> tuple[str, tuple[Remark, ...] | None]:
    case = case_rows.load(tx, case_id, system(plan.office_id))
    is_there = case.status in ("active", "suspended") and case.office_id == plan.office_id
    order = order_of(plan)
    if not is_there or judge(tx, case, order, now) is None:
        return "gone", None
    remarks = move(tx, case, order, _approver(tx, plan), now)
    return ("kept", remarks) if remarks else ("moved", None)


def _end(
    tx: Connection,
    plan: Any,
    case_id: UUID,
    outcome: str,
    remarks: tuple[Remark, ...] | None,
    now: datetime,
) -> None:
    values: dict[str, Any] = {"outcome": outcome, "ended_at": now}
    if remarks is not None:
        values |= {"verdict": Verdict.CANNOT, "remarks": _told(remarks)}
    tx.execute(
        update(migration_cases)
        .where(migration_cases.c.plan_id == plan.id, migration_cases.c.case_id == case_id)
        .values(**values)
    )


def _finish(tx: Connection, plan: Any, now: datetime) -> None:
    _note(tx, plan, "moving", status="done", ended_at=now)
    counted = tx.execute(
        select(migration_cases.c.outcome, func.count().label("n"))
        .where(migration_cases.c.plan_id == plan.id)
        .group_by(migration_cases.c.outcome)
    )
    found = {row.outcome: row.n for row in counted}
    moved = found.pop("moved", 0)
    append(
        tx,
        Entry(
            "migration.done",
            system(plan.office_id),
            now,
            object_id=str(plan.id),
            detail={"package": plan.package_id, "moved": moved, "left": sum(found.values())},
        ),
    )


def _approver(tx: Connection, plan: Any) -> Actor:
    """Who let the cases be moved: the history names them."""
    name = tx.scalar(select(persons.c.display_name).where(persons.c.id == plan.decided_by))
    return Actor(plan.decided_by, None, plan.office_id, frozenset(), name or "")


# --- the job ------------------------------------------------------------------------------------


def order_of(plan: Any) -> Order:
    """What a plan's row says is to be done."""
    return Order(plan.from_id, plan.to_id, parse_named(plan.named), plan.reason, plan.id)


def _note(tx: Connection, plan: Any, seen: str, **values: Any) -> None:
    noted = tx.execute(
        update(migration_plans)
        .where(migration_plans.c.id == plan.id, migration_plans.c.status == seen)
        .values(**values)
    )
    if noted.rowcount != 1:
        raise Conflict(STALE, "The plan was decided or taken back meanwhile")


def _step(tx: Connection, row: Any, _payload: dict[str, Any], now: datetime) -> bool:
    plan = tx.execute(
        select(migration_plans).where(migration_plans.c.id == UUID(row.payload["plan"]))
    ).one()
    match plan.status:
        case "judging":
            return _judge_some(tx, plan, now)
        case "moving":
            return _move_next(tx, plan, row.attempts, now)
        case _:
            return True  # taken back


_KIND = long_work.in_steps(KIND, _step)
