"""How an entry stood when it was filed and at each review, so that a reviewer sees what changed.

A mark is the whole entry, encrypted with the case's key. `app.py` wires both listeners; they write
in the transaction of the step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
from sqlalchemy import Connection, insert, select

from engine import events, keys
from engine.actors import Actor
from engine.bpmn.codec import decode, encode
from engine.case_rows import Case
from engine.keyring import CaseKey
from feel.values import to_feel
from store.prepared import Prepared
from store.tables import entry_marks

FILED, REVIEWED = "filed", "reviewed"
_REVIEWS = ("review", "approve")


@dataclass(frozen=True, slots=True)
class Mark:
    """The entry at one moment: `data` is personal data, `variables` what the process knows."""

    kind: str
    at: datetime
    data: Mapping[str, Any]
    variables: Mapping[str, Any]


def case_filed(tx: Connection, event: events.CaseFiled, now: datetime) -> None:
    """Keep what the applicant filed."""
    key = event.key or keys.of_case(tx, event.case.id)
    known = {name: value for name, value in event.variables.items() if name != "case"}
    _keep(tx, event.case, key, Mark(FILED, now, event.data, known), event.actor)


def user_task_ended(tx: Connection, event: events.UserTaskEnded, now: datetime) -> None:
    """Keep what a reviewer has just judged."""
    if event.duty not in _REVIEWS or event.completed_by is None:
        return
    by, case = Actor(event.completed_by, None, event.case.office_id), event.standing()
    seen = {name: value for name, value in case.variables.items() if name != "case"}
    _keep(tx, event.case, case.key, Mark(REVIEWED, now, case.data, seen), by, event.task_id)


def of_case(tx: Connection, case: Case) -> tuple[Mark | None, Mark | None]:
    """What was filed, and what the last review judged; None for what is not kept."""
    rows = tx.execute(
        select(entry_marks.c.kind, entry_marks.c.at, entry_marks.c.ciphertext)
        .where(entry_marks.c.case_id == case.id)
        .order_by(entry_marks.c.at, entry_marks.c.id)
    ).all()
    last = {row.kind: row for row in rows}  # of each kind the last
    return _opened(case, last.get(FILED)), _opened(case, last.get(REVIEWED))


def _opened(case: Case, row: Any) -> Mark | None:
    if row is None:
        return None
    document = decode(orjson.loads(case.key.open("entry_marks", row.ciphertext)))
    return Mark(row.kind, row.at, document["data"], document["variables"])


def _keep(
    tx: Connection,
    case: events.CaseRef,
    key: CaseKey,
    mark: Mark,
    actor: Actor,
    task_id: UUID | None = None,
) -> None:
    document = encode(to_feel({"data": dict(mark.data), "variables": dict(mark.variables)}))
    row = {
        "id": uuid4(),
        "office_id": case.office_id,
        "case_id": case.id,
        "task_id": task_id,
        "kind": mark.kind,
        "person_id": actor.person_id,
        "at": mark.at,
        "ciphertext": key.seal("entry_marks", orjson.dumps(document)),
    }
    _ADD.run_many(tx, [row])


_ADD = Prepared(insert(entry_marks))
