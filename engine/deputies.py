"""Leave that was entered moves work: what somebody away had claimed goes to the deputy (A4).

Entering leave files a case of A4 where the office has deployed it. Its diagram waits for each day
of the leave and asks for `leave.hand_over`; what the deputy may not have is left to a supervisor.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from engine import absences, user_tasks
from engine.actors import system
from engine.clock import legal_day
from engine.errors import EngineError, NotFound, Rejected
from engine.events import AbsenceSet
from engine.filing import FileCase, file
from engine.operations import Request
from store.tables import cases, persons
from store.tables import user_tasks as tasks

PACKAGE = "A4"
CHANNEL = "message"


def absence_set(tx: Connection, entered: AbsenceSet, now: datetime) -> None:
    """Have the work of somebody's leave seen to. Leave that is over needs nothing."""
    if entered.last_day < legal_day(now):
        return
    values = {
        "matter": "absence",
        "absent_name": entered.person_name,
        "first_day": entered.first_day.isoformat(),
        "last_day": entered.last_day.isoformat(),
    }
    try:
        file(tx, FileCase(PACKAGE, CHANNEL, values), system(entered.office_id), now)
    except NotFound as missing:
        if missing.code != "definition.none_active":
            raise


def hand_over_from_diagram(tx: Connection, request: Request, now: datetime) -> Mapping[str, Any]:
    """`leave.hand_over`: assign what `absent_name` has claimed to who stands in for them today.

    `last_day` ends the leave; `entered` says that it stands among the absences, so that leave taken
    back since moves nothing. Gives `handed` and `left`, numbers of tasks, and `next_on`, the next
    day of the leave to look at, None behind the last. Raises Rejected for a name that is not one
    person's.
    """
    day = legal_day(now)
    person_id = _absent(tx, request, day)
    if request.inputs.get("entered") is True and not absences.is_away(tx, person_id, day):
        return {"handed": 0, "left": 0, "next_on": None}
    deputy = absences.substitute_of(tx, person_id, day)
    claimed = _claimed(tx, person_id, request.case.office_id)
    handed = 0 if deputy is None else sum(_hand(tx, each, deputy, request, now) for each in claimed)
    last = request.inputs.get("last_day")
    goes_on = isinstance(last, date) and day < last
    next_on = day + timedelta(days=1) if goes_on else None
    return {"handed": handed, "left": len(claimed) - handed, "next_on": next_on}


def _absent(tx: Connection, request: Request, day: date) -> UUID:
    name = str(request.inputs.get("absent_name") or "").strip()
    found = list(
        tx.scalars(
            select(persons.c.id).where(
                persons.c.office_id == request.case.office_id,
                persons.c.display_name == name,
                persons.c.left_on.is_(None),
            )
        )
    )
    if len(found) > 1:  # two of one name: the one who is away
        found = [each for each in found if absences.is_away(tx, each, day)]
    if len(found) == 1:
        only: UUID = found[0]
        return only
    raise Rejected(
        "leave.person",
        f"Expected the name of one person of the office as 'absent_name' of {request.element_id}, "
        f"but {len(found)} are called “{name}”; correct the name and try again",
    )


def _claimed(tx: Connection, person_id: UUID, office_id: str) -> list[UUID]:
    return list(
        tx.scalars(
            select(tasks.c.id)
            .join(cases, cases.c.id == tasks.c.case_id)
            .where(
                tasks.c.assignee_id == person_id,
                tasks.c.status == "claimed",
                tasks.c.office_id == office_id,
                cases.c.status == "active",
            )
            .order_by(tasks.c.created_at, tasks.c.id)
        )
    )


def _hand(tx: Connection, task_id: UUID, deputy: UUID, request: Request, now: datetime) -> bool:
    by_system, reason = system(request.case.office_id), f"請假代理（{request.case.number}）"
    try:
        with tx.begin_nested():
            user_tasks.assign(tx, task_id, deputy, reason, by_system, now)
    except EngineError:  # another group, or a duty kept apart: a supervisor finds somebody
        return False
    return True
