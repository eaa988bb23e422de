"""Where packages' scenarios are played on the real engine, and judged by what stands in the rows.

The parts are wired as `app.py` wires them. Time goes on as the worker lets it: what becomes due on
the way to the next step happens at its own time, in order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

from sqlalchemy import select

import app
from agencies.transports import Endpoint
from engine import diagrams, events, functions, keys, operations, sealing, verification
from engine.actors import Actor, system
from engine.bpmn.interpreter import load_state, variables
from engine.bpmn.scenario_document import ClockReaches, Expect, Pass, Scenario, ScenarioStep
from engine.errors import EngineError
from engine.keyring import Keyring
from feel.errors import Fault
from feel.values import same
from store import tables
from store.database import Database, open_database
from tests.processes.library import LIBRARY
from web.demo_office.citizens import Cast
from web.demo_office.office import OFFICE, found_office
from web.demo_office.player import Player, Stage, Stuck, span_end
from web.demo_office.seed import Plan, deploy_all

OPENED = datetime(2025, 9, 1, 1, 0, tzinfo=UTC)
"""Before every scenario: people, calendar and packages are there when the first one is filed."""
ENDPOINT = Endpoint("http://127.0.0.1:9", b"the agencies' secret in tests", "")


@contextmanager
def wired() -> Iterator[None]:
    """The whole wiring of the application, and none of it afterwards."""
    keys.use(Keyring.for_demo())
    _unwire()
    app.wire()
    try:
        yield
    finally:
        _unwire()


def _unwire() -> None:
    events.forget_listeners()
    operations.forget_handlers()
    functions.forget_registered()


def open_office(url: str) -> dict[str, Actor]:
    """Make the demo office with every package and no case. Returns its people by login."""
    db = open_database(url)
    with wired(), db.transaction() as tx:
        people = found_office(tx, OPENED)
        deploy_all(tx, LIBRARY, OFFICE, OPENED)
    db.close()  # and with it what SQLite has not yet written into the one file
    return people


class AsWritten(Cast):
    """The people of the scenario themselves."""

    def __init__(self) -> None:
        super().__init__(Random(0), 0)

    def dress(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return dict(values)


@dataclass
class Performance:
    """One scenario on one database. `failures` says what was not as expected."""

    stage: Stage
    package_id: str
    scenario: Scenario
    failures: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.db = self.stage.db
        is_shared = LIBRARY.package(self.package_id).manifest.kind == "shared"
        self.player = Player(
            self.stage, self.package_id, self.scenario, AsWritten(), called=is_shared
        )
        self.plan = Plan(self.stage, app.WAYS, Random(0))
        self.now = self.scenario.at.astimezone(UTC)
        self.expected_incidents: set[str] = set()

    def play(self) -> None:
        """Play it to its end, or to the step that cannot be done."""
        self.player.play(self.now)
        self.plan.drain(self.now)
        for number, step in enumerate(self.scenario.steps, start=1):
            where = f"Step {number} ({type(step).__name__.lower()})"
            try:
                told = self._judge(step) if isinstance(step, Expect) else self._go_on(step)
            except (EngineError, Stuck) as refused:
                self.failures.append(f"{where}: {refused}; open are {self._open_tasks()}")
                return
            self.failures += [f"{where}: {failure}" for failure in told]
        self.failures += self._nobody_expected()

    def _go_on(self, step: ScenarioStep) -> list[str]:
        if isinstance(step, Pass):
            self.now = span_end(step, self.now).astimezone(UTC)
        elif isinstance(step, ClockReaches):
            self.now = max(self.player.clock_due(step) or self.now, self.now)
        self.plan.drain(self.now)
        self.player.play(self.now)
        self.plan.drain(self.now)
        return []

    # --- judging --------------------------------------------------------------------------------

    def _judge(self, expected: Expect) -> list[str]:
        self.expected_incidents |= set(expected.incidents or ())
        case = self._case()
        told = [
            _differs("open user tasks", expected.tasks, self._open_tasks()),
            _differs("incidents", expected.incidents, self._incidents()),
            _status(expected.status, case.status),
            *_clocks(expected.clocks or {}, self._clocks()),
            *_variables(expected.variables or {}, variables(load_state(case.state))),
        ]
        if expected.ended_at is not None:
            told.append(_missing(expected.ended_at, self._done()))
        return [failure for failure in told if failure]

    def _nobody_expected(self) -> list[str]:
        return [
            f"At the end: nobody expected the incident {code}"
            for code in self._incidents()
            if code not in self.expected_incidents
        ]

    def _case(self) -> Any:
        with self.db.transaction(read_only=True) as tx:
            wanted = select(tables.cases).where(tables.cases.c.id == self.player.case_id)
            return tx.execute(wanted).one()

    def _open_tasks(self) -> list[str]:
        rows = self._rows(tables.user_tasks)
        return [row.element_id for row in rows if row.status in ("unclaimed", "claimed")]

    def _incidents(self) -> list[str]:
        return [row.code for row in self._rows(tables.incidents) if row.status == "open"]

    def _clocks(self) -> dict[str, str]:
        """What a person would see: overdue is derived from the moment."""
        return {
            row.name: "overdue"
            if row.status == "running" and row.due_at <= self.now
            else row.status
            for row in self._rows(tables.clocks)
            if row.task_id is None
        }

    def _done(self) -> set[str]:
        assert self.player.case_id is not None
        with self.db.transaction(read_only=True) as tx:
            return diagrams.diagram_state(tx, self.player.case_id, system(OFFICE)).done

    def _rows(self, table: Any) -> list[Any]:
        with self.db.transaction(read_only=True) as tx:
            return list(tx.execute(select(table).where(table.c.case_id == self.player.case_id)))


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
