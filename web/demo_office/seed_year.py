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
from web.demo_office.dealing import SHARES, Year, deal
from web.demo_office.founding import found
from web.demo_office.invariants import Invariant
from web.demo_office.settling import settle
from web.demo_office.year import OFFICE_FILE, Heard, live_all


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
        base = folder / OFFICE_FILE
        hands.say("Office, people, calendar, processes …")
        world = found(base, year, endpoint, ways)
        files = live_all(folder, deal(year), world, hands.workers, hands.heard)
        hands.say("Putting the shares together …")
        _put_together(folder, base, files, db)
    hands.say("Monthly lists and figures, sealed history …")
    settle(db, year, hands.workers)
    hands.say("Checking …")
    return check_year(db, year)


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
