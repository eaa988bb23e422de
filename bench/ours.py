"""Our engine by its real verbs, wired as the application wires it: forms checked, duties kept
apart, personal data sealed, history told, clocks and rungs kept. Filing, claiming and completing
are one transaction each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select

from app import wire
from bench.databases import SQLITE, Bare, Scratch
from bench.sampling import Sample, Stopwatch
from bench.work import DATA, FORMS, START
from engine import cases, deployments, keys, people, user_tasks
from engine.actors import Actor, system
from engine.clock import SystemClock
from engine.keyring import Keyring
from engine.packages import load_library
from sla import calendars
from store.database import Database, open_database
from store.tables import cases as cases_table
from store.tables import user_tasks as tasks_table

LIBRARY = Path(__file__).with_name("library")
OFFICE = "bench"
TOGETHER = 20  # as in `bench.naive`
_OPEN_TASK = select(tasks_table.c.id).where(
    tasks_table.c.case_id == bindparam("case"), tasks_table.c.status == "unclaimed"
)
now = SystemClock().now


@dataclass(frozen=True, slots=True)
class Staff:
    """Who works: one records, one reviews."""

    recorder: Actor
    reviewer: Actor

    def for_task(self, element_id: str) -> Actor:
        return self.reviewer if element_id in ("review", "verify") else self.recorder


def prepare(scratch: Scratch, store: str) -> tuple[str, Staff]:
    """A database with the schema, an office, its calendar, two people and the packages."""
    keys.use(Keyring.for_demo())
    wire()
    url = scratch.empty(store)
    db = open_database(url)
    db.upgrade()
    moment = now()
    with db.transaction() as tx:
        founder = system(OFFICE)
        office = people.NewOffice(OFFICE, "BENCH", "量測戶政事務所", "Bench office", "—")
        people.create_office(tx, office, founder, moment)
        calendars.seed_national_days(tx, OFFICE, moment.year - 1, moment.year + 1, moment)
        library = load_library(LIBRARY)
        for package_id in library.packages:
            deployments.deploy(tx, library, package_id, founder, moment)
        staff = Staff(_person(tx, "counter", moment), _person(tx, "reviewer", moment))
    db.close()
    return url, staff


def _person(tx: Any, group: str, moment: datetime) -> Actor:
    new = people.NewPerson(OFFICE, f"Bench {group}", fictional=True)
    person_id = people.create_person(tx, new, system(OFFICE), moment)
    people.join(tx, person_id, group, system(OFFICE), moment)
    return Actor(person_id, None, OFFICE, frozenset({group}), f"Bench {group}")


class Ours:
    """Our engine on one database."""

    def __init__(self, url: str, staff: Staff) -> None:
        self.db: Database = open_database(url)
        self.url, self._staff = url, staff
        self.between: Callable[[str], None] = (
            _nothing  # called with the kind of deed before each one
        )

    def close(self) -> None:
        self.db.close()

    def run(self, count: int) -> Sample:
        """File and finish so many cases of W."""
        store = "postgresql" if self.db.is_postgresql else SQLITE
        sample = Sample("ours", store, count)
        bare = Bare(self.url)
        for first in range(0, count, TOGETHER):
            filed = [
                self.file("W", START, DATA, sample) for _ in range(min(TOGETHER, count - first))
            ]
            for element_id, form in FORMS.items():
                for case_id in filed:
                    self.do(case_id, element_id, form, sample)
        sample.bytes_per_case = bare.size() / count
        bare.close()
        self._demand_finished(count)
        return sample

    def file(
        self, package: str, values: Mapping[str, Any], data: Mapping[str, Any], sample: Sample
    ) -> UUID:
        command = cases.FileCase(package, "counter", values, data)
        self.between("file")
        with Stopwatch(sample, "file"), self.db.transaction() as tx:
            filed = cases.file(tx, command, self._staff.recorder, now())
        return filed.id

    def do(self, case_id: UUID, element_id: str, form: Mapping[str, Any], sample: Sample) -> None:
        """Claim and complete the case's open task, as two deeds of the person it is for."""
        self.between("look")
        with self.db.transaction(read_only=True) as tx:
            task_id: UUID = tx.execute(_OPEN_TASK, {"case": case_id}).scalar_one()
        actor = self._staff.for_task(element_id)
        self.between("claim")
        with Stopwatch(sample, "claim"), self.db.transaction() as tx:
            user_tasks.claim(tx, task_id, actor, now())
        self.between("complete")
        with Stopwatch(sample, "complete"), self.db.transaction() as tx:
            completion = user_tasks.Completion(form)
            user_tasks.complete(tx, task_id, completion, actor, now())
        self.between("look")

    def _demand_finished(self, count: int) -> None:
        with self.db.transaction(read_only=True) as tx:
            closed = tx.scalar(
                select(func.count())
                .select_from(cases_table)
                .where(cases_table.c.status == "closed")
            )
        if closed != count:
            raise SystemExit(f"ours: expected {count} finished cases, but {closed} are")


def _nothing(_kind: str) -> None:
    return None
