"""Clocks: one promise of law or of the office on a case or a task, kept as a ledger.

Every verb appends an entry, replays the ledger (`sla.ledger`) and writes the result: the clock's
due date with its explanation, and what follows it (`sla.followers`). Overdue is never stored: it
is `due_at <= now` of a running clock.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, insert, select, update

from engine.actors import Actor
from engine.clock import legal_day
from engine.errors import NotFound, Rejected
from engine.events import CaseRef
from engine.ids import derived
from sla.benches import bench_of, lawful
from sla.clock_rows import (
    Due,
    both_languages,
    clock_row,
    due_on,
    enter,
    ladder_row,
    of_case,
    rule_for,
    tell,
)
from sla.followers import fall_silent, follow
from sla.ledger import Entry, Start, pausing, replay
from sla.limits import ClockPlan
from sla.moves import has_ended, move
from store.tables import clocks

__all__ = ["Start", "explained", "named", "pause", "resume", "start", "stop", "stop_all"]


# --- verbs --------------------------------------------------------------------------------------


def start(
    tx: Connection, case: CaseRef, plan: ClockPlan, begin: Start, actor: Actor, now: datetime
) -> datetime | None:
    """Start a clock. Returns when it is overdue (aware UTC). Started twice is once.

    Raises `Rejected` where the law or the calendar cannot answer (the sentence says which).
    """
    clock_id = derived(begin.task_id or case.id, f"clock/{plan.name}")
    known = tx.execute(select(clocks.c.due_at).where(clocks.c.id == clock_id)).first()
    if known is not None:
        return known.due_at  # type: ignore[no-any-return]
    entry = lawful(begin.entry)
    bench = bench_of(tx, case.office_id, now)
    result = lawful(
        lambda: replay(rule_for(plan, entry.on_day), [entry], bench.calendar, bench.settings)
    )
    tx.execute(
        insert(clocks).values(
            id=clock_id,
            office_id=case.office_id,
            case_id=case.id,
            task_id=begin.task_id,
            name=plan.name,
            rule_id=plan.rule,
            ladder=ladder_row(plan),
            status="running",
            started_at=entry.at,
            started_on=entry.on_day,
            due_on=due_on(result),
            due_at=result.due_at,
            calendar_known=now,
            explanation=both_languages(result),
            version=1,
        )
    )
    enter(tx, clock_id, case.office_id, entry, actor, Due(None, result.due_at))
    clock = clock_row(tx, clock_id)
    follow(tx, clock, result, bench)
    tell(tx, clock, "clock.started", {}, actor, now)
    return result.due_at


def pause(
    tx: Connection, clock: Row[Any], ground: str, on: date, actor: Actor, now: datetime
) -> None:
    """Stop a processing clock for a ground the law knows (APA 51(5)). Paused twice is once.

    A limit that has ended cannot stand still any more: it stays overdue, and nothing is entered.
    Raises `Rejected` for a ground or a clock that the law does not let stand still.
    """
    if clock.status == "paused" or has_ended(clock, now):
        return
    if not clock.ladder.get("pausable"):
        raise Rejected(
            "clock.not_pausable",
            f"Expected a clock that may be paused, but {clock.name!r} may not; "
            f"say `pausable: true` in limits.yaml if it is a processing limit",
            clock=clock.name,
        )
    move(tx, clock, lawful(lambda: pausing(ground, on, now)), actor, now)


def resume(
    tx: Connection, clock: Row[Any], on: date, actor: Actor, now: datetime
) -> datetime | None:
    """Let the rest of the period run. Returns the new due instant."""
    if clock.status != "paused":
        return clock.due_at  # type: ignore[no-any-return]
    return move(tx, clock, Entry("resume", now, on), actor, now)


def stop(
    tx: Connection, clock: Row[Any], actor: Actor, now: datetime, on: date | None = None
) -> None:
    """The promise was kept, or is no longer owed. Its rungs and timers fall silent.

    `on` is the day that counts where it is not today (a postmark). Stopped twice is once.
    """
    stopped = tx.execute(
        update(clocks)
        .where(clocks.c.id == clock.id, clocks.c.status != "met")
        .values(status="met", met_at=now, version=clocks.c.version + 1)
    )
    if stopped.rowcount == 0:
        return
    entry = Entry("stop", now, on or legal_day(now))
    enter(tx, clock.id, clock.office_id, entry, actor, Due(clock.due_at, None))
    fall_silent(tx, clock)
    in_time = clock.due_on is not None and entry.on_day <= clock.due_on
    tell(tx, clock, "clock.met" if in_time else "clock.stopped", {}, actor, now)


def stop_all(tx: Connection, case_id: UUID, actor: Actor, now: datetime) -> None:
    """The case is over: so are its clocks."""
    for clock in of_case(tx, case_id):
        if clock.status != "met":
            stop(tx, clock, actor, now)


# --- reads --------------------------------------------------------------------------------------


def named(tx: Connection, case_id: UUID, name: str) -> Row[Any]:
    """The case's own clock by name. Raises `NotFound`."""
    clock = tx.execute(
        select(clocks).where(
            clocks.c.case_id == case_id, clocks.c.name == name, clocks.c.task_id.is_(None)
        )
    ).first()
    if clock is None:
        raise NotFound(
            "clock.unknown",
            f"Expected a clock {name!r} on the case, but it has none; start it first",
            clock=name,
        )
    return clock


def explained(tx: Connection, clock_id: UUID, office_id: str) -> tuple[Row[Any], dict[str, Any]]:
    """A clock with its stored explanation in both languages. Raises `NotFound` out of office."""
    clock = tx.execute(
        select(clocks).where(clocks.c.id == clock_id, clocks.c.office_id == office_id)
    ).first()
    if clock is None:
        raise NotFound("clock.unknown", "There is no such clock in this office")
    return clock, clock.explanation
