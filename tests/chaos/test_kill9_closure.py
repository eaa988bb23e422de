"""A typhoon over many cases, and whoever moves their limits is killed again and again.

Each limit moves exactly once, each with one line in its ledger and one in its history, and the
edit says at its end how many they were.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from engine.actors import system
from engine.clock import SystemClock
from sla import closures
from sla.calendars import Closure
from sla.closures import enter_closure
from store import tables
from store.database import open_database
from tests.chaos.closing import FEW
from tests.chaos.office import OFFICE
from tests.chaos.storm import judge
from tests.chaos.system import System

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
CASES = 200
DAY = date(2026, 3, 4)  # within the limits of the stream, which began on 2 March
MOST_LIVES = 40
ENOUGH = 6


def test_each_limit_moves_once_whoever_dies(
    db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closures, "BATCH", FEW)
    system_under_test = System(tmp_path, db_url)
    system_under_test.prepare("--streams", str(CASES))
    expected = _begin(db_url)
    try:
        kills = _kill_until_done(system_under_test)
    finally:
        system_under_test.stop()

    moved, told, payload = _outcome(db_url)
    print(f"\n{len(moved)} limits moved, {kills} workers killed meanwhile")
    assert expected > 100
    assert sorted(moved) == sorted(set(moved))
    assert len(moved) == told == payload["moved"] == expected
    assert payload["looked_at"] == payload["total"] == CASES
    # Nobody had time for the ladders; all else holds, the chain first of all.
    assert [each for each in judge(db_url, None) if not each.startswith("INV-03")] == []
    assert kills >= ENOUGH, f"only {kills} workers died while limits moved"


def _begin(url: str) -> int:
    """Enter the closure. Returns how many limits it has to move."""
    db, now = open_database(url), SystemClock().now()
    try:
        with db.transaction() as tx:
            wanted = select(func.count()).select_from(tables.clocks)
            running = tables.clocks.c.status == "running"
            count = tx.scalar(wanted.where(running, tables.clocks.c.due_on >= DAY))
            closure = Closure(OFFICE, DAY, "all", "颱風", "市府公告")
            entered = enter_closure(tx, closure, system(OFFICE), now)
            assert not entered.is_done
        return int(count or 0)
    finally:
        db.close()


def _kill_until_done(system_under_test: System) -> int:
    """Lives of one batch and a bit, until nothing waits. Returns how many were killed."""
    for kills in range(MOST_LIVES):
        # By turns in the middle of a batch, and when it was just kept.
        place = "before_commit:2" if kills % 2 else "after_commit:1"
        if not system_under_test.dies_at(place, "tests.chaos.closing"):
            return kills
    raise AssertionError(f"It is not done after {MOST_LIVES} lives")


def _outcome(url: str) -> tuple[list[str], int, dict[str, Any]]:
    """The clocks with an entry, the lines of history, and what the job says."""
    db = open_database(url)
    try:
        with db.transaction(read_only=True) as tx:
            entries = tables.clock_entries
            moved = [
                str(each)
                for each in tx.scalars(
                    select(entries.c.clock_id).where(entries.c.kind == "recalculate")
                )
            ]
            lines = select(func.count()).select_from(tables.history)
            told = tx.scalar(lines.where(tables.history.c.action == "clock.recalculated"))
            return moved, int(told or 0), tx.scalar(select(tables.jobs.c.payload).where(_closure()))
    finally:
        db.close()


def _closure() -> Any:
    return tables.jobs.c.kind == "calendar.closure"
