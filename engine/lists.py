"""Lists of persons: the operation `list.import` makes a case of each row of a table.

The table is a file of the case (CSV or ODS). Its rows are judged by the start form of the package
they become; good ones are filed a batch to a transaction by a job (`engine/list_work.py`), bad ones
are named by row and reason. Each row becomes one case at most, whoever files it and however often
the work was broken off; who has a case from an earlier list of the same case gets no other.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
from sqlalchemy import Connection, func, insert, select, update

from engine import deployments, keys
from engine.bpmn.codec import encode
from engine.errors import Rejected
from engine.events import ServiceTaskCancelled
from engine.files import TABLES
from engine.forms import Form
from engine.ids import new_case_id
from engine.operations import Request
from feel.values import to_feel
from store.database import wake
from store.tables import attachments, case_list_members, case_lists, cases, jobs

KIND = "case.list"


def import_from_diagram(tx: Connection, request: Request, now: datetime) -> None:
    """The operation `list.import`: file a case of `package` for each row of the newest CSV or ODS
    file of the case, or of its paper `paper`, with `values` and `personal` the same in each.

    Answers later, when all are filed: `{rows, filed, known, bad}`; or with the BPMN error
    LIST_REFUSED where the file is no such list. Raises Rejected for inputs that are none.
    """
    package_id = request.inputs.get("package")
    if not isinstance(package_id, str) or not package_id or request.case_key is None:
        raise _refused(request, "the input package to be the id of a package")
    fixed = {name: _context(request, name) for name in ("values", "personal")}
    deployments.active(tx, request.case.office_id, package_id)
    list_id = new_case_id(now)
    tx.execute(
        insert(case_lists),
        {
            "id": list_id,
            "office_id": request.case.office_id,
            "case_id": request.case.id,
            "attachment_id": _newest(tx, request),
            "key": request.key,
            "package_id": package_id,
            "fixed": request.case_key.seal(f"case_lists/{list_id}", _packed(fixed)),
            "status": "reading",
            "unused": [],
            "created_at": now,
        },
    )
    tx.execute(insert(jobs), _job(request, list_id, now))
    wake(tx, "jobs")


def tally_from_diagram(tx: Connection, request: Request, now: datetime) -> Mapping[str, Any]:
    """The operation `list.tally`: how far the cases of this case's lists are.

    Gives `{filed, open, outcomes}`; outcomes is a list of `{outcome, count}` of those that ended,
    the most frequent first.
    """
    counted = tx.execute(
        select(cases.c.status, cases.c.outcome, func.count().label("n"))
        .join(case_list_members, case_list_members.c.case_id == cases.c.id)
        .join(case_lists, case_lists.c.id == case_list_members.c.list_id)
        .where(case_lists.c.case_id == request.case.id)
        .group_by(cases.c.status, cases.c.outcome)
    ).all()
    ended: dict[str, int] = {}
    for row in counted:
        if row.status in ("closed", "withdrawn"):
            told = row.outcome or row.status
            ended[told] = ended.get(told, 0) + row.n
    filed = sum(row.n for row in counted)
    by_count = sorted(ended.items(), key=lambda each: (-each[1], each[0]))
    return {
        "filed": filed,
        "open": filed - sum(ended.values()),
        "outcomes": [{"outcome": outcome, "count": n} for outcome, n in by_count],
    }


def task_cancelled(tx: Connection, event: ServiceTaskCancelled, now: datetime) -> None:
    """The case went on without its list: what is not filed yet is not filed any more."""
    tx.execute(
        update(case_lists)
        .where(
            case_lists.c.case_id == event.case.id,
            case_lists.c.key == event.key,
            case_lists.c.status.in_(("reading", "filing")),
        )
        .values(status="cancelled", ended_at=now)
    )


def form_of(loaded: deployments.Loaded) -> Form:
    """The start form that judges the rows. Raises Rejected where the package has none."""
    name = loaded.package.start_form
    if name is None:
        raise Rejected(
            "list.no_form", f"{loaded.package.id} has no start form to judge the rows of a list by"
        )
    return loaded.forms[name]


# --- beginning ----------------------------------------------------------------------------------


def _newest(tx: Connection, request: Request) -> UUID | None:
    """The newest file of the paper `paper`, or without it the newest table of the case."""
    paper = request.inputs.get("paper")
    kind = attachments.c.media_type.in_(TABLES) if paper is None else attachments.c.paper == paper
    found: UUID | None = tx.scalar(
        select(attachments.c.id)
        .where(
            attachments.c.case_id == request.case.id,
            kind,
            attachments.c.ended_at.is_(None),
        )
        .order_by(attachments.c.added_at.desc(), attachments.c.id.desc())
        .limit(1)
    )
    return found


def _job(request: Request, list_id: UUID, now: datetime) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "office_id": request.case.office_id,
        "kind": KIND,
        "case_id": request.case.id,
        "payload": {"list": str(list_id)},
        "due_at": now,
        "status": "waiting",
        "created_at": now,
        "fence": 0,
        "attempts": 0,
    }


def _packed(fixed: Any) -> bytes:
    return orjson.dumps(encode(to_feel(fixed)))


def _context(request: Request, name: str) -> Mapping[str, Any]:
    given = request.inputs.get(name)
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise _refused(request, f"the input {name} to be a context")
    return given


def known_marks(tx: Connection, case_id: UUID) -> frozenset[str]:
    """Whom cases below this one are about already, by the hash of their ID number."""
    return frozenset(
        tx.scalars(
            select(cases.c.subject_hash).where(
                cases.c.parent_case_id == case_id, cases.c.subject_hash.is_not(None)
            )
        )
    )


def mark(number: str) -> str:
    """The hash of a canonical ID number, as cases have it."""
    return keys.keyed_hash("id_number", number)


def _refused(request: Request, wanted: str) -> Rejected:
    return Rejected(
        "list.inputs", f"Expected {wanted}; mend the task {request.element_id} in the diagram"
    )
