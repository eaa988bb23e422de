"""What was taken in on paper while the national system was down is entered as a case (A2).

The task of the outage's case names the matter, the number of the paper and when it was handed in.
Who does it fills in the matter's own form at the counter; the case counts as filed when the paper
was handed in, the days of the outage are left out of its clocks, and the task is done with its
number, all in one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engine import task_view, user_tasks
from engine.actors import Actor
from engine.cases import FileCase, Filed, file
from engine.errors import Conflict, Rejected
from sla import outages

PROCESS, ELEMENT = "A2", "enter_paper"


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that waits to be entered: the package of its matter, its number, when it was handed
    in (aware), and the outage it was handed in during."""

    task_id: UUID
    package_id: str
    number: str
    received_at: datetime
    outage: outages.Outage
    case_id: UUID


def is_of(task: task_view.TaskView) -> bool:
    """Whether the task is about a paper that waits to be entered."""
    return (task.process_id, task.element_id) == (PROCESS, ELEMENT)


def find(tx: Connection, task_id: UUID, package_id: str, actor: Actor) -> Paper:
    """The paper that an open task of the actor is about, to be entered as a case of this package.

    Raises NotFound, Forbidden, Conflict where the task is no such task, or somebody else's, or
    done, and Rejected for another matter than the paper's.
    """
    task = task_view.task_view(tx, task_id, actor)
    if not is_of(task) or task.may_complete is not None:
        raise Conflict(
            "reentry.not_open",
            "Expected an open task of yours that enters a paper; claim it first, or choose another",
        )
    paper = _paper(task.context, task, actor.office_id)
    if package_id != paper.package_id:
        raise Rejected(
            "reentry.other_matter",
            f"Expected the matter that the paper was handed in for, {paper.package_id}",
            package=paper.package_id,
        )
    return paper


def _paper(known: Mapping[str, Any], task: task_view.TaskView, office_id: str) -> Paper:
    paper = known["paper"]
    return Paper(
        task_id=task.task_id,
        package_id=str(paper["matter"]),
        number=str(paper["number"]),
        received_at=_instant(paper["received_at"]),
        outage=outages.Outage(
            office_id,
            task.case_number,
            _day(known["since"]),
            _day(known["until"]),
        ),
        case_id=task.case_id,
    )


def enter(
    tx: Connection, task_id: UUID, command: FileCase, actor: Actor, now: datetime
) -> tuple[Filed, Paper]:
    """File the paper as a case of its matter, with its true time, and complete the task.

    Raises what `find` and `engine.cases.file` raise.
    """
    paper = find(tx, task_id, command.package_id, actor)
    dated = replace(command, received_at=paper.received_at, parent_case_id=paper.case_id)
    filed = file(tx, dated, actor, now)
    outages.leave_out(tx, filed.id, paper.outage, now)
    done = user_tasks.Completion({"case_number": filed.number}, {}, None)
    user_tasks.complete(tx, task_id, done, actor, now)
    return filed, paper


def _instant(known: Any) -> datetime:
    return known if isinstance(known, datetime) else datetime.fromisoformat(str(known))


def _day(known: Any) -> date:
    return known if isinstance(known, date) else date.fromisoformat(str(known))
