"""A list of many persons: how long it is read, how long it is filed, and what a batch holds up.

`python -m bench.lists --store sqlite --rows 50000` (or postgresql, both). The file is a CSV, or
with `--ods` a spreadsheet, handed in and read as in service, with everything wired; what waits for
the writer meanwhile waits for the longest batch at most.
"""

from __future__ import annotations

import io
import json
import resource
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import click
from sqlalchemy import func, select

from bench.databases import POSTGRESQL, SQLITE, Scratch, scratch
from engine import attachments, case_list, list_view, list_work
from engine.attachments import Place, Rules
from engine.cases import Filed
from store.database import open_database
from store.tables import case_lists, cases
from tests.support.clock import GivenClock
from tests.support.driver import CaseDriver
from tests.support.listing import HEADING, people, write_packages
from tests.support.wiring import wired
from web import ods


@click.command()
@click.option("--store", type=click.Choice([SQLITE, POSTGRESQL, "both"]), default="both")
@click.option("--rows", default=50_000, show_default=True)
@click.option("--ods", "is_ods", is_flag=True, help="Hand a spreadsheet in, not a CSV.")
@click.option("--json", "file", type=click.Path(dir_okay=False, path_type=Path))
def main(*, store: str, rows: int, is_ods: bool, file: Path | None) -> None:
    """Import a list (see docs/benchmarks.md)."""
    found: dict[str, Any] = {}
    with scratch(with_postgresql=store != SQLITE) as place:
        for each in place.stores if store == "both" else (store,):
            found[each] = _measure(place, each, rows, is_ods=is_ods)
            click.echo(f"{each}: {json.dumps(found[each])}")
    if file is not None:
        file.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def _measure(place: Scratch, store: str, rows: int, *, is_ods: bool) -> dict[str, Any]:
    db = open_database(place.empty(store))
    db.upgrade()
    with wired(), tempfile.TemporaryDirectory() as folder:
        packages = Path(folder)
        write_packages(packages)
        driver = CaseDriver(db, GivenClock(), packages)
        driver.deploy("EACH")
        driver.deploy("LISTED")
        case = driver.file("LISTED")
        _hand_in(driver, case, _table(rows, is_ods=is_ods), "list.ods" if is_ods else "list.csv")
        reading = _turn(driver)
        batches = []
        while (took := _turn(driver)) is not None:
            batches.append(took)
        found = _figures(driver, case, rows)
    db.close()
    return {
        "rows": rows,
        "read_s": round(reading or 0, 2),
        "filed_s": round(sum(batches), 1),
        "ms_a_row": round(1_000 * sum(batches) / rows, 2),
        "batch_ms_median": round(1_000 * statistics.median(batches)),
        "batch_ms_longest": round(1_000 * max(batches)),
        "last_tenth_to_first": round(_tenth(batches, last=True) / _tenth(batches, last=False), 2),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        **found,
    }


def _table(rows: int, *, is_ods: bool) -> bytes:
    numbers = people(rows)
    if not is_ods:
        return (HEADING + "".join(f"王小明,{each},\n" for each in numbers)).encode()
    heading = tuple(HEADING.strip().split(","))
    return ods.sheet("list", heading, [("王小明", each, None) for each in numbers])


def _hand_in(driver: CaseDriver, case: Filed, table: bytes, name: str) -> None:
    prepared = attachments.prepare(name, io.BytesIO(table), Rules())
    clerk = driver.person("counter Lin")
    with driver.db.transaction() as tx:
        attachments.add(tx, case.id, prepared, Place("list"), clerk, driver.clock.now())
    driver.complete(case, "add", by="counter Lin")


def _turn(driver: CaseDriver) -> float | None:
    begun = time.perf_counter()
    did = list_work.advance_next(driver.db, driver.clock.now())
    return time.perf_counter() - begun if did else None


def _tenth(batches: list[float], *, last: bool) -> float:
    some = max(1, len(batches) // 10)
    return statistics.median(batches[-some:] if last else batches[:some])


def _figures(driver: CaseDriver, case: Filed, rows: int) -> dict[str, Any]:
    """That everybody has one case, and how large the state of the list's own case is."""
    with driver.db.transaction(read_only=True) as tx:
        of_list = cases.c.parent_case_id == case.id
        persons = tx.scalar(select(func.count(cases.c.subject_hash.distinct())).where(of_list))
        count = tx.scalar(select(func.count()).where(of_list))
        state = tx.scalar(select(func.length(cases.c.state)).where(cases.c.id == case.id))
        status = tx.scalar(select(case_lists.c.status).where(case_lists.c.case_id == case.id))
        clerk, now = driver.person("counter Lin"), driver.clock.now()
        begun = time.perf_counter()
        case_list.linked(tx, case.id, None, clerk, now)
        linked = 1_000 * (time.perf_counter() - begun)
        (listed,) = list_view.of_case(tx, case.id, clerk)
        begun = time.perf_counter()
        list_view.members_of(tx, listed, clerk, now, after=rows // 2)
        page = 1_000 * (time.perf_counter() - begun)
    if (status, count, persons) != ("done", rows, rows):
        raise SystemExit(f"Expected {rows} cases, got {count} of {persons} persons ({status})")
    return {"state_bytes": state, "linked_ms": round(linked, 1), "page_ms": round(page, 1)}


if __name__ == "__main__":
    main()
