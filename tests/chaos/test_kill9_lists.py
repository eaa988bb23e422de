"""A list is imported, and whoever files its rows is killed again and again.

Each good row becomes one case, none is lost, and the list says at its end how many they were.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine import list_work
from store import tables
from store.database import open_database
from tests.chaos.storm import judge
from tests.chaos.system import System

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
ROWS = 300
LIVES = 5


def test_each_good_row_becomes_one_case_whoever_dies(db_url: str, tmp_path: Path) -> None:
    system_under_test = System(tmp_path, db_url)
    system_under_test.prepare("--clerks", "1", "--reviewers", "1")
    system_under_test.run("tests.chaos.listing", "begin", str(ROWS))
    try:
        for life in range(LIVES):
            # By turns with a batch filed and not committed, and when one was just committed.
            place = "before_commit:2" if life % 2 else "after_commit:1"
            assert system_under_test.dies_at(place, "tests.chaos.listing", "work")
        between = _look(db_url)
        assert not system_under_test.dies_at("", "tests.chaos.listing", "work")
    finally:
        system_under_test.stop()

    assert between["filed"] == (LIVES - 1) * list_work.BATCH, "the first life only reads"
    assert between == {**between, "status": "filing", "cases": between["filed"]}
    found = _look(db_url)
    assert found == {"status": "done", "filed": ROWS, "cases": ROWS, "persons": ROWS, "bad": [2]}
    assert [each for each in judge(db_url, None) if not each.startswith("INV-03")] == []


def _look(url: str) -> dict[str, Any]:
    """How far the list is, and the cases that its rows have become."""
    db = open_database(url)
    try:
        with db.transaction(read_only=True) as tx:
            listed = tx.execute(select(tables.case_lists)).one()
            below = tables.cases.c.parent_case_id == listed.case_id
            marks = tx.scalars(select(tables.cases.c.subject_hash).where(below)).all()
            return {
                "status": listed.status,
                "filed": listed.filed,
                "cases": len(marks),
                "persons": len(set(marks)),
                "bad": tx.scalars(select(tables.case_list_faults.c.line)).all(),
            }
    finally:
        db.close()
