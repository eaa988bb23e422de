"""Moving many clocks in a handful of statements leaves the rows that moving each by itself does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from engine.actors import system
from engine.clock import legal_day
from sla import calendars, followers, moves
from sla.benches import bench_of
from sla.calendars import Closure
from sla.clock_rows import both_languages, clock_row, ledger_of, rule_of
from sla.ledger import Entry, replay
from sla.moves import Move
from sla.recalculation import Batch, recalculate_some
from sla.targets import target_at
from store import tables
from tests.support.clocked import LADDER, LIMITS, with_boundary
from tests.support.factories import OFFICE
from tests.support.office import Office
from tests.support.packages import write_package

# Three ways to limit a case: in working days, in calendar days, and without anybody to warn.
KINDS = {
    "WORK": LIMITS,
    "DAYS": "clocks:\n  processing: {rule: PROC_CALENDAR, length: 9, unit: calendar_day,"
    " pausable: true, ladder: standard}\n" + LADDER,
    "MUTE": "clocks:\n  processing: {rule: PROC_CALENDAR, length: 9, unit: calendar_day,"
    " pausable: true}\n",
}
POINTS = {"AT": "due", "LATE": "0.8", "HALF": "0.5"}
WATCHED = (
    tables.clocks,
    tables.clock_entries,
    tables.rungs,
    tables.timers,
    tables.user_tasks,
    tables.history,
)
GROUND = "the edit"


class _Undo(Exception):
    """Leave the transaction without keeping anything."""


@pytest.fixture
def varied(office: Office, packages: Path) -> Office:
    """Cases begun on four days: fresh, waiting with a reminder, standing still, gone on, done."""
    for kind, limits in KINDS.items():
        for point, at in POINTS.items():
            package = f"{kind}-{point}"
            drawn = with_boundary(package, "processing", at)
            write_package(packages, package, drawn, limits=limits)
            office.deploy(package)
    for at, package in enumerate(f"{kind}-{point}" for kind in KINDS for point in POINTS):
        office.file(package)
        reminded = office.file(package)
        office.complete(reminded, "check", by="counter Lin", outcome="complete")
        still = office.file(package)
        office.complete(still, "check", by="counter Lin", outcome="missing")
        gone_on = office.file(package)
        office.complete(gone_on, "check", by="counter Lin", outcome="missing")
        office.clock.move(timedelta(hours=7))
        office.complete(gone_on, "wait_papers", by="counter Lin")
        office.complete(gone_on, "check", by="counter Lin", outcome="complete")
        if at % 2:
            office.complete(reminded, "decide", by="reviewer Chen")
    office.do_due()
    return office


def _one_by_one(tx: Connection, office: Office) -> None:
    """What a batch does, with the verbs for a single clock."""
    now = office.clock.now()
    entry = Entry("recalculate", now, legal_day(now), ground=GROUND)
    bench = bench_of(tx, OFFICE, now)
    wanted = select(tables.clocks.c.id).where(tables.clocks.c.status.in_(("running", "paused")))
    for clock_id in tx.scalars(wanted.order_by(tables.clocks.c.case_id, tables.clocks.c.id)).all():
        clock, entries = clock_row(tx, clock_id), ledger_of(tx, clock_id)
        result = replay(rule_of(clock, entries), entries, bench.calendar, bench.settings)
        if result.due_at != clock.due_at:
            moves.write(tx, Move(clock, entry, result), bench, system(OFFICE))
            continue
        of_clock = update(tables.clocks).where(tables.clocks.c.id == clock_id)
        kept = {
            "calendar_known": bench.known,
            "target_at": target_at(clock, result, bench),
            "explanation": both_languages(result),
        }
        tx.execute(of_clock.values(kept))
        followers.follow(tx, clock_row(tx, clock_id), result, bench)


def _after(office: Office, work: Callable[[Connection], object]) -> Any:
    """The rows of the office as `work` leaves them. Nothing is kept."""
    found = {}

    def look_and_undo(tx: Connection) -> None:
        work(tx)
        for table in WATCHED:
            columns = [each for each in table.c if (table.name, each.name) != ("history", "id")]
            rows = tx.execute(select(*columns)).mappings()
            found[table.name] = sorted((dict(row) for row in rows), key=str)
        raise _Undo

    with pytest.raises(_Undo), office.db.transaction() as tx:
        look_and_undo(tx)
    return found


@pytest.mark.parametrize("part", ["all", "afternoon"])
@pytest.mark.parametrize("days", [1, 4, 5])
def test_a_batch_leaves_the_rows_that_moving_each_clock_leaves(
    varied: Office, days: int, part: str
) -> None:
    day = legal_day(varied.clock.now()) + timedelta(days=days)
    closure = Closure(OFFICE, day, part, "颱風", "市府公告")
    chief = varied.person("chief Wu")
    with varied.db.transaction() as tx:
        calendars.close_office(tx, closure, chief, varied.clock.now())

    def in_bulk(tx: Connection) -> object:
        return recalculate_some(tx, OFFICE, varied.clock.now(), Batch(ground=GROUND))

    bulk = _after(varied, in_bulk)
    single = _after(varied, lambda tx: _one_by_one(tx, varied))

    for table in WATCHED:
        assert bulk[table.name] == single[table.name], table.name
