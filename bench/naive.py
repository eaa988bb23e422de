"""The naive engine: SpiffWorkflow's whole JSON, specifications included, in one row of a case.

Each completion loads the JSON cold from its row, completes the task, lets SpiffWorkflow run on,
dumps it, and writes the case row, its worklist rows and a journal row in one transaction. The
driver is bare, there is no ORM, no check of forms, no claim, no rights, no clock, no encryption:
what one writes on a first afternoon, and the least such a system can cost.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer.workflow import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from bench.databases import Bare
from bench.sampling import Sample, Stopwatch
from bench.work import DATA, FORMS, START

DIAGRAM = Path(__file__).with_name("naive.bpmn")
TOGETHER = 20  # cases that go on side by side, so that none stays warm by chance
_SCHEMA = (
    "CREATE TABLE cases (id TEXT PRIMARY KEY, version INTEGER NOT NULL, status TEXT NOT NULL,"
    " state TEXT NOT NULL)",
    "CREATE TABLE worklist (task_id TEXT PRIMARY KEY, case_id TEXT NOT NULL, name TEXT NOT NULL)",
    "CREATE INDEX worklist_case ON worklist (case_id)",
    "CREATE TABLE journal (id {serial}, case_id TEXT NOT NULL, action TEXT NOT NULL,"
    " detail TEXT NOT NULL)",
)
# SpiffWorkflow logs every change of a task; nobody reads it here, so it shall not cost.
logging.getLogger("spiff").setLevel(logging.CRITICAL)


class Naive:
    """The naive engine on one database."""

    def __init__(self, database: Bare) -> None:
        self._db = database
        self._serializer = BpmnWorkflowSerializer()
        parser = BpmnParser()
        parser.add_bpmn_file(str(DIAGRAM))
        self._specs = {name: parser.get_spec(name) for name in ("W", "R")}
        serial = "INTEGER PRIMARY KEY" if database.is_sqlite else "BIGSERIAL PRIMARY KEY"
        database.begin()
        for statement in _SCHEMA:
            database.execute(statement.format(serial=serial))
        database.commit()

    def run(self, cases: int) -> Sample:
        """Start and finish so many cases of W."""
        sample = Sample("naive", self._db.kind, cases)
        for first in range(0, cases, TOGETHER):
            started = []
            for _ in range(min(TOGETHER, cases - first)):
                with Stopwatch(sample, "file"):
                    started.append(self.start("W", {**START, **DATA}))
            for form in FORMS.values():
                for case_id in started:
                    task_id = self.open_task(case_id)
                    with Stopwatch(sample, "complete"):
                        self.complete(case_id, task_id, form)
        sample.bytes_per_case = self._db.size() / cases
        self._demand_finished(cases)
        return sample

    def start(self, process: str, data: Mapping[str, Any]) -> str:
        case_id = uuid4().hex
        workflow = BpmnWorkflow(self._specs[process])
        workflow.data.update(data)
        workflow.do_engine_steps()
        self._db.begin()
        self._db.execute(
            "INSERT INTO cases VALUES (?, 1, 'active', ?)",
            (case_id, self._serializer.serialize_json(workflow)),
        )
        self._list(case_id, workflow)
        self._journal(case_id, "filed", "")
        self._db.commit()
        return case_id

    def complete(self, case_id: str, task_id: str, form: Mapping[str, Any]) -> None:
        self._db.begin()
        version, state = self._db.execute(
            "SELECT version, state FROM cases WHERE id = ?", (case_id,)
        )[0]
        workflow = self._serializer.deserialize_json(state)
        task = workflow.get_task_from_id(UUID(task_id))
        task.data.update(form)
        task.run()
        workflow.do_engine_steps()
        status = "closed" if workflow.is_completed() else "active"
        self._db.execute(
            "UPDATE cases SET version = version + 1, status = ?, state = ?"
            " WHERE id = ? AND version = ?",
            (status, self._serializer.serialize_json(workflow), case_id, version),
        )
        self._db.execute("DELETE FROM worklist WHERE case_id = ?", (case_id,))
        self._list(case_id, workflow)
        self._journal(case_id, "completed", task.task_spec.name)
        self._db.commit()

    def open_task(self, case_id: str) -> str:
        """The id of the case's one open task (a look at the worklist; not part of a step)."""
        found: str = self._db.look("SELECT task_id FROM worklist WHERE case_id = ?", (case_id,))
        return found

    def state_bytes(self, case_id: str) -> int:
        found: int = self._db.look("SELECT length(state) FROM cases WHERE id = ?", (case_id,))
        return found

    def _list(self, case_id: str, workflow: BpmnWorkflow) -> None:
        for task in workflow.get_tasks(state=TaskState.READY, manual=True):
            self._db.execute(
                "INSERT INTO worklist VALUES (?, ?, ?)",
                (str(task.id), case_id, task.task_spec.name),
            )

    def _journal(self, case_id: str, action: str, detail: str) -> None:
        self._db.execute(
            "INSERT INTO journal (case_id, action, detail) VALUES (?, ?, ?)",
            (case_id, action, detail),
        )

    def _demand_finished(self, cases: int) -> None:
        closed = self._db.look("SELECT count(*) FROM cases WHERE status = 'closed'", ())
        if closed != cases:
            raise SystemExit(f"naive: expected {cases} finished cases, but {closed} are")
