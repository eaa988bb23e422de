"""An analyst's desk for moving cases in tests, and a worker that does what is left."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from engine import migrations, migrations_list, migrations_work
from engine.cursors import Page
from engine.migrations import Asked
from engine.migrations_list import CaseResult, Counts, PlanRow, Wanted
from tests.support.driver import CaseDriver
from tests.support.packages import REVIEW, diagram, flows, user_task, write_package

AUTHOR, APPROVER = "analyst Ho", "chief Mei"
REASON = "法規修正，複核前多一步核對"
LONGER = REVIEW.replace(
    b'sourceRef="record" targetRef="review"', b'sourceRef="record" targetRef="check"'
).replace(
    b'<exclusiveGateway id="decide"',
    user_task("check", "records").encode()
    + flows("check>review").encode()
    + b'<exclusiveGateway id="decide"',
)
TIMED = diagram(
    "REVIEW",
    '<startEvent id="start"/>'
    + user_task("record", "counter")
    + '<boundaryEvent id="late" attachedToRef="record" cancelActivity="false">'
    "<timerEventDefinition><timeDuration>{span}</timeDuration></timerEventDefinition>"
    '</boundaryEvent><endEvent id="end"/><endEvent id="told"/>'
    + flows("start>record", "record>end", "late>told"),
)


def timed(span: str) -> bytes:
    return TIMED.replace(b"{span}", f'duration("{span}")'.encode())


class Desk:
    """An analyst's deeds, and a worker that does what is left."""

    def __init__(self, driver: CaseDriver, packages: Path) -> None:
        self.driver, self.packages = driver, packages

    def deploy(self, xml: bytes, **more: Any) -> UUID:
        write_package(self.packages, "REVIEW", xml, **more)
        return self.driver.deploy("REVIEW")

    def propose(
        self,
        old: UUID,
        new: UUID,
        named: Mapping[str, Any] | None = None,
        by: str = AUTHOR,
        reason: str = REASON,
    ) -> UUID:
        actor = self.driver.person(by)
        with self.driver.db.transaction() as tx:
            plan_id = migrations.propose(
                tx, Asked(old, new, reason, named or {}), actor, self.driver.clock.now()
            )
        self.work()
        return plan_id

    def approve(self, plan_id: UUID, by: str = APPROVER, *, work: bool = True) -> None:
        actor = self.driver.person(by)
        with self.driver.db.transaction() as tx:
            migrations.approve(tx, plan_id, "", actor, self.driver.clock.now())
        if work:
            self.work()

    def move(self, old: UUID, new: UUID, named: Mapping[str, Any] | None = None) -> UUID:
        plan_id = self.propose(old, new, named)
        self.approve(plan_id)
        return plan_id

    def work(self) -> int:
        done = 0
        while migrations_work.advance_next(self.driver.db, self.driver.clock.now()):
            done += 1
            assert done < 1_000
        return done

    def plan(self, plan_id: UUID) -> tuple[PlanRow, Counts]:
        actor = self.driver.person(AUTHOR)
        with self.driver.db.transaction(read_only=True) as tx:
            found = migrations_list.plan(tx, plan_id, actor)
            return found, migrations_list.counts(tx, plan_id, actor)

    def results(
        self,
        plan_id: UUID,
        wanted: Wanted | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[CaseResult]:
        actor, wanted = self.driver.person(AUTHOR), wanted or Wanted()
        with self.driver.db.transaction(read_only=True) as tx:
            return migrations_list.results(tx, plan_id, actor, wanted, cursor, limit)
