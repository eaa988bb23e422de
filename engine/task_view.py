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
    comparison,
    deployments,
    entry_marks,
    entry_shown,
    form_options,
    form_shows,
    form_values,
    handovers,
    kept_words,
    notes,
    permissions,
    personal_data,
    worklist,
)
from engine.actions import outcome_words
from engine.actors import Actor
from engine.bpmn.codec import decode
from engine.bpmn.interpreter import load_state, variables
from engine.bpmn.state import UnknownKey
from engine.case_papers import PaperRow, papers_of
from engine.case_path import case_path
from engine.forms import DATA, Field, Form, Label, Option, visible_fields
from engine.notes import Note
from engine.task_rows import duties_of
from store.tables import history

_REVIEWS = ("review", "approve")
_SAID_OF_IT = kept_words.KEPT | {"error_class"}
"""What reviewers and chases say of an entry; it is no part of the entry they compare."""


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
    else masked. `fields` are those of the form that are shown. `compared` is the whole entry
    beside what was filed and last reviewed, for who reviews or approves it, or whose form shows
    all of it: for the assignee, for nobody else. `entered` is what else the form shows of the
    entry, as clear as `context`, and `papers` those of the case, where any of the entry is shown.
    `handover` is the last note left on the task. Refusals are None for yes.
    """

    process_id: str
    returned: Return | None
    form: Form | None
    fields: tuple[Field, ...]
    outcomes: tuple[Option, ...]
    context: Mapping[str, Any]
    compared: comparison.Comparison | None
    entered: tuple[entry_shown.Shown, ...]
    papers: tuple[PaperRow, ...]
    is_clear: bool
    notes: tuple[Note, ...]
    handover: Note | None
    attachments: tuple[attachment_rows.Attachment, ...]
    may_release: permissions.Refusal | None
    may_complete: permissions.Refusal | None
    may_hand_over: permissions.Refusal | None

    @property
    def looked_at(self) -> tuple[str, ...]:
        """The personal data of the entry that stands beside the form, by path."""
        rows = self.compared.rows if self.compared else self.entered
        return tuple(row.path for row in rows if row.path.startswith(DATA))

    @property
    def purpose(self) -> str | None:
        """What for, a code of `engine.purposes`; None where nothing of the entry is shown."""
        if not self.looked_at:
            return None
        return self.form.shows.purpose if self.form else form_shows.COMPARE


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
    shows = form.shows.keys if form else ()
    compares = row.duty in _REVIEWS or (form is not None and form.shows.is_all)
    compared = _compared(tx, case, said) if is_mine and compares else None
    return TaskView(
        **worklist.head_of(row, actor, duties),
        process_id=row.process_id,
        returned=_last_return(tx, said, row),
        form=form,
        fields=visible_fields(form, known) if form else (),
        outcomes=_outcomes(form, task.outcomes),
        context={**known, "data": _shown(case.data, form, is_clear=is_mine)},
        compared=compared,
        entered=() if compared else _entered(tx, case, form, said, is_clear=is_mine),
        papers=_papers(tx, case) if is_mine and (compared or shows) else (),
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


def _entered(
    tx: Connection, case: case_rows.Case, form: Form | None, said: Sequence[Note], *, is_clear: bool
) -> tuple[entry_shown.Shown, ...]:
    """What the form shows to be read beside it."""
    if form is None or not form.shows.keys:
        return ()
    forms = deployments.definition(tx, case.definition_id).forms
    known = kept_words.shown(variables(load_state(case.state)), said)
    return entry_shown.shown(form.shows, case.data, known, forms.values(), is_clear=is_clear)


def _papers(tx: Connection, case: case_rows.Case) -> tuple[PaperRow, ...]:
    loaded = deployments.definition(tx, case.definition_id)
    return papers_of(case, loaded, case_path(tx, case, loaded).done)


def _compared(tx: Connection, case: case_rows.Case, said: Sequence[Note]) -> comparison.Comparison:
    """What a reviewer compares: the whole entry, whatever the task's own form asks."""
    forms = deployments.definition(tx, case.definition_id).forms
    # The case's own variables: a review may be a process of its own, which sees few of them.
    known = kept_words.shown(variables(load_state(case.state)), said)
    marks = entry_marks.of_case(tx, case)
    return comparison.compare(case.data, known, marks, forms.values(), _SAID_OF_IT)


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
