"""How long an edit of the calendar takes where very many cases are open.

`python -m bench.reproject --store sqlite` (or postgresql, both). A closed day is entered for an
office with 100,000 open cases, and the worker's own beat moves their limits, batch by batch. What
is timed is all of it, with the rungs, timers, ledgers and history. CPU time is this process's and,
where there is one, the PostgreSQL server's: where other work shares the machine, it says more than
the clock on the wall.
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import click
from sqlalchemy import func, select

from bench.databases import POSTGRESQL, SQLITE, scratch
from bench.million import grow_open
from bench.search import furnish
from engine.actors import system
from engine.clock import legal_day
from sla import closures
from sla.calendars import Closure
from sla.closures import enter_closure
from store import tables
from store.database import Database, open_database
from tests.support.clock import GivenClock
from web.demo_office.office import OFFICE


@click.command()
@click.option("--store", type=click.Choice([SQLITE, POSTGRESQL, "both"]), default="both")
@click.option("--cases", "wanted", default=100_000, show_default=True)
@click.option("--json", "file", type=click.Path(dir_okay=False, path_type=Path))
def main(*, store: str, wanted: int, file: Path | None) -> None:
    """Close a day for an office with very many open cases, and measure (see docs/benchmarks.md)."""
    found: dict[str, Any] = {}
    with scratch(with_postgresql=store != SQLITE) as place:
        for each in place.stores if store == "both" else (store,):
            url = place.empty(each)
            found[each] = _measure(url, wanted)
            click.echo(f"{each}: " + "; ".join(f"{n} {v:,}" for n, v in found[each].items()))
            place.drop(url)
    if file is not None:
        file.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def _measure(url: str, wanted: int) -> dict[str, float]:
    furnish(url)
    open_cases = grow_open(url, wanted, click.echo)
    with closing(open_database(url)) as db:
        limits = _count(db, tables.clocks, tables.clocks.c.status.in_(("running", "paused")))
        before = _ledger_lines(db), _history_lines(db)
        began, cpu, server = time.perf_counter(), time.process_time(), _server_seconds()
        longest = _close(db)
        taken = {
            "open cases": open_cases,
            "open limits": limits,
            "seconds": round(time.perf_counter() - began, 1),
            "CPU seconds": round(time.process_time() - cpu, 1),
            "CPU seconds of the server": round(_server_seconds() - server, 1),
            "longest batch, ms": round(1000 * longest),
        }
        return taken | _judged(db, open_cases, before)


def _close(db: Database) -> float:
    """Enter the closure and work through its batches. Returns the longest one's seconds."""
    now = GivenClock().now() + timedelta(hours=3)
    day = legal_day(now) + timedelta(days=1)
    closure = Closure(OFFICE, day, "all", "颱風", "市府公告")
    with db.transaction() as tx:
        job_id = enter_closure(tx, closure, system(OFFICE), now).job_id
    longest = 0.0
    with click.progressbar(length=100, label=f"{date.isoformat(day)} is closed") as bar:
        while True:
            began = time.perf_counter()
            if not closures.advance_next(db, now):
                return longest
            longest = max(longest, time.perf_counter() - began)
            payload = _payload(db, job_id)
            bar.update(int(100 * payload["looked_at"] / payload["total"]) - bar.pos)


def _judged(db: Database, open_cases: int, before: tuple[int, int]) -> dict[str, float]:
    """What it moved: each limit one line in its ledger and one in its case's history."""
    entries, told = _ledger_lines(db) - before[0], _history_lines(db) - before[1]
    with db.transaction(read_only=True) as tx:
        payload = tx.scalar(
            select(tables.jobs.c.payload).where(tables.jobs.c.kind == closures.KIND)
        )
    if not entries == told == payload["moved"] or payload["looked_at"] < open_cases:
        raise SystemExit(f"{entries} lines in ledgers, {told} in histories, and the job: {payload}")
    return {"moved": entries}


def _ledger_lines(db: Database) -> int:
    return _count(db, tables.clock_entries, tables.clock_entries.c.kind == "recalculate")


def _history_lines(db: Database) -> int:
    return _count(db, tables.history, tables.history.c.action == "clock.recalculated")


def _count(db: Database, table: Any, *conditions: Any) -> int:
    # A count over millions of rows may take longer than a transaction of the product may.
    with db.engine.connect() as connection:
        return int(
            connection.scalar(select(func.count()).select_from(table).where(*conditions)) or 0
        )


def _payload(db: Database, job_id: Any) -> dict[str, Any]:
    with db.transaction(read_only=True) as tx:
        found: dict[str, Any] = tx.scalar(
            select(tables.jobs.c.payload).where(tables.jobs.c.id == job_id)
        )
        return found


def _server_seconds() -> float:
    """CPU seconds of all PostgreSQL processes of ours that live; 0 without one."""
    total = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().rpartition(")")
        except OSError:
            continue  # it has just ended
        if name.endswith("(postgres"):
            fields = rest.split()
            total += (int(fields[11]) + int(fields[12])) / 100  # ticks of user and system
    return total


if __name__ == "__main__":
    sys.exit(main())
