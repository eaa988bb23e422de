"""A case files another: the operation `case.file` of a diagram.

What follows from one case by law, but is a matter of its own (a registered seal is void on the
owner's death), gets a number, limits and a history of its own, in the office that keeps it. Unlike
a call activity nobody waits for it: the first case goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, or_, select

from engine.actors import system
from engine.errors import Rejected
from engine.filing import FileCase, file
from engine.operations import Request
from store.tables import cases, offices

CHANNEL = "message"
"""How a package says that other cases may file it (`starts` in package.yaml)."""
BROUGHT = frozenset({CHANNEL, "mobile"})
"""The channels such a case may come by; the counter's own are a person's to say."""
SAME = "same"
"""By the channel this case came by itself: who filed it brought several matters at once."""
MOST_GENERATIONS = 5


def file_from_diagram(tx: Connection, request: Request, now: datetime) -> Mapping[str, Any]:
    """File a case of `package` with `values` and `personal` data, as its start form has them.

    Input `office` is the office that keeps the matter, by id or by its full name; without it, this
    case's own; `channel` how people brought it (a visit at home: `mobile`; `same`: as this case),
    where it was not this case that found it. The case that asks becomes its parent. Gives
    `{number}`, None where `office` names no office of this system: somebody has to write to it.
    Raises Rejected for inputs that are no case or a chain of cases that never ends, NotFound where
    the office has no active version.
    """
    inputs = request.inputs
    office_id = _office(tx, inputs.get("office") or request.case.office_id)
    if office_id is None:
        return {"number": None}
    package_id = inputs.get("package")
    if not isinstance(package_id, str) or not package_id:
        raise _refused(request, "the input package to be the id of a package")
    _demand_new(tx, request, package_id)
    command = FileCase(
        package_id,
        _channel(tx, request),
        values=_context(request, "values"),
        data=_context(request, "personal"),
        parent_case_id=request.case.id,
    )
    return {"number": file(tx, command, system(office_id), now).number}


def _office(tx: Connection, wanted: Any) -> str | None:
    named = str(wanted).strip()
    found = tx.scalars(
        select(offices.c.id).where(
            or_(offices.c.id == named, offices.c.name_zh == named, offices.c.name_en == named)
        )
    ).all()
    return str(found[0]) if len(found) == 1 else None


def _context(request: Request, name: str) -> Mapping[str, Any]:
    given = request.inputs.get(name)
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise _refused(request, f"the input {name} to be a context")
    return given


def _channel(tx: Connection, request: Request) -> str:
    given = request.inputs.get("channel")
    if given is None:
        return CHANNEL
    if given == SAME:
        return str(tx.scalar(select(cases.c.channel).where(cases.c.id == request.case.id)))
    if given not in BROUGHT:
        known = ", ".join(sorted({*BROUGHT, SAME}))
        raise _refused(request, f"the input channel to be one of {known}")
    return str(given)


def _demand_new(tx: Connection, request: Request, package_id: str) -> None:
    """Two processes that file each other would fill the office with cases in one step."""
    above: UUID | None = request.case.id
    for _ in range(MOST_GENERATIONS):
        row = tx.execute(
            select(cases.c.package_id, cases.c.parent_case_id).where(cases.c.id == above)
        ).first()
        if row is None:
            return
        if row.package_id == package_id:
            raise _refused(request, f"no case of {package_id} above the one it files")
        above = row.parent_case_id
    raise _refused(request, f"at most {MOST_GENERATIONS} cases that file each other")


def _refused(request: Request, wanted: str) -> Rejected:
    return Rejected(
        "case.not_filed", f"Expected {wanted}; mend the task {request.element_id} in the diagram"
    )
