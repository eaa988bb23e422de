"""Service tasks: work that something outside the process does, and how it comes back.

`register` wires an operation to its handler (see `engine/operations.py`). Whoever was asked and did
not answer at once completes or fails the task later, by the case and the key it was asked with.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engine import runtime
from engine.actors import system
from engine.bpmn.triggers import CompleteServiceTask, FailServiceTask
from engine.case_rows import office_of
from engine.history import Entry
from engine.operations import RESULTS, Handler, Request, register
from engine.projection import element_of
from engine.runtime import Deed

__all__ = ["RESULTS", "Handler", "Request", "complete", "fail", "register"]


def complete(
    tx: Connection, case_id: UUID, key: str, values: Mapping[str, Any], now: datetime
) -> None:
    """The answer came: let the case go on with `values`.

    Raises Conflict if the task no longer waits (`case.moved_on`), or the case is suspended
    (`case.suspended`: try again later) or ended.
    """
    deed = Deed(system(office_of(tx, case_id)))
    runtime.apply(tx, case_id, [CompleteServiceTask(key, values)], deed, now)


def fail(
    tx: Connection,
    case_id: UUID,
    key: str,
    message: str,
    now: datetime,
    error_code: str | None = None,
) -> None:
    """It cannot be done. With `error_code` the diagram may catch the BPMN error, else an incident.

    `message` is one sentence without personal data.
    """
    actor = system(office_of(tx, case_id))
    entry = Entry(
        "service_task.failed",
        actor,
        now,
        case_id=case_id,
        element_id=element_of(key),
        object_id=key,
        detail={"message": message, "code": error_code},
    )
    trigger = FailServiceTask(key, message, error_code)
    runtime.apply(tx, case_id, [trigger], Deed(actor, [entry]), now)
