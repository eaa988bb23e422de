"""The intake check done while filing: which papers are needed, there, missing.

What a matter needs is said by its package, for what was entered; nobody types what is missing. The
check is C01's own task, completed in the transaction that files the case. Where the package says
less than its process does, or the applicant may not apply, the task is left for a person to look.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from engine import task_view, user_tasks
from engine.actors import Actor
from engine.bpmn.interpreter import load_state, variables
from engine.forms import Form
from engine.manifests import Manifest, Paper, expression
from engine.user_tasks import Completion
from store.tables import cases
from store.tables import user_tasks as tasks

PROCESS, CHECK, WAITING = "C01", "check_papers", "wait_papers"
COMPLETE, MISSING = "complete", "missing"


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of the check. `missing` are ids of papers; `left` says that a person must look
    at the task, which stays open."""

    missing: tuple[str, ...] = ()
    left: bool = False


def grounds(form: Form, package: Manifest) -> tuple[str, ...]:
    """The fields that decide which others, and which papers, matter; in the order of the form.

    Only variables: what decides is never personal data.
    """
    read: set[str] = set()
    for field in form.everything():
        if field.hide is not None:
            read |= field.hide.names_used
    for paper in package.papers:
        read |= expression(paper.required, package.id).names_used
    return tuple(str(field.key) for field in form.inputs() if field.key in read)


def papers(package: Manifest, values: Mapping[str, Any]) -> tuple[Paper, ...]:
    """The papers this matter needs, for the values of the start form. What nobody has said yet
    (null) calls for no paper."""
    return tuple(
        paper for paper in package.papers if expression(paper.required, package.id)(values) is True
    )


def check(
    tx: Connection,
    case_id: UUID,
    offered: Collection[str],
    present: Collection[str],
    actor: Actor,
    now: datetime,
) -> Checked:
    """Do the intake check of a case just filed, with the papers that were ticked.

    `offered` are the papers that could be ticked. A paper that an agency can be asked for instead
    is never missing. Nothing is done, and `left` is true, where the process asks for a paper that
    was not offered, judges that the applicant may not apply, or the task is not the actor's.
    """
    task_id = tx.scalar(
        select(tasks.c.id).where(
            tasks.c.case_id == case_id,
            tasks.c.process_id == PROCESS,
            tasks.c.element_id == CHECK,
            tasks.c.status == "unclaimed",
        )
    )
    if task_id is None:
        return Checked(left=True)
    view = task_view.task_view(tx, task_id, actor)
    asked = _asked(view.context.get("papers"))
    if view.may_claim or not set(asked) <= set(offered) or not _may_apply(tx, case_id):
        return Checked(left=True)
    missing = tuple(paper for paper in asked if paper not in present)
    completion = Completion({"missing": list(missing)}, outcome=MISSING if missing else COMPLETE)
    user_tasks.claim(tx, task_id, actor, now)
    user_tasks.complete(tx, task_id, completion, actor, now)
    return Checked(missing)


def _asked(listed: Any) -> Sequence[str]:
    """The papers the process asks people for; those with an agency are looked up there."""
    entries = listed if isinstance(listed, list | tuple) else []
    return [
        str(entry["value"])
        for entry in entries
        if isinstance(entry, Mapping) and entry.get("value") and not entry.get("agency")
    ]


def _may_apply(tx: Connection, case_id: UUID) -> bool:
    state = tx.scalar(select(cases.c.state).where(cases.c.id == case_id))
    standing = variables(load_state(state)).get("standing") if state else None
    return not (isinstance(standing, Mapping) and standing.get("allowed") is False)
