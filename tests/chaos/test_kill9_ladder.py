"""The ladder that the library draws (L01, with the chase C13) after three weeks without a worker.

Its limits began and ended, and nobody looked: every rung is due when four workers start. They are
killed after a few transactions or at any moment, and started again until nothing waits. Then each
rung has fired once, the lower ones first, each case is chased once, and a limit that stood still
has climbed nothing. On each database.
"""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from store.database import open_database
from store.tables import cases, history, rungs
from tests.chaos.storm import judge
from tests.chaos.system import System, workers

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
CLIMBERS = int(os.environ.get("HUZHENG_CHAOS_CLIMBERS", "12"))
RESTING = 2
SEED = int(os.environ.get("HUZHENG_CHAOS_SEED", "20260302"))
MOST = int(os.environ.get("HUZHENG_CHAOS_KILLS", "5"))
WORKERS = workers(4)
LONGEST = 120.0  # seconds until all must have fired
CLIMBED = [
    *("0.5 warned", "0.8 warned", "due escalated", "due delay_due"),
    *("due+1wd chased", "due+3wd escalated"),
]
"""The ladder of an ordinary limit, as its diagram draws it."""


def test_a_drawn_ladder_is_climbed_once_and_in_order_after_weeks_whoever_dies(
    db_url: str, tmp_path: Path
) -> None:
    system = System(tmp_path, db_url)
    system.prepare("--climbers", str(CLIMBERS), "--resting", str(RESTING))
    try:
        kills = _kill_until_climbed(system)
    finally:
        system.stop()

    assert judge(db_url, None) == []
    climbed = _climbed(db_url)
    assert sorted(climbed, key=len) == [[]] * RESTING + [CLIMBED] * CLIMBERS
    assert _chased(db_url) == [1] * CLIMBERS
    print(f"\nseed {SEED}: {CLIMBERS * len(CLIMBED)} rungs, {kills} workers killed")
    assert kills == MOST, f"only {kills} workers were killed while rungs were due"


def _kill_until_climbed(system: System) -> int:
    """Let workers live and die until no rung is due. Returns how many died meanwhile."""
    chance, pause, kills = random.Random(SEED), threading.Event(), 0

    def start(name: str) -> None:
        dies = f"{chance.choice(('before_commit', 'after_commit'))}:{chance.randint(6, 24)}"
        system.start(name, dies if kills < MOST else "")

    for name in WORKERS:
        start(name)
    for _ in range(int(LONGEST / 0.1)):
        pause.wait(0.1)
        if not any(_read(system.database_url, _DUE)):
            break
        for name in WORKERS:
            if kills < MOST and not system.is_alive(name):
                system.kill(name)
                kills += 1
                start(name)
    return kills


_DUE = [select(rungs.c.id).where(rungs.c.status == "waiting", rungs.c.due_at.is_not(None)).limit(1)]


def _climbed(url: str) -> list[list[str]]:
    """Of each case under the ladder, what fired, in the order of its history."""
    told = select(history).where(history.c.action.like("clock.%")).order_by(history.c.id)
    climbing = select(cases.c.id).where(cases.c.package_id == "CLIMB")
    lines, ids = _read(url, [told, climbing])
    fired: dict[Any, list[str]] = {row.id: [] for row in ids}
    for line in lines:
        point = line.detail.get("point")
        if point is not None:
            fired[line.case_id].append(f"{point} {line.action.removeprefix('clock.')}")
    return list(fired.values())


def _chased(url: str) -> list[int]:
    """How many chases each case has that has one."""
    of_case = select(func.count().label("n")).where(cases.c.package_id == "C13")
    (rows,) = _read(url, [of_case.group_by(cases.c.parent_case_id)])
    return [row.n for row in rows]


def _read(url: str, queries: Sequence[Any]) -> list[Sequence[Any]]:
    db = open_database(url)
    try:
        with db.transaction(read_only=True) as tx:
            return [tx.execute(query).all() for query in queries]
    finally:
        db.close()
