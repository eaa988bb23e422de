"""One move of a clock: an act enters its ledger, and what it leads to is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, Row, bindparam, update

from engine.actors import Actor
from engine.errors import Conflict
from engine.history import Entry as HistoryEntry
from engine.history import append
from sla.benches import Bench, along, bench_of, lawful
from sla.clock_rows import (
    Due,
    both_languages,
    clock_row,
    due_on,
    enter,
    enter_all,
    iso,
    ledger_of,
    ledger_row,
    rule_of,
    story,
)
from sla.followers import follow, follow_all
from sla.ledger import Entry, replay
from sla.steps import Explained
from sla.targets import target_at
from store.prepared import Prepared
from store.tables import clocks


def move(
    tx: Connection, clock: Row[Any], entry: Entry, actor: Actor, now: datetime
) -> datetime | None:
    """Append an act to the ledger and write what it leads to. Returns the new due instant."""
    if clock.status == "met":
        raise Conflict("clock.met", "Expected a running or paused clock, but it has been met")
    entries = [*ledger_of(tx, clock.id), entry]
    bench = along(tx, bench_of(tx, clock.office_id, now), entries)
    result = lawful(
        lambda: replay(rule_of(clock, entries), entries, bench.calendar, bench.settings)
    )
    write(tx, Move(clock, entry, result), bench, actor)
    return result.due_at


@dataclass(frozen=True, slots=True)
class Move:
    """A clock as it was read, the act that moves it, and where that leads."""

    clock: Any
    entry: Entry
    result: Explained


def write(tx: Connection, moved: Move, bench: Bench, actor: Actor) -> None:
    """Write an act and its result. Raises `Conflict` if the clock has moved since it was read."""
    clock, entry, result = moved.clock, moved.entry, moved.result
    row = _new_row(moved, bench)
    if _MOVE.run(tx, row) == 0:
        raise _stale()
    enter(tx, clock.id, clock.office_id, entry, actor, Due(clock.due_at, result.due_at))
    follow(tx, clock_row(tx, clock.id), result, bench)
    append(tx, _told(moved, actor))


def write_all(tx: Connection, moves: Sequence[Move], bench: Bench, actor: Actor) -> None:
    """As `write`, for many clocks of one office, whose cases the caller has locked: each in its
    ledger and its case's history, in a handful of statements."""
    if not moves:
        return
    if _MOVE.run_many(tx, [_new_row(each, bench) for each in moves]) != len(moves):
        raise _stale()
    enter_all(
        tx,
        [
            ledger_row(
                each.clock.id,
                each.clock.office_id,
                each.entry,
                actor,
                Due(each.clock.due_at, each.result.due_at),
            )
            for each in moves
        ],
    )
    follow_all(tx, [(_as_written(each), each.result) for each in moves], bench)
    append(tx, *(_told(each, actor) for each in moves))


def _stale() -> Conflict:
    return Conflict("clock.stale", "Expected the clock as we read it, but it has moved; retry")


def _new_row(moved: Move, bench: Bench) -> dict[str, Any]:
    clock, result = moved.clock, moved.result
    return {
        "clock": clock.id,
        "seen_version": clock.version,
        "new_version": clock.version + 1,
        "new_status": "paused" if result.due_at is None else "running",
        "ends_on": due_on(result),
        "ends_at": result.due_at,
        "aims_at": target_at(clock, result, bench),
        "left": None if result.remaining is None else {"amount": result.remaining},
        "known": bench.known,
        "steps": both_languages(result),
    }


_MOVE = Prepared(
    update(clocks)
    .where(clocks.c.id == bindparam("clock"), clocks.c.version == bindparam("seen_version"))
    .values(
        status=bindparam("new_status"),
        due_on=bindparam("ends_on"),
        due_at=bindparam("ends_at"),
        target_at=bindparam("aims_at"),
        remaining=bindparam("left", type_=clocks.c.remaining.type),
        calendar_known=bindparam("known"),
        explanation=bindparam("steps", type_=clocks.c.explanation.type),
        version=bindparam("new_version"),
    )
)


def _as_written(moved: Move) -> Any:
    """What those who follow a clock ask of it, as it stands now."""
    clock, result = moved.clock, moved.result
    return SimpleNamespace(
        id=clock.id,
        case_id=clock.case_id,
        office_id=clock.office_id,
        name=clock.name,
        ladder=clock.ladder,
        started_at=clock.started_at,
        due_on=due_on(result),
    )


_ACTIONS = {
    "pause": "clock.paused",
    "resume": "clock.resumed",
    "extend": "clock.extended",
    "transfer": "clock.transferred",
    "recalculate": "clock.recalculated",
}


def _told(moved: Move, actor: Actor) -> HistoryEntry:
    """What the history is told of a move."""
    entry = moved.entry
    return story(moved.clock, _ACTIONS[entry.kind], _facts(moved), actor, entry.at)


def _facts(moved: Move) -> dict[str, Any]:
    entry, clock, result = moved.entry, moved.clock, moved.result
    facts: dict[str, Any] = {"due_at": iso(result.due_at), "due_before": iso(clock.due_at)}
    if entry.ground:
        facts["ground"] = entry.ground
    if "policy" in entry.detail:
        facts["policy"] = entry.detail["policy"]
    if "reason" in entry.detail:
        facts["reason"] = entry.detail["reason"]
    return facts


def has_ended(clock: Row[Any], now: datetime) -> bool:
    """Whether the limit is over by `now`; a clock that stands still has no end."""
    return clock.due_at is not None and clock.due_at <= now
