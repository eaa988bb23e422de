"""`python -m bench`: everything in one run, as a table and, with `--json`, as a file."""

from __future__ import annotations

import gc
import json
import os
import platform
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from bench import floor, growth, interpreter, report
from bench.databases import POSTGRESQL, SQLITE, Bare, Scratch, scratch
from bench.naive import Naive
from bench.ours import Ours, Staff, prepare
from bench.sampling import Sample


@dataclass(frozen=True, slots=True)
class Size:
    """How much is done. `cases` per contestant and round."""

    rounds: int
    cases: int
    warm_up: int
    ages: tuple[int, ...]
    naive_ages: tuple[int, ...]
    aged_cases: int
    open_cases: tuple[int, ...]


QUICK = Size(3, 40, 10, (1, 10, 80), (1, 10, 40), 3, (100, 1_000, 10_000))
FULL = Size(7, 200, 40, (1, 10, 80), (1, 10, 80), 10, (100, 1_000, 10_000))


@click.command()
@click.option("--quick", is_flag=True, help="Smaller rounds; ends in under three minutes.")
@click.option("--store", type=click.Choice([SQLITE, POSTGRESQL, "both"]), default="both")
@click.option("--json", "file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--core", type=int, help="The core to stay on (default: the last one).")
def main(*, quick: bool, store: str, file: Path | None, core: int | None) -> None:
    """Measure the engine on the work W (see docs/benchmarks.md)."""
    size = QUICK if quick else FULL
    pinned = _pin(core)
    with scratch(with_postgresql=store != SQLITE) as place:
        stores = place.stores if store == "both" else (store,)
        found: dict[str, Any] = {"setting": _setting(size, pinned), "stores": {}}
        report.heading(found["setting"])
        found["interpreter"] = report.interpreter(
            [interpreter.run(size.cases) for _ in range(size.rounds + 1)][1:]
        )
        for each in stores:
            found["stores"][each] = _measure(place, each, size)
    if file is not None:
        file.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        click.echo(f"written to {file}")


def _measure(place: Scratch, store: str, size: Size) -> dict[str, Any]:
    url, staff = prepare(place, store)
    recording = _record(place, url, staff, size)
    samples = _rounds(place, url, staff, size, recording)
    told = report.durable(store, samples, recording)
    told["age"] = report.ages(store, *_ages(place, url, staff, size))
    told["lists"] = report.lists(store, growth.by_open_cases(place, url, staff, size.open_cases))
    place.drop(url)
    return told


def _record(place: Scratch, url: str, staff: Staff, size: Size) -> floor.Recording:
    """Record on a copy; the first, smaller run warms the compiled statements up."""
    copy = place.copy(url)
    ours = Ours(copy, staff)
    ours.run(size.warm_up)
    ours.close()
    place.drop(copy)
    copy = place.copy(url)
    ours = Ours(copy, staff)
    recording = floor.record(ours, size.cases)
    ours.close()
    bare = Bare(copy)
    recording.proof = floor.proof(bare)
    bare.close()
    place.drop(copy)
    return recording


def _rounds(
    place: Scratch, url: str, staff: Staff, size: Size, recording: floor.Recording
) -> list[Sample]:
    """Interleaved rounds, each in the other order than the one before, on fresh databases."""

    def ours() -> Sample:
        copy = place.copy(url)
        engine = Ours(copy, staff)
        sample = engine.run(size.cases)
        engine.close()
        place.drop(copy)
        return sample

    def bare() -> Sample:
        copy = place.copy(url)
        database = Bare(copy)
        sample = floor.replay(recording, database, size.cases)
        database.close()
        place.drop(copy)
        return sample

    def naive() -> Sample:
        empty = place.empty(_store_of(url))
        database = Bare(empty)
        sample = Naive(database).run(size.cases)
        database.close()
        place.drop(empty)
        return sample

    contestants = [bare, ours, naive]
    samples = []
    for number in range(size.rounds + 1):
        order = contestants if number % 2 else contestants[::-1]
        taken = [_with_clean_heap(contestant) for contestant in order]
        samples += taken if number else []  # the first round only warms up
    return samples


def _with_clean_heap(contestant: Callable[[], Sample]) -> Sample:
    """Nobody pays for the garbage of the one before."""
    gc.collect()
    return contestant()


def _ages(
    place: Scratch, url: str, staff: Staff, size: Size
) -> tuple[dict[int, float], dict[int, float]]:
    copy = place.copy(url)
    engine = Ours(copy, staff)
    ours = growth.ours_by_age(engine, size.ages, size.aged_cases)
    engine.close()
    place.drop(copy)
    empty = place.empty(_store_of(url))
    database = Bare(empty)
    naive = growth.naive_by_age(Naive(database), size.naive_ages)
    database.close()
    place.drop(empty)
    return ours, naive


def _store_of(url: str) -> str:
    return SQLITE if url.startswith(SQLITE) else POSTGRESQL


def _pin(core: int | None) -> int | None:
    """Stay on one core, the database server with us. None where the system cannot."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    chosen = max(os.sched_getaffinity(0)) if core is None else core
    os.sched_setaffinity(0, {chosen})
    return chosen


def _setting(size: Size, core: int | None) -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
        "core": core,
        "rounds": size.rounds,
        "cases per round": size.cases,
    }


if __name__ == "__main__":
    sys.exit(main())
