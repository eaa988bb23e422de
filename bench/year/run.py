"""One run: the year live on a database, and its records; the replay is `compare`'s."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy import func, select

from bench.year import law, records
from bench.year.live import Year
from bench.year.office import OFFICE
from bench.year.records import Given, Kept
from bench.year.told import Told
from store import tables
from store.database import Database, open_database
from tests.support.wiring import wired

_COUNTED = ("cases", "user_tasks", "clocks", "clock_entries", "rungs", "outbox", "history")


@dataclass(frozen=True, slots=True)
class Lived:
    """A year that is over: what the product said meanwhile, what it keeps, and what a replay may
    know; how many rows there are, and the CPU seconds it took."""

    told: Told
    given: Given
    kept: Kept
    size: Mapping[str, int]
    seconds: float


@contextmanager
def living(
    url: str, folder: Path, cases: int, seed: int, say: Callable[[float], None] = lambda _: None
) -> Iterator[Lived]:
    """Live the year on the database at `url` (empty or with the newest schema). Inside, the year's
    law is in force.

    `say` hears the share of the year that is over. The folder takes the library and the calendar.
    """
    before = structlog.get_config()
    # Every deed of a year would be a line of the log.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        with (
            closing(open_database(url)) as db,
            closing(open_database(f"sqlite:///{folder / 'replay.db'}")) as scratch,
            wired(),
            law.in_force(folder) as library,
        ):
            db.upgrade()
            scratch.upgrade()
            began = time.process_time()
            told = Year(db, library, cases, seed, say).live()
            seconds = time.process_time() - began
            given, kept = records.given(db, scratch, OFFICE), records.kept(db, OFFICE)
            yield Lived(told, given, kept, _size(db), seconds)
    finally:
        structlog.configure(**before)


def _size(db: Database) -> dict[str, int]:
    with db.engine.connect() as tx:
        return {
            name: int(tx.scalar(select(func.count()).select_from(_TABLES[name])) or 0)
            for name in _COUNTED
        }


_TABLES = tables.metadata.tables
