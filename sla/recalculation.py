"""Recalculation: the calendar was edited, so every open clock of an office is counted anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select, update

from engine.actors import system
from engine.clock import legal_day
from sla.benches import Bench, bench_of, lawful
from sla.clock_rows import ledgers_of, rule_of
from sla.followers import follow
from sla.ledger import Entry, replay
from sla.moves import write
from sla.steps import Explained
from store.tables import cases, clocks

OPEN = ("running", "paused")


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

    Returns those that moved, before and after. A clock that stays where it is gets no entry and
    no history, but rungs that lie after its end (`due+1wd`) follow the calendar too. With
    `dry_run` nothing is written.
    """
    bench = bench_of(tx, office_id, now)
    open_clocks = _open_clocks(tx, office_id, lock=not dry_run)
    ledgers = ledgers_of(tx, [clock.id for clock in open_clocks])
    moved: list[Moved] = []
    still: list[tuple[Row[Any], Explained]] = []
    for clock in open_clocks:
        result = _counted(clock, ledgers[clock.id], bench)
        if result.due_at == clock.due_at:
            still.append((clock, result))
            continue
        moved.append(_moved(clock, result))
        if not dry_run:
            entry = Entry("recalculate", now, legal_day(now))
            write(tx, clock, entry, result, bench, system(office_id))
    if not dry_run:
        _confirm(tx, still, bench)
    return moved


def _open_clocks(tx: Connection, office_id: str, *, lock: bool) -> list[Row[Any]]:
    if lock:
        # Cases first and in their order, as every step does; then nobody moves their clocks.
        owners = select(clocks.c.case_id).where(
            clocks.c.office_id == office_id, clocks.c.status.in_(OPEN)
        )
        wanted = select(cases.c.id).where(cases.c.id.in_(owners)).order_by(cases.c.id)
        tx.execute(wanted.with_for_update(key_share=True)).all()
    return list(
        tx.execute(
            select(clocks, cases.c.number.label("case_number"))
            .join(cases, cases.c.id == clocks.c.case_id)
            .where(clocks.c.office_id == office_id, clocks.c.status.in_(OPEN))
            .order_by(clocks.c.case_id, clocks.c.id)
        )
    )


def _counted(clock: Row[Any], entries: list[Entry], bench: Bench) -> Explained:
    return lawful(lambda: replay(rule_of(clock, entries), entries, bench.calendar, bench.settings))


def _confirm(tx: Connection, still: list[tuple[Row[Any], Explained]], bench: Bench) -> None:
    """These dates hold with the new calendar too; from now on they are counted with it."""
    if not still:
        return
    tx.execute(
        update(clocks)
        .where(clocks.c.id.in_([clock.id for clock, _ in still]))
        .values(calendar_known=bench.known)
    )
    for clock, result in still:
        if clock.ladder["rungs"]:
            follow(tx, clock, result, bench)


def _moved(clock: Row[Any], result: Explained) -> Moved:
    return Moved(
        clock.id, clock.case_id, clock.case_number, clock.name, clock.due_at, result.due_at
    )
