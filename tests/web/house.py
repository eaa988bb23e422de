"""The pages over one database, with the office's clock and the wall clock given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Connection, select, update

import web
from engine import cases, user_tasks
from engine.actors import Actor
from engine.cases import FileCase, Filed
from engine.user_tasks import Completion
from store.database import Database
from store.tables import accounts, memberships, persons
from store.tables import cases as case_table
from store.tables import cases as cases_table
from store.tables import user_tasks as tasks
from tests.support.clock import GivenClock
from tests.web.visitor import Visitor
from web.demo_office.office import PASSWORD

LIBRARY = Path(__file__).resolve().parents[2] / "bpmn"
PACKAGES = ("P01", "P08")
COUNTER, REVIEWER, CHIEF = "counter.lin", "reviewer.chen", "chief.wang"
ANALYST, OPERATOR = "analyst.luo", "operator.he"

BIRTH: Mapping[str, Any] = {
    "report_source": "none",
    "data.applicant.name": "陳文青",
    "data.applicant.id_number": "A123456789",
    "applicant_relation": "father",
    "contact": "letter",
    "data.child.birth_date": "115/2/20",
    "data.child.sex": "female",
    "in_taiwan": "true",
    "data.mother.name": "林美華",
    "data.father.name": "陳文青",
}
"""What a clerk enters for a birth; the rest the form leaves open."""

MOVE: Mapping[str, Any] = {
    "report_source": "none",
    "registration_type": "move_in",
    "data.mover.name": "陳文青",
    "data.mover.id_number": "A123456789",
    "data.move.old_address": "示範市北區甲路 1 號",
    "data.move.new_address": "示範市南區乙路 2 號",
    "data.move.moved_on": "115/2/25",
    "data.applicant.name": "陳文青",
    "data.applicant.id_number": "A123456789",
    "applicant_relation": "self",
    "contact": "letter",
    "title_proof": "own_paper",
    "people": "1",
}


class House:
    def __init__(self, db: Database, **differences: Any) -> None:
        self.db = db
        self.clock, self.wall_clock = GivenClock(), GivenClock()
        self.library: Path = differences.get("library", LIBRARY)
        self.app = Flask("house", static_folder=None)
        self.app.secret_key = "a secret of the tests"
        given = {
            "clock": self.clock,
            "wall_clock": self.wall_clock,
            "library": LIBRARY,
            "demo": True,
            "https": False,
            **differences,
        }
        web.create_pages(self.app, web.WebContext(db=db, **given))

    def visitor(self) -> Visitor:
        return Visitor(self.app)

    def sign_in(self, login: str) -> Visitor:
        visitor = self.visitor().sign_in(login, PASSWORD)
        assert visitor.status == 200, visitor.main
        assert not visitor.path.startswith("/sign-in"), visitor.main
        return visitor

    def actor(self, login: str) -> Actor:
        with self.reading() as tx:
            row = tx.execute(
                select(accounts.c.id, persons.c.id.label("person"), persons)
                .join(persons, persons.c.id == accounts.c.person_id)
                .where(accounts.c.login == login)
            ).one()
            groups = tx.scalars(
                select(memberships.c.group_name).where(memberships.c.person_id == row.person)
            )
            return Actor(row.person, row[0], row.office_id, frozenset(groups), row.display_name)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self.db.transaction(read_only=True) as tx:
            yield tx

    # --- work done through the verbs, where a test is not about doing it ------------------------

    def file(
        self, package_id: str = "P01", by: str = COUNTER, values: Mapping[str, Any] = BIRTH
    ) -> Filed:
        actor = self.actor(by)
        with self.db.transaction() as tx:
            return cases.file(tx, FileCase(package_id, "counter", values), actor, self.clock.now())

    def task(self, case: Filed) -> Any:
        """The one open task of the case."""
        with self.reading() as tx:
            return tx.execute(
                select(tasks).where(
                    tasks.c.case_id == case.id, tasks.c.status.in_(("unclaimed", "claimed"))
                )
            ).one()

    def task_of_number(self, number: str) -> Any:
        """The one open task of the case with this number."""
        with self.reading() as tx:
            return tx.execute(
                select(tasks)
                .join(cases_table, cases_table.c.id == tasks.c.case_id)
                .where(cases_table.c.number == number, tasks.c.status.in_(("unclaimed", "claimed")))
            ).one()

    def claim(self, case: Filed, by: str) -> Any:
        task, actor = self.task(case), self.actor(by)
        with self.db.transaction() as tx:
            user_tasks.claim(tx, task.id, actor, self.clock.now())
        return self.task(case)

    def release(self, case: Filed, by: str) -> None:
        task, actor = self.task(case), self.actor(by)
        with self.db.transaction() as tx:
            user_tasks.release(tx, task.id, actor, self.clock.now())

    def complete(self, case: Filed, by: str, outcome: str | None = None, **values: Any) -> None:
        task, actor = self.claim(case, by), self.actor(by)
        entered = {name.replace("__", "."): value for name, value in values.items()}
        with self.db.transaction() as tx:
            user_tasks.complete(
                tx, task.id, Completion(entered, outcome=outcome), actor, self.clock.now()
            )

    def move_away(self, case: Filed) -> None:
        """Make it a case that this office has nothing to do with."""
        elsewhere = dict.fromkeys(
            ("office_id", "receiving_office_id", "household_office_id"), "demo-north"
        )
        with self.db.transaction() as tx:
            tx.execute(update(case_table).where(case_table.c.id == case.id).values(**elsewhere))

    @staticmethod
    def minutes(count: int) -> timedelta:
        return timedelta(minutes=count)

    def pass_days(self, days: int) -> None:
        self.clock.move(timedelta(days=days))
