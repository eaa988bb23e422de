"""Timers fire exactly once with several workers that are killed all the time, on each database.

300 timers that are all due, three workers, each killed after a few transactions and started again
until all have fired. The effect of a timer is a note in its case.
"""

from __future__ import annotations

import os
import random
import threading
from pathlib import Path

import pytest
from sqlalchemy import func, select

from store.database import open_database
from store.tables import case_notes, timers, user_tasks
from tests.chaos.ledger import Ledger
from tests.chaos.storm import judge
from tests.chaos.system import System, workers

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
TIMERS = int(os.environ.get("HUZHENG_CHAOS_TIMERS", "300"))
SEED = int(os.environ.get("HUZHENG_CHAOS_SEED", "20260302"))
WORKERS = workers(3)
LONGEST = 240.0  # seconds until all must have fired
ENOUGH = 8  # kills while timers are due


def test_due_timers_fire_exactly_once_whoever_dies(db_url: str, tmp_path: Path) -> None:
    system = System(tmp_path, db_url)
    system.prepare("--alarms", str(TIMERS))
    try:
        kills = _kill_until_all_fired(system, ("before_commit", "after_commit"), (15, 70))
    finally:
        system.stop()

    assert judge(db_url, None) == []
    assert _fired(db_url) == _count(db_url, case_notes) == _count(db_url, user_tasks) == TIMERS
    print(f"\nseed {SEED}: {TIMERS} timers, {kills} workers killed meanwhile")
    assert kills >= ENOUGH, f"only {kills} workers were killed while timers were due"


def test_the_harness_sees_timers_that_are_not_one_transaction(
    sqlite_url: str, tmp_path: Path
) -> None:
    system = System(tmp_path, sqlite_url, ("splits_steps",))
    system.prepare("--alarms", "30")
    try:
        _kill_until_all_fired(system, ("between",), (2, 4), at_most_kills=5)
    finally:
        system.stop()

    # The effect of a timer was committed, the timer itself was not: it will be fired again.
    assert _count(sqlite_url, case_notes) > _fired(sqlite_url)


def _kill_until_all_fired(
    system: System,
    places: tuple[str, ...],
    passes: tuple[int, int],
    at_most_kills: int = 1_000,
) -> int:
    """Let workers live and die until no timer waits. Returns how many died meanwhile."""
    chance, pause, kills = random.Random(SEED), threading.Event(), 0

    def start(name: str) -> None:
        system.start(name, f"{chance.choice(places)}:{chance.randint(*passes)}")

    for name in WORKERS:
        start(name)
    for _ in range(int(LONGEST / 0.2)):
        pause.wait(0.2)
        if _waiting(system.database_url) == 0 or kills >= at_most_kills:
            break
        for name in WORKERS:
            if not system.is_alive(name) or chance.random() < 0.01:
                system.kill(name)
                kills += 1
                start(name)
    return kills


def _waiting(url: str) -> int:
    return _count(url, timers, timers.c.status == "waiting")


def _fired(url: str) -> int:
    return _count(url, timers, timers.c.status == "fired")


def _count(url: str, table: object, *conditions: object) -> int:
    db = open_database(url)
    try:
        with db.transaction(read_only=True) as tx:
            query = select(func.count()).select_from(table).where(*conditions)  # type: ignore[arg-type]
            return int(tx.scalar(query) or 0)
    finally:
        db.close()


def test_the_ledger_is_on_disk_before_the_next_request(tmp_path: Path) -> None:
    from tests.chaos.ledger import Line

    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.write(Line("k", "file", "counter.0", 1, "unknown"))
    ledger.write(Line("k", "file", "counter.0", 2, "ok", 201, thing="c"))

    on_disk = (tmp_path / "ledger.jsonl").read_text().splitlines()

    assert len(on_disk) == 2
    assert [line.attempt for line in ledger.done("file")] == [2]
    ledger.close()
