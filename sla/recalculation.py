"""Recalculation: the calendar was edited, so every open clock of an office is counted anew."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, select

from engine.clock import legal_day
from engine.errors import Rejected
from sla.benches import Bench, along, bench_of, lawful
from sla.clock_rows import ledgers_of, rule_now, rule_of
from sla.counted_once import Counts
from sla.ledger import Entry
from sla.moves import Move
from sla.recounted import write_counted
from sla.rules import Rule, plain
from sla.steps import Explained
from store.partial import among
from store.tables import cases, clocks

IS_OPEN = among(clocks.c.status, "running", "paused")
_READ = tuple(column for column in clocks.c if column.name != "explanation")
"""The steps of the last computation are written anew, never read, and they are long."""
FIRST = UUID(int=0)  # before every case


@dataclass(frozen=True, slots=True)
class Moved:
    """One clock that a calendar edit moved."""

    clock_id: UUID
    case_id: UUID
    case_number: str
    name: str
    before: datetime | None
    after: datetime | None


@dataclass(frozen=True, slots=True)
class Stayed:
    """One clock that cannot be counted by what holds now; it stays due when it was. `zh` and `en`
    say why."""

    clock_id: UUID
    case_id: UUID
    case_number: str
    name: str
    due_at: datetime | None
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Which part of an office's open clocks: those of at most `cases` cases after the case `after`.

    `ground` is written into the ledgers, so that what one edit moved can be listed. With `rules`
    only clocks of these rules are counted, by the versions that hold now.
    """

    after: UUID = FIRST
    cases: int = 1_000_000_000
    ground: str | None = None
    rules: frozenset[str] = frozenset()

    def holds(self, office_id: str) -> tuple[ColumnElement[bool], ...]:
        """The open clocks of an office that are counted, in any part of it."""
        here = (clocks.c.office_id == office_id, IS_OPEN)
        return (*here, clocks.c.rule_id.in_(sorted(self.rules))) if self.rules else here


@dataclass(frozen=True, slots=True)
class Recalculated:
    """What a batch moved, how many cases it looked at, and the last of them (None: no more);
    `stayed` are those that could not be counted."""

    moved: list[Moved]
    cases: int
    last: UUID | None
    stayed: list[Stayed] = field(default_factory=list)


def recalculate(
    tx: Connection, office_id: str, now: datetime, *, dry_run: bool = False
) -> list[Moved]:
    """Recompute every open clock of the office with the calendar known now.

    Returns those that moved, before and after. A clock that stays where it is gets no entry and
    no history, but rungs and timers at a share of it or after its end follow the calendar too. With
    `dry_run` nothing is written.
    """
    return recalculate_some(tx, office_id, now, Batch(), dry_run=dry_run).moved


def recalculate_some(
    tx: Connection, office_id: str, now: datetime, batch: Batch, *, dry_run: bool = False
) -> Recalculated:
    """As `recalculate`, for a batch. Done again, it changes nothing: the ledger decides.

    One clock that what holds now cannot count holds back no other: it stays, and is told of.
    """
    bench = bench_of(tx, office_id, now)
    owners = _owners(tx, office_id, batch, lock=not dry_run)
    open_clocks = _open_clocks(tx, office_id, owners, batch)
    ledgers = ledgers_of(tx, [clock.id for clock in open_clocks])
    entry = Entry("recalculate", now, legal_day(now), ground=batch.ground)
    moves: list[tuple[Move, Bench]] = []
    still: list[tuple[Row[Any], Explained, Bench]] = []
    stayed: list[Stayed] = []
    counts = Counts(bench)
    for clock in open_clocks:
        entries = ledgers[clock.id]
        try:
            own = along(tx, bench, entries)
            law, act = _ruled(clock, entries, bench, batch, entry)
            result = counts.of(law, entries, own)
        except Rejected as refused:
            stayed.append(stays(clock, refused))
            continue
        if result.due_at == clock.due_at and act is entry:
            still.append((clock, result, own))
        else:
            moves.append((Move(clock, act, result), own))
    if not dry_run:
        write_counted(tx, moves, still, bench)
    last = owners[-1] if len(owners) == batch.cases else None
    moved = [_moved(each) for each, _ in moves if each.result.due_at != each.clock.due_at]
    return Recalculated(moved, len(owners), last, stayed)


def stays(clock: Row[Any], why: Rejected) -> Stayed:
    """A clock, read with its `case_number`, that the law or the calendar refuses to count."""
    zh, en = str(why.facts.get("zh", why.message)), str(why.facts.get("en", why.message))
    return Stayed(clock.id, clock.case_id, clock.case_number, clock.name, clock.due_at, zh, en)


def _ruled(
    clock: Row[Any], entries: list[Entry], bench: Bench, batch: Batch, entry: Entry
) -> tuple[Rule, Entry]:
    """By which rule a clock is counted, and what enters its ledger: the version, where it is
    another than before, so that the ledger alone leads to the date."""
    held = lawful(lambda: rule_of(clock, entries))
    if not batch.rules:
        return held, entry
    law = lawful(lambda: rule_now(clock, entries, bench.calendar.places, bench.rules))
    return (held, entry) if law == held else (law, replace(entry, detail={"rule": plain(law)}))


def _owners(tx: Connection, office_id: str, batch: Batch, *, lock: bool) -> list[UUID]:
    """The cases of the batch, in the order in which every step takes them."""
    wanted = (
        select(clocks.c.case_id)
        .where(
            *batch.holds(office_id),
            clocks.c.case_id > batch.after,
        )
        .group_by(clocks.c.case_id)
        .order_by(clocks.c.case_id)
        .limit(batch.cases)
    )
    found = list(tx.scalars(wanted))
    if lock and found:
        # Cases first and in their order, as every step does; then nobody moves their clocks.
        held = select(cases.c.id).where(cases.c.id.in_(wanted)).order_by(cases.c.id)
        tx.execute(held.with_for_update(key_share=True)).all()
    return found


def _open_clocks(
    tx: Connection, office_id: str, owners: list[UUID], batch: Batch
) -> list[Row[Any]]:
    if not owners:
        return []
    return list(
        tx.execute(
            select(*_READ, cases.c.number.label("case_number"))
            .join(cases, cases.c.id == clocks.c.case_id)
            .where(
                *batch.holds(office_id),
                clocks.c.case_id.between(owners[0], owners[-1]),
            )
            .order_by(clocks.c.case_id, clocks.c.id)
        )
    )


def _moved(move: Move) -> Moved:
    clock = move.clock
    return Moved(
        clock.id, clock.case_id, clock.case_number, clock.name, clock.due_at, move.result.due_at
    )
