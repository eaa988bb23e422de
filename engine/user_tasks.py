"""Verbs on user tasks: claim, release, take the next, assign, complete, return.

Claiming and giving away are single conditional updates: the row count says who was first. To
complete a task is a step of its case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, exists, select, update

from engine import (
    assignees,
    deployments,
    filing,
    kept_words,
    next_tasks,
    personal_data,
    runtime,
)
from engine.actors import Actor
from engine.bpmn.interpreter import State, UnknownKey, load_state, variables
from engine.bpmn.triggers import CompleteUserTask
from engine.case_rows import Case
from engine.errors import Conflict, Rejected
from engine.form_values import Checked, check, merge
from engine.history import Entry, append
from engine.permissions import (
    demand,
    may_assign,
    may_claim,
    may_complete,
    may_release,
    may_see_task,
)
from engine.task_rows import Task, duties_of, load_with_case, look
from store.prepared import Prepared
from store.tables import (
    attachments,
    cases,
    deed_notes,
    history,
    user_tasks,
)

RETURN = "return"
UNDO_WITHIN = timedelta(minutes=10)
"""So long may a claim be undone as if it had not been; later it is a release."""
_LOST_RACES = 20


@dataclass(frozen=True, slots=True)
class Completion:
    """What a person enters. `values` are variables and `data` personal data, both as the task's
    form has them (a key `data.child.name` in `values` is personal data too). `outcome` is one of
    the task's outcomes, where it has any."""

    values: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    outcome: str | None = None


# --- who works on it ----------------------------------------------------------------------------


def claim(tx: Connection, task_id: UUID, actor: Actor, now: datetime) -> None:
    """Make the actor the assignee, if nobody else has claimed the task."""
    task = look(tx, task_id, actor)
    demand(may_claim(task.facts, actor, task.duties))
    if not _claim(tx, task_id, actor, now):
        raise Conflict(
            "user_task.already_claimed",
            f"Expected to claim user task {task_id}, but somebody else has claimed it",
        )
    append(tx, _entry(task, "user_task.claimed", actor, now))


def release(tx: Connection, task_id: UUID, actor: Actor, now: datetime) -> None:
    """Give the task back to its candidate groups; a supervisor may also take it from others."""
    task = look(tx, task_id)
    demand(may_release(task.facts, actor))
    _give(tx, task, None, now)
    append(tx, _entry(task, "user_task.released", actor, now))


def undo_claim(
    tx: Connection, task_id: UUID, seen_version: int, actor: Actor, now: datetime
) -> None:
    """Take a claim back within ten minutes, while nothing was done on the task. Twice is once.

    `seen_version` is the task's version behind the claim. Raises Conflict if it is too late, or if
    something was done: then the task is released instead, with a note for the next person.
    """
    task = look(tx, task_id)
    demand(may_see_task(task.facts, actor))
    if task.facts.status == "unclaimed" and task.version == seen_version + 1:
        return
    demand(may_release(task.facts, actor))
    last = tx.execute(_LAST_DEED, {"case": task.case_id, "task": str(task_id)}).first()
    is_own = last is not None and last == ("user_task.claimed", actor.person_id)
    if is_own and task.version == seen_version:
        values = {"task": task_id, "seen": seen_version, "since": now - UNDO_WITHIN}
        if tx.execute(_UNDO, values).rowcount == 1:
            append(tx, _entry(task, "user_task.claim_undone", actor, now))
            return
    raise Conflict(
        "user_task.undo_late", f"User task {task_id} can no longer be undone; release it instead"
    )


def take_next(tx: Connection, actor: Actor, now: datetime) -> UUID | None:
    """Claim the most urgent task the actor may have; None if there is none.

    Most urgent: highest priority, then what is held for a desk of theirs, then earliest due, then
    oldest. Tasks that wait for somebody outside, those of cases in which the actor had another
    duty, and those held for the people of another desk who are on duty, are passed over.
    """
    if actor.is_system or not actor.groups:
        return None
    for _ in range(_LOST_RACES):
        task_id = next_tasks.find(tx, actor, now)
        if task_id is None:
            return None
        if _claim(tx, task_id, actor, now):
            append(tx, _entry(look(tx, task_id), "user_task.claimed", actor, now))
            return task_id
    raise Conflict("user_task.race", "Others were faster again and again; try once more")


def assign(
    tx: Connection, task_id: UUID, person_id: UUID, reason: str, actor: Actor, now: datetime
) -> None:
    """A supervisor gives the task to somebody, whoever has it now."""
    task = look(tx, task_id)
    demand(may_see_task(task.facts, actor))  # before anything is said of the person
    person = assignees.assignee(tx, person_id, task.facts.office_id)
    if not reason.strip():
        raise Rejected("user_task.reason", "Say why the task is assigned")
    duties = duties_of(tx, task.case_id)
    demand(may_assign(task.facts, actor, person_id, person.groups, duties))
    _give(tx, task, person_id, now)
    append(
        tx,
        _entry(task, "user_task.assigned", actor, now, assignee=person.name, reason=reason),
    )
    if person_id != actor.person_id:
        assignees.tell(tx, task, person_id, now)


# --- finishing ----------------------------------------------------------------------------------


def complete(
    tx: Connection,
    task_id: UUID,
    completion: Completion,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Finish the task and let its case go on.

    `expected_version` is the task's version the person saw; another one is a Conflict. Raises
    Rejected with `form.errors` for a form not filled in rightly.
    """
    task, case = load_with_case(tx, task_id, actor)
    demand(may_complete(task.facts, actor, task.duties, completion.outcome))
    if expected_version is not None and expected_version != task.version:
        raise Conflict(
            "user_task.changed",
            f"User task {task_id} was changed since you opened it; look at it again",
            version=task.version,
        )
    state = load_state(case.state)
    checked = _checked(tx, task, case, state, completion)
    values = kept_words.keep(tx, case, task.id, _values(checked, completion), actor, now)
    runtime.step(
        tx,
        case,
        [CompleteUserTask(task.key, values)],
        _deed(task, case, completion, checked, actor, now),
        now,
        state,
    )


def return_to_recorder(
    tx: Connection, task_id: UUID, reason: str, error_class: str, actor: Actor, now: datetime
) -> None:
    """Send the work back: completes the task with the outcome `return`, the variables
    `return_reason` and `error_class`, and no form. Refused where the task has no such outcome."""
    if not reason.strip():
        raise Rejected("user_task.reason", "Say why the work is returned")
    task, case = load_with_case(tx, task_id, actor)
    demand(may_complete(task.facts, actor, task.duties, RETURN))
    values = {"return_reason": reason, "error_class": error_class}
    completion = Completion(values, outcome=RETURN)
    kept = kept_words.keep(tx, case, task.id, values, actor, now)
    runtime.step(
        tx,
        case,
        [CompleteUserTask(task.key, {**kept, "outcome": RETURN})],
        _deed(task, case, completion, Checked(dict(values), {}), actor, now),
        now,
    )


def _checked(
    tx: Connection, task: Task, case: Case, state: State, completion: Completion
) -> Checked:
    if task.form_key is None:
        unknown = [key for key in completion.values if key.startswith("data.")]
        if unknown or completion.data:
            raise Rejected("form.none", "This task has no form, so it takes no personal data")
        return Checked(dict(completion.values), {})
    form = deployments.definition(tx, case.definition_id).forms[task.form_key]
    try:
        seen = variables(state, task.key)
    except UnknownKey as unknown_key:
        raise Conflict(
            "case.moved_on", f"Case {case.number} has gone on without this task"
        ) from unknown_key
    context = {**seen, "data": case.data, "outcome": completion.outcome}
    checked = check(form, completion.values, completion.data, context)
    filing.demand_no_errors(checked)
    return checked


def _values(checked: Checked, completion: Completion) -> dict[str, Any]:
    if completion.outcome is None:
        return checked.values
    return {**checked.values, "outcome": completion.outcome}


def _deed(
    task: Task,
    case: Case,
    completion: Completion,
    checked: Checked,
    actor: Actor,
    now: datetime,
) -> runtime.Deed:
    is_return = completion.outcome == RETURN
    entries = [
        _entry(
            task,
            "user_task.returned" if is_return else "user_task.completed",
            actor,
            now,
            outcome=completion.outcome,
            variables=sorted(checked.values),
            **({"error_class": checked.values.get("error_class")} if is_return else {}),
        )
    ]
    changed = personal_data.changed(case.data, checked.data)
    if changed:
        entries.append(_entry(task, "case.data_changed", actor, now, paths=sorted(changed)))
    duty = task.facts.duty
    return runtime.Deed(
        actor,
        [_in_step(entry, case) for entry in entries],
        data=merge(case.data, checked.data) if changed else None,
        completed={
            "task": task.id,
            "seen_version": task.version,
            "person": actor.person_id,
            "outcome": completion.outcome,
        },
        duty=None
        if duty is None or task.duties
        else {
            "case_id": case.id,
            "person_id": actor.person_id,
            "duty": duty,
            "office_id": case.office_id,
            "since": now,
        },
        returned=is_return,
    )


# --- rows ---------------------------------------------------------------------------------------


def _claim(tx: Connection, task_id: UUID, actor: Actor, now: datetime) -> bool:
    return _CLAIM.run(tx, {"task": task_id, "person": actor.person_id, "now": now}) == 1


def _give(tx: Connection, task: Task, person_id: UUID | None, now: datetime) -> None:
    given = tx.execute(
        update(user_tasks)
        .where(
            user_tasks.c.id == task.id,
            user_tasks.c.version == task.version,
            user_tasks.c.status.in_(("unclaimed", "claimed")),
        )
        .values(
            status="unclaimed" if person_id is None else "claimed",
            assignee_id=person_id,
            claimed_at=None if person_id is None else now,
            version=user_tasks.c.version + 1,
        )
    )
    if given.rowcount != 1:
        raise Conflict(
            "user_task.changed", f"User task {task.id} was changed meanwhile; look at it again"
        )


def _entry(task: Task, action: str, actor: Actor, now: datetime, **detail: Any) -> Entry:
    return Entry(
        action,
        actor,
        now,
        case_id=task.case_id,
        process_id=task.process_id,
        element_id=task.element_id,
        object_id=str(task.id),
        detail={"name": task.name, **detail},
        office_id=task.facts.office_id,
    )


def _in_step(entry: Entry, case: Case) -> Entry:
    return replace(entry, step=case.ref.version)


_CLAIM = Prepared(
    update(user_tasks)
    .where(
        user_tasks.c.id == bindparam("task"),
        user_tasks.c.status == "unclaimed",
        exists().where(cases.c.id == user_tasks.c.case_id, cases.c.status == "active"),
    )
    .values(
        status="claimed",
        assignee_id=bindparam("person"),
        claimed_at=bindparam("now"),
        version=user_tasks.c.version + 1,
    )
)
_LAST_DEED = (
    select(history.c.action, history.c.person_id)
    .where(
        history.c.case_id == bindparam("case"),
        history.c.object_id == bindparam("task"),
        history.c.action.startswith("user_task."),
    )
    .order_by(history.c.id.desc())
    .limit(1)
)
_UNDO = (
    update(user_tasks)
    .where(
        user_tasks.c.id == bindparam("task"),
        user_tasks.c.status == "claimed",
        user_tasks.c.version == bindparam("seen"),
        user_tasks.c.claimed_at >= bindparam("since"),
        ~exists().where(
            attachments.c.task_id == user_tasks.c.id,
            attachments.c.case_id == user_tasks.c.case_id,
            attachments.c.added_at >= user_tasks.c.claimed_at,
        ),
        ~exists().where(
            deed_notes.c.task_id == user_tasks.c.id,
            deed_notes.c.case_id == user_tasks.c.case_id,
            deed_notes.c.at >= user_tasks.c.claimed_at,
        ),
    )
    .values(status="unclaimed", assignee_id=None, claimed_at=None, version=user_tasks.c.version + 1)
)
