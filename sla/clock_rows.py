"""A clock's rows: its ledger, what follows when it moves, what the history is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Connection, Row, and_, func, insert, or_, select, update

from engine import timers as engine_timers
from engine.actors import Actor
from engine.clock import legal_day
from engine.errors import NotFound, Rejected
from engine.history import Entry as HistoryEntry
from engine.history import append
from sla import ladders
from sla.calendars import settings_of, snapshot
from sla.errors import Refusal
from sla.ledger import Entry, replay
from sla.limits import ClockPlan, point
from sla.rules import Rule, rule
from sla.settings import Settings
from sla.spans import Unit
from sla.steps import Explained
from sla.working_time import Calendar
from store.database import wake
from store.tables import clock_entries, clocks, timers, user_tasks

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Bench:
    """What every computation needs: the calendar as known now, and the office's choices."""

    calendar: Calendar
    settings: Settings
    known: datetime


def follow(tx: Connection, case_id: UUID) -> None:
    """Re-arm what waits for the case's clocks: timers, and how urgent the open tasks are."""
    _arm_timers(tx, case_id)
    soonest = (
        select(func.min(clocks.c.due_at))
        .where(
            clocks.c.status == "running",
            or_(
                clocks.c.task_id == user_tasks.c.id,
                and_(clocks.c.case_id == user_tasks.c.case_id, clocks.c.task_id.is_(None)),
            ),
        )
        .scalar_subquery()
    )
    tx.execute(
        update(user_tasks)
        .where(user_tasks.c.case_id == case_id, user_tasks.c.status.in_(("unclaimed", "claimed")))
        .values(urgent_at=soonest)
    )
    wake(tx, "rungs")


def arm(tx: Connection, case_id: UUID) -> None:
    """Arm the timers that wait for clocks of the case, and refresh its tasks' urgency."""
    follow(tx, case_id)


def _arm_timers(tx: Connection, case_id: UUID) -> None:
    waiting = tx.execute(
        select(timers.c.id, timers.c.due_at, timers.c.clock, timers.c.point).where(
            timers.c.case_id == case_id,
            timers.c.status == "waiting",
            timers.c.clock.is_not(None),
        )
    ).all()
    if not waiting:
        return
    by_name = {clock.name: clock for clock in of_case(tx, case_id) if clock.task_id is None}
    for timer in waiting:
        clock = by_name.get(timer.clock)
        due = None if clock is None else _moment(tx, clock, timer.point)
        if due != timer.due_at:
            engine_timers.arm(tx, timer.id, due)


def _moment(tx: Connection, clock: Row[Any], at: str) -> datetime | None:
    if clock.status != "running" or at == "due":
        return clock.due_at if clock.status == "running" else None
    bench = bench_of(tx, clock.office_id, clock.calendar_known)
    entries = ledger_of(tx, clock.id)
    explained = replay(rule_of(clock, entries), entries, bench.calendar, bench.settings)
    return ladders.instant_of(clock, explained, point(at, clock.name), bench.calendar)


# --- rows ---------------------------------------------------------------------------------------


def bench_of(tx: Connection, office_id: str, now: datetime) -> Bench:
    return lawful(lambda: Bench(snapshot(tx, office_id, now), settings_of(tx, office_id), now))


def clock_row(tx: Connection, clock_id: UUID) -> Row[Any]:
    clock = tx.execute(select(clocks).where(clocks.c.id == clock_id)).first()
    if clock is None:
        raise NotFound("clock.unknown", "There is no such clock")
    return clock


def ledger_of(tx: Connection, clock_id: UUID) -> list[Entry]:
    rows = tx.execute(
        select(clock_entries)
        .where(clock_entries.c.clock_id == clock_id)
        .order_by(clock_entries.c.number)
    )
    return [Entry(row.kind, row.at, row.on_day, row.ground, row.detail) for row in rows]


@dataclass(frozen=True, slots=True)
class Due:
    """When a clock was due before an act, and after it."""

    before: datetime | None
    after: datetime | None


def enter(
    tx: Connection, clock_id: UUID, office_id: str, entry: Entry, actor: Actor, due: Due
) -> None:
    last = tx.scalar(
        select(func.max(clock_entries.c.number)).where(clock_entries.c.clock_id == clock_id)
    )
    tx.execute(
        insert(clock_entries).values(
            clock_id=clock_id,
            number=(last or 0) + 1,
            office_id=office_id,
            kind=entry.kind,
            at=entry.at,
            on_day=entry.on_day,
            ground=entry.ground,
            reason=entry.detail.get("reason"),
            person_id=actor.person_id,
            due_before=due.before,
            due_after=due.after,
            detail=entry.detail,
        )
    )


def tell(
    tx: Connection, clock: Row[Any], action: str, facts: dict[str, Any], actor: Actor, now: datetime
) -> None:
    append(
        tx,
        HistoryEntry(
            action,
            actor,
            now,
            case_id=clock.case_id,
            object_id=str(clock.id),
            detail={"clock": clock.name, "due_at": iso(clock.due_at), **facts},
            office_id=clock.office_id,
        ),
    )


def rule_for(plan: ClockPlan, day: date) -> Rule:
    return rule(plan.rule, day).with_length(plan.length, plan.unit)


def rule_of(clock: Row[Any], entries: Sequence[Entry]) -> Rule:
    plan = clock.ladder
    unit = Unit(plan["unit"]) if plan.get("unit") else None
    return rule(clock.rule_id, entries[0].on_day).with_length(plan.get("length"), unit)


def ladder_row(plan: ClockPlan) -> dict[str, Any]:
    return {
        "length": plan.length,
        "unit": plan.unit.value if plan.unit else None,
        "pausable": plan.pausable,
        "stop": plan.stop,
        "rungs": [{"at": r.at, "do": r.act, "to": r.to} for r in plan.ladder],
    }


def due_on(result: Explained) -> date | None:
    due = result.due
    return legal_day(due) if isinstance(due, datetime) else due


def both_languages(result: Explained) -> dict[str, Any]:
    return {"zh-TW": dict(result.to_dict("zh-TW")), "en": dict(result.to_dict("en"))}


def iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def lawful(compute: Callable[[], Result]) -> Result:
    try:
        return compute()
    except Refusal as refused:
        raise Rejected(refused.code, refused.en, zh=refused.zh, en=refused.en) from refused


def of_case(tx: Connection, case_id: UUID) -> Sequence[Row[Any]]:
    """The clocks of a case and of its tasks, the case's first."""
    return tx.execute(
        select(clocks)
        .where(clocks.c.case_id == case_id)
        .order_by(clocks.c.task_id.is_not(None), clocks.c.started_at, clocks.c.name)
    ).all()
