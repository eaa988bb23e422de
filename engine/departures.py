"""End of service: accounts out of use, groups gone, and the person's open tasks given back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Connection, delete, select, update

from engine import account_states, history, ownership, user_tasks
from engine.account_states import is_last_operator
from engine.accounts import check_administrator
from engine.actors import SUPERVISORS, Actor
from engine.case_numbers import BY_NUMBER
from engine.errors import Conflict, EngineError, Forbidden, NotFound, Rejected
from store.tables import accounts, cases, memberships, persons
from store.tables import user_tasks as tasks


@dataclass(frozen=True, slots=True)
class GivenBack:
    """What became of one task. `refusal` is None where it lies with its groups again."""

    task_id: UUID
    case_number: str
    task_name: str
    refusal: EngineError | None


def end_service(
    tx: Connection, person_id: UUID, last_day: date, reason: str, actor: Actor, now: datetime
) -> list[GivenBack]:
    """End a person's service now; `last_day` is what is written down. Returns a line per task.

    A task that cannot be given back stays with the person and says why; a supervisor reassigns it.
    Nobody answers for their cases any more.
    Raises Forbidden for oneself, Conflict for the last operator and for who has left already.
    """
    person = tx.execute(select(persons).where(persons.c.id == person_id)).first()
    if person is None:
        raise NotFound("person.unknown", "There is no such person in your office")
    check_administrator(actor, person.office_id)
    if actor.person_id == person_id:
        raise Forbidden("person.own_end", "Nobody ends their own service; ask another operator")
    if is_last_operator(tx, person.office_id, person_id):
        raise Conflict(
            "person.last_operator", "Nobody else administers this office; name another one first"
        )
    if not reason.strip():
        raise Rejected("person.reason", "Say why, so that others can follow it later")
    ended = tx.execute(
        update(persons)
        .where(persons.c.id == person_id, persons.c.left_on.is_(None))
        .values(left_on=last_day)
    )
    if ended.rowcount != 1:
        raise Conflict("person.has_left", "The person has left the service of the office")
    for account_id in tx.scalars(select(accounts.c.id).where(accounts.c.person_id == person_id)):
        account_states.disable(tx, account_id, actor, now, reason)
    tx.execute(delete(memberships).where(memberships.c.person_id == person_id))
    given_back = _give_back(tx, person_id, now)
    ownership.give_back(tx, person_id, now)
    done = sum(each.refusal is None for each in given_back)
    detail = {"last_day": last_day.isoformat(), "reason": reason.strip(), "tasks": done}
    entry = history.Entry(
        "person.left_service", actor, now, object_id=str(person_id), detail=detail
    )
    history.append(tx, entry)
    return given_back


def _give_back(tx: Connection, person_id: UUID, now: datetime) -> list[GivenBack]:
    rows = tx.execute(
        select(tasks.c.id, tasks.c.name, tasks.c.office_id, cases.c.number)
        .join(cases, cases.c.id == tasks.c.case_id)
        .where(tasks.c.assignee_id == person_id, tasks.c.status == "claimed")
        .order_by(*BY_NUMBER, tasks.c.name)
    ).all()
    return [
        GivenBack(row.id, row.number, row.name, _release(tx, row.id, row.office_id, now))
        for row in rows
    ]


def _release(tx: Connection, task_id: UUID, office_id: str, now: datetime) -> EngineError | None:
    # The system takes it from them as a supervisor would; the end of service says at whose word.
    by_system = Actor(None, None, office_id, SUPERVISORS, "SYSTEM")
    try:
        with tx.begin_nested():
            user_tasks.release(tx, task_id, by_system, now)
    except EngineError as refused:
        return refused
    return None
