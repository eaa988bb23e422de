"""Whether what a scenario expects stands in the rows of its case, and if not, in which sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from engine import diagrams, sealing, verification
from engine.actors import system
from engine.bpmn.interpreter import load_state, variables
from engine.bpmn.scenario_document import Expect
from feel.errors import Fault
from feel.values import same
from store import tables
from store.database import Database


@dataclass(frozen=True)
class Onlooker:
    """Sees one case as its rows tell it."""

    db: Database
    case_id: UUID

    def judge(self, expected: Expect, now: datetime) -> list[str]:
        """One sentence for each expectation that does not hold at `now`."""
        (case,) = self._rows(tables.cases, "id")
        told = [
            _differs("open user tasks", expected.tasks, self.open_tasks()),
            _differs("incidents", expected.incidents, self.incidents()),
            _status(expected.status, case.status),
            *_clocks(expected.clocks or {}, self._clocks(now)),
            *_variables(expected.variables or {}, variables(load_state(case.state))),
        ]
        if expected.ended_at is not None:
            told.append(_missing(expected.ended_at, self._done(case.office_id)))
        return [failure for failure in told if failure]

    def open_tasks(self) -> list[str]:
        rows = self._rows(tables.user_tasks)
        return [row.element_id for row in rows if row.status in ("unclaimed", "claimed")]

    def incidents(self) -> list[str]:
        return [row.code for row in self._rows(tables.incidents) if row.status == "open"]

    def _clocks(self, now: datetime) -> dict[str, str]:
        """What a person would see: overdue is derived from the moment."""
        return {
            row.name: "overdue" if row.status == "running" and row.due_at <= now else row.status
            for row in self._rows(tables.clocks)
            if row.task_id is None
        }

    def _done(self, office_id: str) -> set[str]:
        with self.db.transaction(read_only=True) as tx:
            return diagrams.diagram_state(tx, self.case_id, system(office_id)).done

    def _rows(self, table: Any, column: str = "case_id") -> list[Any]:
        with self.db.transaction(read_only=True) as tx:
            return list(tx.execute(select(table).where(table.c[column] == self.case_id)))


def sealed_history_holds(db: Database, now: datetime) -> bool:
    """Seal what was written, and check the chain."""
    while sealing.seal_next(db, now):
        pass
    with db.transaction(read_only=True) as tx:
        return verification.verify(tx).findings == ()


def _differs(what: str, expected: tuple[str, ...] | None, actual: list[str]) -> str:
    if expected is None or Counter(expected) == Counter(actual):
        return ""
    return f"expected {what} {sorted(expected)}, but they are {sorted(actual)}"


def _status(expected: str | None, actual: str) -> str:
    return "" if expected in (None, actual) else f"expected {expected}, but the case is {actual}"


def _missing(expected: tuple[str, ...], actual: set[str]) -> str:
    gone = set(expected) - actual
    return f"expected the case to have ended at {sorted(gone)}, but it did not" if gone else ""


def _clocks(expected: Mapping[str, str], actual: Mapping[str, str]) -> list[str]:
    return [
        f"expected clock {clock} to be {status}, but it is {actual.get(clock, 'not there')}"
        for clock, status in expected.items()
        if actual.get(clock) != status
    ]


def _variables(expected: Mapping[str, Any], actual: Mapping[str, Any]) -> list[str]:
    return [
        f"expected variable {name} to be {value!r}, but it is {actual.get(name)!r}"
        for name, value in expected.items()
        if not _is_same(actual.get(name), value)
    ]


def _is_same(actual: Any, expected: Any) -> bool:
    try:
        return same(actual, expected) is True
    except Fault:
        return False
