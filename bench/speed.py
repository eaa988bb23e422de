"""`python -m bench.speed`: what grows and what must not; see docs/performance.md.

Part by part: the interpreter beside SpiffWorkflow, a late round of a loop beside an early one, a
late case beside an early one, bytes of states and cases, timers among a million, large diagrams.
"""

from __future__ import annotations

import gc
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import click
from sqlalchemy import insert, select

from bench import claim, growth
from bench.databases import POSTGRESQL, SQLITE, Bare, Scratch, scratch
from bench.ours import Ours, Staff, now, prepare
from bench.sampling import Sample
from bench.work import DATA, FORMS, START
from engine import timers
from engine.bpmn import DefinitionRefused, compile_definition
from store.tables import cases as cases_table
from store.tables import timers as timers_table

_CHUNK = 5_000
WAITING, DUE = 1_000_000, 500


@click.command()
@click.option("--store", type=click.Choice([SQLITE, POSTGRESQL, "both"]), default="both")
@click.option("--waiting", default=WAITING, help="Timers that wait while some are due.")
@click.option("--json", "file", type=click.Path(dir_okay=False, path_type=Path))
def main(*, store: str, waiting: int, file: Path | None) -> None:
    """Measure what must not grow, and what the issue of speed names."""
    found: dict[str, Any] = {"load": os.getloadavg()[0]}
    _tell(found, "interpreter", interpreter())
    _tell(found, "diagrams", diagrams())
    with scratch(with_postgresql=store != SQLITE) as place:
        for each in place.stores if store == "both" else (store,):
            url, staff = prepare(place, each)
            _tell(found, f"loop, {each}", _on_copy(place, url, staff, loop))
            _tell(found, f"cases, {each}", _on_copy(place, url, staff, late_case))
            _tell(found, f"bytes, {each}", _on_copy(place, url, staff, sizes))
            _tell(
                found,
                f"timers, {each}",
                _on_copy(place, url, staff, lambda ours: due_timers(ours, waiting)),
            )
            place.drop(url)
    if file is not None:
        file.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def _tell(found: dict[str, Any], name: str, figures: dict[str, float]) -> None:
    found[name] = figures
    click.echo(name)
    for what, figure in figures.items():
        click.echo(f"  {what}: {figure:,.3f}")


def _on_copy(
    place: Scratch, url: str, staff: Staff, part: Callable[[Ours], dict[str, float]]
) -> dict[str, float]:
    copy = place.copy(url)
    ours = Ours(copy, staff)
    gc.collect()
    try:
        return part(ours)
    finally:
        ours.close()
        place.drop(copy)


# --- without a database -------------------------------------------------------------------------


def interpreter() -> dict[str, float]:
    """A whole case of six user tasks, in memory."""
    rounds = claim.measure(9, 100)
    memory, saved, spiff = (statistics.median(column) for column in zip(*rounds, strict=True))
    return {
        "ours, CPU ms a case": memory,
        "ours, saved at every step": saved,
        "SpiffWorkflow, CPU ms a case": spiff,
        "SpiffWorkflow / ours": statistics.median(each[2] / each[0] for each in rounds),
        "SpiffWorkflow / ours saved": statistics.median(each[2] / each[1] for each in rounds),
    }


def diagrams() -> dict[str, float]:
    """Seconds to lint and compile large diagrams; the largest is compiled or refused by name."""
    found = {}
    for elements in (100, 400, 1_500):
        began = time.process_time()
        try:
            compile_definition(_chain(elements))
            name = f"{elements} elements, CPU s to compile"
        except DefinitionRefused as refused:
            name = f"{elements} elements, CPU s to refuse ({refused.findings[0].rule})"
        found[name] = time.process_time() - began
    return found


def _chain(elements: int) -> bytes:
    """Choices between two user tasks, one behind the other: four elements each."""
    parts, last = ['<startEvent id="start"/>'], "start"
    blocks = (elements - 2) // 4
    for at in range(blocks):
        split, merge, left, right = (f"{name}{at}" for name in ("split", "merge", "left", "right"))
        parts += [
            f'<exclusiveGateway id="{split}" name="{split}" default="{split}-{right}"/>',
            f'<exclusiveGateway id="{merge}"/>',
            claim.user_task(left, ours=True),
            claim.user_task(right, ours=True),
            claim.flows(
                (last, split),
                (split, left, "amount > 1000"),
                (split, right),
                (left, merge),
                (right, merge),
            ),
        ]
        last = merge
    parts += ['<endEvent id="end"/>', claim.flows((last, "end"))]
    return claim.document("LARGE", "".join(parts))


# --- durable ------------------------------------------------------------------------------------


def loop(ours: Ours) -> dict[str, float]:
    """A completion about the 5th and about the 200th round of a rework loop."""
    early, late = range(3, 8), range(198, 203)
    ages = growth.ours_by_age(ours, (*early, *late), 10)
    first, last = (statistics.median(ages[each] for each in rounds) for rounds in (early, late))
    return {
        "round 5, CPU ms a completion": first,
        "round 200, CPU ms a completion": last,
        "200th / 5th": last / first,
    }


def late_case(ours: Ours) -> dict[str, float]:
    """Whole cases after 100 open ones and after 10,000."""
    _play(ours, 100, until="intake")  # the originals of what is copied later
    early = _play(ours, 100)
    growth.grow(ours, 10_000)
    _play(ours, 20)
    late = _play(ours, 100)
    kinds = ("file", "claim", "complete")
    return {
        "after 100 cases, CPU ms": early.cpu_ms(*kinds),
        "after 10,000 cases, CPU ms": late.cpu_ms(*kinds),
        "10,000th / 100th, CPU": late.cpu_ms(*kinds) / early.cpu_ms(*kinds),
        "10,000th / 100th, wall": early.per_second(*kinds) / late.per_second(*kinds),
    }


def _play(ours: Ours, count: int, *, until: str | None = None) -> Sample:
    sample = Sample("ours", "", count)
    for _ in range(count):
        case_id = ours.file("W", START, DATA, sample)
        for element_id, form in FORMS.items():
            if element_id == until:
                break
            ours.do(case_id, element_id, form, sample)
    return sample


def sizes(ours: Ours) -> dict[str, float]:
    """Bytes of a state that waits, and of finished cases of six user tasks with all they left."""
    bare = Bare(ours.url)
    sample = Sample("ours", "", 1)
    for _ in range(60):
        case_id = ours.file("R", START, {}, sample)
        for turn in range(3):
            ours.do(case_id, "edit", growth.EDIT, sample)
            again = {**growth.VERIFIED, "again": "no" if turn == 2 else "yes"}
            ours.do(case_id, "verify", again, sample)
    finished = bare.size() / 60
    bare.close()
    waiting = claim.Ours().run_until_last()
    return {
        "KB of a state of 28 elements with 1.5 KB of facts and five forms": len(waiting) / 1024,
        "KB of a finished case of six tasks": finished / 1024,
    }


def due_timers(ours: Ours, waiting: int) -> dict[str, float]:
    """Timers due at once among very many that wait: looking, and firing."""
    completions = _play(ours, DUE, until="review")
    _bury(ours, waiting)
    with ours.db.transaction() as tx:
        tx.exec_driver_sql("ANALYZE")
    soon, late = now(), now() + timedelta(days=4)  # the boundary timers are of three days
    looks = [_timed(lambda: timers.fire_next(ours.db, soon)) for _ in range(50)]
    with ours.db.transaction(read_only=True) as tx:
        nexts = [_timed(lambda: timers.next_due(tx)) for _ in range(50)]
    began, fired = time.perf_counter(), 0
    while timers.fire_next(ours.db, late):
        fired += 1
    drained = fired / (time.perf_counter() - began)
    rate = completions.per_second("complete")
    return {
        "waiting": waiting,
        "ms of a look when none is due": 1000 * statistics.median(looks),
        "ms to know when the next is due": 1000 * statistics.median(nexts),
        "fired": fired,
        "timers fired a second": drained,
        "completions a second": rate,
        "fired / completions": drained / rate,
    }


def _bury(ours: Ours, waiting: int) -> None:
    """Copies of one waiting timer, due in years; nothing else of their cases is read."""
    with ours.db.transaction(read_only=True) as tx:
        (row,) = tx.execute(
            select(timers_table).where(timers_table.c.status == "waiting").limit(1)
        ).mappings()
        case_ids = tx.scalars(select(cases_table.c.id)).all()
    for first in range(0, waiting, _CHUNK):
        with ours.db.transaction() as tx:
            tx.execute(
                insert(timers_table),
                [
                    {
                        **row,
                        "id": uuid4(),
                        "case_id": case_ids[at % len(case_ids)],
                        "key": f"buried#{at}",
                        "due_at": row["due_at"] + timedelta(days=400, seconds=at),
                    }
                    for at in range(first, min(first + _CHUNK, waiting))
                ],
            )


def _timed(call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
