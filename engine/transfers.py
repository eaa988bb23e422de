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

from sqlalchemy import ColumnElement, Connection, exists, select

from engine import custody, events, person_notices, runtime
from engine.actors import SUPERVISORS, Actor
from engine.case_rows import Case, load
from engine.errors import Rejected
from engine.forms import Label
from engine.history import Entry
from engine.ids import derived
from engine.permissions import HANDLERS, demand, may_transfer
from engine.person_notices import News
from store.database import wake
from store.tables import memberships, offices

TOLD = "case.transferred"
MAX_REASON = 300


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
    custody.move(tx, case, handover.to_office, now)
    moved = replace(case, office_id=handover.to_office)
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
    runtime.turn(tx, case, case.status, told, now)


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
