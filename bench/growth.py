"""How cost grows: with the age of a case, and with the number of open cases."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from uuid import uuid4

from sqlalchemy import Connection, Table, func, insert, select

from bench.databases import Scratch
from bench.naive import Naive
from bench.ours import Ours, Staff, now
from bench.sampling import Sample, Stopwatch
from bench.work import DATA, START
from engine import queries, user_tasks
from sla import overdue
from store.tables import (
    case_data,
    cases,
    clock_entries,
    clocks,
    data_keys,
    rungs,
    user_task_groups,
)
from store.tables import user_tasks as tasks_table

PAGE = 20
EDIT: Mapping[str, Any] = {
    "amount": 120,
    "note": "the third line reads differently in the register",
}
VERIFIED: Mapping[str, Any] = {"again": "yes", "finding": "see the third line"}
CALLS = 15  # of every list, for its median
_CHUNK = 2_000
Read: TypeAlias = Callable[[Connection, datetime], Any]


# --- age of a case ------------------------------------------------------------------------------


def ours_by_age(ours: Ours, rounds: tuple[int, ...], cases_at_once: int) -> dict[int, float]:
    """CPU ms of a durable completion in these rounds of a rework loop that does not end."""
    sample = Sample("ours", "", cases_at_once)
    filed = [ours.file("R", START, {}, sample) for _ in range(cases_at_once)]
    found = {}
    for number in range(1, rounds[-1] + 1):
        sample = Sample("ours", "", cases_at_once)
        for case_id in filed:
            ours.do(case_id, "edit", EDIT, sample)
            ours.do(case_id, "verify", VERIFIED, sample)
        if number in rounds:
            found[number] = sample.cpu_ms("complete")
    return found


def naive_by_age(naive: Naive, rounds: tuple[int, ...]) -> dict[int, float]:
    """The same of the naive engine, with one case; its data grows with every round."""
    case_id = naive.start("R", START)
    found = {}
    for number in range(1, rounds[-1] + 1):
        sample = Sample("naive", "", 1)
        for form in (EDIT, VERIFIED):
            task_id = naive.open_task(case_id)
            with Stopwatch(sample, "complete"):
                naive.complete(case_id, task_id, form)
        if number in rounds:
            found[number] = sample.cpu_ms("complete")
    return found


# --- open cases ---------------------------------------------------------------------------------


def by_open_cases(
    scratch: Scratch, url: str, staff: Staff, counts: tuple[int, ...]
) -> list[dict[str, float]]:
    """Median ms of the lists people look at, with so many open cases in their office."""
    copy = scratch.copy(url)
    ours = Ours(copy, staff)
    filed = min(counts[0], 100)
    for _ in range(filed):
        ours.file("W", START, DATA, Sample("ours", "", 1))
    found = []
    for count in counts:
        grow(ours, count)
        found.append({"open cases": float(count), **_lists(ours, staff)})
    ours.close()
    scratch.drop(copy)
    return found


def _lists(ours: Ours, staff: Staff) -> dict[str, float]:
    actor, db = staff.recorder, ours.db
    group = queries.WorklistFilter(tab=queries.Tab.GROUP)

    def reading(read: Read) -> float:
        def call() -> None:
            with db.transaction(read_only=True) as tx:
                read(tx, now())

        return _median(call)

    def take() -> None:
        with db.transaction() as tx:
            user_tasks.take_next(tx, actor, now())

    reads: dict[str, Read] = {
        "worklist, first page": (lambda tx, at: queries.worklist(tx, actor, group, None, PAGE, at)),
        "case list, first page": (
            lambda tx, at: queries.cases(tx, actor, queries.CaseFilter(), None, PAGE, at)
        ),
        "overdue queue, first page": (lambda tx, at: overdue.queue(tx, actor, at, limit=PAGE)),
        "overdue counts": lambda tx, at: overdue.counts(tx, actor, at),
    }
    return {**{name: reading(read) for name, read in reads.items()}, "take next": _median(take)}


def _median(call: Callable[[], None]) -> float:
    call()
    return statistics.median(_timed(call) for _ in range(CALLS))


def _timed(call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - began)


def grow(ours: Ours, count: int) -> None:
    """Copy the rows of filed cases, with other ids and due times, until so many are open.

    Filing ten thousand by the verb would only take longer; lists read rows, not how they came.
    Half of the copies are overdue.
    """
    chance = random.Random(count)  # the same copies every time
    with ours.db.transaction() as tx:
        missing = count - int(tx.scalar(select(func.count()).select_from(cases)) or 0)
    while missing > 0:
        part = min(missing, _CHUNK)
        with ours.db.transaction() as tx:
            _copy(tx, part, chance)
        missing -= part
    with ours.db.transaction() as tx:
        tx.exec_driver_sql("ANALYZE")


def _copy(tx: Connection, count: int, chance: random.Random) -> None:
    originals = [dict(row) for row in tx.execute(select(cases).limit(50)).mappings()]
    below = {table: _rows_of(tx, table, originals) for table in _OF_CASE}
    new: dict[Table, list[dict[str, Any]]] = {cases: [], **{table: [] for table in _OF_CASE}}
    for at in range(count):
        original = originals[at % len(originals)]
        moved = timedelta(minutes=chance.randrange(-60 * 24 * 20, 60 * 24 * 10))
        ids = {original["id"]: uuid4()}
        number = f"X{uuid4().hex[:20]}"
        no_code = {"status_code_hash": None, "status_code_sealed": None}
        new[cases].append({**original, **no_code, "id": ids[original["id"]], "number": number})
        for table in _OF_CASE:
            for row in below[table].get(original["id"], ()):
                new[table].append(_moved(table, row, ids, moved))
    for table, rows in new.items():
        if rows:
            tx.execute(insert(table), rows)


def _rows_of(tx: Connection, table: Table, originals: list[dict[str, Any]]) -> dict[Any, Any]:
    """Rows by case. Tables that name no case are found by way of those that do."""
    wanted = [original["id"] for original in originals]
    query = select(table)
    if "case_id" in table.c:
        query = query.add_columns(table.c.case_id.label("of_case")).where(
            table.c.case_id.in_(wanted)
        )
    else:
        above = clocks if "clock_id" in table.c else tasks_table
        link = table.c.clock_id if above is clocks else table.c.task_id
        query = (
            query.add_columns(above.c.case_id.label("of_case"))
            .join(above, above.c.id == link)
            .where(above.c.case_id.in_(wanted))
        )
    found: dict[Any, list[dict[str, Any]]] = {}
    for row in tx.execute(query).mappings():
        plain = dict(row)
        found.setdefault(plain.pop("of_case"), []).append(plain)
    return found


def _moved(
    table: Table, row: Mapping[str, Any], ids: dict[Any, Any], moved: timedelta
) -> dict[str, Any]:
    changed = dict(row)
    for column in ("id", "case_id", "task_id", "clock_id"):
        if changed.get(column) is not None:
            changed[column] = ids.setdefault(changed[column], uuid4())
    for column in ("due_at", "urgent_at", "created_at"):
        if changed.get(column) is not None:
            changed[column] += moved
    return changed


_OF_CASE = (
    data_keys,
    case_data,
    tasks_table,
    user_task_groups,
    clocks,
    clock_entries,
    rungs,
)
