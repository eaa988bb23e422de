# sizes: exempt — its verbs tie ledger, rows, followers, ladders and history together
"""Clocks: one promise of law or of the office on a case or a task, kept as a ledger.

Every verb appends an entry, replays the ledger (`sla.ledger`) and writes the result: the clock's
due date with its explanation, and what follows it (`sla.followers`). Overdue is never stored: it
is `due_at <= now` of a running clock.
"""

from __future__ import annotations

from datetime import date, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row

from engine.actors import Actor
from engine.clock import legal_day
from engine.errors import Rejected
from engine.events import CaseRef
from engine.ids import derived
from sla.benches import Bench, bench_of, lawful
from sla.clock_rows import (
    Due,
    add,
    both_languages,
    due_on,
    enter,
    enter_all,
    explained,
    known_due,
    ladder_row,
    ledger_row,
    meet,
    named,
    of_case,
    rule_for,
    tell,
    tell_stopped,
)
from sla.followers import fall_silent, follow, set_ladder, silence
from sla.ladder_bindings import bound
from sla.ledger import Entry, Start, pausing, replay
from sla.limits import ClockPlan
from sla.moves import has_ended, move
from sla.parties import party_of
from sla.steps import Explained
from sla.targets import target_at

__all__ = [
    "Start",
    "explained",
    "named",
    "pause",
    "resume",
    "start",
    "start_with_case",
    "stop",
    "stop_all",
]


# --- verbs --------------------------------------------------------------------------------------


def start(
    tx: Connection, case: CaseRef, plan: ClockPlan, begin: Start, actor: Actor, now: datetime
) -> datetime | None:
    """Start a clock. Returns when it is overdue (aware UTC). Started twice is once.

    Raises `Rejected` where the law or the calendar cannot answer (the sentence says which).
    """
    clock_id = derived(begin.task_id or case.id, f"clock/{plan.name}")
    known = known_due(tx, clock_id)
    if known is not None:
        return known.due_at  # type: ignore[no-any-return]
    clock, result, bench = _begin(tx, case, plan, begin, actor, now)
    follow(tx, clock, result, bench, is_new=True)
    tell(tx, clock, "clock.started", {}, actor, now)
    return result.due_at


def start_with_case(
    tx: Connection, case: CaseRef, plan: ClockPlan, begin: Start, actor: Actor, now: datetime
) -> None:
    """As `start`, for a case that is being filed: it has no clock of that name, no timer and no
    task yet, so nobody is asked and nobody told."""
    clock, result, bench = _begin(tx, case, plan, begin, actor, now)
    set_ladder(tx, clock, result, bench, is_new=True)
    tell(tx, clock, "clock.started", {}, actor, now)


def _begin(
    tx: Connection, case: CaseRef, plan: ClockPlan, begin: Start, actor: Actor, now: datetime
) -> tuple[Any, Explained, Bench]:
    clock_id = derived(begin.task_id or case.id, f"clock/{plan.name}")
    entry = lawful(begin.entry)
    bench = bench_of(tx, case.office_id, now)
    law = lawful(lambda: rule_for(plan, entry.on_day, bench.calendar.places, bench.rules))
    plan = bound(tx, case, plan, law, now)
    result = lawful(lambda: replay(law, [entry], bench.calendar, bench.settings))
    row = {
        "id": clock_id,
        "office_id": case.office_id,
        "case_id": case.id,
        "task_id": begin.task_id,
        "name": plan.name,
        "rule_id": plan.rule,
        "ladder": ladder_row(plan, law),
        "status": "running",
        "started_at": entry.at,
        "started_on": entry.on_day,
        "due_on": due_on(result),
        "due_at": result.due_at,
        "remaining": None,
        "met_at": None,
        "calendar_known": now,
        "explanation": both_languages(result),
        "version": 1,
        "party": party_of(law.kind),
    }
    row["target_at"] = target_at(SimpleNamespace(**row), result, bench)
    clock = add(tx, row)
    enter(tx, clock_id, case.office_id, entry, actor, Due(None, result.due_at))
    return clock, result, bench


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
    if not meet(tx, clock.id, now):
        return
    entry = Entry("stop", now, on or legal_day(now))
    enter(tx, clock.id, clock.office_id, entry, actor, Due(clock.due_at, None))
    fall_silent(tx, clock)
    tell_stopped(tx, [clock], entry, actor)


def stop_all(tx: Connection, case_id: UUID, actor: Actor, now: datetime) -> None:
    """The case is over: so are its clocks. No timer and no task is left that could hear of it."""
    entry = Entry("stop", now, legal_day(now))
    running = [clock for clock in of_case(tx, case_id) if clock.status != "met"]
    over = [clock for clock in running if meet(tx, clock.id, now)]
    enter_all(
        tx,
        [ledger_row(c.id, c.office_id, entry, actor, Due(c.due_at, None)) for c in over],
    )
    silence(tx, over)
    tell_stopped(tx, over, entry, actor)
