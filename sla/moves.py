"""One move of a clock: an act enters its ledger, and what it leads to is written."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, update

from engine.actors import Actor
from engine.errors import Conflict
from sla.benches import Bench, bench_of, lawful
from sla.clock_rows import (
    Due,
    both_languages,
    clock_row,
    due_on,
    enter,
    iso,
    ledger_of,
    rule_of,
    tell,
)
from sla.followers import follow
from sla.ledger import Entry, replay
from sla.steps import Explained
from store.tables import clocks


def move(
    tx: Connection, clock: Row[Any], entry: Entry, actor: Actor, now: datetime
) -> datetime | None:
    """Append an act to the ledger and write what it leads to. Returns the new due instant."""
    if clock.status == "met":
        raise Conflict("clock.met", "Expected a running or paused clock, but it has been met")
    bench = bench_of(tx, clock.office_id, now)
    entries = [*ledger_of(tx, clock.id), entry]
    result = lawful(
        lambda: replay(rule_of(clock, entries), entries, bench.calendar, bench.settings)
    )
    write(tx, clock, entry, result, bench, actor)
    return result.due_at


def write(
    tx: Connection, clock: Row[Any], entry: Entry, result: Explained, bench: Bench, actor: Actor
) -> None:
    """Write an act and its result. Raises `Conflict` if the clock has moved since it was read."""
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
    follow(tx, clock_row(tx, clock.id), result, bench)
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


def has_ended(clock: Row[Any], now: datetime) -> bool:
    """Whether the limit is over by `now`; a clock that stands still has no end."""
    return clock.due_at is not None and clock.due_at <= now
