"""How many statements a completion costs: bounded, and the same however old the case is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from engine import user_tasks
from engine.user_tasks import Completion
from store.database import Database
from tests.support.driver import CaseDriver

SIMPLE_COMPLETION = 8
"""task with case and data · case · duty · task completed · new task · its group · history, and a
spare one: with SLA listeners wired it is theirs to add."""
CLAIM = 3
"""task with its groups and the person's duty · claimed · history."""


@contextmanager
def counted(db: Database) -> Iterator[list[str]]:
    """The statements sent to the database inside the block, BEGIN left out."""
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def complete(driver: CaseDriver, task_id: Any, by: str, outcome: str | None = None) -> list[str]:
    actor, now = driver.person(by), driver.clock.now()
    with counted(driver.db) as statements, driver.db.transaction() as tx:
        user_tasks.complete(tx, task_id, Completion(outcome=outcome), actor, now)
    return statements


def test_a_simple_completion_takes_few_statements(driver: CaseDriver) -> None:
    driver.deploy("REVIEW")
    case = driver.file("REVIEW")
    driver.complete(case, "record", by="counter Lin")
    driver.complete(case, "review", by="reviewer Wu", outcome="return")
    task_id = driver.claim(case, "record", by="counter Lin")

    statements = complete(driver, task_id, "counter Lin")

    assert len(statements) <= SIMPLE_COMPLETION, "\n".join(statements)


def test_a_completion_costs_the_same_after_fifty_rounds(driver: CaseDriver) -> None:
    driver.deploy("REVIEW")
    case = driver.file("REVIEW")
    sizes, counts = [], []
    for _ in range(50):
        counts.append(
            len(complete(driver, driver.claim(case, "record", by="counter Lin"), "counter Lin"))
        )
        sizes.append(len(driver.row(case).state))
        driver.complete(case, "review", by="reviewer Wu", outcome="return")

    assert len(set(counts[1:])) == 1
    assert sizes[-1] - sizes[1] <= 16  # only the digits of the counters grow


def test_a_claim_takes_few_statements(driver: CaseDriver) -> None:
    driver.deploy("REVIEW")
    case = driver.file("REVIEW")
    actor, task_id = driver.person("counter Lin"), driver.task(case, "record").id

    with counted(driver.db) as statements, driver.db.transaction() as tx:
        user_tasks.claim(tx, task_id, actor, driver.clock.now())

    assert len(statements) <= CLAIM, "\n".join(statements)
