"""The one writer of a case's step: few statements, made once, no ORM.

The order is the lock order of the whole system: case, then tasks, timers, waits, then rows that
are only added. Whoever writes more than one of these tables keeps to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from store.partial import among
from store.prepared import Prepared, together
from store.tables import (
    case_data,
    case_duties,
    cases,
    clocks,
    history,
    incidents,
    jobs,
    message_waits,
    task_drafts,
    timers,
    user_task_groups,
    user_tasks,
)

Row: TypeAlias = dict[str, Any]


class StaleVersion(Exception):
    """The row is not what was loaded: somebody else wrote in between. Load again and judge anew."""


class DutyTaken(Exception):
    """The database keeps duties apart: one person has one duty in a case."""


@dataclass(slots=True)
class Step:
    """What one step of a case writes. Rows carry all columns; ended rows their id and moment."""

    case_id: UUID
    version: int  # as loaded; the step writes the next one
    status: str  # as loaded
    at: datetime
    state: bytes
    new_status: str
    outcome: str | None = None
    closed_at: datetime | None = None
    data: tuple[bytes, int] | None = None  # ciphertext, and the version that was loaded
    duty: Row | None = None
    completed: Row | None = None  # the task a person completed: id, version, person, outcome
    definition_id: UUID | None = None  # the version the case goes on with, if that is another
    renamed: list[Row] = field(default_factory=list)  # what stands under another element now
    changed_tasks: list[Row] = field(default_factory=list)  # open tasks of another version
    changed_groups: list[Row] = field(default_factory=list)
    cancelled_tasks: list[UUID] = field(default_factory=list)
    user_tasks: list[Row] = field(default_factory=list)
    groups: list[Row] = field(default_factory=list)
    ended_timers: list[tuple[UUID, str]] = field(default_factory=list)  # id, fired or cancelled
    timers: list[Row] = field(default_factory=list)
    ended_waits: list[tuple[UUID, str]] = field(default_factory=list)  # id, received or cancelled
    waits: list[Row] = field(default_factory=list)
    resolved_incidents: list[Row] = field(default_factory=list)  # id, person, resolution
    incidents: list[Row] = field(default_factory=list)
    jobs: list[Row] = field(default_factory=list)
    history: list[Row] = field(default_factory=list)


def write_step(tx: Connection, step: Step) -> None:
    """Write the step. Raises StaleVersion if the case, its data or the task changed meanwhile."""
    sent: list[_Sent] = []
    try:
        with together(tx):
            sent += _send_case(tx, step)
            sent += _send_tasks(tx, step)
            _write_rest(tx, step)
    except IntegrityError as error:
        # What a changed case makes collide is its change, not a fault of the rows.
        _demand_changed(each for each in sent if each.cursor.rowcount == 0)
        if step.completed is not None and _is_of_duties(error):
            raise DutyTaken("The person has had another duty in this case") from error
        raise
    _demand_changed(sent)


class _Sent(NamedTuple):
    """A statement on its way that must change exactly one row, and what that row is."""

    cursor: Any
    what: str


def _demand_changed(sent: Iterable[_Sent]) -> None:
    for cursor, what in sent:
        if cursor.rowcount != 1:
            raise StaleVersion(f"Expected {what}, but it was changed meanwhile")


def _write_move(tx: Connection, step: Step) -> None:
    """Let the case's open rows follow it to another version of its process."""
    _MOVE_CASE.run(tx, {"case": step.case_id, "definition": step.definition_id})
    for statement in _RENAME:
        statement.run_many(tx, step.renamed)
    _CHANGE_TASK.run_many(tx, step.changed_tasks)
    for task in step.changed_tasks:
        tx.execute(_FORGET_GROUPS, {"task": task["task"]})
    _ADD_GROUP.run_many(tx, step.changed_groups)


def _write_rest(tx: Connection, step: Step) -> None:
    ended = {"at": step.at, "case": step.case_id}
    _END_TIMER.run_many(tx, [{"row": row, "ended": how, **ended} for row, how in step.ended_timers])
    _ADD_TIMER.run_many(tx, step.timers)
    _END_WAIT.run_many(tx, [{"row": row, "ended": how, **ended} for row, how in step.ended_waits])
    _ADD_WAIT.run_many(tx, step.waits)
    _RESOLVE.run_many(tx, step.resolved_incidents)
    _ADD_INCIDENT.run_many(tx, step.incidents)
    _ADD_JOB.run_many(tx, step.jobs)
    _ADD_HISTORY.run_many(tx, step.history)


def _send_case(tx: Connection, step: Step) -> Iterator[_Sent]:
    row = {
        "case": step.case_id,
        "seen_version": step.version,
        "seen_status": step.status,
        "state": step.state,
        "status": step.new_status,
        "outcome": step.outcome,
        "closed_at": step.closed_at,
    }
    what = f"case {step.case_id} in version {step.version}"
    yield _Sent(_ADVANCE_CASE.send(tx, row), what)
    if step.data is not None:
        ciphertext, seen = step.data
        row = {"case": step.case_id, "seen_version": seen, "sealed": ciphertext, "at": step.at}
        what = f"the data of case {step.case_id} in version {seen}"
        yield _Sent(_CHANGE_DATA.send(tx, row), what)
    if step.definition_id is not None:
        _write_move(tx, step)


def _send_tasks(tx: Connection, step: Step) -> Iterator[_Sent]:
    if step.duty is not None:
        _ADD_DUTY[tx.dialect.name].send(tx, step.duty)
    if step.completed is not None:
        completed = _COMPLETE_TASK.send(tx, {"at": step.at, **step.completed})
        yield _Sent(completed, f"user task {step.completed['task']} as it was claimed")
    _CANCEL_TASK.run_many(tx, [{"task": task, "at": step.at} for task in step.cancelled_tasks])
    # Without asking whether there is one: it may have been kept while we waited for the case.
    ended = [*step.cancelled_tasks, *([step.completed["task"]] if step.completed else [])]
    _FORGET_DRAFT.run_many(tx, [{"task": task} for task in ended])
    _ADD_TASK.run_many(tx, [{**task, "of_case": step.case_id} for task in step.user_tasks])
    _ADD_GROUP.run_many(tx, step.groups)


def _is_of_duties(error: IntegrityError) -> bool:
    """Whether a task was completed by somebody without its duty. SQLite names no foreign key, but
    all others of a step point to what is never deleted."""
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is None:
        return "FOREIGN KEY" in str(error.orig)
    return bool(diagnosis.constraint_name == "fk_user_tasks_duty")


_ADVANCE_CASE = Prepared(
    update(cases)
    .where(
        cases.c.id == bindparam("case"),
        cases.c.version == bindparam("seen_version"),
        cases.c.status == bindparam("seen_status"),
    )
    .values(
        version=cases.c.version + 1,
        state=bindparam("state"),
        status=bindparam("status"),
        outcome=bindparam("outcome"),
        closed_at=bindparam("closed_at"),
    )
)
_MOVE_CASE = Prepared(
    update(cases)
    .where(cases.c.id == bindparam("case"))
    .values(definition_id=bindparam("definition"))
)
_RENAME = (
    Prepared(
        update(user_tasks)
        .where(user_tasks.c.id == bindparam("row"))
        .values(element_id=bindparam("element"), version=user_tasks.c.version + 1)
    ),
    Prepared(
        update(timers)
        .where(timers.c.id == bindparam("row"))
        .values(element_id=bindparam("element"))
    ),
    Prepared(
        update(incidents)
        .where(incidents.c.id == bindparam("incident"))
        .values(element_id=bindparam("element"))
    ),
)
_CHANGE_TASK = Prepared(
    update(user_tasks)
    .where(
        user_tasks.c.id == bindparam("task"),
        or_(user_tasks.c.status == "unclaimed", user_tasks.c.status == "claimed"),
    )
    .values(
        version=user_tasks.c.version + 1,
        element_id=bindparam("element"),
        name=bindparam("task_name"),
        form_key=bindparam("form"),
        duty=bindparam("task_duty"),
        outcomes=bindparam("task_outcomes", type_=user_tasks.c.outcomes.type),
        priority=bindparam("task_priority"),
        wait=bindparam("is_wait"),
    )
)
_FORGET_DRAFT = Prepared(delete(task_drafts).where(task_drafts.c.task_id == bindparam("task")))
_FORGET_GROUPS = delete(user_task_groups).where(user_task_groups.c.task_id == bindparam("task"))
_CHANGE_DATA = Prepared(
    update(case_data)
    .where(
        case_data.c.case_id == bindparam("case"), case_data.c.version == bindparam("seen_version")
    )
    .values(
        version=case_data.c.version + 1, ciphertext=bindparam("sealed"), updated_at=bindparam("at")
    )
)
# The same duty twice is one row; another one is refused by the foreign key of the task.
_ADD_DUTY: Mapping[str, Prepared] = {
    "postgresql": Prepared(postgresql.insert(case_duties).on_conflict_do_nothing()),
    "sqlite": Prepared(sqlite.insert(case_duties).on_conflict_do_nothing()),
}
_COMPLETE_TASK = Prepared(
    update(user_tasks)
    .where(
        user_tasks.c.id == bindparam("task"),
        user_tasks.c.version == bindparam("seen_version"),
        user_tasks.c.status == "claimed",
        user_tasks.c.assignee_id == bindparam("person"),
    )
    .values(
        status="completed",
        version=user_tasks.c.version + 1,
        completed_by=bindparam("person"),
        outcome=bindparam("outcome"),
        ended_at=bindparam("at"),
    )
)
_CANCEL_TASK = Prepared(
    update(user_tasks)
    .where(
        user_tasks.c.id == bindparam("task"),
        or_(user_tasks.c.status == "unclaimed", user_tasks.c.status == "claimed"),
    )
    .values(status="cancelled", version=user_tasks.c.version + 1, ended_at=bindparam("at"))
)
# A new task is as urgent as the office's first clock of its case; a clock that moves later tells
# its tasks.
_ADD_TASK = Prepared(
    insert(user_tasks).values(
        urgent_at=select(func.min(clocks.c.due_at))
        .where(
            clocks.c.case_id == bindparam("of_case"),
            clocks.c.task_id.is_(None),
            among(clocks.c.status, "running"),
            among(clocks.c.party, "office"),
        )
        .scalar_subquery()
    )
)
_ADD_GROUP = Prepared(insert(user_task_groups))
_END_TIMER = Prepared(
    update(timers)
    .where(
        timers.c.id == bindparam("row"),
        timers.c.case_id == bindparam("case"),
        timers.c.status == "waiting",
    )
    .values(status=bindparam("ended"), fired_at=bindparam("at"))
)
_ADD_TIMER = Prepared(insert(timers))
_END_WAIT = Prepared(
    update(message_waits)
    .where(
        message_waits.c.id == bindparam("row"),
        message_waits.c.case_id == bindparam("case"),
        message_waits.c.status == "open",
    )
    .values(status=bindparam("ended"), ended_at=bindparam("at"))
)
_ADD_WAIT = Prepared(insert(message_waits))
_RESOLVE = Prepared(
    update(incidents)
    .where(incidents.c.id == bindparam("row"), incidents.c.status == "open")
    .values(
        status="resolved",
        resolved_at=bindparam("at"),
        resolved_by=bindparam("person"),
        resolution=bindparam("resolution_text"),
    )
)
_ADD_INCIDENT = Prepared(insert(incidents))
_ADD_JOB = Prepared(insert(jobs))
_ADD_HISTORY = Prepared(insert(history))
