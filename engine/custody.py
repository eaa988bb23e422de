"""What goes with a case to another office: the case, what is open in it, and what is its own.

What is over (tasks that were done, timers that fired, mails, the history) stays where it was.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    delete,
    insert,
    or_,
    select,
    update,
)

from engine import deployments, search_terms
from engine.bpmn import interpreter
from engine.case_rows import Case
from engine.operations import LETTERS
from store.tables import (
    attachments,
    case_data,
    case_duties,
    case_links,
    case_notes,
    case_service,
    cases,
    data_keys,
    deed_notes,
    entry_marks,
    former_offices,
    incidents,
    jobs,
    message_waits,
    notices,
    outbox,
    task_drafts,
    task_holds,
    timers,
    user_task_groups,
    user_tasks,
)

_WHOLE: tuple[Table, ...] = (
    *(case_data, data_keys, case_duties, case_notes, case_links),
    *(notices, attachments, deed_notes, entry_marks, task_drafts),
)
"""What belongs to the case as a whole, and goes with it whatever its state."""
_OPEN: tuple[tuple[Table, ColumnElement[bool]], ...] = (
    (user_tasks, user_tasks.c.status.in_(("unclaimed", "claimed"))),
    (timers, timers.c.status == "waiting"),
    (message_waits, message_waits.c.status == "open"),
    (incidents, incidents.c.status == "open"),
    (jobs, jobs.c.status == "waiting"),
    (
        # A letter is sealed for the office that wrote it; a promise to an agency for the case.
        outbox,
        outbox.c.operation.not_in(LETTERS)
        & outbox.c.answered_at.is_(None)
        & outbox.c.status.in_(("queued", "sending", "sent")),
    ),
)


def move(tx: Connection, case: Case, office_id: str, now: datetime) -> None:
    """Give the case and what goes with it to an office, in whose searches it is found from now on.
    Claimed tasks are free. That it was with the former one is kept, for what still arrives there
    (`engine.correlation`)."""
    mine = cases.c.id == case.id
    left = {"case_id": case.id, "office_id": case.office_id}
    here = (former_offices.c.case_id == case.id, former_offices.c.office_id == case.office_id)
    if tx.execute(update(former_offices).where(*here).values(left_at=now)).rowcount == 0:
        tx.execute(insert(former_offices).values(**left, left_at=now))
    tx.execute(
        update(cases).where(mine).values(office_id=office_id, state=_state_at(case, office_id))
    )
    free = {"status": "unclaimed", "assignee_id": None, "claimed_at": None}
    tx.execute(
        update(user_tasks)
        .where(user_tasks.c.case_id == case.id, user_tasks.c.status == "claimed")
        .values(version=user_tasks.c.version + 1, **free)
    )
    for table, is_open in _OPEN:
        tx.execute(
            update(table).where(table.c.case_id == case.id, is_open).values(office_id=office_id)
        )
    open_tasks = select(user_tasks.c.id).where(
        user_tasks.c.case_id == case.id,
        or_(user_tasks.c.status == "unclaimed", user_tasks.c.status == "claimed"),
    )
    tx.execute(
        update(user_task_groups)
        .where(user_task_groups.c.task_id.in_(open_tasks))
        .values(office_id=office_id)
    )
    for table in _WHOLE:
        tx.execute(update(table).where(table.c.case_id == case.id).values(office_id=office_id))
    _leave_desk(tx, case, office_id)
    package = deployments.definition(tx, case.definition_id).package
    terms = search_terms.terms_of(office_id, package, case.data)
    search_terms.replace(tx, office_id, case.id, terms)


def _leave_desk(tx: Connection, case: Case, office_id: str) -> None:
    """Desk, branch and owner are of the office it leaves; the language stays the person's."""
    tx.execute(delete(task_holds).where(task_holds.c.task_id.in_(_tasks_of(case))))
    nobody = dict.fromkeys(("desk_id", "collect_id", "owner_id", "owned_since"))
    tx.execute(
        update(case_service)
        .where(case_service.c.case_id == case.id)
        .values(office_id=office_id, **nobody)
    )


def _tasks_of(case: Case) -> Select[tuple[UUID]]:
    return select(user_tasks.c.id).where(user_tasks.c.case_id == case.id)


def _state_at(case: Case, office_id: str) -> bytes:
    """The state, in which the diagram's `case.office` names the office that has the case."""
    state = interpreter.load_state(case.state)
    facts = dict(interpreter.variables(state).get("case") or {})
    return interpreter.dump_state(interpreter.with_case(state, {**facts, "office": office_id}))
