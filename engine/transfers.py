"""Handing a case over to another office (移轉): the only deed that changes whose it is.

The case goes with everything that is open in it; what is over stays where it was done. Nobody keeps
a task of a case their office no longer has, so claimed tasks are free for the people of the other
office. Clocks follow by the event (`sla.transfers`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Table, exists, or_, select, update

from engine import deployments, events, person_notices, runtime, search_terms
from engine.actors import SUPERVISORS, Actor
from engine.bpmn import interpreter
from engine.case_rows import Case, load
from engine.errors import Conflict, Rejected
from engine.forms import Label
from engine.history import Entry, row
from engine.ids import derived
from engine.permissions import HANDLERS, demand, may_transfer
from engine.person_notices import News
from store.database import wake
from store.step import StaleVersion, Step, write_step
from store.tables import (
    attachments,
    case_data,
    case_duties,
    case_links,
    case_notes,
    cases,
    data_keys,
    deed_notes,
    entry_marks,
    incidents,
    jobs,
    memberships,
    message_waits,
    notices,
    offices,
    outbox,
    task_drafts,
    timers,
    user_task_groups,
    user_tasks,
)

TOLD = "case.transferred"
MAX_REASON = 300
_WHOLE: tuple[Table, ...] = (
    *(case_data, data_keys, case_duties, case_notes, case_links),
    *(notices, attachments, deed_notes, entry_marks, task_drafts),
)
"""What belongs to the case as a whole, and goes with it whatever its state."""
_OPEN: tuple[tuple[Table, ColumnElement[bool]], ...] = (
    (user_tasks, user_tasks.c.status.in_(("unclaimed", "claimed"))),
    (timers, timers.c.status == "waiting"),
    (message_waits, message_waits.c.status == "open"),
    (incidents, incidents.c.status == "open"),
    (jobs, jobs.c.status == "waiting"),
    (
        # A mail is sealed for the office that wrote it; a promise to an agency for the case.
        outbox,
        (outbox.c.operation != "mail.send")
        & outbox.c.answered_at.is_(None)
        & outbox.c.status.in_(("queued", "sending", "sent")),
    ),
)


@dataclass(frozen=True, slots=True)
class Handover:
    """Where a case goes, and why."""

    to_office: str
    reason: str


def transfer(
    tx: Connection, case_id: UUID, handover: Handover, actor: Actor, now: datetime
) -> None:
    """Hand a case that goes on over to another office.

    Raises NotFound, Forbidden unless a supervisor of the office that has it asks, Conflict for a
    case that does not go on or changed meanwhile, Rejected without a reason, or for an office that
    is not there, is the same, or has nobody who works on cases.
    """
    case = load(tx, case_id, actor)
    demand(may_transfer(case.facts, actor))
    case.demand_active()
    reason = handover.reason.strip()
    if not reason or len(reason) > MAX_REASON:
        raise Rejected(
            "case.transfer_reason", f"Say in at most {MAX_REASON} characters why it is handed over"
        )
    to = _destination(tx, case, handover.to_office)
    _write(tx, case, to, reason, actor, now)
    _move_rows(tx, case, handover.to_office)
    moved = replace(case, office_id=handover.to_office)
    package = deployments.definition(tx, case.definition_id).package
    terms = search_terms.terms_of(moved.office_id, package, case.data)
    search_terms.replace(tx, moved.office_id, case.id, terms)
    events.announce(tx, events.CaseTransferred(moved.ref, actor, case.office_id, reason), now)
    _tell(tx, moved, case.office_id, now)
    for beat in ("timers", "jobs", "outbox"):
        wake(tx, beat)


def destinations(tx: Connection, actor: Actor) -> Sequence[tuple[str, Label]]:
    """The offices a case of the actor's office can be handed over to: all others in which somebody
    works on cases; id and name, by code."""
    rows = tx.execute(
        select(offices.c.id, offices.c.name_zh, offices.c.name_en)
        .where(offices.c.id != actor.office_id, _is_staffed())
        .order_by(offices.c.code)
    )
    return [(found.id, Label(found.name_zh, found.name_en)) for found in rows]


def _is_staffed() -> ColumnElement[bool]:
    return exists().where(
        memberships.c.office_id == offices.c.id, memberships.c.group_name.in_(sorted(HANDLERS))
    )


def _destination(tx: Connection, case: Case, office_id: str) -> Label:
    if office_id == case.office_id:
        raise Rejected("case.transfer_same", f"Case {case.number} is with that office already")
    found = tx.execute(
        select(offices.c.name_zh, offices.c.name_en).where(offices.c.id == office_id, _is_staffed())
    ).first()
    if found is None:
        raise Rejected(
            "case.transfer_office",
            "Expected an office of this system in which somebody works on cases",
            office=office_id[:40],
        )
    return Label(found.name_zh, found.name_en)


def _write(tx: Connection, case: Case, to: Label, reason: str, actor: Actor, now: datetime) -> None:
    detail = {"to_office": to.zh, "to_office_en": to.en, "reason": reason}
    told = Entry(
        "case.transferred",
        actor,
        now,
        case_id=case.id,
        step=case.ref.version,
        detail=detail,
        office_id=case.office_id,
    )
    step = Step(
        case_id=case.id,
        version=case.version,
        status=case.status,
        at=now,
        state=case.state,
        new_status=case.status,
        history=[row(told)],
    )
    try:
        write_step(tx, step)
    except StaleVersion as stale:
        raise Conflict(
            runtime.STALE, f"Case {case.number} was changed meanwhile; look again"
        ) from stale


def _state_at(case: Case, office_id: str) -> bytes:
    """The state, in which the diagram's `case.office` names the office that has the case."""
    state = interpreter.load_state(case.state)
    facts = dict(interpreter.variables(state).get("case") or {})
    return interpreter.dump_state(interpreter.with_case(state, {**facts, "office": office_id}))


def _move_rows(tx: Connection, case: Case, office_id: str) -> None:
    mine = cases.c.id == case.id
    tx.execute(
        update(cases).where(mine).values(office_id=office_id, state=_state_at(case, office_id))
    )
    free = {"status": "unclaimed", "assignee_id": None, "claimed_at": None}
    tx.execute(
        update(user_tasks)
        .where(user_tasks.c.case_id == case.id, user_tasks.c.status == "claimed")
        .values(version=user_tasks.c.version + 1, **free)
    )
    for table, is_open in _OPEN:
        tx.execute(
            update(table).where(table.c.case_id == case.id, is_open).values(office_id=office_id)
        )
    open_tasks = select(user_tasks.c.id).where(
        user_tasks.c.case_id == case.id,
        or_(user_tasks.c.status == "unclaimed", user_tasks.c.status == "claimed"),
    )
    tx.execute(
        update(user_task_groups)
        .where(user_task_groups.c.task_id.in_(open_tasks))
        .values(office_id=office_id)
    )
    for table in _WHOLE:
        tx.execute(update(table).where(table.c.case_id == case.id).values(office_id=office_id))


def _tell(tx: Connection, case: Case, former: str, now: datetime) -> None:
    """Tell the supervisors of the other office what has come to them."""
    people = tx.scalars(
        select(memberships.c.person_id)
        .where(
            memberships.c.office_id == case.office_id,
            memberships.c.group_name.in_(sorted(SUPERVISORS)),
        )
        .distinct()
        .order_by(memberships.c.person_id)
    ).all()
    reason = derived(case.id, f"transfer/{case.version}")
    news = News(TOLD, case.office_id, case.id, reason, {"from": former})
    person_notices.tell(tx, news, people, now)
