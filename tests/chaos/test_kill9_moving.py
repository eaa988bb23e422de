"""A plan over forty running cases, and the worker is killed in the middle of it again and again.

Each case moves exactly once, with its state and its rows; a new worker finishes what is left.
"""

from __future__ import annotations

import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from engine.bpmn.interpreter import load_state
from store import tables
from store.database import open_database
from tests.chaos.moving import BECOMES, FORMER
from tests.chaos.storm import judge
from tests.chaos.system import System

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
CASES = 40
LIVES = 6
PATIENCE = 120.0  # seconds a new worker may take to start and to move the rest


def test_each_case_moves_once_and_none_half_whoever_dies(db_url: str, tmp_path: Path) -> None:
    system_under_test = System(tmp_path, db_url)
    system_under_test.prepare("--streams", str(CASES))
    system_under_test.run("tests.chaos.moving", "plan")
    try:
        for life in range(LIVES):
            # By turns with a case moved and not committed, and when one was just committed.
            place = "before_commit:2" if life % 2 else "after_commit:1"
            assert system_under_test.dies_at(place, "tests.chaos.moving", "work")
        between = _look(db_url)
        system_under_test.start("worker-0", "before_commit:9")
        _wait_until(lambda: not system_under_test.is_alive("worker-0"))
        system_under_test.kill("worker-0")
        system_under_test.start("worker-1")
        _wait_until(lambda: _status(db_url) == "done")
    finally:
        system_under_test.stop()

    assert LIVES <= between["moved"] < CASES, "the lives above were to end in the middle"
    assert between["half"] == []
    found = _look(db_url)
    assert found == {"moved": CASES, "half": [], "lines": CASES, "said": CASES, "done": 1}
    assert [each for each in judge(db_url, None) if not each.startswith("INV-03")] == []


def _wait_until(holds: Any) -> None:
    pause = threading.Event()
    for _ in range(int(PATIENCE / 0.2)):
        if holds():
            return
        pause.wait(0.2)
    raise AssertionError(f"It did not come about within {PATIENCE} s")


def _status(url: str) -> str:
    db = open_database(url)
    try:
        with db.transaction(read_only=True) as tx:
            return str(tx.scalar(select(tables.migration_plans.c.status)))
    finally:
        db.close()


def _look(url: str) -> dict[str, Any]:
    """How many cases have moved, which of them only in part, and what tells of it."""
    db = open_database(url)
    try:
        with db.transaction(read_only=True) as tx:
            rows = tx.execute(
                select(
                    tables.cases.c.id,
                    tables.cases.c.state,
                    tables.definitions.c.version,
                    tables.user_tasks.c.element_id,
                    tables.migration_cases.c.outcome,
                )
                .join(tables.definitions, tables.definitions.c.id == tables.cases.c.definition_id)
                .join(tables.user_tasks, tables.user_tasks.c.case_id == tables.cases.c.id)
                .join(tables.migration_cases, tables.migration_cases.c.case_id == tables.cases.c.id)
            ).all()
            assert len(rows) == CASES  # each with its one open task
            told = Counter(tx.scalars(select(tables.history.c.case_id).where(_is("case.migrated"))))
            said = select(func.count()).select_from(tables.deed_notes)
            done = select(func.count()).select_from(tables.history).where(_is("migration.done"))
            return {
                "moved": sum(row.version == 2 for row in rows),
                "half": [row.id for row in rows if _parts(row, told[row.id]) not in WHOLE],
                "lines": sum(told.values()),
                "said": tx.scalar(said.where(tables.deed_notes.c.kind == "migration")),
                "done": tx.scalar(done),
            }
    finally:
        db.close()


def _is(action: str) -> Any:
    return tables.history.c.action == action


WHOLE = ((1, FORMER, FORMER, None, 0), (2, BECOMES, BECOMES, "moved", 1))
"""A case that has not moved, and one that has: version, step in the state, step of the task,
result in the plan, lines in the history."""


def _parts(row: Any, lines: int) -> tuple[Any, ...]:
    steps = {
        each.element
        for each in load_state(row.state).activations.values()
        if each.element in (FORMER, BECOMES)
    }
    return (row.version, *steps, row.element_id, row.outcome, lines)
