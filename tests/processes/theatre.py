"""Where packages' scenarios are played on the real engine, and judged by what stands in the rows.

The parts are wired as `app.py` wires them. Time goes on as the worker lets it: what becomes due on
the way to the next step happens at its own time, in order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID

import app
from agencies.transports import Endpoint
from engine.actors import Actor
from engine.bpmn.scenario_document import ClockReaches, Expect, Pass, Scenario, ScenarioStep
from engine.errors import EngineError
from store.database import open_database
from tests.processes.judging import Onlooker
from tests.processes.library import LIBRARY
from web.demo_office.citizens import Cast
from web.demo_office.office import OFFICE, found_office
from web.demo_office.plan import Plan
from web.demo_office.player import Player, Stage, Stuck, span_end
from web.demo_office.seed import deploy_all, prepare_all

OPENED = datetime(2025, 9, 1, 1, 0, tzinfo=UTC)
"""Before every scenario: people, calendar and packages are there when the first one is filed."""
ENDPOINT = Endpoint("http://127.0.0.1:9", b"the agencies' secret in tests", "")


def open_office(url: str) -> dict[str, Actor]:
    """Make the demo office with every package and no case. Returns its people by login.

    The application must be wired.
    """
    db = open_database(url)
    prepare_all(LIBRARY)
    with db.transaction() as tx:
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
        manifest = LIBRARY.package(self.package_id).manifest
        is_filed = self.scenario.file.channel in manifest.starts
        called = manifest.kind == "shared" and not is_filed
        self.player = Player(self.stage, self.package_id, self.scenario, AsWritten(), called=called)
        self.plan = Plan(self.stage, app.WAYS, Random(0))
        self.now = self.scenario.at.astimezone(UTC)

    def play(self) -> None:
        """File the case and play it to its end, or to the step that cannot be done."""
        self.player.play(self.now)
        self.plan.drain(self.now)
        self._perform(self.scenario.steps)

    def go(self, steps: Sequence[ScenarioStep]) -> None:
        """Play only these steps, on the case filed before or by this."""
        if self.player.case_id is None:
            self.player.play(self.now)
            self.plan.drain(self.now)
        self.player.go_on_with(steps)
        self._perform(steps)

    def take_over(self, case_id: UUID, now: datetime) -> None:
        """Play on a case that something else has filed."""
        self.player.take_over(case_id)
        self.now = now

    def _perform(self, steps: Sequence[ScenarioStep]) -> None:
        assert self.player.case_id is not None
        case = Onlooker(self.stage.db, self.player.case_id)
        expected_incidents: set[str] = set()
        for number, step in enumerate(steps, start=1):
            where = f"Step {number} ({type(step).__name__.lower()})"
            if isinstance(step, Expect):
                expected_incidents |= set(step.incidents or ())
                told = case.judge(step, self.now)
                self.failures += [f"{where}: {failure}" for failure in told]
                continue
            try:
                self._go_on(step)
            except (EngineError, Stuck) as refused:
                self.failures.append(f"{where}: {refused}; open are {case.open_tasks()}")
                return
        nobody_expected = set(case.incidents()) - expected_incidents
        self.failures += [f"At the end there is the incident {code}" for code in nobody_expected]

    def _go_on(self, step: ScenarioStep) -> None:
        if isinstance(step, Pass):
            self.now = span_end(step, self.now).astimezone(UTC)
        elif isinstance(step, ClockReaches):
            self.now = max(self.player.clock_due(step) or self.now, self.now)
        self.plan.drain(self.now)
        self.player.play(self.now)
        self.plan.drain(self.now)
