"""Whom a step concerns outside its case: the persons a diagram names, the cases that listen."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection, select

from engine.bpmn.facts import UserTaskCreated
from engine.case_rows import Case
from engine.confidence import may_be_told
from store.tables import case_duties, message_waits, persons


def person_for(tx: Connection, case: Case, fact: UserTaskCreated) -> UUID | None:
    """The person the diagram names for a task; None if there is no such person in the office, they
    may not see the case, or another duty in the case stands in the way."""
    try:
        wanted = UUID(fact.assignee or "")
    except ValueError:
        return None
    person: UUID | None = tx.scalar(
        select(persons.c.id).where(persons.c.id == wanted, persons.c.office_id == case.office_id)
    )
    if case.confidential and not may_be_told(tx, case.id, [wanted]):
        return None
    duty = tx.scalar(
        select(case_duties.c.duty).where(
            case_duties.c.case_id == case.id, case_duties.c.person_id == wanted
        )
    )
    return None if fact.duty and duty not in (None, fact.duty) else person


def cases_hearing(tx: Connection, case: Case, signal: str) -> Sequence[UUID]:
    """The other cases of the office that wait for a signal now, in the order of their ids."""
    return tx.scalars(
        select(message_waits.c.case_id)
        .where(
            message_waits.c.office_id == case.office_id,
            message_waits.c.kind == "signal",
            message_waits.c.name == signal,
            message_waits.c.status == "open",
            message_waits.c.case_id != case.id,
        )
        .distinct()
        .order_by(message_waits.c.case_id)
    ).all()
