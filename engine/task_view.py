"""One user task as its page shows it: the form, what it is about, and who may do what with it.

Personal data is shown in clear to the assignee only, and only what the task's form has: to claim a
task is to say why, and that is in the history. Everybody else sees masked data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from engine import (
    attachment_rows,
    attachments,
    case_rows,
    deployments,
    form_options,
    form_values,
    handovers,
    kept_words,
    notes,
    permissions,
    personal_data,
    task_entry,
    worklist,
)
from engine.actions import outcome_words
from engine.actors import Actor
from engine.bpmn.codec import decode
from engine.bpmn.interpreter import load_state, variables
from engine.bpmn.state import UnknownKey
from engine.forms import Field, Form, Label, Option, visible_fields
from engine.notes import Note
from engine.task_rows import duties_of
from store.tables import history


@dataclass(frozen=True, slots=True)
class Return:
    """Why work came back, by whom; the last time it did."""

    reason: str
    error_class: str | None
    by: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskView(worklist.TaskHead):
    """What the page of a task needs.

    `context` has the task's variables and `data`; its personal data is clear where `is_clear`,
    else masked. `fields` are those of the form that are shown. `entry` is what of the case's entry
    stands beside them, as clear as `context`.
    `handover` is the last note left on the task. Refusals are None for yes.
    """

    process_id: str
    returned: Return | None
    form: Form | None
    fields: tuple[Field, ...]
    outcomes: tuple[Option, ...]
    context: Mapping[str, Any]
    entry: task_entry.TaskEntry
    is_clear: bool
    notes: tuple[Note, ...]
    handover: Note | None
    attachments: tuple[attachment_rows.Attachment, ...]
    may_release: permissions.Refusal | None
    may_complete: permissions.Refusal | None
    may_hand_over: permissions.Refusal | None


def task_view(tx: Connection, task_id: UUID, actor: Actor) -> TaskView:
    """Raises NotFound, also for tasks of other offices."""
    row = worklist.one(tx, task_id, actor)
    task = worklist.facts_of(row)
    permissions.demand(permissions.may_see_task(task, actor))
    case = case_rows.load(tx, row.case_id, actor, lock=False)
    duties = duties_of(tx, row.case_id)
    form = _form(tx, case, row)
    said = notes.of_case(tx, case)
    known = {**kept_words.shown(_variables(case, row), said), "data": case.data}
    is_mine = row.status == "claimed" and row.assignee_id == actor.person_id
    return TaskView(
        **worklist.head_of(row, actor, duties),
        process_id=row.process_id,
        returned=_last_return(tx, said, row),
        form=form,
        fields=visible_fields(form, known) if form else (),
        outcomes=_outcomes(form, task.outcomes),
        context={**known, "data": _shown(case.data, form, is_clear=is_mine)},
        entry=task_entry.entry_of(tx, case, form, row.duty, said, is_mine=is_mine),
        is_clear=is_mine,
        notes=said,
        handover=_last(said, notes.HANDOVER, row.id),
        attachments=attachments.of_loaded(tx, case, actor),
        may_release=permissions.may_release(task, actor),
        may_complete=permissions.may_complete(task, actor, duties, next(iter(task.outcomes), None)),
        may_hand_over=handovers.may_hand_over(task, actor),
    )


def _form(tx: Connection, case: case_rows.Case, row: Any) -> Form | None:
    if row.form_key is None:
        return None
    return deployments.definition(tx, case.definition_id).forms[row.form_key]


def _variables(case: case_rows.Case, row: Any) -> dict[str, Any]:
    inputs: dict[str, Any] = decode(row.inputs)
    try:
        return {**variables(load_state(case.state), row.key), **inputs}
    except UnknownKey:  # the task has ended; what it was asked with is still known
        return inputs


def _shown(data: Mapping[str, Any], form: Form | None, *, is_clear: bool) -> dict[str, Any]:
    masked: dict[str, Any] = personal_data.masked_all(data)
    if not is_clear or form is None:
        return masked
    for field in form.inputs():
        if field.is_personal and field.key is not None:
            value = form_options.value_at({"data": data}, field.key)
            if value is not None:
                masked = form_values.merge(masked, _nested(field.key, value))
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


def _last(said: Sequence[Note], kind: str, task_id: UUID | None = None) -> Note | None:
    """The last words of this kind, of this task where one is named."""
    found = [note for note in said if note.kind == kind and task_id in (None, note.task_id)]
    return found[-1] if found else None


def _last_return(tx: Connection, said: Sequence[Note], row: Any) -> Return | None:
    if not row.returned:
        return None
    note = _last(said, notes.RETURN)
    if note is not None:
        return Return(note.text, note.error_class, note.person_id)
    return _old_return(tx, row.case_id)


def _old_return(tx: Connection, case_id: UUID) -> Return | None:
    """A return of before its words were kept apart from history."""
    row = tx.execute(
        select(history.c.detail, history.c.person_id)
        .where(history.c.case_id == case_id, history.c.action == "user_task.returned")
        .order_by(history.c.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    return Return(row.detail.get("reason") or "", row.detail.get("error_class"), row.person_id)
