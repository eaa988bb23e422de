"""Clocks: one promise of law or of the office on a case or a task, kept as a ledger.

Every verb appends an entry, replays the ledger (`sla.ledger`) and writes the result: the clock's
due date with its explanation, its rungs, the timers that wait for it, and how urgent the tasks
are. Overdue is never stored: it is `due_at <= now` of a running clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, insert, select, update

from engine.actors import Actor, system
from engine.clock import legal_day
from engine.errors import Conflict, Forbidden, NotFound, Rejected
from engine.events import CaseRef
from engine.ids import derived
from sla import ladders
from sla.clock_rows import (
    Bench,
    Due,
    bench_of,
    both_languages,
    clock_row,
    due_on,
    enter,
    follow,
    iso,
    ladder_row,
    lawful,
    ledger_of,
    of_case,
    rule_for,
    rule_of,
    tell,
)
from sla.ledger import Entry, is_extended, replay
from sla.limits import ClockPlan
from sla.rules import Kind
from sla.spans import Unit
from sla.steps import Explained, Moment
from sla.working_time import instant
from store.tables import cases, clocks

MAY_EXTEND = frozenset({"chief", "secretary", "director"})


@dataclass(frozen=True, slots=True)
class Start:
    """What starts a clock: `on` is the event's day or an aware instant, `task_id` for a task's."""

    on: Moment
    task_id: UUID | None = None


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
    day = legal_day(begin.on) if isinstance(begin.on, datetime) else begin.on
    # A day begins at midnight in Taipei; the shares of a limit are counted from there.
    began = begin.on if isinstance(begin.on, datetime) else instant(day, time())
    entry = Entry("start", began, day, detail={"instant": isinstance(begin.on, datetime)})
    chosen = lawful(lambda: rule_for(plan, day))
    bench = bench_of(tx, case.office_id, now)
    explained = lawful(lambda: replay(chosen, [entry], bench.calendar, bench.settings))
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
            started_at=began,
            started_on=day,
            due_on=due_on(explained),
            due_at=explained.due_at,
            calendar_known=now,
            explanation=both_languages(explained),
            version=1,
        )
    )
    enter(tx, clock_id, case.office_id, entry, actor, Due(None, explained.due_at))
    ladders.plan(tx, clock_row(tx, clock_id), explained, bench.calendar)
    follow(tx, case.id)
    tell(tx, clock_row(tx, clock_id), "clock.started", {}, actor, now)
    return explained.due_at


def pause(
    tx: Connection, clock: Row[Any], ground: str, on: date, actor: Actor, now: datetime
) -> None:
    """Stop a processing clock for a ground the law knows (APA 51(5)). Paused twice is once."""
    if clock.status == "paused":
        return
    _move(tx, clock, Entry("pause", now, on, ground=ground), actor, now)


def resume(
    tx: Connection, clock: Row[Any], on: date, actor: Actor, now: datetime
) -> datetime | None:
    """Let the rest of the period run. Returns the new due instant."""
    if clock.status == "running":
        return clock.due_at  # type: ignore[no-any-return]
    explained = _move(tx, clock, Entry("resume", now, on), actor, now)
    return explained.due_at


@dataclass(frozen=True, slots=True)
class Longer:
    """An extension: how much, why, and the day the applicant was told (APA 51(3)(4))."""

    length: int
    unit: Unit
    reason: str
    told_on: date


def extend(tx: Connection, clock_id: UUID, longer: Longer, actor: Actor, now: datetime) -> datetime:
    """The one extension of a processing clock, at most the original length, told before expiry.

    Raises `Forbidden` unless a supervisor asks, `Conflict` after expiry or a former extension.
    """
    clock = clock_row(tx, clock_id)
    if clock.office_id != actor.office_id or not actor.groups & MAY_EXTEND:
        raise Forbidden("clock.extend", "Expected a supervisor of this office to extend a limit")
    problem = may_extend(clock, ledger_of(tx, clock_id), now)
    if problem is not None:
        raise problem
    if not longer.reason:
        raise Rejected("clock.reason", "Expected the reason that the applicant is told")
    entry = Entry(
        "extend",
        now,
        longer.told_on,
        detail={"length": longer.length, "unit": longer.unit.value, "reason": longer.reason},
    )
    explained = _move(tx, clock, entry, actor, now)
    if explained.due_at is None:
        raise Conflict("clock.paused", "Expected a running clock, but it stands still")
    return explained.due_at


def may_extend(clock: Row[Any], entries: Sequence[Entry], now: datetime) -> Conflict | None:
    """Why a clock cannot be extended now; None if it can."""
    if rule_of(clock, entries).kind is not Kind.PROCESSING:
        return Conflict(
            "clock.not_processing", "Expected a processing period (APA 51), but this is none"
        )
    if is_extended(entries):
        return Conflict("clock.extended_before", "A limit is extended once only (APA 51(3))")
    if clock.status == "met":
        return Conflict("clock.met", "Expected a running clock, but it has been met")
    if clock.due_at is not None and clock.due_at <= now:
        return Conflict(
            "clock.expired", "Expected an extension before the limit ended (APA 51(4)); it has"
        )
    return None


def stop(tx: Connection, clock: Row[Any], actor: Actor, now: datetime) -> None:
    """The promise was kept, or is no longer owed. Its rungs and timers fall silent."""
    stopped = tx.execute(
        update(clocks)
        .where(clocks.c.id == clock.id, clocks.c.status != "met")
        .values(status="met", met_at=now, version=clocks.c.version + 1)
    )
    if stopped.rowcount == 0:
        return
    enter(
        tx,
        clock.id,
        clock.office_id,
        Entry("stop", now, legal_day(now)),
        actor,
        Due(clock.due_at, None),
    )
    ladders.silence(tx, clock.id)
    follow(tx, clock.case_id)
    tell(tx, clock, "clock.met", {}, actor, now)


def stop_all(tx: Connection, case_id: UUID, actor: Actor, now: datetime) -> None:
    """The case is over: so are its clocks."""
    for clock in of_case(tx, case_id):
        if clock.status != "met":
            stop(tx, clock, actor, now)


# --- calendar edits -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Moved:
    """One clock that a calendar edit moved."""

    clock_id: UUID
    case_id: UUID
    case_number: str
    name: str
    before: datetime | None
    after: datetime | None


def recalculate(
    tx: Connection, office_id: str, now: datetime, *, dry_run: bool = False
) -> list[Moved]:
    """Recompute every open clock of the office with the calendar known now.

    Returns those that moved, before and after. With `dry_run` nothing is written.
    """
    bench = bench_of(tx, office_id, now)
    open_clocks = tx.execute(
        select(clocks, cases.c.number.label("case_number"))
        .join(cases, cases.c.id == clocks.c.case_id)
        .where(clocks.c.office_id == office_id, clocks.c.status.in_(("running", "paused")))
        .order_by(clocks.c.case_id)
    ).all()
    moved = []
    for clock in open_clocks:
        entries = ledger_of(tx, clock.id)
        explained = replay(rule_of(clock, entries), entries, bench.calendar, bench.settings)
        if explained.due_at == clock.due_at:
            continue
        moved.append(
            Moved(
                clock.id,
                clock.case_id,
                clock.case_number,
                clock.name,
                clock.due_at,
                explained.due_at,
            )
        )
        if not dry_run:
            entry = Entry("recalculate", now, legal_day(now))
            _write(tx, clock, entry, explained, bench, system(office_id))
    return moved


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


# --- one move -----------------------------------------------------------------------------------


def _move(tx: Connection, clock: Row[Any], entry: Entry, actor: Actor, now: datetime) -> Explained:
    if clock.status == "met":
        raise Conflict("clock.met", "Expected a running or paused clock, but it has been met")
    bench = bench_of(tx, clock.office_id, now)
    entries = [*ledger_of(tx, clock.id), entry]
    chosen = rule_of(clock, entries)
    result = lawful(lambda: replay(chosen, entries, bench.calendar, bench.settings))
    _write(tx, clock, entry, result, bench, actor)
    return result


def _write(
    tx: Connection, clock: Row[Any], entry: Entry, result: Explained, bench: Bench, actor: Actor
) -> None:
    written = tx.execute(
        update(clocks)
        .where(clocks.c.id == clock.id, clocks.c.version == clock.version)
        .values(
            status="paused" if result.due_at is None else "running",
            due_on=due_on(result),
            due_at=result.due_at,
            remaining=None if result.remaining is None else {"amount": result.remaining},
            calendar_known=bench.known,
            explanation=both_languages(result),
            version=clock.version + 1,
        )
    )
    if written.rowcount == 0:
        raise Conflict("clock.stale", "Expected the clock as we read it, but it has moved; retry")
    enter(tx, clock.id, clock.office_id, entry, actor, Due(clock.due_at, result.due_at))
    ladders.plan(tx, clock_row(tx, clock.id), result, bench.calendar)
    follow(tx, clock.case_id)
    tell(tx, clock, _ACTIONS[entry.kind], _facts(entry, clock, result), actor, entry.at)


_ACTIONS = {
    "pause": "clock.paused",
    "resume": "clock.resumed",
    "extend": "clock.extended",
    "recalculate": "clock.recalculated",
}


def _facts(entry: Entry, clock: Row[Any], result: Explained) -> dict[str, Any]:
    facts: dict[str, Any] = {"due_at": iso(result.due_at), "due_before": iso(clock.due_at)}
    if entry.ground:
        facts["ground"] = entry.ground
    if "reason" in entry.detail:
        facts["reason"] = entry.detail["reason"]
    return facts
