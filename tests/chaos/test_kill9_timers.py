"""Timers and rungs fire exactly once, whoever of four workers is killed, on each database.

Timers and the rungs of ladders that are all due, four workers, each killed after a few transactions
or at any moment, and started again until all have fired. The effect of a timer is a note in its
case; of a rung, that people are told, once each and the lower rungs first.
"""

from __future__ import annotations

import os
import random
import threading
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select

from store.database import open_database
from store.tables import case_notes, history, rungs, timers, user_tasks
from tests.chaos.ledger import Ledger
from tests.chaos.storm import judge
from tests.chaos.system import System, workers

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
TIMERS = int(os.environ.get("HUZHENG_CHAOS_TIMERS", "100"))
LADDERS = int(os.environ.get("HUZHENG_CHAOS_LADDERS", "20"))
RUNGS = 4  # of each ladder, all of them due
SEED = int(os.environ.get("HUZHENG_CHAOS_SEED", "20260302"))
WORKERS = workers(4)
LONGEST = 240.0  # seconds until all must have fired
AT_ANY_MOMENT = 0.005  # of the looks, five a second: a worker is killed wherever it is
ENOUGH = 6  # kills while something is due
MOST = int(os.environ.get("HUZHENG_CHAOS_KILLS", "5"))  # then the workers may live
RUNG_FIRED = ("clock.warned", "clock.escalated")


def test_what_is_due_fires_exactly_once_whoever_dies(db_url: str, tmp_path: Path) -> None:
    system = System(tmp_path, db_url)
    system.prepare("--alarms", str(TIMERS), "--streams", str(LADDERS))
    try:
        kills = _kill_until_all_fired(system, ("before_commit", "after_commit"), (10, 40))
    finally:
        system.stop()

    assert judge(db_url, None) == []
    assert _fired(db_url) == _count(db_url, case_notes) == TIMERS
    assert _count(db_url, user_tasks) == TIMERS + LADDERS
    assert _told(db_url) == dict.fromkeys(range(1, RUNGS + 1), LADDERS)
    print(f"\nseed {SEED}: {TIMERS} timers, {LADDERS * RUNGS} rungs, {kills} workers killed")
    assert kills >= ENOUGH, f"only {kills} workers were killed while things were due"


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
    """Let workers live and die until nothing waits. Returns how many died meanwhile."""
    chance, pause, kills = random.Random(SEED), threading.Event(), 0

    def start(name: str) -> None:
        dies = f"{chance.choice(places)}:{chance.randint(*passes)}"
        system.start(name, dies if kills < MOST else "")

    for name in WORKERS:
        start(name)
    for _ in range(int(LONGEST / 0.2)):
        pause.wait(0.2)
        if _waiting(system.database_url) == 0 or kills >= at_most_kills:
            break
        for name in WORKERS:
            unlucky = kills < MOST and chance.random() < AT_ANY_MOMENT
            if not system.is_alive(name) or unlucky:
                system.kill(name)
                kills += 1
                start(name)
    return kills


def _waiting(url: str) -> int:
    waiting = (_count(url, each, each.c.status == "waiting") for each in (timers, rungs))
    return sum(waiting)


def _told(url: str) -> dict[int, int]:
    """By level: how many rungs fired, and were told of in the history, once each and in time."""
    db = open_database(url)
    try:
        with db.transaction(read_only=True) as tx:
            told = Counter(
                tx.scalars(select(history.c.object_id).where(history.c.action.in_(RUNG_FIRED)))
            )
            fired = tx.execute(select(rungs).where(rungs.c.status == "fired")).all()
            assert all(rung.due_at <= rung.fired_at and rung.attempts == 0 for rung in fired)
            assert told == {str(rung.id): 1 for rung in fired}
            return dict(Counter(rung.level for rung in fired))
    finally:
        db.close()


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
