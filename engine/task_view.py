"""One user task as its page shows it: the form, what it is about, and who may do what with it.

Personal data is shown in clear to the assignee only, and only what the task's form has: to claim a
task is to say why, and that is in the history. Everybody else sees masked data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from engine import case_rows, deployments, permissions, worklist
from engine.actions import outcome_words
from engine.actors import Actor
from engine.bpmn.codec import decode
from engine.bpmn.interpreter import load_state, variables
from engine.bpmn.state import UnknownKey
from engine.form_values import merge, value_at
from engine.forms import Field, Form, Label, Option, visible_fields
from engine.permissions import Refusal
from engine.personal_data import DataItem, items, masked_all
from engine.task_rows import duties_of
from store.tables import history


@dataclass(frozen=True, slots=True)
class Return:
    """Why work came back, by whom; the last time it did."""

    reason: str
    error_class: str | None
    by: UUID | None


@dataclass(frozen=True, slots=True)
class TaskView:
    """What the page of a task needs.

    `context` has the task's variables and `data`; its personal data is clear where `is_clear`,
    else masked. `fields` are those of the form that are shown. `entry` is what was recorded, for
    who reviews or approves it: in clear for the assignee, for nobody else. Refusals are None for
    yes.
    """

    task_id: UUID
    case_id: UUID
    case_number: str
    case_status: str
    package_id: str
    title: Label
    subject_label: str
    process_id: str
    element_id: str
    name: str
    status: str
    version: int
    duty: str | None
    groups: tuple[str, ...]
    assignee_id: UUID | None
    assignee_name: str | None
    wait: bool
    returned: Return | None
    form: Form | None
    fields: tuple[Field, ...]
    outcomes: tuple[Option, ...]
    context: Mapping[str, Any]
    entry: tuple[DataItem, ...]
    is_clear: bool
    may_claim: Refusal | None
    may_release: Refusal | None
    may_complete: Refusal | None


def task_view(tx: Connection, task_id: UUID, actor: Actor) -> TaskView:
    """Raises NotFound, also for tasks of other offices."""
    row = worklist.one(tx, task_id, actor)
    task = worklist.facts_of(row)
    permissions.demand(permissions.may_see_task(task, actor))
    case = case_rows.load(tx, row.case_id, actor, lock=False)
    duties = duties_of(tx, row.case_id)
    form = _form(tx, case, row)
    known = {**_variables(case, row), "data": case.data}
    is_mine = row.status == "claimed" and row.assignee_id == actor.person_id
    outcome = task.outcomes[0] if task.outcomes else None
    return TaskView(
        task_id=row.id,
        case_id=row.case_id,
        case_number=row.number,
        case_status=row.case_status,
        package_id=row.package_id,
        title=Label(row.title_zh, row.title_en),
        subject_label=row.subject_label,
        process_id=row.process_id,
        element_id=row.element_id,
        name=row.name,
        status=row.status,
        version=row.version,
        duty=row.duty,
        groups=tuple(sorted(task.groups)),
        assignee_id=row.assignee_id,
        assignee_name=row.assignee_name,
        wait=row.wait,
        returned=_last_return(tx, row.case_id) if row.returned else None,
        form=form,
        fields=visible_fields(form, known) if form else (),
        outcomes=_outcomes(form, task.outcomes),
        context={**known, "data": _shown(case.data, form, is_clear=is_mine)},
        entry=_entry(tx, case, row.duty) if is_mine else (),
        is_clear=is_mine,
        may_claim=permissions.may_claim(task, actor, duties),
        may_release=permissions.may_release(task, actor),
        may_complete=permissions.may_complete(task, actor, duties, outcome),
    )


def _form(tx: Connection, case: case_rows.Case, row: Any) -> Form | None:
    if row.form_key is None:
        return None
    return deployments.definition(tx, case.definition_id).forms[row.form_key]


def _entry(tx: Connection, case: case_rows.Case, duty: str | None) -> tuple[DataItem, ...]:
    """What a reviewer compares: the whole entry, whatever the task's own form asks."""
    if duty not in ("review", "approve"):
        return ()
    forms = deployments.definition(tx, case.definition_id).forms
    return items(case.data, forms.values(), is_clear=True)


def _variables(case: case_rows.Case, row: Any) -> dict[str, Any]:
    inputs: dict[str, Any] = decode(row.inputs)
    try:
        return {**variables(load_state(case.state), row.key), **inputs}
    except UnknownKey:  # the task has ended; what it was asked with is still known
        return inputs


def _shown(data: Mapping[str, Any], form: Form | None, *, is_clear: bool) -> dict[str, Any]:
    masked: dict[str, Any] = masked_all(data)
    if not is_clear or form is None:
        return masked
    for field in form.inputs():
        if field.is_personal and field.key is not None:
            value = value_at({"data": data}, field.key)
            if value is not None:
                masked = merge(masked, _nested(field.key, value))
    return masked


def _nested(path: str, value: Any) -> dict[str, Any]:
    for name in reversed(path.split(".")[1:]):
        value = {name: value}
    nested: dict[str, Any] = value
    return nested


def _outcomes(form: Form | None, outcomes: tuple[str, ...]) -> tuple[Option, ...]:
    labels = {option.value: option for option in form.outcomes} if form else {}
    return tuple(
        labels.get(outcome, Option(outcome, Label(*outcome_words(outcome)))) for outcome in outcomes
    )


def _last_return(tx: Connection, case_id: UUID) -> Return | None:
    row = tx.execute(
        select(history.c.detail, history.c.person_id)
        .where(history.c.case_id == case_id, history.c.action == "user_task.returned")
        .order_by(history.c.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    return Return(row.detail.get("reason") or "", row.detail.get("error_class"), row.person_id)
