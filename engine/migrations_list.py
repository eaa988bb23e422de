"""Migration plans for people: lists, counts, and what each plan means for each case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select

from engine import migrations
from engine.actors import Actor
from engine.confidence import open_to, seen_by
from engine.cursors import Order, Page, checked_limit, page_of
from engine.errors import NotFound
from engine.office_tree import UPWARDS
from store.tables import cases, definitions, migration_cases, migration_plans, persons

_ORDER = Order("migration.cases", ("uuid",))
_PLANS = Order("migrations", ("instant", "uuid"))


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One plan. Times are aware UTC. `named` is JSON as in `engine.migrations_named`."""

    id: UUID
    package_id: str
    from_id: UUID
    from_version: int
    to_id: UUID
    to_version: int
    status: str
    reason: str
    named: Mapping[str, Any]
    created_at: datetime
    created_by: UUID | None
    created_by_name: str
    decided_at: datetime | None
    decided_by_name: str
    decided_why: str
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many cases, by verdict of the dry run and by outcome; `total` is all judged so far."""

    total: int
    verdicts: Mapping[str, int]
    outcomes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What a plan means for one case, and what came of it (None: not its turn yet)."""

    case_id: UUID
    number: str
    status: str
    verdict: str
    outcome: str | None
    remarks: Sequence[Mapping[str, str]]
    ended_at: datetime | None


def plans(
    tx: Connection, actor: Actor, package_id: str | None, cursor: str | None, limit: int
) -> Page[PlanRow]:
    """The plans of the actor's office, the newest first."""
    wanted = (
        _SELECT.add_columns(
            migration_plans.c.created_at.label("key_0"), migration_plans.c.id.label("key_1")
        )
        .where(migration_plans.c.office_id == actor.office_id)
        .order_by(migration_plans.c.created_at.desc(), migration_plans.c.id.desc())
    )
    if package_id is not None:
        wanted = wanted.where(migration_plans.c.package_id == package_id)
    if cursor is not None:
        at, plan_id = _PLANS.decode(cursor)
        earlier = migration_plans.c.created_at < at
        same = (migration_plans.c.created_at == at) & (migration_plans.c.id < plan_id)
        wanted = wanted.where(earlier | same)
    rows = tx.execute(wanted.limit(checked_limit(limit) + 1)).all()
    return page_of(rows, limit, _PLANS, _plan_row)


def versions(tx: Connection, actor: Actor, package_id: str) -> Sequence[Any]:
    """The versions that cases of the office may run on, its own first, the newest first. Raises
    NotFound if there is none."""
    found = tx.execute(
        select(definitions)
        .join(UPWARDS, UPWARDS.c.id == definitions.c.office_id)
        .where(definitions.c.package_id == package_id, definitions.c.state != "draft")
        .order_by(UPWARDS.c.height, definitions.c.version.desc()),
        {"office": actor.office_id},
    ).all()
    if not found:
        raise NotFound("definition.not_found", "There is no such version here")
    return found


def plan(tx: Connection, plan_id: UUID, actor: Actor) -> PlanRow:
    """One plan of the actor's office. Raises NotFound."""
    migrations.find(tx, plan_id, actor)
    return _plan_row(tx.execute(_SELECT.where(migration_plans.c.id == plan_id)).one())


def counts(tx: Connection, plan_id: UUID, actor: Actor) -> Counts:
    """How many cases the actor sees, by verdict and by outcome. The caller has found the plan."""
    rows = tx.execute(
        select(migration_cases.c.verdict, migration_cases.c.outcome, func.count().label("n"))
        .where(migration_cases.c.plan_id == plan_id, open_to(actor, migration_cases.c.case_id))
        .group_by(migration_cases.c.verdict, migration_cases.c.outcome)
    ).all()
    verdicts: dict[str, int] = {}
    outcomes: dict[str, int] = {}
    for row in rows:
        verdicts[row.verdict] = verdicts.get(row.verdict, 0) + row.n
        if row.outcome is not None:
            outcomes[row.outcome] = outcomes.get(row.outcome, 0) + row.n
    return Counts(sum(verdicts.values()), verdicts, outcomes)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases of a plan."""

    verdict: str | None = None
    outcome: str | None = None


def results(
    tx: Connection, plan_id: UUID, actor: Actor, wanted: Wanted, cursor: str | None, limit: int
) -> Page[CaseResult]:
    """A page of a plan's cases, in the order in which they are moved."""
    rows = (
        select(
            migration_cases,
            cases.c.number,
            cases.c.status.label("case_status"),
            migration_cases.c.case_id.label("key_0"),
        )
        .join(cases, cases.c.id == migration_cases.c.case_id)
        .where(migration_cases.c.plan_id == plan_id, seen_by(actor))
        .order_by(migration_cases.c.case_id)
    )
    if wanted.verdict is not None:
        rows = rows.where(migration_cases.c.verdict == wanted.verdict)
    if wanted.outcome is not None:
        rows = rows.where(migration_cases.c.outcome == wanted.outcome)
    if cursor is not None:
        rows = rows.where(migration_cases.c.case_id > _ORDER.decode(cursor)[0])
    found = tx.execute(rows.limit(checked_limit(limit) + 1)).all()
    return page_of(found, limit, _ORDER, _case_result)


_author, _decider = persons.alias("author"), persons.alias("decider")
_former, _target = definitions.alias("former"), definitions.alias("target")
_SELECT = (
    select(
        migration_plans,
        _former.c.version.label("from_version"),
        _target.c.version.label("to_version"),
        _author.c.display_name.label("author"),
        _decider.c.display_name.label("decider"),
    )
    .join(_former, _former.c.id == migration_plans.c.from_id)
    .join(_target, _target.c.id == migration_plans.c.to_id)
    .outerjoin(_author, _author.c.id == migration_plans.c.created_by)
    .outerjoin(_decider, _decider.c.id == migration_plans.c.decided_by)
)


def _plan_row(row: Any) -> PlanRow:
    return PlanRow(
        id=row.id,
        package_id=row.package_id,
        from_id=row.from_id,
        from_version=row.from_version,
        to_id=row.to_id,
        to_version=row.to_version,
        status=row.status,
        reason=row.reason,
        named=row.named,
        created_at=row.created_at,
        created_by=row.created_by,
        created_by_name=row.author or "",
        decided_at=row.decided_at,
        decided_by_name=row.decider or "",
        decided_why=row.decided_why,
        ended_at=row.ended_at,
    )


def _case_result(row: Any) -> CaseResult:
    return CaseResult(
        row.case_id,
        row.number,
        row.case_status,
        row.verdict,
        row.outcome,
        row.remarks,
        row.ended_at,
    )
