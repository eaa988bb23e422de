"""Migration plans: moving the running cases of one version to another, with four eyes.

An analyst names two versions, a reason, and what cannot be told from the ids. Every running case
is judged at once (the dry run, `engine.migrations_work`); a second person sees the verdicts and
approves; then each case is judged again and moved, each in a transaction of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, bindparam, insert, select, update

from engine import deployments, migrations_work
from engine.actors import Actor
from engine.bpmn.migration import Compared, Instructions, compare, faults
from engine.errors import Conflict, NotFound, Rejected
from engine.history import Entry, append
from engine.migrations_judge import versions_of
from engine.migrations_named import parse_named, written
from engine.office_tree import UPWARDS
from engine.permissions import Refusal, demand, may_decide_moves, may_plan_moves
from store.tables import definitions, migration_plans

LONGEST_REASON = 500
_MOVED_TO = ("active", "superseded")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for. `named` is JSON as in `engine.migrations_named`."""

    from_id: UUID
    to_id: UUID
    reason: str
    named: Mapping[str, Any]


def propose(tx: Connection, asked: Asked, actor: Actor, now: datetime) -> UUID:
    """Write a plan down and begin its dry run: the first cases at once, the rest by a worker.

    Raises Forbidden, NotFound for versions the office has not, Rejected for what cannot be.
    """
    demand(may_plan_moves(actor))
    reason = asked.reason.strip()
    if not reason:
        raise Rejected("migration.reason", "Say why the cases are moved")
    former, target = _two_versions(tx, asked, actor.office_id)
    named = parse_named(asked.named)
    demand_fit(tx, asked.from_id, asked.to_id, named)
    _demand_no_other(tx, asked.from_id, actor.office_id)
    plan_id = uuid4()
    tx.execute(
        insert(migration_plans).values(
            id=plan_id,
            office_id=actor.office_id,
            package_id=former.package_id,
            from_id=former.id,
            to_id=target.id,
            named=written(named),
            reason=reason[:LONGEST_REASON],
            status="judging",
            created_at=now,
            created_by=actor.person_id,
            decided_why="",
        )
    )
    _tell(tx, "migration.planned", plan_id, (former, target), actor, now)
    migrations_work.set_going(tx, plan_id, actor.office_id, now)
    return plan_id


def approve(tx: Connection, plan_id: UUID, why: str, actor: Actor, now: datetime) -> None:
    """Let the cases be moved. Raises Forbidden for the author, Conflict unless it waits."""
    plan = find(tx, plan_id, actor)
    demand(may_decide_moves(plan.created_by, actor))
    _decide(tx, plan, "moving", why, actor, now)
    _tell(tx, "migration.approved", plan_id, _rows(tx, plan), actor, now)
    migrations_work.set_going(tx, plan_id, plan.office_id, now)


def refuse(tx: Connection, plan_id: UUID, why: str, actor: Actor, now: datetime) -> None:
    """Say no to a plan, with a reason. Raises Forbidden for the author, who takes it back."""
    plan = find(tx, plan_id, actor)
    demand(may_decide_moves(plan.created_by, actor))
    if not why.strip():
        raise Rejected("migration.why", "Say why the cases stay where they are")
    _decide(tx, plan, "refused", why, actor, now)
    _tell(tx, "migration.refused", plan_id, _rows(tx, plan), actor, now)


def take_back(tx: Connection, plan_id: UUID, actor: Actor, now: datetime) -> None:
    """The author gives the plan up before anybody has decided."""
    plan = find(tx, plan_id, actor)
    demand(may_plan_moves(actor))
    if plan.created_by != actor.person_id:
        demand(Refusal("migration.not_author", "Only its author takes a plan back"))
    ended = tx.execute(
        update(migration_plans)
        .where(
            migration_plans.c.id == plan.id, migration_plans.c.status.in_(("judging", "waiting"))
        )
        .values(status="refused", ended_at=now)
    )
    if ended.rowcount != 1:
        raise _decided()
    _tell(tx, "migration.refused", plan_id, _rows(tx, plan), actor, now)


def find(tx: Connection, plan_id: UUID, actor: Actor) -> Any:
    """A plan of the actor's office. Raises NotFound."""
    row = tx.execute(
        select(migration_plans).where(
            migration_plans.c.id == plan_id, migration_plans.c.office_id == actor.office_id
        )
    ).first()
    if row is None:
        raise NotFound("migration.not_found", "There is no such plan in your office")
    return row


def comparison(
    tx: Connection, from_id: UUID, to_id: UUID, named: Mapping[str, Any]
) -> tuple[Compared, ...]:
    """Two versions side by side, element by element. The caller has checked who reads."""
    versions = versions_of(tx, from_id, to_id)
    return compare(versions.old, versions.new, parse_named(named))


def demand_fit(tx: Connection, from_id: UUID, to_id: UUID, named: Instructions) -> None:
    """Raise Rejected if something is named that the versions do not have."""
    wrong = faults(versions_of(tx, from_id, to_id), named)
    if wrong:
        first = wrong[0]
        raise Rejected(
            "migration.named_wrong", first.en, zh=first.zh, en=first.en, element=first.element_id
        )
    unknown = sorted(named.clocks - _clocks_of(deployments.definition(tx, to_id).limits))
    if unknown:
        raise Rejected(
            "migration.no_clock",
            f"Expected clocks of the new version's limits, but it has no {unknown[0]}",
            clock=unknown[0],
        )


# --- clocks, which are kept above ---------------------------------------------------------------


def _no_clocks(_limits: bytes | None) -> frozenset[str]:
    return frozenset()


_clock_names: list[Callable[[bytes | None], frozenset[str]]] = [_no_clocks]


def name_clocks_with(names: Callable[[bytes | None], frozenset[str]]) -> None:
    """Let the keeper of clocks say which a version's limits have; `app.wire` does."""
    _clock_names[0] = names


def _clocks_of(limits: bytes | None) -> frozenset[str]:
    return _clock_names[0](limits)


# --- inside -------------------------------------------------------------------------------------


def _two_versions(tx: Connection, asked: Asked, office_id: str) -> tuple[Any, Any]:
    former, target = (_version(tx, each, office_id) for each in (asked.from_id, asked.to_id))
    if former.package_id != target.package_id or former.id == target.id:
        raise Rejected("migration.versions", "Expected two different versions of one package")
    if target.state not in _MOVED_TO:
        raise Rejected(
            "migration.target",
            f"Expected a version that was approved, but version {target.version} is {target.state}",
            version=target.version,
        )
    return former, target


def _version(tx: Connection, definition_id: UUID, office_id: str) -> Any:
    row = tx.execute(_VISIBLE, {"definition": definition_id, "office": office_id}).first()
    if row is None:
        raise NotFound("definition.not_found", "There is no such version here")
    return row


_VISIBLE = (
    select(definitions)
    .join(UPWARDS, UPWARDS.c.id == definitions.c.office_id)
    .where(definitions.c.id == bindparam("definition"))
)


def _demand_no_other(tx: Connection, from_id: UUID, office_id: str) -> None:
    other = tx.scalar(
        select(migration_plans.c.id)
        .where(
            migration_plans.c.office_id == office_id,
            migration_plans.c.from_id == from_id,
            migration_plans.c.status.in_(("judging", "waiting", "moving")),
        )
        .limit(1)
    )
    if other is not None:
        raise Conflict(
            "migration.other",
            "Another plan for the cases of this version is not decided yet; decide that first",
            plan=str(other),
        )


def _decide(tx: Connection, plan: Any, status: str, why: str, actor: Actor, now: datetime) -> None:
    decided = tx.execute(
        update(migration_plans)
        .where(migration_plans.c.id == plan.id, migration_plans.c.status == "waiting")
        .values(
            status=status,
            after_id=None,
            decided_at=now,
            decided_by=actor.person_id,
            decided_why=why.strip()[:LONGEST_REASON],
            ended_at=now if status == "refused" else None,
        )
    )
    if decided.rowcount != 1:
        raise _decided()


def _decided() -> Conflict:
    return Conflict(
        "migration.decided", "Expected a plan that waits for a decision, but it does not"
    )


def _rows(tx: Connection, plan: Any) -> tuple[Any, Any]:
    rows = tx.execute(select(definitions).where(definitions.c.id.in_((plan.from_id, plan.to_id))))
    by_id = {row.id: row for row in rows}
    return by_id[plan.from_id], by_id[plan.to_id]


def _tell(
    tx: Connection, action: str, plan_id: UUID, rows: tuple[Any, Any], actor: Actor, now: datetime
) -> None:
    former, target = rows
    detail = {
        "package": former.package_id,
        "former": former.version,
        "version": target.version,
    }
    append(tx, Entry(action, actor, now, object_id=str(plan_id), detail=detail))
