"""Escalation: one rung of a ladder fires, once, and reaches people. `decide` is pure.

A beat takes the earliest due rung; the effect and `fired` are one transaction, so a rung is never
told twice and never lost. After a downtime the rungs of a clock still fire in their order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID

import structlog
from sqlalchemy import Connection, Row, exists, insert, or_, select, update

from engine import incidents
from engine.actors import system
from engine.errors import EngineError
from engine.history import Entry, append
from engine.ids import derived
from store.database import Database
from store.tables import (
    cases,
    clocks,
    memberships,
    person_notices,
    persons,
    rungs,
    user_task_groups,
    user_tasks,
)

log = structlog.get_logger()
PUT_OFF = (timedelta(seconds=1), timedelta(seconds=30), timedelta(minutes=5))

Mail: TypeAlias = Callable[[Connection, str, UUID | None, Mapping[str, str], datetime], UUID]
Chase: TypeAlias = Callable[[Connection, "Firing", datetime], None]


@dataclass(frozen=True, slots=True)
class Person:
    id: UUID
    email: str | None


@dataclass(frozen=True, slots=True)
class Firing:
    """A rung that fires, with all that its message needs."""

    rung: Row[Any]
    clock: Row[Any]
    case: Row[Any]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a rung does: the history action, whom it tells, whether a chase is started."""

    action: str
    tell: tuple[str, ...]  # owner, or a group
    chase: bool


def decide(act: str, to: str) -> Decision:
    """Read a rung. `to` joins audiences with `+`: `owner+chief`."""
    audiences = tuple(part.strip() for part in to.split("+") if part.strip())
    actions = {"warn": "clock.warned", "escalate": "clock.escalated", "chase": "clock.chased"}
    return Decision(actions[act], audiences, act == "chase")


@dataclass(frozen=True, slots=True)
class Ways:
    """How the ladder reaches out: a mail is promised, a chase is a case of its own."""

    mail: Mail
    chase: Chase


def fire_next_rung(db: Database, ways: Ways, now: datetime) -> bool:
    """Fire the earliest due rung. False if none is due.

    A rung whose effect fails is put off (1 s, 30 s, 5 min), then it is an incident and counts as
    fired: one broken case never holds up the others.
    """
    with db.transaction() as tx:
        rung = _earliest(tx, now)
        if rung is None:
            return False
    try:
        with db.transaction() as tx:
            return _fire(tx, rung, ways, now)
    except EngineError as failed:
        log.warning("rung failed", action="rung.failed", rung=str(rung.id), code=failed.code)
        with db.transaction() as tx:
            _put_off(tx, rung, failed, now)
        return True


def next_due(tx: Connection) -> datetime | None:
    """When the next rung wants to fire; None if none waits."""
    row = tx.execute(
        select(rungs.c.due_at, rungs.c.not_before)
        .where(rungs.c.status == "waiting", rungs.c.due_at.is_not(None))
        .order_by(rungs.c.due_at)
        .limit(1)
    ).first()
    if row is None:
        return None
    due: datetime = max(row.due_at, row.not_before) if row.not_before else row.due_at
    return due


_lower = rungs.alias("lower")


def _earliest(tx: Connection, now: datetime) -> Row[Any] | None:
    return tx.execute(
        select(rungs)
        .where(
            rungs.c.status == "waiting",
            rungs.c.due_at <= now,
            or_(rungs.c.not_before.is_(None), rungs.c.not_before <= now),
            ~exists().where(
                _lower.c.clock_id == rungs.c.clock_id,
                _lower.c.level < rungs.c.level,
                _lower.c.status == "waiting",
            ),
        )
        .order_by(rungs.c.due_at, rungs.c.level)
        .limit(1)
    ).first()


def _fire(tx: Connection, rung: Row[Any], ways: Ways, now: datetime) -> bool:
    case = tx.execute(select(cases).where(cases.c.id == rung.case_id).with_for_update()).one()
    fired = tx.execute(
        update(rungs)
        .where(rungs.c.id == rung.id, rungs.c.status == "waiting", rungs.c.due_at <= now)
        .values(status="fired", fired_at=now)
    )
    if fired.rowcount == 0:
        return True  # another node was first, or the clock moved
    clock = tx.execute(select(clocks).where(clocks.c.id == rung.clock_id)).one()
    firing = Firing(rung, clock, case)
    decision = decide(rung.act, rung.to)
    told = _tell(tx, firing, decision, ways, now)
    if decision.chase:
        ways.chase(tx, firing, now)
    tx.execute(
        update(rungs)
        .where(rungs.c.id == rung.id)
        .values(result={"told": [str(p.id) for p in told]})
    )
    append(
        tx,
        Entry(
            decision.action,
            system(rung.office_id),
            now,
            case_id=rung.case_id,
            object_id=str(rung.id),
            detail={
                "clock": clock.name,
                "point": rung.at_point,
                "level": rung.level,
                "to": rung.to,
                "told": len(told),
            },
            office_id=rung.office_id,
        ),
    )
    return True


def _tell(
    tx: Connection, firing: Firing, decision: Decision, ways: Ways, now: datetime
) -> list[Person]:
    people = {
        person.id: person for audience in decision.tell for person in _reach(tx, firing, audience)
    }
    if not people:
        # Nobody holds the task and nobody is in the group: the next one up must hear of it.
        people = {
            person.id: person
            for person in _members(tx, firing.rung.office_id, ("chief", "director"))
        }
    for person in people.values():
        tx.execute(insert(person_notices).values(**_notice(firing, decision, person, now)))
        if person.email:
            ways.mail(
                tx, firing.rung.office_id, firing.case.id, _letter(firing, decision, person), now
            )
    return list(people.values())


def _reach(tx: Connection, firing: Firing, audience: str) -> Sequence[Person]:
    if audience != "owner":
        return _members(tx, firing.rung.office_id, (audience,))
    tasks = _open_tasks(tx, firing)
    owners = [task.assignee_id for task in tasks if task.assignee_id is not None]
    if owners:
        return [
            Person(row.id, row.email)
            for row in tx.execute(select(persons).where(persons.c.id.in_(owners)))
        ]
    groups = tx.scalars(
        select(user_task_groups.c.group_name).where(
            user_task_groups.c.task_id.in_([task.id for task in tasks])
        )
    ).all()
    return _members(tx, firing.rung.office_id, tuple(set(groups)))


def _open_tasks(tx: Connection, firing: Firing) -> Sequence[Row[Any]]:
    wanted = select(user_tasks).where(
        user_tasks.c.case_id == firing.case.id,
        user_tasks.c.status.in_(("unclaimed", "claimed")),
    )
    if firing.clock.task_id is not None:
        wanted = wanted.where(user_tasks.c.id == firing.clock.task_id)
    return tx.execute(wanted).all()


def _members(tx: Connection, office_id: str, groups: tuple[str, ...]) -> list[Person]:
    rows = tx.execute(
        select(persons.c.id, persons.c.email)
        .join(memberships, memberships.c.person_id == persons.c.id)
        .where(memberships.c.office_id == office_id, memberships.c.group_name.in_(groups))
        .distinct()
    )
    return [Person(row.id, row.email) for row in rows]


def _notice(firing: Firing, decision: Decision, person: Person, now: datetime) -> dict[str, Any]:
    return {
        "id": derived(firing.rung.id, str(person.id)),
        "office_id": firing.rung.office_id,
        "person_id": person.id,
        "case_id": firing.case.id,
        "kind": decision.action,
        "detail": {
            "number": firing.case.number,
            "clock": firing.clock.name,
            "point": firing.rung.at_point,
            "due_at": firing.clock.due_at.isoformat() if firing.clock.due_at else None,
        },
        "created_at": now,
    }


_SUBJECTS = {
    "clock.warned": ("期限提醒", "Reminder"),
    "clock.escalated": ("案件逾期", "Overdue"),
    "clock.chased": ("查催", "Chase"),
}


def _letter(firing: Firing, decision: Decision, person: Person) -> dict[str, str]:
    zh, en = _SUBJECTS[decision.action]
    number = firing.case.number
    return {
        "to": person.email or "",
        "subject": f"{zh} {number} / {en}",
        "text": (
            f"案件 {number} 的期限「{firing.clock.name}」已到 {firing.rung.at_point}。"
            f"請登入系統查看期限說明與可採取的處理。\n\n"
            f"The clock “{firing.clock.name}” of case {number} has reached "
            f"{firing.rung.at_point}. Sign in to see why and what can be done.\n"
        ),
    }


def _put_off(tx: Connection, rung: Row[Any], failed: EngineError, now: datetime) -> None:
    if rung.attempts < len(PUT_OFF):
        tx.execute(
            update(rungs)
            .where(rungs.c.id == rung.id, rungs.c.status == "waiting")
            .values(
                not_before=now + PUT_OFF[rung.attempts],
                attempts=rungs.c.attempts + 1,
                last_error=failed.message,
            )
        )
        return
    tx.execute(
        update(rungs)
        .where(rungs.c.id == rung.id, rungs.c.status == "waiting")
        .values(status="fired", fired_at=now, last_error=failed.message, result={"told": []})
    )
    incidents.raise_incident(
        tx,
        office_id=rung.office_id,
        case_id=rung.case_id,
        source="rung",
        source_id=str(rung.id),
        code=failed.code,
        message=failed.message,
        now=now,
    )
