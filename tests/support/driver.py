"""CaseDriver: tests that read as prose, on the real engine and a real database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from engine import cases, deployments, history, messages, signals, timers, user_tasks
from engine.actors import Actor
from engine.bpmn.interpreter import load_state, variables
from engine.cases import FileCase, Filed
from engine.packages import load_library
from engine.user_tasks import Completion
from store import tables
from store.database import Database
from tests.support.clock import GivenClock
from tests.support.factories import OFFICE, an_office, an_officer

DATA: Mapping[str, Any] = {"applicant": {"name": "王小明"}}


class CaseDriver:
    """One office, people who are made when they are named, packages that are deployed when used.

    People are named `group name`: “counter Lin”, “reviewer Wu”.
    """

    def __init__(self, db: Database, clock: GivenClock, packages: Path) -> None:
        self.db, self.clock, self.packages = db, clock, packages
        self._people: dict[str, Actor] = {}
        with db.transaction() as tx:
            an_office(tx)

    # --- people and processes -------------------------------------------------------------------

    def person(self, name: str, office_id: str = OFFICE) -> Actor:
        if name not in self._people:
            with self.db.transaction() as tx:
                self._people[name] = an_officer(tx, name, (name.split()[0],), office_id)
        return self._people[name]

    def join(self, name: str, *groups: str) -> Actor:
        """Put a person into further groups."""
        actor = self.person(name)
        with self.db.transaction() as tx:
            for group in groups:
                row = {"office_id": OFFICE, "person_id": actor.person_id, "group_name": group}
                tx.execute(insert(tables.memberships), row)
        joined = Actor(
            actor.person_id, actor.account_id, OFFICE, actor.groups | set(groups), actor.name
        )
        self._people[name] = joined
        return joined

    def deploy(self, package_id: str) -> UUID:
        actor = self.person("analyst Ho")
        with self.db.transaction() as tx:
            deployed = deployments.deploy(
                tx, load_library(self.packages), package_id, actor, self.clock.now()
            )
        return deployed.definition_id

    # --- verbs ----------------------------------------------------------------------------------

    def file(
        self,
        package_id: str,
        by: str = "counter Lin",
        values: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] = DATA,
    ) -> Filed:
        command = FileCase(package_id, "counter", values or {}, data)
        actor = self.person(by)
        with self.db.transaction() as tx:
            return cases.file(tx, command, actor, self.clock.now())

    def claim(self, case: Filed, element_id: str, by: str) -> UUID:
        task_id, actor = self.task(case, element_id).id, self.person(by)
        with self.db.transaction() as tx:
            user_tasks.claim(tx, task_id, actor, self.clock.now())
        return task_id

    def complete(
        self,
        case: Filed,
        element_id: str,
        by: str,
        outcome: str | None = None,
        values: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        """Claim the task if nobody has, and complete it."""
        task = self.task(case, element_id)
        if task.status == "unclaimed":
            self.claim(case, element_id, by)
        completion, actor = Completion(values or {}, data or {}, outcome), self.person(by)
        with self.db.transaction() as tx:
            user_tasks.complete(tx, task.id, completion, actor, self.clock.now())

    def pass_time(self, by: timedelta) -> int:
        """Let time go by and do what is due then. Says how much was done."""
        self.clock.move(by)
        return self.do_due()

    def do_due(self) -> int:
        done = 0
        beats = (timers.fire_next, signals.deliver_next, messages.deliver_next)
        while any(beat(self.db, self.clock.now()) for beat in beats):
            done += 1
            assert done < 1_000, "Something is due for ever"
        return done

    # --- looking --------------------------------------------------------------------------------

    def row(self, case: Filed) -> Any:
        with self.db.transaction(read_only=True) as tx:
            return tx.execute(select(tables.cases).where(tables.cases.c.id == case.id)).one()

    def status(self, case: Filed) -> str:
        status: str = self.row(case).status
        return status

    def variables(self, case: Filed) -> dict[str, Any]:
        return variables(load_state(self.row(case).state))

    def tasks(self, case: Filed, *statuses: str) -> list[Any]:
        wanted = statuses or ("unclaimed", "claimed")
        with self.db.transaction(read_only=True) as tx:
            return list(
                tx.execute(
                    select(tables.user_tasks)
                    .where(
                        tables.user_tasks.c.case_id == case.id,
                        tables.user_tasks.c.status.in_(wanted),
                    )
                    .order_by(tables.user_tasks.c.created_at, tables.user_tasks.c.key)
                )
            )

    def task(self, case: Filed, element_id: str) -> Any:
        found = [task for task in self.tasks(case) if task.element_id == element_id]
        assert len(found) == 1, f"{len(found)} open tasks {element_id}"
        return found[0]

    def open_tasks(self, case: Filed) -> list[str]:
        return [task.element_id for task in self.tasks(case)]

    def rows(self, table: Any, case: Filed | None = None) -> list[Any]:
        with self.db.transaction(read_only=True) as tx:
            statement = select(table)
            if case is not None:
                statement = statement.where(table.c.case_id == case.id)
            return list(tx.execute(statement))

    def actions(self, case: Filed) -> list[str]:
        """What the history tells of the case, oldest first."""
        with self.db.transaction(read_only=True) as tx:
            return [event.action for event in history.timeline(tx, case.id)]
