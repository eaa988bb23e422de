"""Seeding a whole year: founded, lived in shares by some processes, put together, and checked."""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import select

from agencies.transports import Endpoint
from engine.errors import Rejected
from sla import escalation
from store.database import Database, open_database
from store.merging import carry, merge
from store.tables import offices
from web.demo_office.checks import check_year
from web.demo_office.dealing import SHARES, Share, Year, deal
from web.demo_office.founding import World, found
from web.demo_office.invariants import Invariant
from web.demo_office.processes import CONTEXT, side_by_side
from web.demo_office.settling import settle
from web.demo_office.year import Heard, live


@dataclass(frozen=True, slots=True)
class Hands:
    """How a year is made: by so many processes, and who hears of it: what is done, in words, and
    how much of the year is over."""

    workers: int
    say: Callable[[str], None]
    heard: Heard


def seed_year(
    db: Database, year: Year, endpoint: Endpoint, ways: escalation.Ways, hands: Hands
) -> list[Invariant]:
    """Make the demo office with a whole year behind it, in a database without an office; what was
    found true of it. Ends with the demo clock on the first morning after the year.

    Raises Rejected (`demo.not_empty`, `demo.workers`).
    """
    if not 1 <= hands.workers <= SHARES:
        raise Rejected("demo.workers", f"Expected 1 to {SHARES} workers, not {hands.workers}")
    with db.transaction(read_only=True) as tx:
        if tx.scalar(select(offices.c.id).limit(1)) is not None:
            raise Rejected(
                "demo.not_empty",
                "This database has an office already; name an empty one: another HUZHENG_VAR, or "
                "another DATABASE_URL",
            )
    db.engine.dispose()  # nobody inherits a connection
    with _quiet(), _folder() as folder:
        base = folder / "office.db"
        hands.say("Office, people, calendar, processes …")
        world = found(base, year, endpoint, ways)
        files = _live_all(folder, base, deal(year), world, hands)
        hands.say("Putting the shares together …")
        _put_together(folder, base, files, db)
    hands.say("Monthly lists and figures, sealed history …")
    settle(db, year, hands.workers)
    hands.say("Checking …")
    return check_year(db, year)


def _live_all(
    folder: Path, base: Path, shares: Sequence[Share], world: World, hands: Hands
) -> list[Path]:
    files = [folder / f"share-{number}.db" for number in range(SHARES)]
    done: Any = CONTEXT.Array("d", SHARES, lock=False)
    begun: Any = CONTEXT.Value("i", 0)

    def take() -> int:
        """The next share that nobody has begun, the first being the longest."""
        with begun.get_lock():
            begun.value += 1
            return int(begun.value) - 1

    def work(told: Callable[[], None] = lambda: None) -> None:
        while (number := take()) < SHARES:
            shutil.copyfile(base, files[number])
            live(files[number], number, shares[number], world, _teller(done, number, told))

    def tell() -> None:
        hands.heard(sum(done) / SHARES)

    if hands.workers == 1:
        work(tell)
    else:
        side_by_side([work] * hands.workers, tell)
    return files


def _teller(done: Any, number: int, told: Callable[[], None]) -> Heard:
    def hear(share: float) -> None:
        done[number] = share
        told()

    return hear


def _put_together(folder: Path, base: Path, files: Sequence[Path], into: Database) -> None:
    if not into.is_postgresql:
        merge(base, files, Path(str(into.engine.url.database)))
        return
    whole = open_database(f"sqlite:///{folder / 'whole.db'}")
    try:
        whole.upgrade()
        merge(base, files, folder / "whole.db")
        carry(whole, into)
    finally:
        whole.close()


@contextmanager
def _folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="huzheng-year-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def _quiet() -> Iterator[None]:
    """Every deed of a year would be a line of the log."""
    before: dict[str, Any] = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.configure(**before)
